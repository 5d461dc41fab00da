import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Cells over grids against loops over rows and columns, and what else a grid may or may not be.
@Suite struct GridCellTests {
  private static let (rows, columns, units) = (4, 3, 2)

  /// A cell over an image of two channels, with random numbers for everything.
  private func run(_ cell: (Axis) -> any RecurrentCell, up: Bool) throws -> (values: [String: Tensor], y: Vector) {
    let model = try Recording(element: .float64) { scope in
      let (rows, columns) = (scope.time("row"), scope.time("column"))
      let x = scope.input("x", [2], over: [rows, columns])
      let along = up ? scope.over(rows).reversed : scope.over(rows)
      scope.output("y", along.run(cell(columns), x))
    }
    var values = model.initialValues(seed: 5).mapValues { tensor in
      Tensor(tensor.dimensions, tensor.doubles.indices.map { sin(Double($0 * $0 + 1)) })
    }
    values["x"] = Tensor([Self.rows, Self.columns, 2], (0..<24).map { cos(Double($0 * $0)) })
    return (values, try Interpreter.run(model.graph, Bindings(values))["y"]?.doubles ?? [])
  }

  /// Visits the places of a grid in order; `state` is what `step` gave at the places before, 0 outside.
  private func sweep(
    up: Bool, left: Bool, states: Int, _ x: Vector, _ step: (_ above: [Vector], _ beside: [Vector], Vector) -> [Vector]
  ) -> [[Vector]] {
    let outside = [Vector](repeating: Vector(repeating: 0, count: Self.units), count: states)
    var known = [[Vector]](repeating: outside, count: Self.rows * Self.columns)
    func read(_ row: Int, _ column: Int) -> [Vector] {
      guard (0..<Self.rows).contains(row), (0..<Self.columns).contains(column) else { return outside }
      return known[row * Self.columns + column]
    }
    for i in 0..<Self.rows {
      for j in 0..<Self.columns {
        let (row, column) = (up ? Self.rows - 1 - i : i, left ? Self.columns - 1 - j : j)
        let place = row * Self.columns + column
        known[place] = step(
          read(row + (up ? 1 : -1), column), read(row, column + (left ? 1 : -1)), Vector(x[2 * place..<2 * place + 2]))
      }
    }
    return known
  }

  private func affine(_ values: [String: Tensor], _ name: String, _ z: Vector) -> Vector {
    let (weight, bias) = (values[name + ".weight"]?.doubles ?? [], values[name + ".bias"]?.doubles ?? [])
    return (0..<Self.units).map { unit in
      z.indices.reduce(bias[unit]) { $0 + z[$1] * weight[$1 * Self.units + unit] }
    }
  }

  @Test(arguments: [false, true], [false, true])
  func theNetworkReadsAboveAndBeside(up: Bool, left: Bool) throws {
    let (values, y) = try run(
      { MultidimensionalRNN(units: Self.units, columns: $0, direction: left ? .backward : .forward) }, up: up)
    let expected = sweep(up: up, left: left, states: 1, values["x"]?.doubles ?? []) { above, beside, x in
      [affine(values, "recurrent", Vector([above[0], beside[0], x].joined())).map { tanh($0) }]
    }
    #expect(distance(y, expected.flatMap { $0[0] }) < 1e-14)
  }

  @Test(arguments: [false, true], [false, true])
  func theLSTMForgetsAlongBothAxes(up: Bool, left: Bool) throws {
    let (values, y) = try run(
      { MultidimensionalLSTM(units: Self.units, columns: $0, direction: left ? .backward : .forward) }, up: up)
    func sigmoid(_ v: Vector) -> Vector { v.map { (z: Double) -> Double in 1 / (1 + exp(-z)) } }
    let expected = sweep(up: up, left: left, states: 2, values["x"]?.doubles ?? []) { above, beside, x in
      let z = Vector([above[0], beside[0], x].joined())
      let (row, column) = (sigmoid(affine(values, "row", z)), sigmoid(affine(values, "column", z)))
      let (input, output) = (sigmoid(affine(values, "input", z)), sigmoid(affine(values, "output", z)))
      let candidate = affine(values, "candidate", z)
      let c = (0..<Self.units).map { (unit: Int) -> Double in
        let kept: Double = row[unit] * above[1][unit] + column[unit] * beside[1][unit]
        return kept + input[unit] * tanh(candidate[unit])
      }
      return [(0..<Self.units).map { output[$0] * tanh(c[$0]) }, c]
    }
    #expect(distance(y, expected.flatMap { $0[0] }) < 1e-14)
  }

  @Test func aSavedGridHasTheSameStates() throws {
    let model = try Recording { scope in
      let (rows, columns) = (scope.time("row"), scope.time("column"))
      let x = scope.input("x", [2], over: [rows, columns])
      scope.output("y", scope.over(rows).run(MultidimensionalLSTM(units: 3, columns: columns), x))
    }
    #expect(model.states.map(\.name) == ["h", "c"])
    #expect(model.states.allSatisfy { $0.neighbours.count == 1 })
    let read = try JSONDecoder().decode(Recording.self, from: JSONEncoder().encode(model))
    #expect(read.states == model.states)
  }

  /// A diagnostic through one axis would leave out what comes along the other.
  @Test func diagnosticsFollowOneAxis() throws {
    let model = try Recording { scope in
      let (rows, columns) = (scope.time("row"), scope.time("column"))
      let x = scope.input("x", [2], over: [rows, columns])
      scope.output("y", scope.over(rows).run(MultidimensionalRNN(units: 3, columns: columns), x))
    }
    let error = #expect(throws: DiagnosticError.self) { try StateSpace(model) }
    #expect("\(String(describing: error))".contains("runs along row and column; a diagnostic follows one axis"))
  }
}

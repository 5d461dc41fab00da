import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// What the passes make of the gradient graphs of cells: how many products, where, and the same numbers.
struct PassCellTests {
  enum Cell: CaseIterable {
    case simple, lstm, peepholeLSTM, gru, minimalGatedUnit, stackedLSTM
  }

  /// The loss and its gradient with respect to every parameter of a cell.
  private func gradientGraph(_ kind: Cell, _ style: CellWriter.Style) throws -> CellWriter {
    var cell = CellWriter(inputs: 3, units: 2, style: style)
    let h =
      switch kind {
      case .simple: try cell.simple(cell.x)
      case .lstm: try cell.lstm(cell.x)
      case .peepholeLSTM: try cell.lstm(cell.x, peepholes: true)
      case .gru: try cell.gru(cell.x)
      case .minimalGatedUnit: try cell.minimalGatedUnit(cell.x)
      case .stackedLSTM: try cell.lstm(try cell.lstm(cell.x), prefix: "second.")
      }
    let loss = cell.loss(h)
    let parameters = cell.parameters
    for (parameter, gradient) in zip(parameters, try cell.graph.gradient(of: loss, withRespectTo: parameters)) {
      cell.graph.setOutput("d" + (cell.graph.name(parameter) ?? ""), gradient)
    }
    return cell
  }

  /// However the gates are written, a step has one product forward and one backward for each product that has to wait
  /// for another, and the whole sequence one for the input and one for each kind of weight gradient.
  @Test(arguments: CellWriter.Style.allCases)
  func productsPerStepAndPerSequence(style: CellWriter.Style) throws {
    let expected: [Cell: ProductCount] = [
      .simple: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      .lstm: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      .peepholeLSTM: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      // The candidate reads r ⊙ h, so it waits for the gates; its weights have a gradient of their own.
      .gru: ProductCount(perSweep: [2, 2], wholeSequence: 4),
      .minimalGatedUnit: ProductCount(perSweep: [2, 2], wholeSequence: 4),
      // The second layer also sends an adjoint to its input.
      .stackedLSTM: ProductCount(perSweep: [1, 1, 1, 1], wholeSequence: 7),
    ]
    for kind in Cell.allCases {
      let optimized = try Passes.optimized(try gradientGraph(kind, style).graph)
      #expect(ProductCount(optimized) == expected[kind], "\(kind)\n\(optimized)")
    }
  }

  @Test(arguments: Cell.allCases)
  func gradientsAreThoseOfTheUnoptimizedGraph(kind: Cell) throws {
    for style in CellWriter.Style.allCases {
      let cell = try gradientGraph(kind, style)
      let bindings = cell.bindings(steps: 4, rows: 2)
      let expected = try Interpreter.run(cell.graph, bindings)
      let found = try Interpreter.run(try Passes.optimized(cell.graph), bindings)
      for (name, tensor) in expected {
        #expect(maximumRelativeError(tensor, try #require(found[name])) < 1e-12, "\(kind) \(style) \(name)")
      }
    }
  }
}

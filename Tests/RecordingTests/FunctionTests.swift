import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Composed functions against their definitions, also where a naive formula would overflow.
@Suite struct FunctionTests {
  private func vector(_ scope: Scope, _ values: [Double]) -> Signal {
    concatenate(values.map { reshape(scope.constant($0), [1]) })
  }

  private func expectClose(_ found: [Double], _ expected: [Double], within tolerance: Double = 1e-14) {
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(a == b || abs(a - b) <= tolerance * max(1, abs(b))) }
  }

  @Test func softmaxIsStable() throws {
    let z = [1000.0, 1001, 999]
    let weights = [exp(-1.0), 1, exp(-2.0)]
    let total = weights.reduce(0, +)
    expectClose(try evaluate { softmax(vector($0, z)) }, weights.map { $0 / total })
    expectClose(try evaluate { logSumExp(vector($0, z)) }, [1001 + Foundation.log(total)])
    expectClose(try evaluate { logSoftmax(vector($0, z)) }, z.map { $0 - 1001 - Foundation.log(total) })
    let infinity = Double.infinity
    expectClose(try evaluate { softmax(vector($0, [0, -infinity, 0])) }, [0.5, 0, 0.5])
    expectClose(try evaluate { logSumExp(vector($0, [-infinity, -infinity])) }, [-infinity])
  }

  @Test func softmaxAlongADimensionOfAMatrix() throws {
    let z = [0.0, 1, 2, 5, 1, -1]
    func row(_ values: [Double]) -> [Double] {
      let total = values.reduce(0) { $0 + exp($1) }
      return values.map { exp($0) / total }
    }
    let rows = [row([0, 1, 2]), row([5, 1, -1])]
    expectClose(try evaluate { softmax(reshape(vector($0, z), [2, 3])) }, rows.flatMap { $0 })
    let columns = (0..<3).map { row([z[$0], z[3 + $0]]) }
    expectClose(
      try evaluate { softmax(reshape(vector($0, z), [2, 3]), dimension: 0) },
      [columns.map { $0[0] }, columns.map { $0[1] }].flatMap { $0 })
  }

  /// Beyond three axes, those of fixed length: one number for each index, none of them twice.
  @Test func randomNumbersOverFiveAxes() throws {
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let (head, row, slot) = (
        scope.batch("head", length: 2), scope.batch("row", length: 3), scope.batch("slot", length: 4)
      )
      let x = scope.input("x", over: [time, batch])
      scope.output("u", x * scope.random(.uniform, [2], over: [time, batch, head, row, slot]))
    }
    let found = try Interpreter.run(recording.graph, Bindings(["x": Tensor([5, 2], Array(repeating: 1.0, count: 10))]))
    #expect(found["u"]?.dimensions == [5, 2, 2, 3, 4, 2])
    let numbers = found["u"]?.doubles ?? []
    #expect(numbers.count == 480 && Set(numbers).count == 480)
    let refused = #expect(throws: RecordingError.self) {
      try Recording { scope in
        let axes = (0..<4).map { scope.batch("axis \($0)") }
        scope.output("u", scope.random(.uniform, over: Domain(axes)))
      }
    }
    #expect("\(try #require(refused))".contains("at most three of the axes have lengths that are not fixed"))
  }

  @Test func layerNormalisation() throws {
    let x = [1.0, 2, 4, 9]
    let variance = x.reduce(0) { $0 + ($1 - 4) * ($1 - 4) } / 4
    expectClose(try evaluate { layerNorm(vector($0, x)) }, x.map { ($0 - 4) / (variance + 1e-5).squareRoot() })
  }

  @Test func normsAndReductions() throws {
    expectClose(try evaluate { norm(vector($0, [3, 4])) }, [5])
    expectClose(try evaluate { norm(vector($0, [0, 0])) }, [0])
    let matrix = [1.0, 2, 3, 4, 5, 6]
    expectClose(try evaluate { sumOverFeatures(reshape(vector($0, matrix), [2, 3])) }, [21])
    expectClose(try evaluate { meanOverFeatures(reshape(vector($0, matrix), [2, 3]), dimension: 1) }, [2, 5])
    expectClose(try evaluate { maxOverFeatures(reshape(vector($0, matrix), [2, 3]), dimension: 0) }, [4, 5, 6])
  }

  @Test func operatorsWithNumbersAndComparisons() throws {
    expectClose(try evaluate { 1 - vector($0, [0.25, 3]) }, [0.75, -2])
    expectClose(try evaluate { 2 / vector($0, [4, 0.5]) - 1 }, [-0.5, 3])
    expectClose(try evaluate { -vector($0, [1, -2]) * 3 + 0.5 }, [-2.5, 6.5])
    expectClose(
      try evaluate {
        let x = vector($0, [-1, 0, 2])
        return select((x .>= 0) .& (x .< 1) .| .!(x .!= 2), x + 10, 0)
      }, [0, 10, 12])
    expectClose(try evaluate { maximum(vector($0, [-1, 2]), 0) + minimum(vector($0, [-1, 2]), 1) }, [-1, 3])
    expectClose(
      try evaluate { convert(remainder(convert(vector($0, [7, -7]), to: .int32), 4), to: .float64) }, [3, 1])
  }

  @Test func partsAndProducts() throws {
    expectClose(try evaluate { vector($0, [1, 2, 3])[1..<3] }, [2, 3])
    expectClose(try evaluate { concatenate(split(vector($0, [1, 2, 3, 4]), into: 2).reversed()) }, [3, 4, 1, 2])
    expectClose(try evaluate { matmul(vector($0, [1, 2]), vector($0, [3, 4])) }, [11])
    expectClose(try evaluate { outer(vector($0, [1, 2]), vector($0, [3, 4])) }, [3, 4, 6, 8])
    expectClose(try evaluate { transpose(reshape(vector($0, [1, 2, 3, 4]), [2, 2])) }, [1, 3, 2, 4])
    expectClose(try evaluate { oneHot($0.constant(2, as: .int32), 4) }, [0, 0, 1, 0])
  }

  @Test func zerosAndRepetitions() throws {
    expectClose(try evaluate { pad(vector($0, [1, 2]), before: 1, after: 2) }, [0, 1, 2, 0, 0])
    let matrix = [1.0, 2, 3, 4]
    expectClose(
      try evaluate { pad(reshape(vector($0, matrix), [2, 2]), after: 1, dimension: 1) }, [1, 2, 0, 3, 4, 0])
    expectClose(try evaluate { pad(vector($0, [1, 2])) }, [1, 2])
    expectClose(try evaluate { repeated(vector($0, [1, 2]), 2) }, [1, 2, 1, 2])
    expectClose(try evaluate { repeated(vector($0, [1, 2]), 2, dimension: 1) }, [1, 1, 2, 2])
    expectClose(try evaluate { repeated($0.constant(3), 2) }, [3, 3])
  }

  @Test func broadcastingIsThatOfNumPy() throws {
    expectClose(try evaluate { broadcast($0.constant(3), to: [2, 2]) }, [3, 3, 3, 3])
    expectClose(try evaluate { broadcast(vector($0, [1, 2]), to: [2]) }, [1, 2])
    expectClose(try evaluate { broadcast(vector($0, [1, 2]), to: [3, 2]) }, [1, 2, 1, 2, 1, 2])
    expectClose(
      try evaluate { broadcast(reshape(vector($0, [1, 2]), [2, 1]), to: [2, 3]) }, [1, 1, 1, 2, 2, 2])
    let both = try evaluate { broadcast(reshape(vector($0, [1, 2]), [1, 2, 1]), to: [2, 3, 2, 2]) }
    expectClose(both, Array(repeating: [1, 1, 2, 2], count: 6).flatMap { $0 })
  }

  /// A gradient passes the zeros by, and is the sum over what was repeated.
  @Test func gradientsOfZerosAndRepetitions() throws {
    let model = try Recording(element: .float64) { scope in
      let x = scope.input("x", [2], over: [])
      let padded = pad(x, before: 1, after: 1) * vector(scope, [5, 7, 11, 13])
      let grid = broadcast(reshape(x, [2, 1]), to: [3, 2, 2]) * scope.constant(2)
      scope.output("loss", sumOverFeatures(padded) + sumOverFeatures(grid))
    }
    var graph = model.graph
    let gradient = try graph.gradient(
      of: #require(graph.output(named: "loss")), withRespectTo: [#require(graph.node(named: "x"))])
    graph.setOutput("gradient", gradient[0])
    let found = try Interpreter.run(graph, Bindings(["x": Tensor([2], [1.0, 2])]))
    expectClose(found["gradient"]?.doubles ?? [], [7 + 12, 11 + 12])
  }

  @Test func anglesAndLogarithmsToTheBaseTwo() throws {
    expectClose(try evaluate { atan2(vector($0, [1, -1]), vector($0, [-1, 0])) }, [0.75 * .pi, -0.5 * .pi])
    expectClose(try evaluate { log2(vector($0, [8, 0.25])) }, [3, -2])
  }

  @Test func crossEntropyIsMinusTheLogarithmOfTheSoftmax() throws {
    let z = [200.0, -1, 3]
    for (target, expected) in [(0, 0), (1, 201), (2, 197)] {
      expectClose(
        try evaluate { crossEntropy(vector($0, z), $0.constant(Double(target), as: .int32)) }, [Double(expected)])
    }
  }

  @Test func binaryCrossEntropyIsExactWhereItIsSmall() throws {
    expectClose(try evaluate { binaryCrossEntropy(vector($0, [0]), $0.constant(0.3)) }, [Foundation.log(2)])
    let tiny = try evaluate { binaryCrossEntropy(vector($0, [50]), $0.constant(1)) }
    #expect(abs(tiny[0] / exp(-50) - 1) < 1e-14)
    expectClose(try evaluate { binaryCrossEntropy(vector($0, [-800]), $0.constant(1)) }, [800])
  }

  /// Rows of lengths 2 and 3: what lies beyond them, a NaN here, counts in no mean.
  @Test func lossesAverageOverTheStepsThatThereAre() throws {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      scope.lengths("n", of: time, over: [batch])
      let x = scope.input("x", [1], over: [time, batch])
      let target = scope.input("y", [1], over: [time, batch])
      scope.output("loss", meanSquaredError(x, target))
      scope.output("sequences", meanSquaredError(x, target, over: [time]))
      scope.output("mean", mean(x))
      scope.output("last", last(x, along: time))
    }
    let nan = Double.nan
    let values = try run(
      model,
      [
        "n": Tensor([2], [Int32(2), 3]), "x": Tensor([3, 2, 1], [1.0, 2, 3, 4, nan, 6]),
        "y": Tensor([3, 2, 1], [0.0, 0, 0, 0, nan, 0]),
      ])
    expectClose(values["loss"]?.doubles ?? [], [(1 + 9 + 4 + 16 + 36) / 5.0])
    expectClose(values["sequences"]?.doubles ?? [], [5, 56 / 3.0])
    expectClose(values["mean"]?.doubles ?? [], [16 / 5.0])
    expectClose(values["last"]?.doubles ?? [], [3, 6])
  }

  @Test func dropoutKeepsTheMeanAndOneMaskForASequence() throws {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [2], over: [time, batch])
      scope.output("each", scope.dropout(x, 0.25, over: [time, batch]))
      scope.output("sequence", scope.dropout(x, 0.25, over: [batch]))
    }
    let values = try run(model, ["x": Tensor([4, 200, 2], [Double](repeating: 3, count: 1600))])
    for name in ["each", "sequence"] {
      let found = values[name]?.doubles ?? []
      #expect(found.allSatisfy { $0 == 0 || $0 == 4 })
      #expect(abs(found.reduce(0, +) / 1600 - 3) < 0.5)
    }
    let sequence = values["sequence"]?.doubles ?? []
    #expect(Array(sequence[0..<400]) == Array(sequence[400..<800]))
    let each = values["each"]?.doubles ?? []
    #expect(Array(each[0..<400]) != Array(each[400..<800]))
  }
}

@Suite struct HuberTests {
  /// Predictions and targets, and PyTorch 2.15's HuberLoss of them in Float64; Keras 3.15 gives the same in Float32.
  @Test(arguments: [
    (
      1.0, 1.5729166666666667,
      [0.041666666666666664, -0.16666666666666666, 0.08333333333333333, -0.125, 0.16666666666666666, 0.0]
    ),
    (
      0.3, 0.5377083333333333,
      [
        0.041666666666666664, -0.049999999999999996, 0.049999999999999996, -0.049999999999999996, 0.049999999999999996,
        0,
      ]
    ),
  ])
  func aPeerGivesTheSameNumbers(_ delta: Double, _ loss: Double, _ gradient: [Double]) throws {
    let model = try Recording(element: .float64) { scope in
      let batch = scope.batch("b")
      let y = scope.input("y", [1], over: [batch])
      scope.output("loss", huber(y, scope.input("target", [1], over: [batch]), delta: delta))
    }
    var graph = model.graph
    let (output, y) = (try #require(graph.output(named: "loss")), try #require(graph.node(named: "y")))
    graph.setOutput("gradient", try graph.gradient(of: output, withRespectTo: [y])[0])
    let values = try Interpreter.run(
      graph,
      Bindings([
        "y": Tensor([6, 1], [0.25, -3.0, 1.5, 0, 2, -0.5]), "target": Tensor([6, 1], [0.0, 1, 1, 0.75, -4, -0.5]),
      ]))
    #expect(abs((values["loss"]?.doubles[0] ?? .nan) - loss) < 1e-15)
    let found = values["gradient"]?.doubles ?? []
    #expect(found.count == 6)
    for (a, b) in zip(found, gradient) { #expect(abs(a - b) < 1e-16) }
  }

  @Test func largeErrorsAreNotSquared() throws {
    func loss(_ error: Double, _ element: ElementType) throws -> [Double] {
      let model = try Recording(element: element) { scope in
        scope.output("y", huber(scope.constant(error), scope.constant(0), delta: 2))
      }
      return try run(model, [:])["y"]?.doubles ?? []
    }
    // Its square would be infinite in Float32.
    #expect(abs((try loss(1e30, .float32)[0]) / 2e30 - 1) < 1e-6)
    #expect(try loss(-3, .float64) == [4] && loss(-1, .float64) == [0.5])
    let message = #expect(throws: RecordingError.self) {
      try Recording { $0.output("y", huber($0.constant(1), $0.constant(0), delta: 0)) }
    }
    #expect("\(try #require(message))".contains("huber: δ is a number of more than 0, not 0.0"))
  }
}

import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

@Suite struct InitializerTests {
  private func value(_ initializer: Initializer, _ shape: Shape, seed: UInt64 = 1, name: String = "w") -> [Double] {
    initializer.value(shape: shape, as: .float64, seed: seed, name: name).doubles
  }

  @Test func constants() {
    #expect(value(.zeros, [2, 2]) == [0, 0, 0, 0])
    #expect(value(.constant(1.5), [3]) == [1.5, 1.5, 1.5])
    #expect(value(.identity(scale: 2), [2, 3]) == [2, 0, 0, 0, 2, 0])
  }

  @Test func uniformsStayWithinTheirLimitAndFillIt() {
    for (initializer, limit) in [(Initializer.uniform(limit: 0.3), 0.3), (.glorotUniform, (6.0 / 150).squareRoot())] {
      let values = value(initializer, [50, 100])
      #expect(values.allSatisfy { abs($0) <= limit })
      #expect(values.contains { $0 > 0.99 * limit } && values.contains { $0 < -0.99 * limit })
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      // The variance of U(−a, a) is a²/3; 5000 draws settle it within about 1.3 %.
      #expect(abs(variance / (limit * limit / 3) - 1) < 0.06)
    }
  }

  @Test func normalHasItsDeviation() {
    let values = value(.normal(deviation: 0.2), [5000])
    let mean = values.reduce(0, +) / 5000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 5000
    #expect(abs(mean) < 0.2 * 4 / 5000.0.squareRoot())
    #expect(abs(variance / 0.04 - 1) < 0.08)
  }

  @Test(arguments: [[6, 6], [3, 8], [9, 4], [1, 1], [17, 17]])
  func orthogonalMatricesAreOrthonormalOnTheirShorterSide(dimensions: [Int]) {
    let (rows, columns) = (dimensions[0], dimensions[1])
    let q = value(.orthogonal(gain: 1.5), Shape(dimensions))
    func entry(_ vector: Int, _ index: Int) -> Double {
      rows <= columns ? q[vector * columns + index] : q[index * columns + vector]
    }
    for i in 0..<min(rows, columns) {
      for j in 0...i {
        let product = (0..<max(rows, columns)).reduce(0) { $0 + entry(i, $1) * entry(j, $1) }
        #expect(abs(product - (i == j ? 2.25 : 0)) < 1e-14 * 2.25 * 17)
      }
    }
  }

  @Test func orthogonalMatricesAreSpreadEvenly() {
    // Under the uniform distribution on O(2) the first entry is cos θ, and its sign and the determinant's are fair coins.
    let matrices = (0..<400).map { value(.orthogonal(), [2, 2], seed: $0) }
    let positive = matrices.count { $0[0] > 0 }
    let rotations = matrices.count { $0[0] * $0[3] - $0[1] * $0[2] > 0 }
    #expect((150...250).contains(positive))
    #expect((150...250).contains(rotations))
  }

  @Test func valuesDependOnSeedAndNameAlone() throws {
    let first = value(.glorotUniform, [4, 4])
    #expect(first == value(.glorotUniform, [4, 4]))
    #expect(first != value(.glorotUniform, [4, 4], seed: 2))
    #expect(first != value(.glorotUniform, [4, 4], name: "v"))
    let alone = try Recording(GRU(units: 3), features: 2).initialValues(seed: 5)
    let stacked = try Recording(Stack([GRU(units: 3), GRU(units: 3)]), features: 2).initialValues(seed: 5)
    let again = try Recording(Stack([GRU(units: 3), GRU(units: 3)]), features: 2).initialValues(seed: 5)
    #expect(stacked == again)
    #expect(stacked["layer0.reset.weight"] != stacked["layer1.reset.weight"])
    #expect(alone["reset.weight"]?.element == .float32)
    #expect(alone.count == 6)
  }

  /// Neither the order in which a cell declares its parameters nor what else it declares changes how one begins.
  @Test func declarationsDoNotDependOnOneAnother() throws {
    func values(_ names: [String]) throws -> [String: Tensor] {
      try Recording(element: .float64) { scope in
        let x = scope.input("x", [3], over: [scope.time("t")])
        let sums = names.map { scope.affine($0, [x], 2, bias: .uniform(limit: 1)) }
        scope.output("y", sums.dropFirst().reduce(sums[0]) { $0 + $1 })
      }.initialValues(seed: 11)
    }
    let first = try values(["a", "b", "c"])
    #expect(try values(["c", "a", "b"]) == first)
    let more = try values(["d", "c", "b", "e", "a"])
    #expect(more.count == 10)
    for (name, value) in first { #expect(more[name] == value, "\(name)") }
  }

  @Test func valuesAreKnown() {
    // Computed by an implementation of its own in another language, so that a seed means the same network in every version and on every machine.
    let found = value(.uniform(limit: 1), [3], seed: 42, name: "layer0.forget.weight")
    #expect(found == [-0.6125102941930849, 0.5084876530821074, -0.6884217845521823])
  }

  /// Rows that multiply a value on the product's own cycle are recurrent, whatever the cell calls them.
  @Test func defaultsAreOrthogonalOnTheCycleAndGlorotOutsideOfIt() throws {
    let model = try Recording(Stack([GRU(units: 4), LSTM(units: 5), Dense(units: 2)]), features: 3)
    func initializer(_ name: String) -> Initializer? { model.parameters.first { $0.name == name }?.initializer }
    func rows(_ recurrent: Int, _ input: Int) -> Initializer {
      .blocks([.init(rows: recurrent, .orthogonal()), .init(rows: input, .glorotUniform)])
    }
    #expect(initializer("layer0.reset.weight") == rows(4, 3))
    #expect(initializer("layer0.candidate.weight") == rows(4, 3))
    #expect(initializer("layer1.output.weight") == rows(5, 4))
    #expect(initializer("layer2.dense.weight") == .glorotUniform)
    #expect(initializer("layer1.input.bias") == .zeros)
    #expect(initializer("layer1.forget.bias") == .constant(1))
    let weight = try #require(model.initialValues(seed: 9)["layer1.output.weight"])
    #expect(weight.dimensions == [9, 5])
    let firstRow = weight.doubles[0..<5]
    #expect(abs(firstRow.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
  }

  @Test func aWeightsInitializersCanBeGivenForEachOperand() throws {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let h = scope.state("h", 2)
      let sum = scope.affine(
        "w", [h, x], 2, weights: [.identity(), .constant(3)], bias: .constant(-1))
      scope.output("h", h.next(relu(sum)))
    }
    let values = model.initialValues(seed: 0)
    #expect(values["w.weight"]?.doubles == [1, 0, 0, 1, 3, 3])
    #expect(values["w.bias"]?.doubles == [-1, -1])
  }
}

import EbbCells
import EbbExport
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Softmax and layer normalisation, which are composed of primitives here and one operator in ONNX.
@Suite struct ComposedFunctionTests {
  private func model(
    element: ElementType = .float32, _ body: @escaping (Scope, Signal) -> Signal
  ) throws -> ONNXModel {
    let recording = try Recording(element: element) { scope in
      let x = scope.input("x", [4], over: [scope.time("t"), scope.batch("b")])
      scope.output("y", body(scope, x))
    }
    return try recording.onnx(parameters: recording.initialValues(seed: 1))
  }

  @Test func softmaxIsAnOperator() throws {
    #expect(
      try model { _, x in softmax(x) }.description == """
        operators of onnx 17
        input x: float [t, b, 4]
        y = Softmax(x; axis -1)
        output y: float [t, b, 4]

        """)
    #expect(try model(element: .float64) { softmax($1) }.graph.operatorCounts == ["Softmax": 1])
  }

  /// Over another dimension or an axis, and where features may all be −∞, it stays as it is recorded.
  @Test func otherSoftmaxesAreComposed() throws {
    for body: (Scope, Signal) -> Signal in [
      { softmax(outer($1, $1), dimension: 0) }, { _, x in softmax(select(x .> 0, x, -Double.infinity)) },
      { _, x in exp(x) / (1 + sumOverFeatures(exp(x))) }, { _, x in logSoftmax(x) },
      // With the guards of a softmax, and the sum of other numbers.
      { _, x in
        let largest = maxOverFeatures(x)
        let exponential = exp(x - select(isFinite(largest), largest, 0))
        let total = sumOverFeatures(square(exponential))
        return exponential * reciprocal(select(total .== 0, 1, total))
      },
    ] {
      let counts = try model(body).graph.operatorCounts
      #expect(counts["Softmax"] == nil && counts["Exp"] ?? 0 > 0)
    }
  }

  @Test func layerNormalizationIsAnOperator() throws {
    #expect(
      try LibraryTests.model(Stack([Dense(units: 4), LayerNormalization(epsilon: 0.25)])).description == """
        operators of onnx 17
        input x: float [t, b, 3]
        layer0.dense.weight: float [3, 4]
        layer0.dense.bias: float [4]
        layer1.scale: float [4]
        layer1.bias: float [4]
        MatMul = MatMul(x, layer0.dense.weight)
        Add = Add(MatMul, layer0.dense.bias)
        y = LayerNormalization(Add, layer1.scale, layer1.bias; axis -1; epsilon 0.25)
        output y: float [t, b, 4]

        """)
    #expect(try model { layerNorm($1) }.graph.nodes.map(\.inputs) == [["x", "ones"]])
  }

  /// The operator's ε has 32 bits, and a tiny one needs the care of the primitives.
  @Test func otherNormalizationsAreComposed() throws {
    #expect(try model(element: .float64) { layerNorm($1) }.graph.operatorCounts["LayerNormalization"] == nil)
    #expect(try model { layerNorm($1, epsilon: 0) }.graph.operatorCounts["LayerNormalization"] == nil)
    let other = try model { _, x in
      let centred = x - meanOverFeatures(x)
      return centred * reciprocal(sqrt(meanOverFeatures(square(centred)) + meanOverFeatures(x)))
    }
    #expect(other.graph.operatorCounts["LayerNormalization"] == nil)
  }

  /// Inside of a loop a softmax leaves none of its primitives, and a normalisation stays composed.
  @Test func steps() throws {
    func body(_ model: ONNXModel) throws -> ONNXGraph {
      let scan = try #require(model.graph.nodes.first { $0.type == "Scan" })
      guard case .graph(let body) = scan.attribute("body") else {
        Issue.record("the Scan has no body")
        return ONNXGraph("")
      }
      return body
    }
    let shares = try body(
      model { scope, x in
        let h = scope.state("h", 4)
        return h.next(softmax(scope.affine("scores", [h, x], 4)))
      })
    #expect(shares.operatorCounts == ["MatMul": 1, "Add": 1, "Softmax": 1, "Identity": 1])
    let normalized = try body(LibraryTests.model(LayerNormLSTM(units: 4)))
    #expect(normalized.operatorCounts["LayerNormalization"] == nil)
  }
}

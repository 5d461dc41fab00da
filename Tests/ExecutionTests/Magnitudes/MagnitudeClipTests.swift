import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTransforms
import Testing

/// Clipping by norm inside a recurrence, where adjoints have all but vanished or exploded.
@Suite struct MagnitudeClipTests {
  /// L = w · x with x clipped on the way back: x̄ = w · min(1, c / ‖w‖), or each entry between −c and c, for norms and limits
  /// of all magnitudes.
  @Test(arguments: [ElementType.float32, .float64]) func clippedAdjoints(_ element: ElementType) throws {
    let isSingle = element == .float32
    let least = isSingle ? -149 : -1074
    let most = isSingle ? 127 : 1023
    let exponents = [least, least + 3, least / 2, -30, 0, most / 2, most - 1, most]
    for exponent in exponents {
      for clip in exponents where clip >= least + 3 {
        let limit = 1.5 * power(clip)
        try check(element, magnitude: power(exponent), .norm(limit), limit)
        try check(element, magnitude: power(exponent), .value(limit), limit)
      }
    }
  }

  private func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  private func check(_ element: ElementType, magnitude: Double, _ clip: GradientClip, _ limit: Double) throws {
    // ‖direction‖ = 5/2, so that a norm may be beyond what the entries can be.
    let direction = [1.5, -1, 1, 1, -1]
    let weights = direction.map { $0 * magnitude }
    guard weights.allSatisfy({ $0.isFinite && (element == .float64 || Float($0).isFinite) }), limit.isFinite,
      element == .float64 || Float(limit).isFinite
    else { return }
    var graph = Graph()
    let x = graph.appendLeaf(.input, NodeType(element, .empty, [5]), name: "x")
    let w = graph.appendLeaf(.input, NodeType(element, .empty, [5]), name: "w")
    let clipped = graph.append(.clipGradient(clip), [x])
    let loss = graph.append(.product(.dimensions(0, 0), over: .empty), [clipped, w])
    graph.setOutput("gradient", try graph.gradient(of: loss, withRespectTo: [x])[0])
    let expected =
      switch clip {
      // c / ‖w‖ without either of them: the magnitudes are powers of two.
      case .norm: limit / magnitude > 2.5 ? weights : direction.map { $0 / 2.5 * limit }
      case .value: weights.map { min(max($0, -limit), limit) }
      }
    let unit = element == .float32 ? Double(Float.leastNonzeroMagnitude) : Double.leastNonzeroMagnitude
    let ulp = element == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let bindings = Bindings(["x": Tensor([5], direction, as: element), "w": Tensor([5], weights, as: element)])
    let optimized = try Passes.optimized(graph)
    for found in [try Executable(optimized, options: .gradual).run(bindings), try Interpreter.run(graph, bindings)] {
      let gradient = try #require(found["gradient"]).doubles
      for (number, value) in zip(gradient, expected) {
        #expect(
          abs(number - value) <= 8 * ulp * abs(value) + 2 * unit,
          "\(element) \(weights) under \(clip): \(number), not \(value)")
      }
    }
  }

  /// h = 2.5 h₋₁ over 160 steps in Float32 from an adjoint of 10⁻³⁰, clipped to 10²⁵ at each step: rolled as unrolled.
  @Test func explodingRecurrence() throws {
    let rolled = try Graph(
      parsing: """
        axis t: time
        %0 w: f32 [2] = input
        %1 h0: f32 [2] = input
        %2: f32 = constant(2.5)
        %3: f32 {t} [2] = delay(%5, initial h0; along t)
        %4: f32 {t} [2] = multiply(%3, %2)
        %5 h: f32 {t} [2] = clipGradient(%4; norm 1e25)
        %6: f32 [2] = pick(h; along t, last)
        %7: f32 [2] = multiply(%6, w)
        %8 loss: f32 = sumFeatures(%7; dimension 0)
        """)
    let flat = try rolled.unrolled(Axis(0), steps: 160)
    var bindings = Bindings([
      "w": Tensor([2], [Float(3e-30), 4e-30]), "h0": Tensor([2], [Float(0), 0]),
    ])
    for (graph, isRolled) in [(rolled, true), (flat, false)] {
      var graph = graph
      let ends = try (#require(graph.node(named: "loss")), #require(graph.node(named: "h0")))
      graph.setOutput("gradient", try graph.gradient(of: ends.0, withRespectTo: [ends.1])[0])
      bindings.lengths = isRolled ? ["t": 160] : [:]
      let optimized = try Passes.optimized(graph)
      for found in [try Executable(optimized, options: .gradual).run(bindings), try Interpreter.run(graph, bindings)] {
        let gradient = try #require(found["gradient"]).doubles
        // The last clip leaves (0.6, 0.8) · 10²⁵, and the first step multiplies it by 2.5 once more.
        #expect(abs(gradient[0] / 1.5e25 - 1) < 1e-5 && abs(gradient[1] / 2e25 - 1) < 1e-5, "\(gradient)")
      }
    }
  }
}

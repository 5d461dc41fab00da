import EbbGraph
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Truncated and clipped backpropagation through time, each against its definition.
struct TruncationAndClippingTests {
  // MARK: Truncation

  /// h = a h₋ₙ + x, L = Σ w h: h̄ₜ = wₜ + a h̄ₜ₊ₙ where ⌊t / k⌋ = ⌊(t + n) / k⌋; the value and the tangent are whole.
  @Test(arguments: [1, 2], [1, 2, 3, 7])
  func adjointsEndAtWindows(by: Int, window: Int) throws {
    let shape = by == 1 ? "" : " [\(by)]"
    let steps = by == 1 ? "" : ", by \(by)"
    func text(_ truncation: String) -> String {
      """
      axis t: time
      %0 x: f64 {t} = input
      %1 w: f64 {t} = input
      %2 a: f64 = parameter
      %3 h0: f64\(shape) = parameter
      %4: f64 {t} = delay(h, initial h0; along t\(steps)\(truncation))
      %5: f64 {t} = multiply(a, %4)
      %6 h: f64 {t} = add(%5, x)
      %7: f64 {t} = multiply(w, h)
      %8 loss: f64 = sumAxes(%7; over {t})

      """
    }
    let (w, a) = ([1.0, -2, 3, 0.5, 2, -1, 4], 0.5)
    let values = [
      "x": Tensor([7], [Double](repeating: 1, count: 7)), "w": Tensor([7], w), "a": Tensor([], [a]),
      "h0": Tensor(by == 1 ? [] : [by], [Double](repeating: 2, count: by)),
    ]
    var cut = try Graph(parsing: text(", truncation \(window)"))
    let gradients = try cut.gradient(
      of: cut.require("loss"), withRespectTo: [cut.require("h"), cut.require("x"), cut.require("h0")])
    let found = try cut.evaluate(gradients, values)
    var expected = w
    for t in (0..<7 - by).reversed() where t / window == (t + by) / window { expected[t] += a * expected[t + by] }
    #expect(agree(found[0], expected))
    #expect(agree(found[1], expected))
    #expect(agree(found[2], expected[..<by].map { a * $0 }))

    var whole = try Graph(parsing: text(""))
    let tangents = try [cut, whole].map { graph in
      var graph = graph
      let tangent = try graph.tangent(of: [graph.require("h")], along: [graph.require("x"): graph.require("w")])
      return try graph.evaluate(tangent + [graph.require("h")], values)
    }
    #expect(tangents[0] == tangents[1])

    // Unrolled: the cut lies in the flat graph, and tangents still pass.
    var flat = try cut.unrolled(Axis(0), steps: 7)
    let flatValues = try cut.unrolledBindings(Bindings(values), over: Axis(0), steps: 7).values
    let directions = try (0..<7).map { (try flat.require("x@\($0)"), try flat.require("w@\($0)")) }
    let flatTangent = try flat.tangent(
      of: (0..<7).map { try flat.require("h@\($0)") }, along: Dictionary(uniqueKeysWithValues: directions))
    #expect(try agree(flat.evaluate(flatTangent, flatValues).flatMap { $0 }, tangents[1][0]))
    whole = flat
    let flatGradient = try whole.gradient(of: whole.require("loss"), withRespectTo: directions.map(\.0))
    #expect(try agree(whole.evaluate(flatGradient, flatValues).flatMap { $0 }, expected))
  }

  // MARK: Domains

  /// h = h₋₁ / 2 + x moves along h₀ alone: its tangent has h's axes, though nothing that moves brings them.
  @Test func tangentsHaveTheAxesOfTheirStates() throws {
    var graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch
        %0 x: f64 {t, b} = input
        %1 h0: f64 = parameter
        %2: f64 = constant(0.5)
        %3: f64 {t, b} = delay(h, initial h0; along t)
        %4: f64 {t, b} = multiply(%2, %3)
        %5 h: f64 {t, b} = add(%4, x)
        """)
    let one = graph.appendLeaf(.constant(1), NodeType(.float64))
    let tangent = try graph.tangent(of: [graph.require("h")], along: [graph.require("h0"): one])
    #expect(DerivativeCheck.malformations(graph).isEmpty)
    let values = ["x": Tensor([3, 2], [Double](repeating: 1, count: 6)), "h0": Tensor([], [2.0])]
    #expect(try graph.evaluate(tangent, values)[0] == [0.5, 0.5, 0.25, 0.25, 0.125, 0.125])
  }

  // MARK: Clipping

  /// h = clip(h₋₁ ⊙ a + x), L = Σ w · h: h̄ₜ = clip(wₜ + a ⊙ h̄ₜ₊₁), clipped for each sample and step.
  private func recurrence(_ clip: String) throws -> Graph {
    try Graph(
      parsing: """
        axis t: time
        axis b: batch
        %0 x: f64 {t, b} [2] = input
        %1 w: f64 {t, b} [2] = input
        %2 a: f64 [2] = parameter
        %3 h0: f64 [2] = parameter
        %4: f64 {t, b} [2] = delay(%7, initial h0; along t)
        %5: f64 {t, b} [2] = multiply(a, %4)
        %6 sum: f64 {t, b} [2] = add(%5, x)
        %7: f64 {t, b} [2] = clipGradient(%6; \(clip))
        %8: f64 {t, b} [2] = multiply(w, %7)
        %9: f64 {t, b} = sumFeatures(%8; dimension 0)
        %10 loss: f64 = sumAxes(%9; over {t, b})
        """)
  }

  private let weights = [0.5, 1, 0, 0, -3, 2, 0.1, 0.2, 1, 1, 0, 0]
  private let factors = [2.0, -3]

  private func values(_ weights: [Double]) -> [String: Tensor] {
    [
      "x": Tensor([3, 2, 2], [Double](repeating: 0.3, count: 12)), "w": Tensor([3, 2, 2], weights),
      "a": Tensor([2], factors), "h0": Tensor([2], [1.0, 1]),
    ]
  }

  /// ḡ · min(1, c / (‖ḡ‖ + ε)), also for gradients whose length leaves the range of c / ‖ḡ‖.
  @Test(arguments: [0, 0.5, 3], [1, 1e300]) func clipsByTheNormOfEachSampleAndStep(ε: Double, size: Double) throws {
    var graph = try recurrence("norm 2.5" + (ε == 0 ? "" : ", epsilon \(ε)"))
    let weights = self.weights.map { $0 * size }
    let sum = try graph.require("sum")
    let gradients = try graph.gradients(of: graph.require("loss"), withRespectTo: [sum])
    let clip = try #require(gradients.clips.first)
    #expect(gradients.clips.count == 1 && clip.node == NodeID(7))
    let factor = try #require(clip.factor)
    let found = try graph.evaluate(
      gradients.adjoints + [clip.before, clip.after, clip.normBefore, factor], values(weights))

    var (before, after) = (weights, weights)
    var (norms, scales) = ([Double](repeating: 0, count: 6), [Double](repeating: 0, count: 6))
    for t in (0..<3).reversed() {
      for b in 0..<2 {
        let start = (t * 2 + b) * 2
        for i in 0..<2 where t < 2 { before[start + i] += factors[i] * after[start + 4 + i] }
        let norm = hypot(before[start], before[start + 1])
        norms[t * 2 + b] = norm
        scales[t * 2 + b] = norm + ε > 2.5 ? 2.5 / (norm + ε) : 1
        for i in 0..<2 { after[start + i] = before[start + i] * scales[t * 2 + b] }
      }
    }
    #expect(scales.contains { $0 < 1 } && (scales.contains(1) || ε > 2.5))
    for (value, expected) in zip(found, [after, before, after, norms, scales]) { #expect(agree(value, expected)) }
  }

  @Test func clipsByValue() throws {
    var graph = try recurrence("value 1.5")
    let gradients = try graph.gradients(of: graph.require("loss"), withRespectTo: [graph.require("sum")])
    let clip = try #require(gradients.clips.first)
    #expect(clip.factor == nil)
    let found = try graph.evaluate([clip.before, clip.after] + gradients.adjoints, values(weights))
    var (before, after) = (weights, weights)
    for entry in (0..<12).reversed() {
      if entry < 8 { before[entry] += factors[entry % 2] * after[entry + 4] }
      after[entry] = min(max(before[entry], -1.5), 1.5)
    }
    #expect(agree(found[0], before) && agree(found[1], after) && agree(found[2], after))
  }

  /// The clip of an adjoint of zero is zero, its derivative is finite, and a non-finite adjoint stays visible.
  @Test func zeroStaysZeroAndNaNStaysNaN() throws {
    var graph = try recurrence("norm 2.5")
    let (sum, w) = (try graph.require("sum"), try graph.require("w"))
    let first = try graph.gradient(of: graph.require("loss"), withRespectTo: [sum])
    var inner = graph.append(.reduceFeatures(.sum, dimension: 0), first)
    inner = graph.append(.reduceAxes(.sum, over: graph.type(inner).domain), [inner])
    let second = try graph.gradient(of: inner, withRespectTo: [w])
    let atZero = try graph.evaluate(first + second, values([Double](repeating: 0, count: 12)))
    #expect(atZero[0] == [Double](repeating: 0, count: 12))
    // Below the limit the clip is the identity: Σₜ h̄ₜ = Σₛ wₛ (1 + a + … + aˢ).
    #expect(agree(atZero[1], [1, 1, 1, 1, 3, -2, 3, -2, 7, 7, 7, 7]))
    var poisoned = weights
    poisoned[8] = .nan
    #expect(try graph.evaluate(first, values(poisoned))[0][8].isNaN)
  }

  @Test func tangentsPassClips() throws {
    var graph = try recurrence("value 0")
    let (x, w) = (try graph.require("x"), try graph.require("w"))
    let tangent = try graph.tangent(of: [NodeID(7)], along: [x: w])
    let gradient = try graph.gradient(of: graph.require("loss"), withRespectTo: [x])
    let found = try graph.evaluate(tangent + gradient, values(weights))
    var expected = weights
    for entry in 4..<12 { expected[entry] += factors[entry % 2] * expected[entry - 4] }
    #expect(agree(found[0], expected))
    #expect(found[1] == [Double](repeating: 0, count: 12))
  }
}

import EbbTensors
import EbbTestSupport
import Foundation
import Testing

@testable import EbbTraining

/// Runs an optimizer on one parameter with these gradients, in Float64.
private func train(_ optimizer: some Optimizer, from start: [Double], _ gradients: [[Double]]) -> [[Double]] {
  var parameters = ["w": Tensor([start.count], start)]
  var state = OptimizerState()
  return gradients.map { gradient in
    optimizer.update(&parameters, gradients: ["w": Tensor([gradient.count], gradient)], state: &state)
    return parameters["w"]!.doubles
  }
}

private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

@Suite struct OptimizerTests {
  @Test func gradientDescentGoesDownhill() {
    #expect(train(SGD(learningRate: 0.5), from: [1, -2], [[0.5, 1], [1, 0]]) == [[0.75, -2.5], [0.25, -2.5]])
  }

  @Test func momentumAddsUpGradients() {
    // μ = 1/2, η = 1, g = 1: v = 1, 3/2, 7/4; θ = 0 − Σ v
    let steps = train(SGD(learningRate: 1, momentum: 0.5), from: [0], [[1], [1], [1]])
    #expect(steps == [[-1], [-2.5], [-4.25]])
  }

  @Test func nesterovLooksAhead() {
    // η (g + μ v) = 3/2, 7/4, 15/8
    let steps = train(SGD(learningRate: 1, momentum: 0.5, nesterov: true), from: [0], [[1], [1], [1]])
    #expect(steps == [[-1.5], [-3.25], [-5.125]])
  }

  /// With a constant gradient g, m̂ = g and v̂ = g² at every step: each step is η g / (|g| + ε).
  @Test func adamCorrectsTheMomentsBias() {
    let steps = train(Adam(learningRate: 0.1), from: [0, 0], [[Double]](repeating: [2, -0.01], count: 5))
    for (index, step) in steps.enumerated() {
      let t = Double(index + 1)
      #expect(isClose(step, [-0.1 * t * (2 / (2 + 1e-8)), 0.1 * t * (0.01 / (0.01 + 1e-8))]))
    }
  }

  @Test func adamIsThePapersAlgorithm() {
    var dice = SplitMix(1)
    let gradients = (0..<20).map { _ in (0..<11).map { _ in Double.random(in: -1...1, using: &dice) } }
    let start = (0..<11).map { _ in Double.random(in: -1...1, using: &dice) }
    let (α, β1, β2, ε) = (0.02, 0.8, 0.95, 1e-3)
    var expected = start
    var m = [Double](repeating: 0, count: 11)
    var v = m
    for (index, g) in gradients.enumerated() {
      for i in 0..<11 {
        m[i] = β1 * m[i] + (1 - β1) * g[i]
        v[i] = β2 * v[i] + (1 - β2) * g[i] * g[i]
        let m̂ = m[i] / (1 - pow(β1, Double(index + 1)))
        let v̂ = v[i] / (1 - pow(β2, Double(index + 1)))
        expected[i] -= α * m̂ / (v̂.squareRoot() + ε)
      }
    }
    let adam = Adam(learningRate: α, beta1: β1, beta2: β2, epsilon: ε)
    let found = train(adam, from: start, gradients)
    #expect(isClose(found.last!, expected))

    // In Float32 the same, to its precision.
    var parameters = ["w": Tensor([11], start, as: .float32)]
    var state = OptimizerState()
    for gradient in gradients {
      adam.update(&parameters, gradients: ["w": Tensor([11], gradient, as: .float32)], state: &state)
    }
    #expect(isClose(parameters["w"]!.doubles, expected, 1e-5))
    #expect(state.step == 20)
    #expect(state.slots["w"]?.map(\.element) == [.float32, .float32])
    #expect(isClose(state.slots["w"]![0].doubles, m, 1e-6))
    #expect(isClose(state.slots["w"]![1].doubles, v, 1e-6))
  }

  @Test func theCosineScheduleEndsAtZero() {
    let schedule = LearningRateSchedule.cosine(0.4, steps: 100)
    #expect(schedule.rate(at: 0) == 0.4)
    #expect(abs(schedule.rate(at: 50) - 0.2) < 1e-15)
    #expect(schedule.rate(at: 100) == 0 && schedule.rate(at: 200) == 0)
    #expect(LearningRateSchedule.constant(0.4).rate(at: 7) == 0.4)
  }
}

@Suite struct ClippingTests {
  /// Norms 5 and 12, together 13.
  static let gradients = ["a": Tensor([2], [3.0, -4]), "b": Tensor([3, 1], [0.0, 12, 0])]

  @Test func theGlobalNormKeepsTheDirection() {
    var gradients = Self.gradients
    let event = ParameterGradientClipping.globalNorm(6.5).apply(to: &gradients)
    #expect(event == ParameterGradientClipping.Outcome(normBefore: 13, normAfter: 6.5, factor: 0.5))
    #expect(event.isClipped)
    #expect(gradients == ["a": Tensor([2], [1.5, -2]), "b": Tensor([3, 1], [0.0, 6, 0])])
  }

  @Test(arguments: [ParameterGradientClipping.globalNorm(13), .parameterNorm(12), .value(12), .none])
  func whatIsWithinTheLimitStaysAsItIs(_ clipping: ParameterGradientClipping) {
    var gradients = Self.gradients
    let event = clipping.apply(to: &gradients)
    #expect(gradients == Self.gradients)
    #expect(event == ParameterGradientClipping.Outcome(normBefore: 13, normAfter: 13, factor: 1) && !event.isClipped)
  }

  /// Numbers whose squares leave the range of Float64 have a norm and a direction like any others.
  @Test(arguments: [0x1p-1060, 1e-200, 1e-30, 1e30, 1e200, 1e307])
  func gradientsOfAnySizeAreClipped(_ size: Double) {
    var gradients = ["a": Tensor([2], [3 * size, -4 * size]), "b": Tensor([1], [12 * size])]
    let limit = size < 1 ? size : 2
    let event = ParameterGradientClipping.globalNorm(limit).apply(to: &gradients)
    #expect(abs(event.normBefore / 13 / size - 1) < 1e-3 && abs(event.normAfter / limit - 1) < 1e-3)
    let unit = size < 1e-300 ? 2e-3 : 1e-12
    let found = ["a", "b"].flatMap { gradients[$0]?.doubles ?? [] }
    for (number, expected) in zip(found, [3.0, -4, 12]) { #expect(abs(number / limit * 13 / expected - 1) < unit) }
    var single = ["a": Tensor([2], [Float(3e38), -3e38])]
    _ = ParameterGradientClipping.globalNorm(1e-3).apply(to: &single)
    #expect(single["a"]?.doubles.allSatisfy { abs(abs($0) / 1e-3 * 2.0.squareRoot() - 1) < 1e-6 } == true)
  }

  /// Where the norm itself is beyond Float64, or the factor has few digits, the clipped gradient is still the right one.
  @Test(arguments: [0.5, 0x1p-1030], [false, true])
  func normsAndFactorsBeyondTheRange(_ limit: Double, ofEach: Bool) throws {
    let clipping = ofEach ? ParameterGradientClipping.parameterNorm(limit) : .globalNorm(limit)
    for size in [1e3, 1.7e308] {
      var gradients = ["w": Tensor([5], [size, -size, size, 0, size / 4])]
      let event = clipping.apply(to: &gradients)
      let norm = 3.0625.squareRoot()
      for (number, expected) in zip(try #require(gradients["w"]).doubles, [1, -1, 1, 0, 0.25]) {
        let bound = 1e-13 * limit + 2 * Double.leastNonzeroMagnitude
        #expect(abs(number - expected / norm * limit) <= bound, "\(size): \(number)")
      }
      #expect(event.isClipped && event.normAfter == limit)
    }
    // Beside an infinite number nothing passes for a gradient.
    var gradients = ["w": Tensor([2], [Double.infinity, 1])]
    _ = clipping.apply(to: &gradients)
    #expect(gradients["w"]?.doubles.contains { $0.isNaN } == true)
  }

  /// A gradient whose square is infinite makes a step of the usual length, and later ones are none the worse.
  @Test func largeGradientsLeaveTheirMoments() {
    for optimizer in [Adam(learningRate: 0.1), RMSprop(learningRate: 0.1), Adagrad(learningRate: 0.1)]
      as [any Optimizer]
    {
      var values: [Float] = [1, 1]
      var slots = optimizer.slots.map { _ in [Float](repeating: 0, count: 2) }
      optimizer.update(&values, gradient: [1e30, 1], slots: &slots, step: 1)
      #expect(abs(values[0] - values[1]) < 1e-5 && values[0] < 1)
      #expect(slots.allSatisfy { $0.allSatisfy(\.isFinite) })
    }
  }

  @Test func eachParameterIsClippedByItself() {
    var gradients = Self.gradients
    let event = ParameterGradientClipping.parameterNorm(6).apply(to: &gradients)
    #expect(gradients == ["a": Tensor([2], [3.0, -4]), "b": Tensor([3, 1], [0.0, 6, 0])])
    #expect(event == ParameterGradientClipping.Outcome(normBefore: 13, normAfter: 61.0.squareRoot(), factor: 0.5))
  }

  @Test func eachNumberIsClippedByItself() {
    var gradients = Self.gradients
    let event = ParameterGradientClipping.value(3).apply(to: &gradients)
    #expect(gradients == ["a": Tensor([2], [3.0, -3]), "b": Tensor([3, 1], [0.0, 3, 0])])
    #expect(event == ParameterGradientClipping.Outcome(normBefore: 13, normAfter: 27.0.squareRoot(), factor: 0.25))
  }

  @Test func theNormOfManyNumbersIsTheirs() {
    var dice = SplitMix(3)
    let numbers = (0..<1003).map { _ in Float.random(in: -1...1, using: &dice) }
    var gradients = ["w": Tensor([1003], numbers)]
    let expected = numbers.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let event = ParameterGradientClipping.globalNorm(1).apply(to: &gradients)
    #expect(abs(event.normBefore - expected) < 1e-12)
    let after = gradients["w"]!.doubles.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(after - 1) < 1e-6)
  }

  @Test func zeroAndLargeGradientsAreNoProblem() {
    var zero = ["w": Tensor([2], [0.0, 0])]
    #expect(
      ParameterGradientClipping.globalNorm(1).apply(to: &zero)
        == ParameterGradientClipping.Outcome(normBefore: 0, normAfter: 0, factor: 1))
    // Their squares are beyond Float32.
    var large = ["w": Tensor([2], [3e30, 4e30] as [Float])]
    let event = ParameterGradientClipping.globalNorm(1).apply(to: &large)
    #expect(abs(event.normBefore / 5e30 - 1) < 1e-6 && event.normAfter.isFinite)
    #expect(large["w"]!.doubles.map { ($0 * 10).rounded() } == [6, 8])
  }
}

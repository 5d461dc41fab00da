import EbbExecution
import EbbTensors
import Testing

@testable import EbbTraining

/// An update in pieces, by any number of threads, has the bits of its formulas one after the other over whole arrays.
@Suite struct ParameterUpdateTests {
  private static let optimizers: [any Optimizer] = [
    SGD(learningRate: 0.1), SGD(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: .l2(0.05)),
    Adam(learningRate: 0.01, amsgrad: true), AdamW(learningRate: 0.01, decay: 0.1),
    RMSprop(learningRate: 0.01, momentum: 0.9, isCentered: true), Lion(weightDecay: .decoupled(0.2)),
    Adagrad(weightDecay: .l2(0.01)), ByNorm(learningRate: 0.5),
  ]

  /// θ ← θ − η g / ‖g‖₁: a rule that needs all numbers of a parameter.
  private struct ByNorm: Optimizer {
    var learningRate: Double
    var slots: [String] { [] }
    func descend<Scalar: BinaryFloatingPoint & UpdateNumber>(
      _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int
    ) {
      let norm = gradient.reduce(0) { $0 + abs($1) }
      for index in values.indices { values[index] -= Scalar(learningRate) * gradient[index] / norm }
    }
  }

  private static func drawn(_ count: Int, _ stream: UInt64) -> [Double] {
    let random = RandomStream(seed: 5, stream: stream)
    return (0..<count).map { random.value(.normal, at: [UInt32($0), 0, 0], element: 0) }
  }

  @Test(arguments: optimizers.indices, [1, 2, 5])
  func piecesAndThreadsChangeNoBit(place: Int, threads: Int) {
    let rule = Self.optimizers[place]
    for element in [ElementType.float32, .float64] {
      let names = ["a": 40_001, "b": 3]
      var parameters: [String: Tensor] = [:]
      var state = OptimizerState()
      for (index, (name, count)) in names.sorted(by: { $0.key < $1.key }).enumerated() {
        parameters[name] = Tensor([count], Self.drawn(count, UInt64(index)), as: element)
      }
      var means = parameters
      var (expected, expectedMeans, slots) = (parameters, means, [String: [Tensor]]())
      for step in 1...2 {
        let gradients = parameters.mapValues {
          Tensor($0.dimensions, Self.drawn($0.count, UInt64(10 + step)), as: element)
        }
        ParameterUpdate(scale: 0.3, meanWeight: 0.25, threads: threads)
          .apply(rule, to: &parameters, gradients: gradients, state: &state, groups: [], means: &means)
        for (name, gradient) in gradients {
          let (value, ownSlots) = Self.byHand(expected[name]!, gradient, slots[name], rule, step: step)
          (expected[name], slots[name]) = (value, ownSlots)
          expectedMeans[name] = expectedMeans[name]?.moved(towards: value, by: 0.25)
        }
        #expect(parameters == expected && means == expectedMeans, "\(rule.name), \(element.name), step \(step)")
        #expect(state.slots == slots.filter { !$0.value.isEmpty }, "\(rule.name), \(element.name), step \(step)")
      }
    }
  }

  /// The formulas of a step, each over all numbers.
  private static func byHand(
    _ parameter: Tensor, _ gradient: Tensor, _ memory: [Tensor]?, _ rule: any Optimizer, step: Int
  ) -> (Tensor, [Tensor]) {
    func updated<Scalar: BinaryFloatingPoint>(
      _ convert: (Tensor) -> [Scalar], _ tensor: ([Scalar]) -> Tensor,
      _ update: (inout [Scalar], [Scalar], inout [[Scalar]]) -> Void
    ) -> (Tensor, [Tensor]) {
      var (values, numbers) = (convert(parameter), convert(gradient).map { $0 * Scalar(0.3) })
      var slots = memory?.map(convert) ?? rule.slots.map { _ in [Scalar](repeating: 0, count: values.count) }
      rule.weightDecay.apply(&values, &numbers, rate: rule.learningRate)
      update(&values, numbers, &slots)
      return (tensor(values), slots.map(tensor))
    }
    if parameter.element == .float32 {
      return updated({ $0.doubles.map { Float($0) } }, { Tensor(parameter.dimensions, $0) }) {
        rule.update(&$0, gradient: $1, slots: &$2, step: step)
      }
    }
    return updated({ $0.doubles }, { Tensor(parameter.dimensions, $0) }) {
      rule.update(&$0, gradient: $1, slots: &$2, step: step)
    }
  }

  /// A factor that is left to the update is the one that clipping applies; one that floats cannot hold is applied.
  @Test func aDeferredFactorIsThatOfClipping() {
    for limit in [2.0, 100, 1e-45] {
      let clipping = ParameterGradientClipping.globalNorm(limit)
      let gradients = ["a": Tensor([3], [1.0, -2, 3], as: .float32), "b": Tensor([1], [5.0], as: .float32)]
      var (deferred, applied) = (gradients, gradients)
      let (outcome, scale) = clipping.applyOrDefer(to: &deferred, of: [:])
      #expect(outcome == clipping.apply(to: &applied))
      #expect(deferred.mapValues { scale == 1 ? $0 : $0.scaled(by: scale) } == applied)
      #expect((scale != 1) == (limit == 2) && (deferred == gradients) == (limit >= 2))
    }
  }

  /// Rounded to the nearest, 0.9 of the smallest subnormal number is that number: without a gradient the moment of an
  /// embedding's row stays there for ever, and slow on many processors.
  @Test func aMomentWithoutGradientVanishes() throws {
    for (underflow, vanishes) in [(Underflow.abrupt, true), (.gradual, false)] {
      var parameters = ["a": Tensor([5000], [Float](repeating: 1, count: 5000))]
      var (state, means) = (OptimizerState(), [String: Tensor]())
      for step in 0..<1500 {
        let gradient = Tensor([5000], [Float](repeating: step == 0 ? 1e-3 : 0, count: 5000))
        ParameterUpdate(underflow: underflow)
          .apply(Adam(), to: &parameters, gradients: ["a": gradient], state: &state, groups: [], means: &means)
      }
      let moment = try #require(state.slots["a"]?.first).doubles
      #expect(moment.allSatisfy { ($0 == 0) == vanishes })
    }
  }
}

import EbbTensors
import EbbTestSupport
import EbbTraining
import Foundation
import Testing

private let start = [0.5, -1.25, 2.0]
private let gradients = [[0.3, -0.7, 0.05], [-0.2, -0.1, 1.5], [0.0, 0.4, -0.6], [0.9, -0.3, 0.2]]

/// The parameter after the four gradients.
private func trained(_ optimizer: some Optimizer, groups: [ParameterGroup] = [], as element: ElementType) -> [Double] {
  var parameters = ["w": Tensor([3], start, as: element)]
  var state = OptimizerState()
  for gradient in gradients {
    optimizer.update(
      &parameters, gradients: ["w": Tensor([3], gradient, as: element)], state: &state, groups: groups)
  }
  #expect(state.slots["w"]?.count ?? 0 == optimizer.slots.count)
  return parameters["w"]!.doubles
}

private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

/// An optimizer and what PyTorch 2.15 makes of the same numbers in Float64, with torch.optim's class and arguments.
struct PeerCase: Sendable, CustomTestStringConvertible {
  var name: String
  var optimizer: any Optimizer
  var expected: [Double]
  var testDescription: String { name }

  static let all = [
    PeerCase(
      name: "SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)",
      optimizer: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: .l2(0.05)),
      expected: [0.24700700619915625, -0.9124034800153281, 1.4756619049476876]),
    PeerCase(
      name: "Adam(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05)",
      optimizer: Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: .l2(0.05)),
      expected: [0.3013170719378897, -1.0065426892090565, 1.741273136951764]),
    PeerCase(
      name: "AdamW(lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.05)",
      optimizer: AdamW(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, decay: 0.05),
      expected: [0.3136600983268004, -1.009847093423788, 1.7258245362254176]),
    PeerCase(
      name: "RMSprop(lr=0.1, alpha=0.9, eps=1e-6)",
      optimizer: RMSprop(learningRate: 0.1, decay: 0.9, epsilon: 1e-6),
      expected: [0.06691924185247777, -0.932287941662507, 1.4477761058025378]),
    PeerCase(
      name: "RMSprop(lr=0.1, alpha=0.9, eps=1e-6, momentum=0.8, centered=True, weight_decay=0.05)",
      optimizer: RMSprop(
        learningRate: 0.1, decay: 0.9, momentum: 0.8, isCentered: true, epsilon: 1e-6, weightDecay: .l2(0.05)),
      expected: [-0.3949578516294657, -0.24304257080486275, 0.3465998713667242]),
    PeerCase(
      name: "Adagrad(lr=0.1, eps=1e-6)", optimizer: Adagrad(learningRate: 0.1, epsilon: 1e-6),
      expected: [0.3626423826903087, -1.150453586867503, 1.8248987427247492]),
  ]
}

@Suite struct OptimizerFamilyTests {
  @Test(arguments: PeerCase.all) func aPeerGivesTheSameNumbers(_ peer: PeerCase) {
    #expect(isClose(trained(peer.optimizer, as: .float64), peer.expected, 1e-13))
    // A centred variance is a difference of near numbers, so the single precision is not that of the numbers.
    #expect(isClose(trained(peer.optimizer, as: .float32), peer.expected, 3e-5))
  }

  @Test func rmspropIsItsEquations() {
    let (η, ρ, μ, ε) = (0.05, 0.7, 0.6, 1e-3)
    var (θ, v, m, b) = (start, [0.0, 0, 0], [0.0, 0, 0], [0.0, 0, 0])
    for g in gradients {
      for i in 0..<3 {
        v[i] = ρ * v[i] + (1 - ρ) * g[i] * g[i]
        m[i] = ρ * m[i] + (1 - ρ) * g[i]
        b[i] = μ * b[i] + g[i] / (max(0, v[i] - m[i] * m[i]).squareRoot() + ε)
        θ[i] -= η * b[i]
      }
    }
    let rule = RMSprop(learningRate: η, decay: ρ, momentum: μ, isCentered: true, epsilon: ε)
    #expect(isClose(trained(rule, as: .float64), θ, 1e-12))
  }

  @Test func adagradIsItsEquations() {
    let (η, ε) = (0.3, 1e-2)
    var (θ, s) = (start, [0.0, 0, 0])
    for g in gradients {
      for i in 0..<3 {
        s[i] += g[i] * g[i]
        θ[i] -= η * g[i] / (s[i].squareRoot() + ε)
      }
    }
    #expect(isClose(trained(Adagrad(learningRate: η, epsilon: ε), as: .float64), θ, 1e-13))
  }

  @Test(arguments: [ElementType.float32, .float64]) func lionIsItsEquations(_ element: ElementType) {
    let (η, β1, β2, λ) = (0.02, 0.75, 0.9, 0.5)
    var (θ, m) = (start, [0.0, 0, 0])
    for g in gradients {
      for i in 0..<3 {
        let c = β1 * m[i] + (1 - β1) * g[i]
        let sign = c > 0 ? 1.0 : c < 0 ? -1 : 0
        θ[i] -= η * (sign + λ * θ[i])
        m[i] = β2 * m[i] + (1 - β2) * g[i]
      }
    }
    let rule = Lion(learningRate: η, beta1: β1, beta2: β2, weightDecay: .decoupled(λ))
    #expect(isClose(trained(rule, as: element), θ, element == .float64 ? 1e-13 : 1e-6))
    // Without a gradient nothing moves.
    var parameters = ["w": Tensor([1], [2.0])]
    var state = OptimizerState()
    Lion().update(&parameters, gradients: ["w": Tensor([1], [0.0])], state: &state)
    #expect(parameters["w"]!.doubles == [2])
  }

  /// θ ← θ − η (g + λ θ) in both forms where the step is the gradient; with momentum they differ.
  @Test func theFormsOfWeightDecayDifferAsSoonAsStepsAreScaled() {
    let (l2, decoupled) = (WeightDecay.l2(0.1), WeightDecay.decoupled(0.1))
    let plain = trained(SGD(learningRate: 0.2, weightDecay: l2), as: .float64)
    #expect(isClose(trained(SGD(learningRate: 0.2, weightDecay: decoupled), as: .float64), plain, 1e-14))
    let scaled = trained(Adam(learningRate: 0.2, weightDecay: l2), as: .float64)
    #expect(!isClose(trained(Adam(learningRate: 0.2, weightDecay: decoupled), as: .float64), scaled, 1e-3))
    #expect(
      trained(AdamW(learningRate: 0.2, decay: 0.1), as: .float64)
        == trained(Adam(learningRate: 0.2, weightDecay: decoupled), as: .float64))
  }
}

@Suite struct ParameterGroupTests {
  @Test(arguments: [
    ("*", "layer0.forget.bias", true), ("*.bias", "layer0.forget.bias", true), ("*.bias", "bias", false),
    ("layer?.*", "layer0.forget.bias", true), ("layer?.*", "layer10.forget.bias", false),
    ("layer0.*.bias", "layer0.forget.bias", true), ("a*b*c", "axxbxbxc", true), ("a*b*c", "axxbxbx", false),
    ("", "a", false), ("", "", true), ("a", "ab", false), ("ab", "a", false), ("a**", "a", true),
  ])
  func starsAndQuestionMarksStandForCharacters(_ pattern: String, _ name: String, _ expected: Bool) {
    #expect(ParameterGroup(pattern).matches(name) == expected)
  }

  @Test func theFirstGroupThatMatchesHolds() {
    var parameters = ["a.w": Tensor([1], [1.0]), "a.b": Tensor([1], [1.0]), "c.w": Tensor([1], [1.0])]
    let gradients = parameters
    var state = OptimizerState()
    let groups = [ParameterGroup("a.b", isFrozen: true), ParameterGroup("a.*", rateFactor: 0.5, weightDecay: .l2(1))]
    SGD(learningRate: 0.1, momentum: 0.5).update(&parameters, gradients: gradients, state: &state, groups: groups)
    // 1 − 0.05 (1 + 1), 1, 1 − 0.1
    #expect(parameters["a.w"]!.doubles == [0.9] && parameters["a.b"]!.doubles == [1])
    #expect(parameters["c.w"]!.doubles == [0.9])
    #expect(state.slots.keys.sorted() == ["a.w", "c.w"])
  }
}

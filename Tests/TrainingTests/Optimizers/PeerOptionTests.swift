import EbbTensors
import EbbTraining
import Testing

private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

/// Options of optimizers and clipping beside the peers' numbers, which make_peers.py prints.
@Suite struct PeerOptionTests {
  private static let gradients = [[0.3, -0.7, 0.05], [-0.2, -0.1, 1.5], [0.0, 0.4, -0.6], [0.9, -0.3, 0.2]]
  /// The second moment of the first falls after its first step, so that its maximum is another number.
  private static let falling = [[2.0, -0.7, 0.05], [-0.2, -0.1, 1.5], [0.0, 0.04, -0.6], [0.1, -0.3, 0.2]]

  private func trained(
    _ optimizer: some Optimizer, _ gradients: [[Double]], as element: ElementType = .float64
  ) -> (values: [Double], state: OptimizerState) {
    var parameters = ["w": Tensor([3], [0.5, -1.25, 2.0], as: element)]
    var state = OptimizerState()
    for gradient in gradients {
      optimizer.update(&parameters, gradients: ["w": Tensor([3], gradient, as: element)], state: &state)
    }
    return (parameters["w"]?.doubles ?? [], state)
  }

  /// PyTorch 2.15 in Float64; Keras 3.15, whose ε counts differently, with hardly any.
  @Test func amsgradKeepsTheLargestSecondMoment() {
    let adam = Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, amsgrad: true)
    let expected = [0.2744391303197399, -0.9661701203042925, 1.763608625750668]
    #expect(isClose(trained(adam, Self.falling).values, expected, 1e-13))
    #expect(isClose(trained(adam, Self.falling, as: .float32).values, expected, 1e-5))
    let keras = Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-30, amsgrad: true)
    #expect(
      isClose(
        trained(keras, Self.falling).values, [0.2744389783769311, -0.966169548457104, 1.7636064866907122], 1e-12))
    let decayed = AdamW(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, amsgrad: true, decay: 0.05)
    #expect(
      isClose(
        trained(decayed, Self.falling).values, [0.26674190015351956, -0.9438204123259124, 1.7263325217564778], 1e-13))
    // Without it PyTorch gives other numbers, and so do we.
    let plain = Adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6)
    #expect(
      isClose(
        trained(plain, Self.falling).values, [0.26912705336580844, -0.9631492238276984, 1.763100640219608], 1e-13))
  }

  @Test func amsgradHasAStateOfItsOwn() {
    let adam = Adam(beta2: 0.95, amsgrad: true)
    #expect(adam.kind == "Adam with AMSGrad" && Adam().kind == "Adam")
    #expect(AdamW(amsgrad: true).name == "AdamW with AMSGrad" && AdamW().name == "AdamW")
    #expect(adam.slots == ["firstMoment", "secondMoment", "largestSecondMoment"])
    let state = trained(adam, Self.falling).state
    #expect(state.kind == "Adam with AMSGrad" && state.slots["w"]?.count == 3)
    // v is 0.05 · 2² after the first gradient, and falls; its maximum stays.
    let slots = state.slots["w"]?.map { $0.doubles[0] } ?? [0, 0, 0]
    #expect(abs(slots[2] - 0.2) < 1e-15 && slots[1] < 0.19)
  }

  @Test func adagradCanBeginAboveZero() {
    #expect(
      isClose(
        trained(Adagrad(learningRate: 0.1, epsilon: 1e-6, initialAccumulator: 0.1), Self.gradients).values,
        [0.38462605931447447, -1.1593015139004985, 1.9109611454534394], 1e-13))
    // Keras adds its ε under the root.
    #expect(
      isClose(
        trained(Adagrad(learningRate: 0.1, epsilon: 0, initialAccumulator: 0.1 + 1e-7), Self.gradients).values,
        [0.38462591512688066, -1.1593014036217422, 1.9109610570091322], 1e-13))
    #expect(Adagrad(initialAccumulator: 1).kind == Adagrad().kind)
  }

  /// PyTorch 2.15's clip_grad_norm_, which adds 10⁻⁶ to the norm.
  @Test(arguments: [
    (
      1.0, 20.5,
      [0.36585364069006626, -0.4878048542534217, 0.0, 1.463414562760265, 0.18292682034503313]
    ),
    (
      3.0, 12.214600007220598,
      [0.6140192377603177, -0.818692317013757, 0.0, 2.456076951041271, 0.3070096188801589]
    ),
    (
      Double.infinity, 12.0,
      [0.624999947916671, -0.8333332638888947, 0.0, 2.499999791666684, 0.3124999739583355]
    ),
  ])
  func gradientsAreClippedByAnyNorm(_ p: Double, _ norm: Double, _ expected: [Double]) {
    for element in [ElementType.float32, .float64] {
      var gradients = [
        "a": Tensor([2], [3.0, -4], as: element), "b": Tensor([3, 1], [0.0, 12, 1.5], as: element),
      ]
      let outcome = ParameterGradientClipping.globalNorm(2.5, p: p).apply(to: &gradients)
      let found = ["a", "b"].flatMap { gradients[$0]?.doubles ?? [] }
      #expect(isClose(found, expected, 1e-6))
      #expect(abs(outcome.factor - 2.5 / norm) < 1e-12)
      #expect(abs(outcome.normAfter - found.reduce(0) { $0 + $1 * $1 }.squareRoot()) < 1e-12)
      #expect(gradients["a"]?.element == element)
    }
    var within = ["a": Tensor([2], [3.0, -4])]
    #expect(!ParameterGradientClipping.globalNorm(20, p: p).apply(to: &within).isClipped)
    #expect(within["a"] == Tensor([2], [3.0, -4]))
  }

  @Test func normsOfEachParameterAndOfAnySize() {
    var gradients = ["a": Tensor([2], [3.0, -4]), "b": Tensor([2], [0.5, -0.25])]
    let outcome = ParameterGradientClipping.parameterNorm(1, p: .infinity).apply(to: &gradients)
    #expect(gradients == ["a": Tensor([2], [0.75, -1]), "b": Tensor([2], [0.5, -0.25])])
    #expect(outcome.factor == 0.25)
    for size in [1e-300, 1e300] {
      var one = ["a": Tensor([2], [3 * size, -4 * size])]
      _ = ParameterGradientClipping.globalNorm(size, p: 3).apply(to: &one)
      let cubes = (one["a"]?.doubles ?? []).reduce(0) { $0 + abs($1 / size * $1 / size * $1 / size) }
      #expect(abs(cubes - 1) < 1e-12)
    }
    // A NaN is not clipped away.
    var wrong = ["a": Tensor([2], [Double.nan, 1])]
    _ = ParameterGradientClipping.globalNorm(1e-3, p: 3).apply(to: &wrong)
    #expect(wrong["a"]?.doubles[0].isNaN == true)
  }

  /// Optax 0.2.8's adaptive_grad_clip(0.1, eps=1e-3).
  @Test func adaptiveClippingIsThatOfOptax() {
    let parameters = [
      "w": Tensor([2, 3], [0.5, -1, 0, 0.25, 2, 0]), "b": Tensor([3], [0.1, -0.2, 0.05]),
      "t": Tensor([2, 3, 2], (1...12).map { Double($0) / 4 - 1.5 }), "c": Tensor([2, 1], [0.5, -1.5]),
    ]
    // cos 0, cos 1, …, cos 11
    let cosines = [
      1, 0.5403023058681398, -0.4161468365471424, -0.9899924966004454, -0.6536436208636119, 0.28366218546322625,
      0.9601702866503661, 0.7539022543433046, -0.14550003380861354, -0.9111302618846769, -0.8390715290764524,
      0.004425697988050785,
    ]
    var gradients = [
      "w": Tensor([2, 3], [0.3, -0.001, 0.2, -0.4, 0.002, -0.1]), "b": Tensor([3], [0.02, 0.01, -0.05]),
      "t": Tensor([2, 3, 2], cosines), "c": Tensor([2, 1], [1.0, 2]),
    ]
    let outcome = ParameterGradientClipping.adaptive(0.1).apply(to: &gradients, of: parameters)
    let expected = [
      "w": [
        0.03354101966249685, -0.001, 8.944271909999159e-05, -0.0447213595499958, 0.002, -4.4721359549995795e-05,
      ],
      "b": [0.008366600265340756, 0.004183300132670378, -0.020916500663351892],
      "t": [
        0.09195137778157832, 0.06512805071692479, -0.1001226460820862, -0.08226562687237837, -0.07833945412424556,
        0.1499817466473831, 0.08828898076243415, 0.09087539276291286, -0.03500650998773385, -0.07571239419866882,
        -0.10056306442981552, 0.002340015512810456,
      ],
      "c": [0.07071067811865477, 0.14142135623730953],
    ]
    for (name, numbers) in expected { #expect(isClose(gradients[name]?.doubles ?? [], numbers, 1e-15), "\(name)") }
    #expect(outcome.isClipped && outcome.factor < 1e-3)
  }
}

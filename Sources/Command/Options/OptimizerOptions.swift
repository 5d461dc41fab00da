internal import EbbTraining
internal import Foundation

/// The optimizer and the learning rate schedule: shared options of training commands.
///
/// ```swift
/// let options = [/* … */] + OptimizerOptions.options(rate: 3e-3, schedule: .cosine)
/// let choice = try OptimizerOptions(parsed, rate: 3e-3, steps: steps)
/// ```
struct OptimizerOptions {
  enum Rule: String, CaseIterable {
    case adam, adamw, sgd, momentum, nesterov, rmsprop, adagrad, lion
  }

  enum Shape: String, CaseIterable {
    case constant, linear, cosine, step, exponential
    case oneCycle = "one-cycle"
  }

  var optimizer: any Optimizer
  var schedule: LearningRateSchedule

  /// - Parameters:
  ///   - rate: The default initial learning rate of Adam and AdamW.
  ///   - schedule: The default schedule.
  static func options(rate: Double, schedule: Shape) -> [Option] {
    func words<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
      type.allCases.map(\.rawValue).joined(separator: ", ")
    }
    return [
      Option("optimizer", "NAME", Rule.self, "one of \(words(Rule.self))", standard: .adam),
      .rate("the first or largest learning rate (\(rate); but of sgd … lion the library's own)"),
      Option("weight-decay", "FACTOR", "pulls the weights towards 0: an L2 term; decoupled for adamw and lion"),
    ] + Setting.options + [
      Option("schedule", "NAME", Shape.self, "one of \(words(Shape.self))", standard: schedule),
      Option("warm-up", "STEPS", "the rate rises for so many steps before its schedule begins", standard: "0"),
    ]
  }

  /// - Parameters:
  ///   - rate: The rate given to `options`.
  ///   - steps: The number of steps of a decaying rate.
  init(_ options: ParsedOptions, rate standardRate: Double, steps: Int) throws(UsageError) {
    let rule: Rule = try options.choice("optimizer")
    let factor = try options.number("weight-decay", "a number of at least 0") { $0 >= 0 }
    let decay = factor.map { WeightDecay.l2($0) } ?? .none
    try Setting.check(options, rule)
    let momentum = try options.number(Setting.momentum.rawValue, "a number of at least 0 and below 1") {
      0 <= $0 && $0 < 1
    }
    let epsilon = try Setting.epsilon(options)
    switch rule {
    case .adam, .adamw:
      var adam = try Self.adam(options)
      adam.learningRate = standardRate
      if rule == .adam { adam.weightDecay = decay }
      var decoupled = AdamW(decay: factor ?? AdamW().decay)
      decoupled.adam = adam
      optimizer = rule == .adam ? adam : decoupled
    case .sgd: optimizer = SGD(weightDecay: decay)
    case .momentum, .nesterov:
      optimizer = SGD(momentum: momentum ?? 0.9, nesterov: rule == .nesterov, weightDecay: decay)
    case .rmsprop:
      var rms = RMSprop(momentum: momentum ?? 0, weightDecay: decay)
      rms.epsilon = epsilon ?? rms.epsilon
      optimizer = rms
    case .adagrad:
      var adagrad = Adagrad(weightDecay: decay)
      adagrad.epsilon = epsilon ?? adagrad.epsilon
      adagrad.initialAccumulator =
        try options.number(Setting.accumulator.rawValue, "a number of at least 0") { $0 >= 0 } ?? 0
      optimizer = adagrad
    case .lion:
      var lion = Lion(weightDecay: factor.map { .decoupled($0) } ?? .none)
      (lion.beta1, lion.beta2) = try Setting.betas(options) ?? (lion.beta1, lion.beta2)
      optimizer = lion
    }
    if let rate = try options.positive("rate") { optimizer.learningRate = rate }
    let shape: Shape = try options.choice("schedule")
    let warmUp = try options.integer("warm-up", 0...Int(Int32.max))
    schedule = Self.schedule(shape, rate: optimizer.learningRate, steps: max(1, steps - warmUp))
    if warmUp > 0 { schedule = .warmUp(steps: warmUp, then: schedule) }
  }

  /// Each decays over all of the steps: along a line or a cosine to 0, in thirds by a factor of 10 each, or
  /// exponentially to a hundredth.
  private static func schedule(_ shape: Shape, rate: Double, steps: Int) -> LearningRateSchedule {
    switch shape {
    case .constant: .constant(rate)
    case .linear: .linear(rate, steps: steps)
    case .cosine: .cosine(rate, steps: steps)
    case .step: .step(rate, factor: 0.1, every: max(1, (steps + 2) / 3))
    case .exponential: .exponential(rate, factor: pow(0.01, 1 / Double(steps)))
    case .oneCycle: .oneCycle(OneCycle(peak: rate, steps: steps))
    }
  }
}

extension OptimizerOptions {
  /// The settings of Adam alone, for commands that train with no other rule.
  static let adamOptions = [
    Option(Setting.betas.rawValue, "NUMBERS", "β₁ and β₂ of the optimizer, Adam", standard: "0.9,0.999"),
    Option(
      Setting.epsilon.rawValue, "NUMBER", "what is added to Adam's root; Keras's ε is added elsewhere",
      standard: "1e-8"),
    Option(flag: Setting.amsgrad.rawValue, "Adam divides by the largest mean of squares so far"),
  ]

  /// Adam with the settings given; its rate is the library's own.
  static func adam(_ options: ParsedOptions) throws(UsageError) -> Adam {
    var adam = Adam()
    (adam.beta1, adam.beta2) = try Setting.betas(options) ?? (adam.beta1, adam.beta2)
    adam.epsilon = try Setting.epsilon(options) ?? adam.epsilon
    adam.amsgrad = options.isGiven(Setting.amsgrad.rawValue)
    return adam
  }

  /// The settings of single optimizers.
  private enum Setting: String, CaseIterable {
    case betas, momentum, epsilon, amsgrad
    case accumulator = "initial-accumulator"

    static let options: [Option] = [
      Option(betas.rawValue, "NUMBERS", "β₁ and β₂ of adam, adamw (0.9,0.999) and lion (0.9,0.99)"),
      Option(momentum.rawValue, "FACTOR", "μ of momentum and nesterov (0.9), and of rmsprop (0)"),
      Option(
        epsilon.rawValue, "NUMBER",
        "what is added to the root of adam, adamw, rmsprop (1e-8) and adagrad (1e-10); Keras's ε is added elsewhere"),
      Option(flag: amsgrad.rawValue, "adam and adamw divide by the largest mean of squares so far"),
      Option(accumulator.rawValue, "NUMBER", "what adagrad's sum of squares begins with, as 0.1 in Keras (0)"),
    ]

    /// The optimizers that have it.
    var rules: [Rule] {
      switch self {
      case .betas: [.adam, .adamw, .lion]
      case .momentum: [.momentum, .nesterov, .rmsprop]
      case .epsilon: [.adam, .adamw, .rmsprop, .adagrad]
      case .amsgrad: [.adam, .adamw]
      case .accumulator: [.adagrad]
      }
    }

    static func check(_ options: ParsedOptions, _ rule: Rule) throws(UsageError) {
      for setting in allCases where options.isGiven(setting.rawValue) && !setting.rules.contains(rule) {
        let rules = setting.rules.map(\.rawValue).joined(separator: ", ")
        throw UsageError("--\(setting.rawValue) is a setting of \(rules), and the optimizer is \(rule.rawValue)")
      }
    }

    static func epsilon(_ options: ParsedOptions) throws(UsageError) -> Double? {
      guard options.isGiven(epsilon.rawValue) else { return nil }
      return try options.number(epsilon.rawValue, "a number of at least 0") { $0 >= 0 }
    }

    static func betas(_ options: ParsedOptions) throws(UsageError) -> (Double, Double)? {
      guard options.isGiven(betas.rawValue) else { return nil }
      let numbers = try options.list(betas.rawValue).map { Double($0) ?? .nan }
      guard numbers.count == 2, numbers.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
        throw UsageError(
          "--betas takes two numbers of at least 0 and below 1, as 0.9,0.999, not '\(options.text(betas.rawValue) ?? "")'"
        )
      }
      return (numbers[0], numbers[1])
    }
  }
}

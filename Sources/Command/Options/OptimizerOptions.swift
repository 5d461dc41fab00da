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
    optimizer =
      switch rule {
      case .adam: Adam(learningRate: standardRate, weightDecay: decay)
      case .adamw: AdamW(learningRate: standardRate, decay: factor ?? AdamW().decay)
      case .sgd: SGD(weightDecay: decay)
      case .momentum: SGD(momentum: 0.9, weightDecay: decay)
      case .nesterov: SGD(momentum: 0.9, nesterov: true, weightDecay: decay)
      case .rmsprop: RMSprop(weightDecay: decay)
      case .adagrad: Adagrad(weightDecay: decay)
      case .lion: Lion(weightDecay: factor.map { .decoupled($0) } ?? .none)
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

import Ebb
import EbbApplications

/// The paper's training methods, which differ in the treatment of plain SGD's gradient.
private enum Training: CaseIterable {
  case plain
  /// SGD-C: ‖g‖ is cut at a limit.
  case clipped
  /// SGD-CR: adds Ω to the loss, which makes gradients keep their norm in the backward pass.
  case clippedAndRegularized

  var name: String {
    switch self {
    case .plain: "SGD"
    case .clipped: "SGD-C, norm ≤ 1"
    case .clippedAndRegularized: "SGD-CR, with Ω"
    }
  }

  var clipping: ParameterGradientClipping {
    switch self {
    case .plain: .none
    case .clipped, .clippedAndRegularized: .globalNorm(1)
    }
  }

  /// Ω as in the authors' program.
  var regularizers: [any Regularizer] {
    switch self {
    case .plain, .clipped: []
    case .clippedAndRegularized: [VanishingGradientPenalty(weight: 2, convention: .program)]
    }
  }

  /// The results of figure 7 and of section 4.1.1 for sequences of up to 20 steps, and of more.
  func paper(length: Int) -> String {
    switch self {
    case .plain: length > 20 ? "not solved beyond 20 steps" : "solved by some runs"
    case .clipped: length > 20 ? "not solved beyond 20 steps" : "solved by more runs than SGD"
    case .clippedAndRegularized: "solved by all runs, up to 200 steps"
    }
  }
}

/// h' = tanh(W h + U x + b) with sparse W of spectral radius 0.95 and small U: the paper's "smart tanh".
private let smartTanh = SimpleRNN(
  units: 50, recurrent: .spectralRadius(0.95, of: .sparse(connections: 15)), input: .normal(deviation: 0.01))

/// Trains until the task is solved, the steps are done, or a gradient is not finite.
private func trial(_ training: Training, _ task: TemporalOrder, _ settings: TaskSettings) throws -> Outcome {
  let tester = try TaskTrainer(smartTanh, task, settings)
  let trainer = try Trainer(
    Recording.network(smartTanh, for: task), regularizers: training.regularizers, optimizer: settings.optimizer,
    clipping: training.clipping, seed: settings.seed)
  var outcome = Outcome()
  for step in 1...settings.steps {
    let batch = task.batch(size: settings.batchSize, seed: settings.seed, step: step, for: .training)
    do {
      outcome.largestGradient = max(outcome.largestGradient, try trainer.step(batch).clip.normBefore)
    } catch TrainingError.nonFinite {
      return outcome
    }
    guard step.isMultiple(of: settings.evaluationInterval) else { continue }
    try tester.trainer.setParameters(trainer.parameters)
    let evaluation = try tester.evaluate(at: step)
    outcome.wrong = evaluation.wrongSequences
    if task.criterion.isMet(by: evaluation) {
      outcome.solvedAfter = step
      return outcome
    }
  }
  return outcome
}

private struct Outcome {
  var solvedAfter: Int?
  /// The share of new sequences with a wrong order, at the last test.
  var wrong = 1.0
  /// The largest ‖g‖ of any step, before clipping.
  var largestGradient = 0.0
}

let clipping = Reproduction(
  name: "clipping", paper: "Pascanu, Mikolov & Bengio 2013, section 4.1.1: temporal order with clipping and with Ω",
  claim: "With the gradient's norm clipped, SGD solves the temporal order problem more often than without; with a "
    + "regulariser Ω against vanishing gradients besides, always.",
  cuts: "lengths 20 and 50 of the paper's 20 to 200, 3 runs of each and 20000 steps instead of 5 million; "
    + "one initialisation; Ω as in the authors' program, with a weight of 2 and the same rate as without"
) { effort in
  var findings: [Finding] = []
  for length in effort == .full ? [20, 50] : [10] {
    let task = TemporalOrder(length: length)
    for training in Training.allCases {
      let outcomes = try (1...effort(full: 3, quick: 1)).map { seed in
        let settings = TaskSettings(
          batchSize: 20, steps: effort(full: 20_000, quick: 100), optimizer: SGD(learningRate: 0.01),
          evaluationInterval: effort(full: 500, quick: 50), seed: UInt64(seed))
        return try trial(training, task, settings)
      }
      let steps = outcomes.compactMap(\.solvedAfter).sorted()
      let wrong = outcomes.map(\.wrong).min() ?? 1
      let solved = "solved \(steps.count) of \(outcomes.count)"
      let detail = steps.isEmpty ? "best run \(number(100 * wrong))% wrong" : "in \(steps[(steps.count - 1) / 2]) steps"
      let largest = outcomes.map(\.largestGradient).max() ?? 0
      findings.append(
        Finding(
          "T = \(length), \(training.name)", paper: training.paper(length: length),
          here: "\(solved), \(detail); largest ‖g‖ \(number(largest))"))
    }
  }
  return findings
}

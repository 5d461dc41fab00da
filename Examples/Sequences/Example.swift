import Ebb
import Foundation

/// One shape of sequence model, on synthetic data, in seconds.
struct Example: Sendable {
  /// The word on the command line.
  var name: String
  var summary: String
  var run: @Sendable (Effort) throws -> Void
}

/// How long an example trains.
enum Effort: Sendable {
  /// Until the network can do it.
  case full
  /// A few steps, to see that everything runs.
  case quick

  /// One of two numbers.
  func callAsFunction(full: Int, quick: Int) -> Int {
    switch self {
    case .full: full
    case .quick: quick
    }
  }
}

/// Written immediately, so that a pipe shows each line as soon as it exists.
func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

func number(_ value: Double) -> String { readableNumber(value, digits: 3) }

func percent(_ share: Double) -> String { readableNumber(100 * share, digits: 3) + " %" }

/// Trains with Adam and a rate that decays to zero, and reports the progress from time to time.
func train(
  _ recording: Recording, steps: Int, rate: Double, batch: (_ number: Int) -> [String: Tensor]
) throws -> Trainer {
  let trainer = try Trainer(recording, optimizer: Adam(learningRate: rate), clipping: .globalNorm(1), seed: 1)
  let schedule = LearningRateSchedule.cosine(rate, to: 0.02 * rate, steps: steps)
  let run = try trainer.train(until: StoppingCriteria(steps: steps), schedule: schedule, batch: { batch($0) }) {
    if $0.completed % max(1, steps / 5) == 0 { show("step \($0.completed): loss \(number($0.recentLoss))") }
    return .continue
  }
  show("\(number(run.duration / .seconds(1))) s to train\n")
  return trainer
}

extension Recording {
  /// Runs the network in evaluation, with those of the given parameters that it has.
  ///
  /// - Parameter showsStates: Whether each state's value is an output with its name.
  func evaluator(
    _ parameters: [String: Tensor], showsStates: Bool = false
  ) throws -> (_ inputs: Bindings) throws -> [String: Tensor] {
    var graph = evaluationGraph
    if showsStates { for state in states { graph.setOutput(state.name, state.value) } }
    let program = try Executable(compiling: graph)
    let names = Set(self.parameters.map(\.name))
    let known = parameters.filter { names.contains($0.key) }
    return { inputs in
      var bindings = inputs
      bindings.values.merge(known) { given, _ in given }
      return try program.run(bindings)
    }
  }
}

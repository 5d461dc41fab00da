import Ebb
import EbbApplications

let chronoInitialization = Reproduction(
  name: "chrono", paper: "Tallec & Ollivier 2018: chrono initialisation",
  claim:
    "With gate biases that fit the longest dependency an LSTM learns over long delays sooner than with a bias of 1.",
  cuts: "adding over 150 steps and copying over 50, where the paper has 200 and 750, 500 and 2000; 64 units for 128; "
    + "1500 steps of Adam, one seed. Copying over 100, 2000 steps at 0.001 taught neither"
) { effort in
  let steps = effort(full: 1500, quick: 40)
  let units = effort(full: 64, quick: 16)
  let adding = AddingProblem(length: effort(full: 150, quick: 12))
  let copying = CopyMemory(delay: effort(full: 50, quick: 10))
  // A task, the longest dependency for its initial biases, and how it is trained.
  let experiments: [(task: any SequenceTask, longest: Int, batch: Int, rate: Double)] = [
    (adding, adding.length, 16, 0.002), (copying, copying.delay * 3 / 2, 32, 0.004),
  ]
  var findings: [Finding] = []
  for (task, longest, batch, rate) in experiments {
    let settings = TaskSettings(
      batchSize: batch, steps: steps, optimizer: Adam(learningRate: rate), evaluationInterval: steps / 4,
      evaluationSequences: effort(full: 1000, quick: 250))
    for (name, chrono) in [("bias 1", nil), ("chrono", Double(longest))] {
      let trials = try Trials(LSTM(units: units, longestDependency: chrono), task, settings, seeds: 1)
      findings.append(
        Finding(
          "\(name): \(task.name)",
          paper: chrono == nil ? "near \(number(task.baseline.loss)) for longer" : "lower",
          here: number(trials.loss)))
    }
  }
  return findings
}

import Ebb
import EbbApplications

let identityRNN = Reproduction(
  name: "irnn", paper: "Le, Jaitly & Hinton 2015, section 4.1: the adding problem",
  claim: "Rectifiers and an identity for a recurrent matrix learn to add what is far apart, where tanh does not.",
  cuts: "T = 60, where the paper begins at 150, and 3000 steps of Adam at 0.002 with the gradient's norm clipped to 1, "
    + "where it runs SGD for as long as it takes; 100 units and batches of 16 as there; one seed. "
    + "Over 150 steps, 2500 steps at 0.001 taught none of the three"
) { effort in
  let length = effort(full: 60, quick: 20)
  let task = AddingProblem(length: length)
  let units = effort(full: 100, quick: 16)
  let settings = TaskSettings(
    batchSize: 16, steps: effort(full: 3000, quick: 60), optimizer: Adam(learningRate: 2e-3),
    evaluationInterval: effort(full: 500, quick: 30))
  let identity = SimpleRNN(
    units: units, activation: .relu, recurrent: .identity(), input: .normal(deviation: 0.001))
  let cells: [(String, any RecurrentCell, String)] = [
    ("tanh", SimpleRNN(units: units), "stays at the constant answer"),
    ("IRNN", identity, "far below it"),
    ("LSTM", LSTM(units: units), "far below it"),
  ]
  var findings = [
    Finding(
      "error of the constant answer", paper: "0.167", here: number(try measuredError(of: task, answering: 1)))
  ]
  for (name, cell, paper) in cells {
    let trials = try Trials(cell, task, settings, seeds: 1)
    findings.append(Finding("error of the \(name), T = \(length)", paper: paper, here: number(trials.loss)))
  }
  return findings
}

/// The mean squared error of a constant on new sequences.
private func measuredError(of task: AddingProblem, answering answer: Double) throws -> Double {
  let targets = task.batch(size: 10_000, seed: 1, step: 0, for: .heldOut)["target"]?.doubles ?? []
  return targets.reduce(0) { $0 + ($1 - answer) * ($1 - answer) } / Double(targets.count)
}

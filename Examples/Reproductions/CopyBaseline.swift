import Ebb
import EbbApplications

let copyBaseline = Reproduction(
  name: "copy", paper: "Arjovsky, Shah & Bengio 2016: copying memory",
  claim: "Networks without unitary matrices get no further than answering blanks: 10 ln 8 / (T + 20).",
  cuts: "T = 100 only, 1500 steps of Adam at 0.001, batches of 20; one seed; no unitary network"
) { effort in
  let task = CopyMemory(delay: effort(full: 100, quick: 10))
  let settings = TaskSettings(
    batchSize: 20, steps: effort(full: 1500, quick: 40), evaluationInterval: effort(full: 250, quick: 20),
    evaluationSequences: effort(full: 1000, quick: 250))
  let baseline = number(task.baseline.loss)
  let units = effort(full: 64, quick: 16)
  let cells: [(String, any RecurrentCell)] = [("tanh", SimpleRNN(units: units)), ("LSTM", LSTM(units: units))]
  return try cells.map { name, cell in
    let result = try Trials(cell, task, settings, seeds: 1).results[0]
    return Finding(
      "loss of the \(name), T = \(task.delay)", paper: "\(baseline), the baseline",
      here: "\(number(result.final.loss)), \(number(100 * result.final.accuracy))% of the symbols right")
  }
}

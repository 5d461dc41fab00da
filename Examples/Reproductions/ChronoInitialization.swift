import Ebb

let chronoInitialization = Reproduction(
  name: "chrono", paper: "Tallec & Ollivier 2018, section 3: chrono initialisation",
  claim: "With gate biases that fit the longest dependency an LSTM gets below the baseline of copying memory.",
  cuts: "T = 100 where the paper has 500 and 2000; 64 units for 128; 2000 steps of Adam at 0.001, batches of 32"
) { effort in
  let task = CopyMemory(delay: effort(full: 100, quick: 10))
  let settings = TaskSettings(
    steps: effort(full: 2000, quick: 40), evaluationInterval: effort(full: 250, quick: 20),
    evaluationSequences: effort(full: 1000, quick: 250))
  let units = effort(full: 64, quick: 16)
  // T_max is the length of the dependency: T steps of delay and those of the word.
  let longest = Double(task.delay * 3 / 2)
  let cells: [(String, LSTM, String)] = [
    ("bias 1", LSTM(units: units), "at the baseline, \(number(task.baseline.loss))"),
    ("chrono", LSTM(units: units, longestDependency: longest), "below it"),
  ]
  return try cells.map { name, cell, paper in
    let report = try Trials(cell, task, settings, seeds: 1).reports[0]
    return Finding(
      "loss, T = \(task.delay), \(name)", paper: paper,
      here: "\(number(report.final.loss)), \(number(100 * report.final.accuracy))% of the symbols right")
  }
}

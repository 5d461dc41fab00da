import Ebb
import EbbApplications
import Foundation

/// The first step shows one of four classes; all others are noise of a fifth of its size. The answer is the class.
private struct FirstStep: SequenceTask {
  var length: Int
  let features = 8
  let classes = 4

  var name: String { "class of the first step, T = \(length)" }
  var answer: TaskAnswer { .label(classes: classes) }
  var criterion: SuccessCriterion { .wrongSequencesBelow(0.1) }
  var baseline: TaskBaseline {
    TaskBaseline(loss: log(Double(classes)), accuracy: 1 / Double(classes), strategy: "any class")
  }

  func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose) -> [String: Tensor] {
    let random = RandomStream(seed: seed, run: UInt64(step), stream: purpose == .training ? 0xF1 : 0xF2)
    let targets = (0..<size).map { sample in
      Int32(random.value(.uniform, at: [0, UInt32(sample), 1], element: 0) * Double(classes))
    }
    var x: [Float] = []
    x.reserveCapacity(length * size * features)
    for step in 0..<length {
      for sample in 0..<size {
        for feature in 0..<features {
          let shown = feature == Int(targets[sample]) ? 5 * Float(features).squareRoot() : 0
          let noise = random.value(.normal, at: [UInt32(step), UInt32(sample), 0], element: UInt32(feature))
          x.append(step == 0 ? shown : Float(noise))
        }
      }
    }
    return ["x": Tensor([length, size, features], x), "target": Tensor([size], targets)]
  }
}

/// Networks that differ only in σ_w and σ_b.
private struct Family<Cell: TheorizedCell> {
  var name: String
  var weights = RandomWeights(recurrent: 0)
  /// Values of σ_w.
  var gains: [Double]
  /// A range that contains σ_w at χ = 1.
  var range: ClosedRange<Double>

  /// Theory and measurement for each σ_w, with the results of training such networks; then the point χ = 1.
  func findings(_ effort: Effort) throws -> [Finding] {
    let (units, steps) = (effort(full: 256, quick: 32), effort(full: 300, quick: 20))
    let propagation = try gains.map { gain in
      var weights = weights
      weights.recurrent = gain
      let (theory, measured) = (Cell.theory(weights), try Cell.measured(weights, units: units, length: steps))
      let learned = try longestLearned(Cell(units: effort(full: 64, quick: 8), weights: weights), effort)
      return Finding(
        "\(name), σ_w = \(number(gain)): q*, χ; T",
        paper: "\(theory.summary); |ξ| = \(number(abs(theory.timescale)))",
        here: "\(measured.summary); \(learned.map { String($0) } ?? "none")")
    }
    let criticality = try (effort == .full ? [0.1, 1] : [0.5]).map { bias in
      var weights = weights
      weights.bias = bias
      let predicted = Cell.critical(weights, within: range) { Cell.theory($0).susceptibility }
      let found = try Cell.critical(weights, within: range) {
        try Cell.measured($0, units: units, length: steps).susceptibility
      }
      return Finding(
        "\(name), σ_b = \(number(bias)): χ = 1 at σ_w", paper: number(predicted), here: number(found))
    }
    return propagation + criticality
  }
}

extension SignalTheory {
  fileprivate var summary: String { "\(number(variance)), \(number(susceptibility))" }
}

/// The longest of the lengths before the first at which the class of the first step is not learned.
private func longestLearned(_ cell: some RecurrentCell, _ effort: Effort) throws -> Int? {
  var longest: Int?
  for length in effort == .full ? [5, 10, 15, 20, 30, 40, 60, 80, 120, 160] : [5] {
    let settings = TaskSettings(
      steps: effort(full: 300, quick: 20), evaluationInterval: effort(full: 50, quick: 20), evaluationSequences: 250)
    guard try TaskTrainer(cell, FirstStep(length: length), settings).train().isSolved else { return longest }
    longest = length
  }
  return longest
}

let meanField = Reproduction(
  name: "mean-field", paper: "Chen, Pennington & Schoenholz 2018: mean-field theory of random RNNs and the minimalRNN",
  claim: "Theory for infinitely many units gives the variance q* of a random network's sums and the factor χ on the "
    + "square of gradients; its timescale ξ = −1 / ln χ tells how long networks can be trained to remember: "
    + "long near χ = 1, for tanh in a narrow band of σ_w, with a gate in a broad one.",
  cuts:
    "the paper's column is what theory says, computed here; beside it one draw of 256 units, with σ_v = 0.3 and σ_b = 0. "
    + "T: the longest, of ten between 5 and 160 until the first failure, at which 64 units tell after 300 steps of Adam at "
    + "0.001 which of 4 symbols came first, in place of digits and longer training; no orthogonal weights. "
    + "Theory draws W anew at each step: with a gate, a network that keeps its W has a smaller q* and stays out of chaos "
    + "for longer"
) { effort in
  let vanilla = Family<VanillaNetwork>(
    name: "tanh", gains: effort == .full ? [0.5, 0.8, 1, 1.2, 1.5, 2, 3] : [0.8, 1.5], range: 0.8...3)
  var minimal = Family<MinimalNetwork>(
    name: "minimalRNN", gains: effort == .full ? [0.5, 1, 2, 3, 4, 6, 8] : [1, 4], range: 2...8)
  let ungated = try vanilla.findings(effort) + minimal.findings(effort)
  minimal.name = "minimalRNN, μ_b = 4"
  minimal.weights.openness = 4
  return try ungated + minimal.findings(effort)
}

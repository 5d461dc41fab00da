import Ebb
import Foundation

/// The first step shows one of four classes, all others are noise of the same power; asked is the class.
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
          let shown = feature == Int(targets[sample]) ? Float(features).squareRoot() : 0
          let noise = random.value(.normal, at: [UInt32(step), UInt32(sample), 0], element: UInt32(feature))
          x.append(step == 0 ? shown : Float(noise))
        }
      }
    }
    return ["x": Tensor([length, size, features], x), "target": Tensor([size], targets)]
  }
}

/// The findings about one kind of network.
private func findings<Cell: TheorizedCell>(
  _: Cell.Type, gains: [Double], biases: [Double], between low: Double, and high: Double, _ effort: Effort
) throws -> [Finding] {
  let (units, steps) = (effort(full: 256, quick: 32), effort(full: 60, quick: 20))
  var findings: [Finding] = []
  for gain in gains {
    let weights = RandomWeights(recurrent: gain)
    let (theory, measured) = (Cell.theory(weights), try Cell.measured(weights, units: units, length: steps))
    findings.append(
      Finding("\(Cell.name), σ_w = \(number(gain)): q*, χ", paper: theory.summary, here: measured.summary))
  }
  for bias in biases {
    let predicted = Cell.critical(bias, between: low, and: high) { Cell.theory($0).susceptibility }
    let found = try Cell.critical(bias, between: low, and: high) {
      try Cell.measured($0, units: units, length: steps).susceptibility
    }
    findings.append(
      Finding(
        "\(Cell.name), σ_b = \(number(bias)): σ_w at which χ = 1", paper: number(predicted), here: number(found)))
  }
  for gain in gains {
    let timescale = Cell.theory(RandomWeights(recurrent: gain)).timescale
    let longest = try longestLearned(Cell(units: effort(full: 64, quick: 8), weights: .init(recurrent: gain)), effort)
    findings.append(
      Finding(
        "\(Cell.name), σ_w = \(number(gain)): longest T learned",
        paper: "longer with larger |ξ|, here \(number(abs(timescale)))", here: longest.map { String($0) } ?? "none"))
  }
  return findings
}

extension SignalTheory {
  fileprivate var summary: String { "\(number(variance)), \(number(susceptibility))" }
}

/// The longest of the lengths up to the first at which the class of the first step is not learned.
private func longestLearned(_ cell: some RecurrentCell, _ effort: Effort) throws -> Int? {
  var longest: Int?
  for length in effort == .full ? [5, 10, 20, 40, 80] : [5] {
    let settings = TaskSettings(
      steps: effort(full: 300, quick: 20), optimizer: SGD(learningRate: 0.1),
      evaluationInterval: effort(full: 50, quick: 20), evaluationSequences: 250)
    guard try TaskTrainer(cell, FirstStep(length: length), settings).train().isSolved else { return longest }
    longest = length
  }
  return longest
}

let meanField = Reproduction(
  name: "mean-field", paper: "Chen, Pennington & Schoenholz 2018: mean-field theory of random RNNs and the minimalRNN",
  claim: "Theory for infinitely many units gives the variance q* of a random network's sums and the factor χ on the "
    + "square of gradients; the timescale ξ = −1 / ln χ says what can be learned, and with a gate it is long for many more σ_w.",
  cuts:
    "256 units where theory has infinitely many, one draw, σ_v = 0.3; learning: 64 units, 4 classes in place of digits, "
    + "300 steps of SGD at 0.1, T of 5, 10, 20, 40, 80 up to the first failure; no critical initialisation by orthogonal "
    + "matrices"
) { effort in
  let biases = effort == .full ? [0.1, 0.5, 1] : [0.5]
  return try findings(
    VanillaNetwork.self, gains: effort == .full ? [0.5, 0.8, 1, 1.2, 1.5, 2, 3] : [0.8, 1.5], biases: biases,
    between: 0.8, and: 3, effort)
    + findings(
      MinimalNetwork.self, gains: effort == .full ? [0.5, 1, 2, 3, 4, 6, 8] : [1, 4], biases: biases,
      between: 2, and: 8, effort)
}

import Ebb

/// h' = tanh(W h + U x + b) with sparse W of spectral radius 0.95 and small U: the paper's "smart tanh".
private let smartTanh = SimpleRNN(
  units: 50, recurrent: .spectralRadius(0.95, of: .sparse(connections: 15)), input: .normal(deviation: 0.01))

let clipping = Reproduction(
  name: "clipping", paper: "Pascanu, Mikolov & Bengio 2013, section 4.1: temporal order with and without clipping",
  claim: "With the gradient's norm clipped, SGD solves the temporal order problem more often than without.",
  cuts: "2 lengths from the lower end, 3 runs each and 20000 steps instead of 5 million; the regulariser Ω is left out"
) { effort in
  var findings: [Finding] = []
  for length in effort == .full ? [20, 50] : [10] {
    for limit in [nil, 1.0] {
      let settings = TaskSettings(
        batchSize: 20, steps: effort(full: 20_000, quick: 100), optimizer: SGD(learningRate: 0.01),
        clipping: limit.map { .globalNorm($0) } ?? .none, evaluationInterval: effort(full: 1000, quick: 50))
      let trials = try Trials(smartTanh, TemporalOrder(length: length), settings, seeds: effort(full: 3, quick: 1))
      findings.append(
        Finding(
          "T = \(length), \(limit == nil ? "not clipped" : "norm ≤ 1")",
          paper: limit == nil ? "fewer runs, as T grows none" : "more runs than without",
          here: "\(trials.solved); largest ‖g‖ \(number(trials.largestGradient))"))
    }
  }
  return findings
}

import EbbCells
import EbbRecording
import Foundation
import Testing

/// What JAX makes of state spaces, spiking cells and cells of irregular times, whose equations are written once more in
/// make_states.py: the outputs and every gradient, in Float64.
@Suite struct JAXTests {
  private struct Vectors: Decodable {
    struct Case: Decodable {
      var name: String
      var features: Int
      /// Parameters, `x`, `readout` and `<state>.initial`.
      var values: [String: Vector]
      var gradients: [String: Vector]
      /// Time first.
      var y: Vector
    }
    var steps: Int
    var batch: Int
    var cases: [Case]

    init() throws {
      let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/jax-states.json"))
      self = try JSONDecoder().decode(Self.self, from: data)
    }
  }

  private static let cells: [(name: String, cell: any RecurrentCell)] = [
    ("s4d", S4D(units: 3, order: 2)),
    ("s5", S5(units: 3)),
    ("mamba", SelectiveStateSpace(units: 3, order: 2, rank: 1)),
    ("rwkv", RWKVTimeMixing(units: 3)),
    ("channels", RWKVChannelMixing(units: 3, hidden: 4)),
    ("lmu", LegendreMemoryUnit(units: 3, order: 4, window: 6)),
    ("exprnn", ExponentialRNN(units: 3)),
    ("lif", LeakyIntegrateAndFire(units: 3, threshold: 0.4)),
    (
      "alif",
      AdaptiveIntegrateAndFire(units: 3, potentialDecay: 0.8, adaptationDecay: 0.9, adaptation: 0.3, threshold: 0.1)
    ),
    ("phased", PhasedLSTM(units: 3, readsTimes: true, leak: 0.01)),
    ("clockwork", ClockworkRNN(units: 3, groups: 2)),
    ("grud", GRUD(units: 3)),
    ("odernn", ODERNN(units: 3, hidden: 2, steps: 2, interval: nil)),
    ("multiplicative", MultiplicativeLSTM(units: 3)),
    ("hyperlstm", HyperLSTM(units: 3, hyperUnits: 2, embedding: 2)),
    ("convlstm", ImageConvLSTM(units: 4)),
    ("lstmn", LSTMN(units: 3)),
  ]

  @Test(arguments: cells.map(\.name))
  func outputsAndGradientsAreThose(name: String) throws {
    let vectors = try Vectors()
    #expect(vectors.cases.map(\.name) == Self.cells.map(\.name))
    let peer = try #require(vectors.cases.first { $0.name == name })
    let cell = try #require(Self.cells.first { $0.name == name }).cell
    var trial = try Trial(cell, features: peer.features, steps: vectors.steps, batch: vectors.batch)
    #expect(Set(trial.values.keys) == Set(peer.values.keys))
    for (name, numbers) in peer.values {
      guard trial[name].count == numbers.count else {
        Issue.record("\(name) has \(trial[name].count) numbers, and \(numbers.count) in JAX")
        return
      }
      trial[name] = numbers
    }
    let found = try trial.run(gradients: peer.gradients.keys.sorted())
    #expect(distance(found["y"] ?? [], peer.y) < 1e-12)
    for (name, gradient) in peer.gradients {
      let scale = gradient.reduce(1) { max($0, abs($1)) }
      #expect(distance(found["d/" + name] ?? [], gradient) < 1e-12 * scale, "\(name)")
    }
  }
}

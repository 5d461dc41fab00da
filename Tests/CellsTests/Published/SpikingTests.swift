import EbbCells
import EbbRecording
import Foundation
import Testing

/// Spiking cells: spikes are 0 or 1, and their gradient is the surrogate's.
@Suite struct SpikingTests {
  /// One neuron whose potential is given: dz/dU is 1 / (1 + γ |U − θ|)², at a spike and without one.
  @Test(arguments: [-0.3, 0.9, 1.2, 3.0])
  func theSurrogateIsAFastSigmoids(potential: Double) throws {
    var trial = try Trial(LeakyIntegrateAndFire(units: 1, potentialDecay: 1), features: 1, steps: 1, batch: 1)
    (trial["potential.initial"], trial["current.initial"], trial["spikes.initial"]) = ([potential], [0], [0])
    #expect(try trial.run()["y"] == [potential > 1 ? 1 : 0])
    let slope = try trial.sensitivity(to: "potential.initial") { _, _ in 1 }
    #expect(distance(slope, [1 / pow(1 + 10 * abs(potential - 1), 2)]) < 1e-15)
  }

  @Test func spikesAreZeroOrOneAndLowerThePotential() throws {
    var trial = try Trial(LeakyIntegrateAndFire(units: 3), steps: 20, batch: 1)
    trial["input.bias"] = [0.5, 0.3, 0.4]
    trial["spikes.initial"] = [0, 0, 0]
    let found = try trial.run()
    let z = found["y"] ?? []
    #expect(z.allSatisfy { $0 == 0 || $0 == 1 } && z.contains(1) && z.contains(0))
    for time in 1..<20 {
      func row(_ name: String, _ time: Int) -> Vector { trial.row(time, of: found[name] ?? [], of: 20) }
      let expected = 0.9 * row("potential", time - 1) + row("current", time - 1) - row("y", time - 1)
      #expect(distance(row("potential", time), expected) < 1e-14)
    }
  }

  /// Under a constant drive an adaptive neuron spikes less and less often.
  @Test func adaptationSlowsSpikes() throws {
    var trial = try Trial(
      AdaptiveIntegrateAndFire(units: 1, adaptationDecay: 0.99, adaptation: 3), features: 1, steps: 200, batch: 1)
    for name in ["potential", "adaptation", "spikes"] { trial[name + ".initial"] = [0] }
    trial["x"] = trial["x"].map { _ in 0 }
    (trial["input.bias"], trial["recurrent.weight"]) = ([0.6], [0])
    let z = try trial.run()["y"] ?? []
    let spikes = z.indices.filter { z[$0] == 1 }
    let gaps = zip(spikes, spikes.dropFirst()).map { $1 - $0 }
    #expect(spikes.count > 8 && (gaps.last ?? 0) > (gaps.first ?? 0))
    #expect(zip(gaps, gaps.dropFirst()).allSatisfy { $1 >= $0 - 1 })
  }

  // MARK: Weights made by other weights

  /// At first all scales are 1 and the shifts are the biases, so that the larger LSTM is a plain one.
  @Test func hyperLSTMBeginsAsAnLSTM() throws {
    let hyper = try Trial(HyperLSTM(units: 3, hyperUnits: 2, embedding: 2)).atFirstValues()
    var plain = try Trial(LSTM(units: 3))
    for gate in ["input", "forget", "candidate", "output"] {
      plain[gate + ".weight"] = [".state.weight", ".input.weight"].flatMap { hyper[gate + $0] }
      plain[gate + ".bias"] = hyper[gate + ".shift.bias"]
    }
    for name in ["x", "h.initial", "c.initial"] { plain[name] = hyper[name] }
    #expect(distance(try hyper.run()["y"] ?? [], try plain.run()["y"] ?? [0]) < 1e-15)
  }

  /// The transition W_mh diag(W_mx x) is another one for each input: without an input there is none.
  @Test func multiplicativeTransitionDependsOnTheInput() throws {
    var trial = try Trial(MultiplicativeLSTM(units: 3), steps: 1, batch: 1)
    trial["c.initial"] = [0.4, 0.2, -0.3]
    #expect(try trial.sensitivity(to: "h.initial") { _, _ in 1 }.contains { abs($0) > 1e-3 })
    trial["x"] = trial["x"].map { _ in 0 }
    #expect(try trial.sensitivity(to: "h.initial") { _, _ in 1 } == [0, 0, 0])
  }
}

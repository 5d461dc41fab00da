import EbbCells
import EbbRecording
import Foundation
import Testing

/// The LSTM with tapes: a loop over its equations, and what its paper says of it.
@Suite struct LSTMNTests {
  private static let gates = ["input", "forget", "output"]

  /// y for one sample, with tapes that grow.
  private func loop(_ w: Trial, sample: Int) -> [Vector] {
    var h = [w.row(sample, of: w["h.initial"], of: w.batch)]
    var c = [w.row(sample, of: w["c.initial"], of: w.batch)]
    var read = w.row(sample, of: w["read.initial"], of: w.batch)
    for time in 0..<w.steps {
      let x = w.row(time * w.batch + sample, of: w["x"], of: w.steps * w.batch)
      let scores = h.map { dot(w["score"], tanh(w.affine("key", $0) + w.affine("query", read, x))) }
      let total = scores.reduce(0) { $0 + Foundation.exp($1) }
      func mean(_ tape: [Vector]) -> Vector {
        zip(scores, tape).reduce(Vector(repeating: 0, count: tape[0].count)) {
          $0 + (Foundation.exp($1.0) / total) * $1.1
        }
      }
      read = mean(h)
      let gates = Self.gates.map { sigmoid(w.affine($0, read, x)) }
      let memory = gates[1] * mean(c) + gates[0] * tanh(w.affine("candidate", read, x))
      c.append(memory)
      h.append(gates[2] * tanh(memory))
    }
    return Array(h.dropFirst())
  }

  @Test func isItsEquations() throws {
    let trial = try Trial(LSTMN(units: 4), steps: 7)
    let y = try #require(try trial.run()["y"])
    for sample in 0..<trial.batch {
      for (time, expected) in loop(trial, sample: sample).enumerated() {
        let found = trial.row(time * trial.batch + sample, of: y, of: trial.steps * trial.batch)
        #expect(distance(found, expected) < 1e-13)
      }
    }
  }

  /// Every input has a slot of its own on the tapes (section 3.2), where an LSTM has one for all: it is the one that reads
  /// the last slot alone. Here the first unit counts the steps, and the scores the count.
  @Test func thatReadsTheLastSlotIsAnLSTM() throws {
    let units = 3
    var network = try Trial(LSTMN(units: units), steps: 9)
    func onlyFirst(_ numbers: Vector, column value: Double) -> Vector {
      numbers.indices.map { $0 % units == 0 ? value : numbers[$0] }
    }
    for gate in Self.gates + ["candidate"] {
      network[gate + ".weight"] = onlyFirst(network[gate + ".weight"], column: 0)
      network[gate + ".bias"] = onlyFirst(network[gate + ".bias"], column: gate == "candidate" ? 0.01 : 50)
    }
    for state in ["h", "c", "read"] {
      network[state + ".initial"] = Vector(repeating: 0, count: network[state + ".initial"].count)
    }
    network["key.weight"] = (0..<units * units).map { $0 == 0 ? 1 : 0 }
    network["query.weight"] = network["query.weight"].map { _ in 0 }
    network["score"] = (0..<units).map { $0 == 0 ? 1e6 : 0 }
    var lstm = try Trial(LSTM(units: units), steps: 9)
    for name in lstm.values.keys { lstm.values[name] = network.values[name] }
    let (found, expected) = (try #require(try network.run()["y"]), try #require(try lstm.run()["y"]))
    #expect(distance(found, expected) < 1e-13)
    #expect(Set(found.map { ($0 * 1e6).rounded() }).count > 20)
  }

  /// Attention that does not discriminate reads the mean of all slots.
  @Test func withoutScoresEverySlotCountsAlike() throws {
    var trial = try Trial(LSTMN(units: 3), steps: 6, batch: 1)
    trial["score"] = [0, 0, 0]
    let read = try #require(try trial.run()["read"])
    let h = try #require(try trial.run()["h"])
    let slots = [trial["h.initial"]] + (0..<5).map { trial.row($0, of: h, of: 6) }
    let mean = (1.0 / 6) * slots.reduce([0, 0, 0]) { $0 + $1 }
    #expect(distance(trial.row(5, of: read, of: 6), mean) < 1e-14)
  }
}

import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// A recording as text and back, as models hold it.
@Suite struct SavingTests {
  /// h' = g(W [h, x] + b), with a g that somebody may edit.
  private struct Edited: RecurrentCell {
    var units: Int
    var function: @Sendable (Signal) -> Signal
    var name = "h"
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state(name, units)
      return h.next(function(scope.affine("recurrent", [h, x], units)))
    }
  }

  private static func recording(_ cell: some RecurrentCell, dropout: Double = 0) throws -> Recording {
    try Recording(cell, features: 3, ragged: true) { scope, y in
      let read = scope.dropout(y, dropout, over: y.domain).named("read")
      scope.output("y", read)
      scope.output("loss", mean(square(read)))
    }
  }

  private static let cells: [any RecurrentCell] = [
    LSTM(units: 4, longestDependency: 20), Bidirectional(GRU(units: 3), GRU(units: 3)), PeepholeLSTM(units: 2),
    LinearRecurrentUnit(units: 4), EchoState(units: 6),
    SimpleRNN(units: 3, activation: .relu, recurrent: .identity(), input: .normal(deviation: 0.001)),
    Stack([VariationalLSTM(units: 3, recurrentDropout: 0.5), Dropout(0.2), LayerNormLSTM(units: 2)]),
    Zoneout(LSTM(units: 2), 0.1),
  ]

  private func encoded(_ recording: Recording) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return try encoder.encode(recording)
  }

  @Test(arguments: 0..<cells.count) func comesBackAsItWas(index: Int) throws {
    let recording = try Self.recording(Self.cells[index], dropout: 0.5)
    let back = try JSONDecoder().decode(Recording.self, from: encoded(recording))
    #expect(back.graph == recording.graph && back.evaluationGraph == recording.evaluationGraph)
    #expect(back.evaluationGraph != back.graph)
    #expect(back.parameters == recording.parameters && back.layers == recording.layers)
    #expect(back.states == recording.states && back.inputs == recording.inputs)
    #expect(back.intermediates == recording.intermediates && back.element == recording.element)
    #expect(back.initialValues(seed: 7) == recording.initialValues(seed: 7))
    #expect(back.fingerprint == recording.fingerprint && back.fingerprint.count == 16)
    #expect(back.graph.differences(from: recording.graph, in: ["y", "loss"]) == [])
  }

  @Test func damageIsAnErrorAndNeverATrap() throws {
    let text = Array(try encoded(Self.recording(LSTM(units: 2), dropout: 0.5)))
    var random = SystemRandomNumberGenerator()
    var refused = 0
    for round in 0..<120 {
      var bytes = text
      if round % 4 == 0 {
        bytes.removeSubrange(Int.random(in: 0..<bytes.count, using: &random)...)
      } else {
        for _ in 0..<(round % 4) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<7, using: &random)
        }
      }
      do {
        // What is still a recording has to be a sound one.
        let read = try JSONDecoder().decode(Recording.self, from: Data(bytes))
        try read.graph.verify()
        try read.evaluationGraph.verify()
      } catch {
        refused += 1
      }
    }
    #expect(refused > 60)
  }

  @Test func contradictionsAreErrors() throws {
    let saved = String(decoding: try encoded(Self.recording(LSTM(units: 2), dropout: 0.5)), as: UTF8.self)
    func message(_ old: String, _ new: String) -> String {
      let text = saved.replacingOccurrences(of: old, with: new)
      #expect(text != saved, "\(old) is not there")
      do {
        _ = try JSONDecoder().decode(Recording.self, from: Data(text.utf8))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("= sigmoid(", "= tanh(") == "")
    #expect(message("= sigmoid(", "= sigmoids(").contains("there is no operation sigmoids"))
    #expect(message("\"f32\"", "\"i32\"").contains("are floats"))
    #expect(message("\"forget.weight\":", "\"forgot.weight\":").contains("there is none of forget.weight"))
    #expect(message("\"training\":", "\"training\":1").contains("selections by a constant"))
    #expect(message("\"first\":0", "\"first\":9223372036854775807").contains("out of range"))
    #expect(message("\"glorotUniform\"", "\"glorotUniform7\"") != "")
    #expect(message("constant(1)", "constant(0)").contains("selections by a constant"))
  }

  @Test func whatMattersIsTold() throws {
    let tanhCell = try Self.recording(Edited(units: 2, function: { tanh($0) }))
    func differences(_ cell: Edited, dropout: Double = 0) throws -> [String] {
      try tanhCell.evaluationGraph
        .differences(from: Self.recording(cell, dropout: dropout).evaluationGraph, in: ["y"])
        .map { $0.text("the file", "this program") }
    }
    #expect(try differences(Edited(units: 2, function: { tanh($0) })) == [])
    // Names of states and what only training does are no difference.
    #expect(try differences(Edited(units: 2, function: { tanh($0) }, name: "state"), dropout: 0.5) == [])
    #expect(
      try differences(Edited(units: 2, function: { sigmoid($0) })) == [
        "h is tanh(add(product(concatenate(delay(h, initial constant(0); along t), x; dimension 0), "
          + "recurrent.weight; contracting 0 with 0), recurrent.bias)) in the file and "
          + "sigmoid(add(product(concatenate(delay(h, initial constant(0); along t), x; dimension 0), "
          + "recurrent.weight; contracting 0 with 0), recurrent.bias)) in this program"
      ])
    #expect(
      try differences(Edited(units: 3, function: { tanh($0) })) == [
        "the parameter recurrent.bias is f32 [2] in the file and f32 [3] in this program",
        "the parameter recurrent.weight is f32 [5, 2] in the file and f32 [6, 3] in this program",
      ])
    for function in [{ 1.5 * tanh($0) }, { tanh($0 + 1e-12) }] as [@Sendable (Signal) -> Signal] {
      let found = try differences(Edited(units: 2, function: function))
      #expect(found.count == 1 && found[0].hasPrefix("h is tanh("), "\(found)")
    }
  }

  /// A state that another one reads through a function, or without one.
  private struct Reading: RecurrentCell {
    var function: @Sendable (Signal) -> Signal
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let (h, m) = (scope.state("h", 2), scope.state("m", 2))
      return h.next(function(m.next(scope.affine("slow", [h, x], 2))) + h)
    }
  }

  /// Where one program has a named value and the other something made of it, the value around it is the edited one.
  @Test func aDifferenceIsToldOfTheValueThatHasIt() throws {
    let found = try Self.recording(Reading { tanh($0) }).evaluationGraph
      .differences(from: Self.recording(Reading { $0 }).evaluationGraph, in: ["y"])
    #expect(
      found.map { $0.text("the file", "this program") } == [
        "h is add(tanh(m), delay(h, initial constant(0); along t)) in the file and "
          + "add(m, delay(h, initial constant(0); along t)) in this program"
      ])
  }

  @Test func fingerprintsTellNetworksApart() throws {
    let prints = try [
      Self.recording(Edited(units: 2, function: { tanh($0) })),
      Self.recording(Edited(units: 2, function: { sigmoid($0) })),
      Self.recording(Edited(units: 2, function: { tanh($0) }), dropout: 0.1),
      Self.recording(Edited(units: 2, function: { tanh($0) }), dropout: 0.2),
    ].map(\.fingerprint)
    #expect(Set(prints).count == 4)
    #expect(try Self.recording(Edited(units: 2, function: { tanh($0) })).fingerprint == prints[0])
  }
}

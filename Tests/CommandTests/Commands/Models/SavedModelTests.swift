import EbbCommand
import EbbInterchange
import EbbRecording
import Foundation
import Testing

/// Models of somebody's own cell, in programs that have the cell, have edited it, or never saw it.
@Suite struct SavedModelTests {
  private static let cells = CellLibrary.standard.adding(["mine": { Elman(units: $0) }])
  private static let edited = CellLibrary.standard.adding(["mine": { Halved(units: $0) }])

  /// The cell after somebody has edited it: h' = ½ tanh(W [h, x] + b).
  private struct Halved: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      return h.next(0.5 * tanh(scope.affine("recurrent", [h, x], units)))
    }
  }

  /// Trains a model of text with the cell; the body is given its path and the arguments that complete with it.
  private func withTextModel(_ cell: String = "mine", _ body: (String, [String]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let (text, model) = (folder + "/text.txt", folder + "/model")
      try TextCommandTests.text.write(toFile: text, atomically: true, encoding: .utf8)
      let outcome = ebb(
        ["text", "train", text, "--cell", cell, "--layers", "2", "--hidden", "5", "--embedding", "3", "--steps", "6"]
          + ["--batch", "2", "--window", "8", "--save", model], cells: Self.cells)
      #expect(outcome.status == 0, "\(outcome.messages)")
      try body(model, ["text", "complete", "one two", "--length", "5", "--json", "-", "--model", model])
    }
  }

  private func strip(_ path: String, _ names: String...) throws {
    var file = try Safetensors(contentsOf: path)
    for name in names { file.metadata[name] = nil }
    try file.write(to: path)
  }

  @Test func plainEbbRunsAModelOfAnotherProgramsCell() throws {
    try withTextModel { _, complete in
      let own = ebb(complete, cells: Self.cells)
      #expect(own.status == 0 && own.messages == "", "\(own.messages)")
      let plain = ebb(complete)
      #expect(plain.status == 0 && plain.messages == "" && plain.output == own.output, "\(plain.messages)")
      let other = ebb(complete, cells: Self.edited)
      #expect(other.status == 0 && other.output == own.output)
      #expect(other.messages.contains("warning: the cell mine of this program is not the one"), "\(other.messages)")
      // Whoever wants no notes is told all the same.
      let quiet = ebb(complete + ["-q"], cells: Self.edited)
      #expect(quiet.output == own.output && quiet.messages == other.messages, "\(quiet.messages)")
      #expect(other.messages.contains("layer1.h is tanh("), "\(other.messages)")
      #expect(other.messages.contains("in the file and multiply(constant(0.5), tanh("), "\(other.messages)")
    }
  }

  @Test func modelsOfBeforeAreOpenedByTheirCellsName() throws {
    try withTextModel { path, complete in
      let own = ebb(complete, cells: Self.cells)
      try strip(path, "ebb.network", "ebb.checksum")
      let unchecked = ebb(complete, cells: Self.cells)
      #expect(unchecked.status == 0 && unchecked.output == own.output)
      #expect(unchecked.messages.contains("that the cell mine is still the one"), "\(unchecked.messages)")
      #expect(ebb(complete + ["-q"], cells: Self.cells).messages == unchecked.messages)
      let plain = ebb(complete)
      #expect(plain.status == 1)
      #expect(plain.messages.contains("its cell is needed, which is mine; the cells here are rnn, lstm"))
    }
    try withTextModel("gru") { path, complete in
      try strip(path, "ebb.network", "ebb.checksum")
      let outcome = ebb(complete)
      #expect(outcome.status == 0 && outcome.messages == "", "\(outcome.messages)")
    }
  }

  @Test func damageIsTold() throws {
    try withTextModel { path, complete in
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      let file = try Safetensors(contentsOf: path)
      var random = SystemRandomNumberGenerator()
      for round in 0..<24 {
        var bytes = whole
        if round % 8 == 0 {
          bytes.removeSubrange(Int.random(in: 8..<bytes.count, using: &random)...)
        } else {
          bytes[Int.random(in: 8..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        guard (try? Safetensors(bytes: bytes)) != file else { continue }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let outcome = ebb(complete)
        // A bit of the checksum's own name leaves a model that is whole, and is not checked.
        let isWhole = (try? Safetensors(bytes: bytes))?.metadata["ebb.network"] == file.metadata["ebb.network"]
        #expect(outcome.status == 1 || isWhole, "\(outcome.messages)")
      }
      // Without a checksum the equations are still read with care.
      var cut = file
      cut.metadata["ebb.checksum"] = nil
      cut.metadata["ebb.network"] = file.metadata["ebb.network"]?.replacingOccurrences(of: "= tanh(", with: "= tan(")
      try cut.write(to: path)
      let outcome = ebb(complete)
      #expect(outcome.status == 1)
      #expect(outcome.messages.contains("its equations cannot be read: line"), "\(outcome.messages)")
      #expect(outcome.messages.contains("there is no operation tan"), "\(outcome.messages)")
    }
  }

  @Test func forecastsNeedNoCellEither() throws {
    try withTemporaryFolder { folder in
      let (data, model) = (folder + "/a.csv", folder + "/model")
      let rows = (0..<60).map { "\(sin(Double($0) / 3))" }
      try ("a\n" + rows.joined(separator: "\n")).write(toFile: data, atomically: true, encoding: .utf8)
      let train = ["forecast", "train", data, "--cell", "mine", "--hidden", "3", "--steps", "5", "--window", "6"]
      #expect(ebb(train + ["--save", model], cells: Self.cells).status == 0)
      let predict = ["forecast", "predict", model, data, "--json", "-"]
      let outcomes = [Self.cells, .standard, Self.edited].map { ebb(predict, cells: $0) }
      #expect(outcomes.allSatisfy { $0.status == 0 && $0.output == outcomes[0].output })
      #expect(outcomes[0].messages == "" && outcomes[1].messages == "")
      #expect(outcomes[2].messages.contains("h is tanh("), "\(outcomes[2].messages)")
    }
  }
}

import EbbCommand
import EbbReport
import Foundation
import Testing

@Suite struct StudyCommandTests {
  private static let tiny = [
    "study", "--hidden", "2", "--length", "8", "--batch", "2", "--task-length", "5", "--training-batch", "2",
    "--steps", "3",
  ]

  private func study(_ more: [String], cells: CellLibrary = .standard) -> Outcome {
    var (output, messages) = ("", "")
    let status = EbbCommand.run(
      cells: cells, arguments: Self.tiny + more,
      output: CommandOutput(write: { output += $0 }, writeError: { messages += $0 }))
    return Outcome(status: status, output: output, messages: messages)
  }

  @Test func printsTheComparisonAndWritesPageAndNumbers() throws {
    try withTemporaryFolder { folder in
      let outcome = study(["--html", folder + "/s.html", "--json", folder + "/s.json"])
      #expect(outcome.status == 0)
      let parts = ["long-term dependency", "not solved", "gates", "steps/s", "Gradient through time", "• rnn did not"]
      for text in parts {
        #expect(outcome.output.contains(text), "\(text)")
      }
      #expect(outcome.output.split(separator: "\n").filter { !$0.hasPrefix("•") }.allSatisfy { $0.count <= 80 })
      #expect(outcome.messages.contains("wrote \(folder)/s.html"))
      let page = try String(contentsOfFile: folder + "/s.html", encoding: .utf8)
      #expect(page.contains("</html>") && !page.contains("http-equiv"))
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/s.json", encoding: .utf8))
      #expect(json["cells"]?.array?.map { $0["name"]?.string } == ["rnn", "lstm", "gru"])
    }
  }

  @Test func studiesTheCellsOfAUser() throws {
    try withTemporaryFolder { folder in
      let outcome = study(["--html", folder + "/s.html", "--json", "-"], cells: ["elman": Elman.init])
      #expect(outcome.status == 0)
      let json = try outcome.json()
      #expect(json["cells"]?.array?.map { $0["name"]?.string } == ["elman"])
    }
  }

  @Test func aMisfitLeavesNothingBehind() throws {
    try withTemporaryFolder { folder in
      let outcome = study(
        ["--html", folder + "/s.html", "--json", folder + "/s.json"], cells: ["misfit": Misfit.init])
      #expect(outcome.status == 1)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }
}

@Suite struct TrainCommandTests {
  /// A sine over a trend, with a header.
  private func data(in folder: String) throws -> String {
    let path = folder + "/wave.csv"
    let rows = (0..<120).map { index -> String in "\(index),\(sin(Double(index) * 0.3) + 0.01 * Double(index))" }
    try ("month,level\n" + rows.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func comparesWithPersistenceAndSavesParameters() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb(
        "train", "--data", try data(in: folder), "--column", "level", "--cell", "gru", "--hidden", "3", "--steps", "12",
        "--window", "6", "--batch", "4", "--save", folder + "/gru.safetensors", "--json", folder + "/gru.json")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("level: 96 values to train on, 24 held out"))
      #expect(outcome.output.contains("persistence"))
      #expect(outcome.output.contains("h before"))
      #expect(FileManager.default.fileExists(atPath: folder + "/gru.safetensors"))
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/gru.json", encoding: .utf8))
      #expect(json["losses"]?.array?.count == 12)
      #expect(json["forecasts"]?.array?.count == 24)
      #expect(json["gradientNormsAfter"]?["h"]?.array?.count == 6)
    }
  }

  @Test func whatIsWrongWithTheDataIsSaid() throws {
    #expect(ebb("train", "--column", "1").status == 2)
    #expect(ebb("train", "--column", "1").messages.contains("--data is needed"))
    try withTemporaryFolder { folder in
      let missing = ebb("train", "--data", folder + "/none.csv", "--column", "1")
      #expect(missing.status == 1)
      #expect(missing.messages.contains("none.csv"))
      let path = try data(in: folder)
      let unknown = ebb("train", "--data", path, "--column", "size")
      #expect(unknown.status == 1)
      #expect(unknown.messages.contains("level"), "the columns are listed")
      #expect(ebb("train", "--data", path, "--column", "level", "--window", "500").status == 1)
      #expect(ebb("train", "--data", path, "--column", "level", "--held-out", "1").status == 2)
    }
  }
}

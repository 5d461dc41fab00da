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

  @Test func whatIsWatchedIsAFile() {
    let outcome = study(["--watch", "--html", "-", "--json", "-"])
    #expect(outcome.status == 2 && outcome.messages.contains("--watch needs a file"), "\(outcome.messages)")
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

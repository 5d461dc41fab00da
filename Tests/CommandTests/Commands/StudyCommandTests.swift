import EbbCommand
import EbbMarkup
import Foundation
import Testing

@Suite struct StudyCommandTests {
  private static let tiny = [
    "study", "--hidden", "2", "--length", "8", "--batch", "2", "--task-length", "5", "--training-batch", "2",
    "--steps", "3",
  ]

  private func study(_ more: [String], cells: CellLibrary = .standard) -> Outcome {
    var (output, messages) = ("", "")
    let status = EbbProgram.run(
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

  /// A study's gradients at initialisation are those that `ebb flow` shows, with the command that the study names; and
  /// where nothing is said the two have the same sizes, but for the inputs.
  @Test(arguments: [[], ["--seed", "7", "--length", "9", "--batch", "3"]])
  func gradientsAreThoseOfFlow(options: [String]) throws {
    try withTemporaryFolder { folder in
      let shared = ["--hidden", "4"] + options
      let study = ebb(
        ["study", "--task-length", "5", "--training-batch", "2", "--steps", "1", "--html", folder + "/s.html"]
          + ["--json", folder + "/s.json"] + shared)
      #expect(study.status == 0, "\(study.messages)")
      let told = try #require(
        study.output.firstMatch(of: /ebb (flow .*) NAME shows the same numbers/), "\(study.output)")
      let command = told.1.split(separator: " ").map(String.init)
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/s.json", encoding: .utf8))
      let cells = try #require(json["cells"]?.array)
      #expect(cells.count == 3)
      for cell in cells {
        let name = try #require(cell["name"]?.string)
        let profile = try #require(try ebb(command + [name, "--json"]).json()["profile"])
        #expect(cell["initial"]?["states"] == profile["states"], "\(name)")
        let same = try ebb(["flow", "--cell", name, "--input", "2", "--json"] + shared).json()
        #expect(same["profile"]?["states"] == profile["states"], "\(name)")
        // With the inputs that flow has by itself it is another cell.
        let other = try ebb(["flow", "--cell", name, "--json"] + shared).json()
        #expect(other["profile"]?["states"] != profile["states"])
      }
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
    let outcome = study(["--watch", "--html", "-", "--json", "/dev/null"])
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

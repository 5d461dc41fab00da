import EbbCommand
import EbbGraph
import EbbRecording
import EbbMarkup
import Foundation
import Testing

@Suite struct ReportCommandTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func flowWritesAPage() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb(
        "flow", "--cell", "gru", "--hidden", "3", "--length", "10", "--batch", "2", "--report", folder + "/flow.html")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("wrote \(folder)/flow.html"))
      let page = try text(folder + "/flow.html")
      #expect(page.contains("gru: the gradient through 10 steps") && page.contains("Lyapunov spectrum"))
      let lost = ebb("flow", "--hidden", "2", "--length", "4", "--report", folder + "/none/flow.html")
      #expect(lost.status == 1 && lost.output.isEmpty, "refused before anything is measured")
    }
  }

  @Test func aWatchedStudyEndsAsAFinishedPage() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb(
        "study", "--cells", "rnn,gru", "--hidden", "2", "--length", "6", "--batch", "2", "--task-length", "5",
        "--training-batch", "2", "--steps", "3", "--watch", "--tensorboard", folder + "/runs", "--html",
        folder + "/s.html", "--json", folder + "/s.json")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.messages.contains("\(folder)/s.html shows the study as it goes"))
      #expect(try !text(folder + "/s.html").contains("location.reload"))
      for cell in ["rnn", "gru"] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/runs/" + cell)
        #expect(files.count == 1 && files[0].contains("tfevents"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/runs/\(cell)/\(files[0])"))
        for tag in ["loss/training", "loss/held out", "gradient through time/log10 of h"] {
          #expect(bytes.range(of: Data(tag.utf8)) != nil, "\(tag)")
        }
      }
      try "a file".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
      let refused = ebb(
        "study", "--cells", "rnn", "--hidden", "2", "--length", "6", "--task-length", "5", "--steps", "3",
        "--tensorboard", folder + "/file", "--html", folder + "/t.html", "--json", folder + "/t.json")
      #expect(refused.status == 1 && refused.messages.contains(folder + "/file/rnn"))
    }
  }

  /// h' = 2 h + W x + b, whose gradient is clipped at a small norm.
  private struct Clipped: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let a = scope.state("a", units, clip: .norm(1e-3))
      return a.next(2 * a + scope.affine("in", [x], units))
    }
  }

  /// TensorBoard, the page's data and the command's JSON have the gradient after the clip: 32 samples of 1e-3 each.
  @Test func clippedGradientsAreTheSameInTensorBoard() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb(
        "study", "--cells", "clipped", "--hidden", "2", "--length", "5", "--batch", "1", "--task-length", "5",
        "--training-batch", "2", "--steps", "2", "--tensorboard", folder + "/runs", "--html", folder + "/s.html",
        "--json", folder + "/s.json", cells: ["clipped": Clipped.init])
      #expect(outcome.status == 0, "\(outcome.messages)")
      let cell = try #require(try JSONValue(parsing: text(folder + "/s.json"))["cells"]?.array?.first)
      let snapshots = try #require(cell["training"]?["snapshots"]?.array)
      let norms = snapshots.compactMap { snapshot in
        snapshot["states"]?.array?.first?["norms"]?.array?.first?.double
      }
      #expect(norms.count == snapshots.count && norms.allSatisfy { abs($0 - 0.032) < 1e-6 }, "\(norms)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/runs/clipped")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/runs/clipped/" + files[0]))
      var found: [Float] = []
      var rest = bytes[...]
      // A scalar's number follows its tag, as field 2 of four bytes.
      while let tag = rest.range(of: Data("gradient/log10 of a at t = 1".utf8)) {
        rest = rest[tag.upperBound...]
        #expect(rest.first == 0x15)
        found.append(Float(bitPattern: rest.dropFirst().prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }))
      }
      #expect(found == norms.map { Float(log10($0)) })
    }
  }

  @Test func trainingIsLoggedForTensorBoard() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb(
        "train", "--task", "copy", "--length", "4", "--hidden", "3", "--steps", "3", "--tensorboard", folder + "/run")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/run")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/run/" + files[0]))
      for tag in ["loss/training", "accuracy", "parameters/forget.weight", "learning rate"] {
        #expect(bytes.range(of: Data(tag.utf8)) != nil, "\(tag)")
      }
    }
  }
}

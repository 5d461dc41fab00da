import EbbCommand
import EbbReport
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

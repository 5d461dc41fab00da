import Foundation
import Testing

@Suite struct TrainingFilesTests {
  private func data(in folder: String) throws -> [String] {
    let path = folder + "/wave.csv"
    let values = (0..<80).map { "\(3 * sin(Double($0) * .pi / 6))" }
    try ("wave\n" + values.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return [
      "forecast", "train", path, "--target", "wave", "--cell", "gru", "--hidden", "3", "--steps", "8", "--window", "5",
      "--batch", "4",
    ]
  }

  /// The checkpoint of step 5 is what a kill after that step would leave.
  @Test func aResumedTrainingSavesTheSameParameters() throws {
    try withTemporaryFolder { folder in
      let train = try data(in: folder)
      let (whole, resumed, checkpoint) = (folder + "/a.safetensors", folder + "/b.safetensors", folder + "/c")
      let first = ebb(
        train + ["--save", whole, "--checkpoint", checkpoint, "--checkpoint-interval", "5", "--log", folder + "/a.csv"])
      #expect(first.status == 0)
      // At its end the training is saved once more, so what is resumed has nothing left to do.
      let second = ebb(
        train + ["--save", resumed, "--checkpoint", checkpoint, "--resume", "--log", folder + "/a.csv"])
      #expect(second.status == 0, "\(second.messages)")
      let files = try [whole, resumed].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      #expect(files[0] == files[1])
      let log = try String(contentsOfFile: folder + "/a.csv", encoding: .utf8).split(separator: "\n")
      #expect(log.count == 9 && log[8].hasPrefix("7,"))
    }
  }

  @Test func tasksAreResumedToo() throws {
    try withTemporaryFolder { folder in
      func train(_ more: String...) -> Outcome {
        ebb(["train", "--task", "copy", "--length", "5", "--hidden", "2", "--batch", "4", "--steps", "3"] + more)
      }
      let (whole, resumed, checkpoint) = (folder + "/a", folder + "/b", folder + "/c")
      let first = train("--save", whole, "--checkpoint", checkpoint, "--log", folder + "/log.csv")
      #expect(first.status == 0, "\(first.messages)")
      let second = train("--save", resumed, "--checkpoint", checkpoint, "--resume", "--log", folder + "/log.csv")
      #expect(second.status == 0, "\(second.messages)")
      let files = try [whole, resumed].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      #expect(files[0] == files[1])
      #expect(try String(contentsOfFile: folder + "/log.csv", encoding: .utf8).split(separator: "\n").count == 4)
      #expect(train("--optimizer", "sgd", "--checkpoint", checkpoint, "--resume").status == 2)
    }
  }

  /// A pipe stands for `/dev/null`, which must not be exchanged for a file; and what a link leads to is written, not it.
  @Test(arguments: ["--save", "--checkpoint", "--log"])
  func pipesAndLinksStayWhatTheyAre(option: String) throws {
    try withTemporaryFolder { folder in
      let (pipe, link, file) = (folder + "/pipe", folder + "/link", folder + "/file")
      #expect(mkfifo(pipe, 0o600) == 0)
      // With a reader, here one that does not read, writing to a pipe does not block.
      let reader = open(pipe, O_RDWR)
      defer { close(reader) }
      try Data().write(to: URL(fileURLWithPath: file))
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
      let forecast = try data(in: folder)
      let copy = ["train", "--task", "copy", "--length", "5", "--hidden", "2", "--batch", "4", "--steps", "3"]
      for train in [forecast, copy] {
        for path in [pipe, link] {
          let outcome = ebb(train + [option, path] + (option == "--checkpoint" ? ["--overwrite"] : []))
          #expect(outcome.status == 0, "\(outcome.messages)")
        }
      }
      func type(_ path: String) throws -> FileAttributeType? {
        try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
      }
      // A pipe has no type of its own there.
      #expect(try type(pipe) != .typeRegular && type(link) == .typeSymbolicLink)
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)).isEmpty == false)
    }
  }

  @Test func whatCannotBeResumedIsAnError() throws {
    try withTemporaryFolder { folder in
      let train = try data(in: folder)
      let checkpoint = folder + "/c"
      #expect(ebb(train + ["--resume"]).messages.contains("--resume needs --checkpoint FILE"))
      let missing = ebb(train + ["--checkpoint", checkpoint, "--resume"])
      #expect(missing.status == 1 && missing.messages.contains("cannot be read"))
      #expect(ebb(train + ["--checkpoint", checkpoint]).status == 0)
      let other = ebb(train + ["--rate", "0.5", "--checkpoint", checkpoint, "--resume"])
      #expect(other.status == 2 && other.messages.contains("was made without --rate, and this is with --rate 0.5"))
      let small = ebb(train + ["--memory-budget", "10"])
      #expect(small.status == 1 && small.messages.contains("a memory budget of 10 bytes cannot be met"))
    }
  }
}

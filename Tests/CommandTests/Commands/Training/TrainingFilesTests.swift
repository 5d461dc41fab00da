import EbbMarkup
import EbbTraining
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

  /// With a constant learning rate more steps are the same steps, and then others.
  @Test func moreStepsGoOn() throws {
    try withTemporaryFolder { folder in
      let checkpoint = folder + "/c"
      func train(_ steps: Int, _ more: String...) -> Outcome {
        ebb(
          ["train", "--task", "copy", "--length", "5", "--hidden", "2", "--batch", "4", "--steps", "\(steps)"] + more)
      }
      #expect(train(3, "--checkpoint", checkpoint).status == 0)
      #expect(train(6, "--save", folder + "/whole").status == 0)
      let longer = train(6, "--checkpoint", checkpoint, "--resume", "--save", folder + "/resumed")
      #expect(longer.status == 0 && !longer.messages.contains("note:"), "\(longer.messages)")
      let files = try ["/whole", "/resumed"].map { try Data(contentsOf: URL(fileURLWithPath: folder + $0)) }
      #expect(files[0] == files[1])
      let shorter = train(5, "--checkpoint", checkpoint, "--resume")
      #expect(shorter.status == 2 && shorter.messages.contains("has made 6 steps, and this training ends after 5"))
      // A falling rate is another one in each step.
      let falling = try data(in: folder) + ["--checkpoint", folder + "/d"]
      #expect(ebb(falling).status == 0)
      var more = falling
      more[try #require(more.firstIndex(of: "--steps")) + 1] = "12"
      let outcome = ebb(more + ["--resume"])
      #expect(outcome.status == 0 && outcome.messages.contains("that of 12 steps instead of 8"), "\(outcome.messages)")
    }
  }

  @Test func aCheckpointIsNotReplacedInSilence() throws {
    try withTemporaryFolder { folder in
      let train = try data(in: folder) + ["--checkpoint", folder + "/c"]
      #expect(ebb(train).status == 0)
      let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/c"))
      let again = ebb(train + ["--seed", "2"])
      #expect(again.status == 2 && again.messages.contains("/c exists: --resume goes on from it"), "\(again.messages)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/c")) == before)
      #expect(ebb(train + ["--resume", "--overwrite"]).status == 2)
      #expect(ebb(train + ["--seed", "2", "--overwrite"]).status == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/c")) != before)
    }
  }

  /// A file may have moved; its contents are what counts.
  @Test(arguments: SmallTraining.all.filter { $0.name != "train" })
  func changedDataAreNamed(training: SmallTraining) throws {
    try withTemporaryFolder { folder in
      let (here, there) = (folder + "/here", folder + "/there")
      for path in [here, there] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SmallTraining.writeData(in: path)
      }
      let files = ["--checkpoint", folder + "/c", "--save", folder + "/m"]
      #expect(ebb(training.arguments(here) + files).status == 0)
      #expect(ebb(training.arguments(there) + files + ["--resume"]).status == 0)
      let file = training.arguments(here)[2]
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacingOccurrences(of: "film", with: "play").replacingOccurrences(of: "three", with: "seven")
        .replacingOccurrences(of: "3.0", with: "3.1").write(toFile: file, atomically: true, encoding: .utf8)
      let changed = ebb(training.arguments(here) + files + ["--resume"])
      #expect(changed.status == 2 && changed.messages.contains("the data have changed"), "\(changed.messages)")
    }
  }

  /// The numbers of a training that goes on are of all its steps, and so is what is compared with its beginning.
  @Test(arguments: SmallTraining.all)
  func numbersAreOfAllSteps(training: SmallTraining) throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      let files = ["--checkpoint", folder + "/c", "--save", folder + "/m", "--json"]
      let first = try ebb(training.arguments(folder, steps: 10) + files).json()
      let second = try ebb(training.arguments(folder, steps: 20) + files + ["--resume"]).json()
      let (made, all) = try (#require(first["losses"]?.array), #require(second["losses"]?.array))
      #expect(made.count > 0 && all.count > made.count && Array(all.prefix(made.count)) == made)
      #expect(first["firstStep"]?.integer == 1 && second["firstStep"]?.integer == 1)
      #expect(first["gradientNormsBefore"] == second["gradientNormsBefore"])
    }
  }

  /// Of its steps the losses are not known: the numbers begin where it goes on, and say so.
  @Test func aCheckpointWithoutAHistoryIsTold() throws {
    try withTemporaryFolder { folder in
      func train(_ steps: Int) -> [String] {
        SmallTraining.all[0].arguments(folder, steps: steps) + ["--checkpoint", folder + "/c", "--json"]
      }
      #expect(ebb(train(4)).status == 0)
      var old = try Checkpoint(contentsOf: folder + "/c")
      #expect(old.state.history.losses.count == 4)
      old.state.history = StepHistory()
      try old.write(to: folder + "/c")
      let outcome = ebb(train(9) + ["--resume"])
      #expect(outcome.messages.contains("does not have the losses and tests of its 4 steps"), "\(outcome.messages)")
      let json = try outcome.json()
      #expect(json["firstStep"]?.integer == 5 && json["losses"]?.array?.count == 5)
    }
  }

  @Test func aDamagedCheckpointIsRefused() throws {
    try withTemporaryFolder { folder in
      let train = try data(in: folder) + ["--checkpoint", folder + "/c"]
      #expect(ebb(train).status == 0)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: folder + "/c"))
      bytes[bytes.count - 7] ^= 4
      try bytes.write(to: URL(fileURLWithPath: folder + "/c"))
      let outcome = ebb(train + ["--resume"])
      #expect(outcome.status == 1 && outcome.messages.contains("it is damaged: "), "\(outcome.messages)")
    }
  }
}

import EbbMarkup
import Foundation
import Testing

/// `--epochs` where training counts steps.
@Suite struct EpochOptionTests {
  private static let counting = SmallTraining.all.filter { ["text", "forecast"].contains($0.name) }

  /// Without `--steps COUNT`, which is the last option of both.
  private func withoutSteps(_ training: SmallTraining, _ folder: String) throws -> [String] {
    let arguments = training.arguments(folder)
    let place = try #require(arguments.firstIndex(of: "--steps"))
    return Array(arguments[..<place] + arguments[(place + 2)...])
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      try body(folder)
    }
  }

  /// The steps of an epoch, from what is said of a training: `12 steps, 4 an epoch`.
  private func counts(_ outcome: Outcome) throws -> (steps: Int, epoch: Int) {
    let match = try #require(outcome.messages.firstMatch(of: /(\d+) steps, (\d+) an epoch/), "\(outcome.messages)")
    return (try #require(Int(match.1)), try #require(Int(match.2)))
  }

  @Test(arguments: counting)
  func epochsAreAsManySteps(training: SmallTraining) throws {
    try inFolder { folder in
      let train = try withoutSteps(training, folder) + ["--save", folder + "/m"]
      for epochs in [1, 3] {
        let outcome = ebb(train + ["--epochs", "\(epochs)", "--json", folder + "/n.json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let (steps, epoch) = try counts(outcome)
        // 48 rows of 60 to train on, less 20% of them for validation, make 38 − 4 windows in batches of 3; and 9/10 of 573
        // characters in 3 streams and windows of 6.
        #expect(epoch == (training.name == "forecast" ? 12 : 28) && steps == epochs * epoch)
        let json = try JSONValue(parsing: String(contentsOfFile: folder + "/n.json", encoding: .utf8))
        #expect(json["losses"]?.array?.count == steps)
      }
      let inSteps = ebb(train + ["--steps", "5"])
      #expect(try counts(inSteps).steps == 5 && counts(inSteps).epoch > 5)
    }
  }

  @Test(arguments: counting)
  func bothAreRefused(training: SmallTraining) throws {
    try inFolder { folder in
      let both = ebb(training.arguments(folder) + ["--epochs", "2", "--save", folder + "/m"])
      #expect(both.status == 2 && both.messages.contains("--steps and --epochs exclude each other"), "\(both.messages)")
      let none = ebb(try withoutSteps(training, folder) + ["--epochs", "0", "--save", folder + "/m"])
      #expect(none.status == 2 && none.messages.contains("--epochs takes a whole number of at least 1"))
      let many = ebb(try withoutSteps(training, folder) + ["--epochs", "2147483647", "--save", folder + "/m"])
      #expect(many.status == 1 && many.messages.contains("2147483647 epochs of"), "\(many.messages)")
    }
  }

  /// A run of epochs goes on where it was, and more epochs may be given; what draws its windows is another training.
  @Test(arguments: counting)
  func epochsAreResumed(training: SmallTraining) throws {
    try inFolder { folder in
      let train = try withoutSteps(training, folder) + ["--checkpoint-interval", "5"]
      let whole = ebb(train + ["--epochs", "2", "--save", folder + "/whole"])
      #expect(whole.status == 0, "\(whole.messages)")
      let checkpoint = ["--checkpoint", folder + "/c", "--save", folder + "/m"]
      let run = try ProgramProcess(train + ["--epochs", "2", "--log", folder + "/l.csv"] + checkpoint)
      _ = run.wait { FileManager.default.fileExists(atPath: folder + "/c") }
      run.send(SIGTERM)
      #expect([0, 143].contains(try run.outcome().status))
      let resumed = ebb(train + ["--epochs", "2", "--resume"] + checkpoint)
      #expect(resumed.status == 0, "\(resumed.messages)")
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: folder + "/m"))
          == Data(contentsOf: URL(fileURLWithPath: folder + "/whole")))
      let longer = ebb(train + ["--epochs", "3", "--resume"] + checkpoint)
      #expect(longer.status == 0 && longer.messages.contains("warning: the learning rate follows --epochs"))
      guard training.name == "forecast" else { return }
      let drawn = ebb(train + ["--steps", "100", "--resume"] + checkpoint)
      #expect(
        drawn.status == 2 && drawn.messages.contains("was made with --epochs, in each of which"), "\(drawn.messages)")
    }
  }
}

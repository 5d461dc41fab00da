import EbbMarkup
import Foundation
import Testing

@Suite struct TextCommandTests {
  static let text = String(repeating: "one two three four ", count: 60)

  private func inFolder(_ body: (_ folder: String, _ train: [String]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/text.txt"
      try Self.text.write(toFile: path, atomically: true, encoding: .utf8)
      try body(
        folder,
        [
          "text", "train", path, "--cell", "gru", "--layers", "1", "--hidden", "12", "--embedding", "6", "--steps",
          "50",
          "--batch", "4", "--window", "10", "--rate", "0.03", "--save", folder + "/model",
        ])
    }
  }

  @Test func aModelIsTrainedAndWritesOn() throws {
    try inFolder { folder, train in
      let outcome = ebb(train + ["--json", folder + "/train.json"])
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("bits a character, perplexity"))
      #expect(outcome.messages.contains("characters to train on") && outcome.messages.contains("wrote \(folder)/model"))
      let json = try JSONValue(parsing: try String(contentsOfFile: folder + "/train.json", encoding: .utf8))
      #expect(json["losses"]?.array?.count == 50 && json["evaluations"]?.array?.count == 10)
      let complete = ["text", "complete", "one two th%", "--model", folder + "/model", "--length", "20"]
      let written = ebb(complete)
      #expect(written.status == 0, "\(written.messages)")
      #expect(written.messages == "the model does not know '%'\n" && written.output.contains("probability"))
      let seeds = try ["1", "1", "2"].map { seed in
        try ebb(complete + ["--temperature", "2", "--seed", seed, "--json", "-"]).json()["continuation"]?.string
      }
      #expect(seeds[0] == seeds[1] && seeds[0] != seeds[2] && seeds[0]?.count == 20)
    }
  }

  @Test func wordsAreTokens() throws {
    try inFolder { folder, train in
      #expect(ebb(train + ["--words"]).output.contains("bits a word, perplexity"))
      let json = try ebb("text", "complete", "one two", "--model", folder + "/model", "--length", "2", "--json", "-")
        .json()
      let candidates = json["candidates"]?.array ?? []
      #expect(candidates.count == 4 && candidates[0]["text"]?.string == " three")
    }
  }

  @Test func whatDivergesIsNotSaved() throws {
    try inFolder { folder, train in
      var train = train
      train[try #require(train.firstIndex(of: "--rate")) + 1] = "1e300"
      let outcome = ebb(train)
      #expect(outcome.status == 1, "\(outcome.messages)")
      #expect(outcome.messages.contains("is not finite, and 49 of 50 steps"), "\(outcome.messages)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/model"))
    }
  }

  @Test func aResumedTrainingSavesTheSameModel() throws {
    try inFolder { folder, train in
      let files = ["--checkpoint", folder + "/c", "--checkpoint-interval", "1000"]
      #expect(ebb(train).status == 0)
      let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "/model"))
      #expect(ebb(train + files).status == 0)
      #expect(ebb(train + files + ["--resume"]).status == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/model")) == whole)
      let other = ebb(train + files + ["--resume", "--dropout", "0.5"])
      #expect(other.status == 2)
      let message = "was made without --dropout, and this is with --dropout 0.5"
      #expect(other.messages.contains(message), "\(other.messages)")
    }
  }

  @Test(arguments: [
    (["train"], 2, "FILE is missing: the text, in UTF-8"),
    (["train", "/no/such/file"], 1, "/no/such/file: there is no such file"),
    (["train", "x", "--dropout", "1"], 2, "--dropout takes a rate in 0 ..< 1, not '1'"),
    (["train", "x", "--window", "5", "--stride", "6"], 2, "--stride takes a whole number of at least 1 and at most 5"),
    (["complete"], 2, "TEXT is missing: the text to complete"),
    (["complete", "x", "--model", "/no/model"], 1, "/no/model: this is no model"),
    (["complete", "x", "--temperature", "-1"], 2, "--temperature takes a number of at least 0, not '-1'"),
    (["complete", "x", "--candidates", "2147483647"], 2, "takes a whole number of at least 1 and at most 1000"),
    (["teach"], 2, "there is no command text teach; the commands are text train, text complete"),
  ])
  func wrongArgumentsSayWhatIsRight(arguments: [String], status: Int32, message: String) {
    let outcome = ebb(["text"] + arguments)
    #expect(outcome.status == status && outcome.messages.contains(message), "\(outcome.messages)")
  }
}

import EbbMarkup
import Foundation
import Testing

/// Reviews that say what they mean by one word.
private let reviews = (0..<60).map { number in
  let label = number % 2
  let word = [["dull", "poor", "stale"], ["great", "fine", "fresh"]][label][number / 2 % 3]
  return "the \(["film", "plot", "cast", "end"][number / 6 % 4]) is \(word)\t\(label)\n"
}.joined()

private let quick = [
  "--hidden", "4", "--embedding", "6", "--epochs", "6", "--rate", "0.05", "--averaging", "0.5", "--batch", "8",
  "--minimum-count", "1", "--embedding-dropout", "0.2", "--dropout", "0.2",
]

@Suite struct SentimentCommandTests {
  @Test func aModelIsTrainedAndClassifies() throws {
    try withTemporaryFolder { folder in
      let (file, model) = ("\(folder)/reviews.tsv", "\(folder)/model.safetensors")
      try reviews.write(toFile: file, atomically: true, encoding: .utf8)
      let trained = ebb(
        ["sentiment", "train", file, "--dev", file, "--save", model, "--json", "\(folder)/scores.json"] + quick)
      #expect(trained.status == 0, "\(trained.messages)")
      #expect(trained.output.contains("54 texts to train on, 6 held out"))
      #expect(trained.output.contains("taken for negative") && trained.messages.contains("wrote \(model)"))
      let json = try JSONValue(parsing: try String(contentsOfFile: "\(folder)/scores.json", encoding: .utf8))
      #expect(json["scores"]?["dev"]?["accuracy"]?.double == 1)
      #expect(json["scores"]?["dev"]?["confusion"]?.array?.count == 2)

      let outcome = ebb("sentiment", "classify", model, "The plot isn't stale, ebbing.")
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.hasPrefix("negative, with a probability of "), "\(outcome.output)")
      let lines = outcome.output.split(separator: "\n")
      #expect(lines.filter { $0.contains("█") }.count >= 1 && !outcome.output.contains("\u{1B}"))
      #expect(lines.contains { $0.hasPrefix("ebbing ? █") }, "an unknown word is marked")
      let long = ebb("sentiment", "classify", model, "an extraordinarily long film")
      #expect(long.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(long.output)")
      let escape = ebb("sentiment", "classify", model, "a\u{1B}[31m fresh end")
      #expect(escape.status == 0 && escape.output.contains("[31m") && !escape.output.contains("\u{1B}"))
      let result = try ebb("sentiment", "classify", model, "A fresh end", "--json", "-").json()
      #expect(result["name"]?.string == "positive" && result["words"]?.array?.count == 3)
    }
  }

  @Test func anInterruptedTrainingIsResumed() throws {
    try withTemporaryFolder { folder in
      let file = "\(folder)/reviews.tsv"
      try reviews.write(toFile: file, atomically: true, encoding: .utf8)
      func train(_ name: String, _ more: [String]) throws -> Data {
        let model = "\(folder)/\(name).safetensors"
        let outcome = ebb(["sentiment", "train", file, "--save", model] + quick + more)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try Data(contentsOf: URL(fileURLWithPath: model))
      }
      let checkpoint = ["--checkpoint", "\(folder)/run.checkpoint"]
      let whole = try train("whole", checkpoint)
      // From the end there is nothing left to do, and the model is the same.
      #expect(try train("resumed", checkpoint + ["--resume"]) == whole)
      let other = ebb(["sentiment", "train", file, "--resume", "--seed", "2"] + checkpoint + quick)
      #expect(other.status == 2 && other.messages.contains("was made with --seed 1, and this is with --seed 2"))
    }
  }

  @Test(arguments: [
    (["train"], 2, "FILE is missing: the texts to train on"),
    (["train", "/no/such.tsv"], 1, "/no/such.tsv: there is no such file"),
    (["train", "x.tsv", "--kind", "elman"], 2, "--kind takes one of lstm, gru, not 'elman'"),
    (["train", "x.tsv", "--pooling", "sum"], 2, "--pooling takes one of last, max, mean, max-mean, not 'sum'"),
    (["train", "x.tsv", "--dropout", "1"], 2, "--dropout takes a number of at least 0 and below 1, not '1'"),
    (["classify"], 2, "TEXT is missing: the text to classify, in quotes"),
    (["classify", "..."], 2, "'...' has no words"),
    (
      ["classify", "/no/model", "a film"], 1,
      "/no/model: there is no such model; ebb sentiment train FILE.tsv makes one"
    ),
    (["guess"], 2, "there is no command sentiment guess; the commands are sentiment train, sentiment classify"),
  ])
  func wrongArgumentsSayWhatIsRight(arguments: [String], status: Int32, message: String) {
    let outcome = ebb(["sentiment"] + arguments)
    #expect(outcome.status == status && outcome.messages.contains(message), "\(outcome.status) \(outcome.messages)")
  }

  @Test func whatIsNoModelIsAnError() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/model.safetensors"
      try "text\t1\n".write(toFile: path, atomically: true, encoding: .utf8)
      let outcome = ebb("sentiment", "classify", path, "a film")
      #expect(outcome.status == 1 && outcome.messages.contains("\(path): this is no model"), "\(outcome.messages)")
      let bad = ebb("sentiment", "train", path + ".tsv", "--dev", path)
      #expect(bad.status == 1)
      try "good\t1\nbad\n".write(toFile: path, atomically: true, encoding: .utf8)
      let row = ebb("sentiment", "train", path)
      #expect(row.messages.contains("\(path):2, column label: this row has 1 field"), "\(row.messages)")
      try "good\t1\nbad\t\u{1B}[2J\n".write(toFile: path, atomically: true, encoding: .utf8)
      let escape = ebb("sentiment", "train", path)
      #expect(escape.messages.contains("\"[2J\" is no label"), "\(escape.messages)")
    }
  }
}

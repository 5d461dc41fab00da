import EbbInterchange
import EbbMarkup
import Foundation
import Testing

@testable import EbbCommand

/// Every command that writes files, where the place of its results takes no text, and where a disk is full.
@Suite struct FaultTests {
  struct Writing: Sendable, CustomStringConvertible {
    var arguments: [String]
    /// Its files: options with names in the folder.
    var files: [(option: String, name: String)]
    /// Whether it writes text as well.
    var hasText = true
    var description: String { arguments.joined(separator: " ") }

    func command(in folder: String) -> [String] {
      arguments.map { $0.replacingOccurrences(of: "DATA", with: folder) }
        + files.flatMap { ["--" + $0.option, folder + "/" + $0.name] }
    }
  }

  static let trainings = SmallTraining.all.map { training in
    Writing(
      arguments: training.arguments("DATA", steps: 20),
      files: [
        ("save", "m.safetensors"), ("json", "n.json"), ("checkpoint", "c.safetensors"), ("log", "l.csv"),
        ("tensorboard", "board"), ("report", "p.html"), ("figures", "figures"),
      ])
  }
  private static let sizes = ["--hidden", "3", "--length", "6"]
  static let writings =
    trainings + [
      Writing(
        arguments: ["study", "--cells", "rnn", "--task-length", "5", "--steps", "3", "--training-batch", "2"] + sizes,
        files: [("html", "p.html"), ("json", "n.json"), ("tensorboard", "board"), ("figures", "figures")]),
      // Of a sweep whose tasks have not begun.
      Writing(
        arguments: ["sweep", "DATA/sweep.json", "--folder", "DATA", "--collect"],
        files: [("csv", "t.csv"), ("report", "p.html"), ("json", "n.json"), ("figures", "figures")]),
      Writing(arguments: ["flow"] + sizes, files: [("json", "n.json"), ("report", "p.html"), ("figures", "figures")]),
      Writing(arguments: ["check", "--hidden", "2", "--length", "3"], files: [("json", "n.json")]),
      Writing(
        arguments: ["profile", "--shape", "3,2,2,2", "--runs", "1"], files: [("trace", "t.json"), ("json", "n.json")]),
      Writing(
        arguments: ["graph", "--hidden", "2"], files: [("output", "g.txt"), ("json", "n.json")], hasText: false),
      Writing(
        arguments: ["export", "--hidden", "2"],
        files: [("output", "e.onnx"), ("example", "e.npz"), ("json", "n.json")],
        hasText: false),
      Writing(
        arguments: ["weights", "DATA/old.safetensors"], files: [("output", "w.npz"), ("json", "n.json")], hasText: false
      ),
      Writing(
        arguments: ["text", "complete", "one two", "--model", "DATA/old.safetensors", "--length", "5"],
        files: [("json", "n.json")]),
      Writing(
        arguments: ["forecast", "predict", "DATA/old-forecast.safetensors", "DATA/wave.csv"],
        files: [("json", "n.json")]),
      Writing(
        arguments: ["sentiment", "classify", "DATA/old-sentiment.safetensors", "a good film"],
        files: [("json", "n.json")]),
      Writing(
        arguments: ["bench", "--cells", "rnn", "--shape", "3,2,2,2", "--runs", "1"], files: [("json", "n.jsonl")]),
    ]

  /// Every option of every command that writes a file or a folder is among these.
  @Test func everythingThatIsWrittenIsTried() {
    for command in EbbProgram.commands {
      let tried = Self.writings.filter { Array($0.arguments.prefix(command.words.count)) == command.words }
      for option in command.options {
        let isWritten =
          if case .written = option.values { true } else { ["tensorboard", "figures"].contains(option.name) }
        // What follows a file is written until a signal.
        guard isWritten, option.name != command.followingOption else { continue }
        #expect(
          tried.contains { $0.files.contains { $0.option == option.name } },
          "\(command.words.joined(separator: " ")) --\(option.name)")
      }
    }
  }

  /// What commands read, made once: data, and a model of each kind.
  private static let data = Result { () throws -> [String: Data] in
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      for (training, name) in zip(SmallTraining.all.dropFirst(), ["old", "old-sentiment", "old-forecast"]) {
        let model = ebb(training.arguments(folder, steps: 5) + ["--save", folder + "/\(name).safetensors"])
        #expect(model.status == 0, "\(model.messages)")
      }
      try #"{"command": "train", "options": {"task": "copy"}, "grid": {"rate": [0.1, 0.2]}}"#
        .write(toFile: folder + "/sweep.json", atomically: true, encoding: .utf8)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0))) })
    }
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let data = try Self.data.get()
    try withTemporaryFolder { folder in
      for (name, bytes) in data { try bytes.write(to: URL(fileURLWithPath: folder + "/" + name)) }
      try body(folder)
    }
  }

  /// Expects that exactly these files are there beside the data, and that each is whole.
  private func expectWhole(_ names: [String], in folder: String) throws {
    let data = try Self.data.get().keys
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == (data + names).sorted())
    for name in names {
      let path = folder + "/" + name
      switch (name as NSString).pathExtension {
      case "json": _ = try JSONValue(parsing: try String(contentsOfFile: path, encoding: .utf8))
      case "html": #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("</html>\n"))
      case "safetensors", "npz": #expect(ebb("weights", path).status == 0, "\(name)")
      case "onnx": #expect(try !ONNXModel(contentsOf: path).graph.outputs.isEmpty)
      case "" where name == "board": try expectWholeEvents(in: path)
      case "" where name == "figures":
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(!files.isEmpty && files.count.isMultiple(of: 2))
      default: #expect(try Data(contentsOf: URL(fileURLWithPath: path)).last == UInt8(ascii: "\n"))
      }
    }
  }

  /// TensorBoard's files are records: their length in eight bytes, four of a checksum, the record, four of its checksum.
  private func expectWholeEvents(in folder: String) throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains("tfevents") }
    #expect(!files.isEmpty)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)))
      var position = 0
      var records = 0
      while position + 8 <= bytes.count {
        let length = (0..<8).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
        position += 16 + length
        records += 1
      }
      #expect(position == bytes.count && records > 1, "\(file)")
    }
  }

  @Test(arguments: writings)
  func aReaderThatLeavesCostsNoFile(writing: Writing) throws {
    try inFolder { folder in
      let outcome = try ProgramProcess(writing.command(in: folder), output: .closedPipe).outcome()
      #expect(outcome.status == (writing.hasText ? 141 : 0), "\(outcome.messages)")
      try expectWhole(writing.files.map(\.name), in: folder)
    }
  }

  #if os(Linux)
    @Test(arguments: writings)
    func aFullPlaceOfTheResultsCostsNoFile(writing: Writing) throws {
      try inFolder { folder in
        let outcome = try ProgramProcess(writing.command(in: folder), output: .file("/dev/full")).outcome()
        #expect(outcome.status == (writing.hasText ? 1 : 0), "\(outcome.messages)")
        let message = "the results cannot be written: No space left on device"
        #expect(outcome.messages.contains(message) == writing.hasText, "\(outcome.messages)")
        try expectWhole(writing.files.map(\.name), in: folder)
      }
    }

    /// JSON on the place of the results is text as well.
    @Test func jsonAsResultsIsTextToo() throws {
      try inFolder { folder in
        let flow = ["flow", "--length", "5", "--hidden", "2", "--json", "-", "--report", folder + "/p.html"]
        #expect(try ProgramProcess(flow, output: .closedPipe).outcome().status == 141)
        try expectWhole(["p.html"], in: folder)
        // With no file to write there is nothing to go on for.
        let bench = [
          "bench", "--cells", "rnn", "--shape", "3,2,2,2", "--json", "--seconds", "1000", "--runs", "1000000",
        ]
        #expect(try ProgramProcess(bench.dropLast(4) + ["--runs", "1"], output: .closedPipe).outcome().status == 141)
        #expect(try ProgramProcess(["--help"], output: .file("/dev/full")).outcome().status == 1)
        #expect(try ProgramProcess(["--help"], output: .read, shell: "exec >&-").outcome().status == 1)
      }
    }
  #endif

  /// A limit on the size of files stands for a full disk: what is too large is told, and costs neither the old file nor the
  /// others.
  @Test(arguments: trainings)
  func aFileThatCannotBeWrittenCostsNoOther(writing: Writing) throws {
    try inFolder { folder in
      var writing = writing
      writing.files.removeAll { ["report", "tensorboard"].contains($0.option) }
      var command = writing.command(in: folder)
      command[try #require(command.firstIndex(of: "--hidden")) + 1] = "100"
      let old = Data("old".utf8)
      try old.write(to: URL(fileURLWithPath: folder + "/m.safetensors"))
      let outcome = try ProgramProcess(command, shell: "ulimit -f 64").outcome()
      #expect(outcome.status == 1, "\(outcome.messages)")
      for name in ["m", "c"] {
        #expect(outcome.messages.contains("\(folder)/\(name).safetensors"), "\(outcome.messages)")
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/m.safetensors")) == old)
      try FileManager.default.removeItem(atPath: folder + "/m.safetensors")
      try expectWhole(writing.files.map(\.name).filter { !$0.hasSuffix(".safetensors") }, in: folder)
    }
  }

  /// A study's board that is full costs neither the training nor the numbers, and one that cannot be made is told before
  /// the work.
  @Test func aBoardThatIsFullCostsNoStudy() throws {
    try withTemporaryFolder { folder in
      let study = [
        "study", "--cells", "rnn", "--hidden", "2", "--length", "8", "--batch", "2", "--task-length", "5",
        "--training-batch", "2", "--steps", "1500", "--html", "/dev/null", "--json", folder + "/n.json",
        "--tensorboard",
      ]
      let full = try ProgramProcess(study + [folder + "/board"], shell: "ulimit -f 200").outcome()
      #expect(full.status == 1 && full.messages.contains("cannot be written: File too large"), "\(full.messages)")
      let json = try JSONValue(parsing: try String(contentsOfFile: folder + "/n.json", encoding: .utf8))
      #expect(json["cells"]?.array?.first?["training"]?["losses"]?.array?.count == 1500)
      let none = ebb(study + ["/dev/null/board"])
      #expect(none.status == 1 && none.messages.contains("no folder can be made here"), "\(none.messages)")
      #expect(!none.messages.contains("not solved"), "\(none.messages)")
    }
  }

  /// The log ends with a whole line, and the training goes on without it.
  @Test func aLogThatIsFullEndsWithALine() throws {
    try withTemporaryFolder { folder in
      // The numbers of so few measurements take less than the log of so many steps.
      let steps = 400
      let files = ["--log", folder + "/l.csv", "--json", folder + "/n.json", "--gradients-every", "1000"]
      let run = try ProgramProcess(SmallTraining.all[0].arguments(folder, steps: steps) + files, shell: "ulimit -f 52")
      let outcome = try run.outcome()
      #expect(outcome.status == 1 && outcome.messages.contains("/l.csv: cannot be written"), "\(outcome.messages)")
      let log = try String(contentsOfFile: folder + "/l.csv", encoding: .utf8)
      #expect(log.hasSuffix("\n") && log.utf8.count > 4000)
      let json = try JSONValue(parsing: try String(contentsOfFile: folder + "/n.json", encoding: .utf8))
      #expect(json["losses"]?.array?.count == steps)
    }
  }
}

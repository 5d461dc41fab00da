import EbbCommand
import EbbMarkup
import Foundation
import Testing

/// Files that are read may be pipes.
@Suite struct PipeInputTests {
  /// Runs `body` with a pipe at whose other end a text is written.
  private func withPipe<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      Thread.detachNewThread {
        let handle = FileHandle(forWritingAtPath: path)
        try? handle?.write(contentsOf: Data(text.utf8))
        try? handle?.close()
      }
      return try body(path)
    }
  }

  private let rows = "level\n" + (0..<80).map { "\(10 + $0 % 7)\n" }.joined()

  @Test func aTableFromAPipeIsThatOfAFile() throws {
    let options = ["--target", "level", "--steps", "2", "--hidden", "2", "--window", "4", "--json"]
    func forecasts(_ path: String) throws -> JSONValue? {
      let outcome = ebb(["forecast", "train", path] + options)
      #expect(outcome.status == 0, "\(outcome.messages)")
      return try outcome.json()["methods"]
    }
    let plain = try withTemporaryFolder { folder in
      try rows.write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
      return try forecasts(folder + "/x.csv")
    }
    let piped = try withPipe(rows) { try forecasts($0) }
    #expect(plain != nil && piped == plain)
  }

  @Test func aTextAndAModelComeFromPipes() throws {
    try withTemporaryFolder { folder in
      let (model, text) = (folder + "/model.safetensors", String(repeating: "to be or not to be, ", count: 60))
      let trained = try withPipe(text) { path in
        ebb("text", "train", path, "--steps", "2", "--hidden", "4", "--batch", "2", "--window", "5", "--save", model)
      }
      #expect(trained.status == 0, "\(trained.messages)")
      let pipe = folder + "/pipe"
      try #require(mkfifo(pipe, 0o600) == 0)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: model))
      Thread.detachNewThread {
        let handle = FileHandle(forWritingAtPath: pipe)
        try? handle?.write(contentsOf: bytes)
        try? handle?.close()
      }
      let completed = ebb("text", "complete", "to be", "--model", pipe, "--length", "3")
      #expect(completed.status == 0, "\(completed.messages)")
    }
  }

  @Test func whatIsNoFileIsToldByName() {
    #expect(ebb("text", "train", "/tmp").messages.contains("/tmp: this is a folder; give a text file"))
    #expect(ebb("weights", "/dev/zero").messages.contains("/dev/zero: this is a device"))
    #expect(ebb("sentiment", "train", "/no/such.tsv").messages.contains("there is no such file"))
  }

  @Test func aFileSystemThatNobodyWritesToIsToldAsSuch() throws {
    // Any that the machine has: /proc/mounts lists the folder and the options of each.
    let mounts = (try? String(contentsOfFile: "/proc/mounts", encoding: .utf8)) ?? ""
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count > 3, fields[3].hasPrefix("ro,") || fields[3] == "ro" else { continue }
      let folder = fields[1]
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else { continue }
      let outcome = ebb("graph", "--hidden", "2", "--output", folder + "/ebb-graph")
      #expect(
        outcome.status == 1 && outcome.messages.contains("Read-only file system"), "\(folder): \(outcome.messages)")
    }
  }
}

import Foundation

/// The program itself, as a process of its own.
final class ProgramProcess {
  /// Where the program lies: beside that of the tests.
  private static let program: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    let tests = bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])
    return tests.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("ebb")
  }()

  /// Where its results go.
  enum Output {
    case read
    /// A pipe that nobody reads.
    case closedPipe
    /// A file or a device.
    case file(String)
  }

  private let process = Process()
  private let output: URL
  private let messages: URL

  /// - Parameter shell: Commands of a shell that then becomes the program, as `trap '' HUP`.
  init(_ arguments: [String], output place: Output = .read, shell: String? = nil) throws {
    let folder = FileManager.default.temporaryDirectory
    output = folder.appendingPathComponent("ebb-\(UUID().uuidString)")
    messages = folder.appendingPathComponent("ebb-\(UUID().uuidString)")
    for file in [output, messages] { try Data().write(to: file) }
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", Self.program.path] + arguments
    } else {
      process.executableURL = Self.program
      process.arguments = arguments
    }
    process.standardInput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: messages)
    switch place {
    case .read: process.standardOutput = try FileHandle(forWritingTo: output)
    case .closedPipe:
      let pipe = Pipe()
      try pipe.fileHandleForReading.close()
      process.standardOutput = pipe
    case .file(let path): process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

  /// Waits for a condition, as long as the program runs and at most a minute; tells whether it came about.
  func wait(until condition: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: 60)
    while !condition() {
      guard process.isRunning, Date() < end else { return condition() }
      usleep(1000)
    }
    return true
  }

  /// Waits for its end, at most a minute. The status is what a shell would say: after a signal 128 and its number.
  func outcome() throws -> Outcome {
    _ = wait { !process.isRunning }
    send(SIGKILL)
    process.waitUntilExit()
    defer { for file in [output, messages] { try? FileManager.default.removeItem(at: file) } }
    let status = process.terminationStatus
    func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }
    return Outcome(
      status: process.terminationReason == .uncaughtSignal ? 128 + status : status, output: try text(output),
      messages: try text(messages))
  }
}

/// The training commands with little to do, and the files that they read.
struct SmallTraining: Sendable, CustomStringConvertible {
  let name: String
  private let make: @Sendable (_ folder: String, _ steps: Int) -> [String]
  var description: String { name }

  /// The command, with the folder of its data.
  func arguments(_ folder: String, steps: Int = SmallTraining.steps) -> [String] { make(folder, steps) }

  static let steps = 120
  static let all = [
    SmallTraining(name: "train") { _, steps in
      ["train", "--task", "copy", "--length", "5", "--hidden", "3", "--batch", "4", "--steps", "\(steps)"]
    },
    SmallTraining(name: "text") { folder, steps in
      [
        "text", "train", folder + "/text.txt", "--cell", "gru", "--layers", "1", "--hidden", "4", "--embedding", "3",
        "--dropout", "0.2", "--batch", "3", "--window", "6", "--steps", "\(steps)",
      ]
    },
    SmallTraining(name: "sentiment") { folder, steps in
      [
        "sentiment", "train", folder + "/texts.tsv", "--hidden", "3", "--embedding", "3", "--batch", "4", "--epochs",
        "\(steps / 5)", "--patience", "100",
      ]
    },
    SmallTraining(name: "forecast") { folder, steps in
      [
        "forecast", "train", folder + "/wave.csv", "--hidden", "3", "--window", "4", "--batch", "3", "--validation",
        "0.2", "--steps", "\(steps)",
      ]
    },
  ]

  init(name: String, _ make: @escaping @Sendable (_ folder: String, _ steps: Int) -> [String]) {
    self.name = name
    self.make = make
  }

  static func writeData(in folder: String) throws {
    let words = (0..<120).map { ["one", "two", "three", "four"][$0 % 4] }.joined(separator: " ")
    let texts = (0..<20).map { $0 % 2 == 0 ? "a good film\t1" : "a dull film\t0" }.joined(separator: "\n")
    let wave = (0..<60).map { "\(3 * sin(Double($0) * .pi / 6))" }.joined(separator: "\n")
    for (name, text) in [("text.txt", words), ("texts.tsv", texts), ("wave.csv", "wave\n" + wave)] {
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
  }
}

import EbbCommand
import Foundation
import Testing

/// The scripts for shells and the manual.
@Suite struct CompletionTests {
  /// What bash proposes for the last word of a command line.
  private func bash(_ words: String..., cells: CellLibrary = .standard) throws -> [String] {
    let script = ebb("completion", "bash", cells: cells).output
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    return try Self.run(
      "/bin/bash",
      """
      \(script)
      COMP_WORDS=(ebb \(line))
      COMP_CWORD=\(words.count)
      _ebb
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    ).split(separator: "\n").map(String.init)
  }

  /// What a shell prints that reads a script from its standard input.
  private static func run(_ shell: String, _ script: String, _ arguments: String...) throws -> String {
    try withTemporaryFolder { folder in
      let path = folder + "/script"
      try script.write(toFile: path, atomically: true, encoding: .utf8)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: shell)
      process.arguments = arguments + [path]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return String(decoding: data, as: UTF8.self)
    }
  }

  @Test func bashReadsTheScript() throws {
    #expect(try Self.run("/bin/bash", ebb("completion", "bash").output, "-n") == "")
  }

  @Test func bashCompletesCommands() throws {
    #expect(try bash("fl") == ["flow"])
    #expect(try bash("text", "") == ["train", "complete"])
    #expect(try bash("completion", "") == ["bash", "zsh", "fish"])
    #expect(try bash("help", "stu") == ["study"])
  }

  @Test func bashCompletesOptionsAndTheirValues() throws {
    #expect(try bash("flow", "--le") == ["--let", "--length"])
    #expect(try bash("text", "train", "--lay") == ["--layers"])
    #expect(try bash("flow", "--cell", "lstm") == ["lstm", "lstm-chrono", "lstmn"])
    #expect(try bash("flow", "--cell", "=", "gru-c") == ["gru-chrono"])
    #expect(try bash("bench", "--cells", "rnn,gru-") == ["rnn,gru-after", "rnn,gru-chrono"])
    #expect(
      try bash("flow", "--loss", "") == ["last", "all", "ends", "mse", "mae", "huber", "binary", "cross-entropy"])
    #expect(try bash("flow", "--length", "").isEmpty)
    #expect(try bash("flow", "--json", "--leng") == ["--length"])
    #expect(try bash("train", "--task", "mul") == ["multiplication"])
  }

  @Test func bashCompletesNamesOfFiles() throws {
    try withTemporaryFolder { folder in
      try "".write(toFile: folder + "/a model.npz", atomically: true, encoding: .utf8)
      #expect(try bash("weights", folder + "/a") == [folder + "/a model.npz"])
      #expect(try bash("flow", "--json", folder + "/a") == [folder + "/a model.npz"])
    }
  }

  /// What a shell proposes, from the shell itself where it is installed.
  @Test func fishCompletesCommandsOptionsAndValues() throws {
    guard let fish = ["/usr/bin/fish", "/usr/local/bin/fish"].first(where: FileManager.default.isExecutableFile) else {
      return
    }
    let lines = [
      "fl": ["flow"], "help stu": ["study"], "text train --lay": ["--layers"], "flow --cell gru-c": ["gru-chrono"],
      "bench --cells rnn,gru-": ["rnn,gru-after", "rnn,gru-chrono"], "flow --loss ": ["all", "last"],
      "flow --length ": [], "flow --json --le": ["--length"], "train --task mul": ["multiplication"],
      "graph --emit s": ["summary"], "weights --js": ["--json"], "forecast train --ep": ["--epochs"],
    ]
    for (line, expected) in lines {
      let script = ebb("completion", "fish").output + "\ncomplete -C 'ebb \(line)' | string split -f 1 \\t; true\n"
      #expect(try Self.run(fish, script, "--no-config").split(separator: "\n").map(String.init) == expected, "\(line)")
    }
  }

  @Test func otherShellsReadTheirScripts() throws {
    for (shell, option) in [("zsh", "-n"), ("fish", "--no-execute")] {
      let path = "/usr/bin/" + shell
      guard FileManager.default.isExecutableFile(atPath: path) else { continue }
      #expect(try Self.run(path, ebb("completion", shell).output, option) == "")
    }
    let zsh = ebb("completion", "zsh").output
    #expect(zsh.contains("    (help)\n") && zsh.contains("'help:tells the options of a command'"))
  }

  @Test func aProgramOfOnesOwnCompletesItsCells() throws {
    #expect(try bash("flow", "--cell", "", cells: ["elman": Elman.init]) == ["elman"])
  }

  @Test func everyShellAndTheManualKnowEveryOption() throws {
    let (zsh, fish) = (ebb("completion", "zsh").output, ebb("completion", "fish").output)
    let (bash, manual) = (ebb("completion", "bash").output, ebb("man").output)
    var count = 0
    for command in ["study", "flow", "train", "check", "graph", "bench", "profile", "weights"] {
      for match in ebb(command, "--help").output.matches(of: /\n  --([a-z-]+)/) {
        let name = match.1
        count += 1
        #expect(bash.contains("--\(name) ") || bash.contains("--\(name)'"), "\(name)")
        #expect(zsh.contains("--\(name)=") || zsh.contains("--\(name)["), "\(name)")
        #expect(fish.contains("'__ebb \(command)' -l \(name)"), "\(command) \(name)")
        #expect(manual.contains("\\-\\-" + name.replacing("-", with: "\\-")), "\(name)")
      }
    }
    #expect(count > 100)
    for section in ["NAME", "SYNOPSIS", "COMMANDS", "EXIT STATUS"] { #expect(manual.contains("\n.SH \(section)\n")) }
    // What is not ASCII is told by its number, so that every roff reads it.
    #expect(!manual.utf8.contains { $0 > 127 })
  }
}

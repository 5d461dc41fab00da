internal import Foundation

/// The commands, for any recurrent cells.
///
/// A program that has all of them for a cell of its own:
///
/// ```swift
/// import EbbCommand
/// import EbbRecording
///
/// EbbCommand.main(cells: ["mgu": MinimalGatedUnit.init])
/// ```
public enum EbbCommand {
  /// The name by which messages call the program.
  static let programName = "ebb"

  /// The commands, in the order of the help.
  static let commands: [any Command] = [
    StudyCommand(), FlowCommand(), TrainCommand(), TextTrainCommand(), TextCompleteCommand(), SentimentTrainCommand(),
    SentimentClassifyCommand(), ForecastTrainCommand(), ForecastPredictCommand(), CheckCommand(), GraphCommand(),
    BenchCommand(), ProfileCommand(), WeightsCommand(),
  ]

  /// Runs the program with the process's arguments and ends the process.
  public static func main(cells: CellLibrary = .standard) -> Never {
    exit(run(cells: cells))
  }

  /// Runs one command.
  ///
  /// - Parameters:
  ///   - cells: The cells by name; `CellLibrary.standard.adding([…])` keeps the library's.
  ///   - arguments: The command and its options, without the program's name.
  ///   - output: Where text goes.
  /// - Returns: The exit status: 0, or 1 if the command failed, 2 if the arguments were wrong, 130 after Ctrl-C.
  public static func run(
    cells: CellLibrary = .standard, arguments: [String] = Array(CommandLine.arguments.dropFirst()),
    output: CommandOutput = .standard
  ) -> Int32 {
    let context = CommandContext(cells: cells, output: output)
    // `help COMMAND` is `COMMAND --help`.
    let arguments =
      arguments.first == "help" && arguments.count > 1 ? arguments.dropFirst() + ["--help"] : arguments
    guard let word = arguments.first, !["help", "--help", "-h"].contains(word) else {
      output.write(Help.overview(commands, cells))
      return ExitStatus.success
    }
    guard let command = commands.first(where: { arguments.starts(with: $0.words) }) else {
      // The commands that begin with this word, or all.
      let family = commands.filter { $0.words.first == word }
      if arguments.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }), !family.isEmpty {
        output.write(Help.overview(family, cells))
        return ExitStatus.success
      }
      let names = (family.isEmpty ? commands : family).map(\.name).joined(separator: ", ")
      let wrong = family.isEmpty ? word : arguments.prefix(2).joined(separator: " ")
      output.writeError("\(programName): there is no command \(wrong); the commands are \(names)\n")
      return ExitStatus.usage
    }
    let name = command.name
    do {
      guard let options = try ParsedOptions(Array(arguments.dropFirst(command.words.count)), of: command) else {
        output.write(Help.text(of: command, cells))
        return ExitStatus.success
      }
      return try command.run(options, context)
    } catch let error as UsageError {
      output.writeError(
        "\(programName) \(name): \(error.description)\nSee \(programName) \(name) --help.\n".shown)
      return ExitStatus.usage
    } catch {
      // Messages quote files and arguments, which may hold anything.
      output.writeError("\(programName) \(name): \(error)\n".shown)
      return ExitStatus.failure
    }
  }
}

/// What a process tells its parent.
enum ExitStatus {
  static let success: Int32 = 0
  static let failure: Int32 = 1
  static let usage: Int32 = 2
  /// 128 + SIGINT, as shells have it.
  static let interrupted: Int32 = 130
}

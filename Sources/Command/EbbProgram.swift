internal import EbbApplications
internal import Foundation

/// The commands, for any recurrent cells.
///
/// A program with all commands for its own cell:
///
/// ```swift
/// import Ebb
/// import EbbCommand
///
/// EbbProgram.main(cells: ["mgu": MinimalGatedUnit.init])
/// ```
public enum EbbProgram {
  /// The default name of the program in messages.
  static let programName = "ebb"
  static let version = "0.1.0"

  /// The commands, in the order of the help.
  static let commands: [any Command] = [
    StudyCommand(), SweepCommand(), FlowCommand(), TrainCommand(), TextTrainCommand(), TextCompleteCommand(),
    SentimentTrainCommand(),
    SentimentClassifyCommand(), ForecastTrainCommand(), ForecastPredictCommand(), CheckCommand(), GraphCommand(),
    BenchCommand(), ProfileCommand(), WeightsCommand(), ExportCommand(), CompletionCommand(), ManualCommand(),
  ]

  /// Runs the program with the process's arguments and ends the process.
  public static func main(cells: CellLibrary = .standard) -> Never {
    StandardStreams.open()
    Interrupts.install()
    let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
    exit(run(cells: cells, program: name ?? programName))
  }

  /// Runs one command.
  ///
  /// - Parameters:
  ///   - cells: The cells by name; `CellLibrary.standard.adding([…])` keeps the library's.
  ///   - arguments: The command and its options, without the program's name.
  ///   - program: The program's name in messages, help and completion scripts.
  ///   - output: The destination of text.
  /// - Returns: The exit status: 0, or 1 if the command failed, 2 if the arguments were wrong; after a signal 128 plus
  ///   its number, so 130 after Ctrl-C and 143 after SIGTERM, unless the command can only end by a signal; 141 if the
  ///   reader of the results has left.
  public static func run(
    cells: CellLibrary = .standard, arguments: [String] = Array(CommandLine.arguments.dropFirst()),
    program: String = "ebb", output: CommandOutput = .standard
  ) -> Int32 {
    var output = output
    output.delivery = Delivery()
    defer { Interrupts.listenNoMore() }
    return output.delivery.status(
      dispatch(arguments, CommandContext(cells: cells, output: output, program: program)))
  }

  private static func dispatch(_ arguments: [String], _ context: CommandContext) -> Int32 {
    var context = context
    let (cells, output, program) = (context.cells, context.output, context.program)
    // `help COMMAND` is `COMMAND --help`.
    let arguments =
      arguments.first == "help" && arguments.count > 1 ? arguments.dropFirst() + ["--help"] : arguments
    guard let word = arguments.first, !["help", "--help", "-h"].contains(word) else {
      output.write(Help.overview(commands, context))
      return ExitStatus.success
    }
    if ["version", "--version", "-v"].contains(word) { return tellVersion(context) }
    context.origin = PageOrigin.current(program: program, version: version, arguments: Array(arguments))
    guard let command = commands.first(where: { arguments.starts(with: $0.words) }) else {
      return unknownCommand(arguments, context)
    }
    let name = command.name
    do {
      let read: EquationCells
      switch try ArgumentReader.read(arguments.dropFirst(command.words.count), of: command, cells) {
      case .help:
        output.write(Help.text(of: command, context))
        return ExitStatus.success
      case .version: return tellVersion(context)
      case .values(let typed): read = try EquationCells(typed, of: command, cells)
      }
      (context.cells, context.equationFiles) = (read.cells, read.files)
      let options = ParsedOptions(read.values, of: command)
      if options.isGiven("quiet") {
        context.output.writeError = { _ in }
      } else {
        context.activity = Activity(output)
        context.output = context.activity?.output ?? output
      }
      defer { context.activity?.end() }
      for assumption in read.assumptions { context.output.writeError(assumption + "\n") }
      return try command.run(options, context)
    } catch let error as UsageError {
      output.writeError("\(program) \(name): \(error.description)\nSee \(program) \(name) --help.\n".shown)
      return ExitStatus.usage
    } catch {
      // Messages quote files and arguments, which may contain anything.
      output.writeError("\(program) \(name): \(error)\n".shown)
      return ExitStatus.failure
    }
  }

  private static func tellVersion(_ context: CommandContext) -> Int32 {
    context.output.write("\(context.program) \(version)\n")
    return ExitStatus.success
  }

  /// Lists the commands that start with the first word, or all commands.
  private static func unknownCommand(_ arguments: [String], _ context: CommandContext) -> Int32 {
    let word = arguments[0]
    let family = commands.filter { $0.words.first == word }
    if arguments.dropFirst().contains(where: { $0 == "--help" || $0 == "-h" }), !family.isEmpty {
      context.output.write(Help.overview(family, context))
      return ExitStatus.success
    }
    let names = (family.isEmpty ? commands : family).map(\.name)
    let wrong = family.isEmpty ? word : arguments.prefix(2).joined(separator: " ")
    // In a command of two words, the first may be mistyped.
    var hint = Spelling.question(arguments.prefix(2).joined(separator: " "), among: names.filter { $0.contains(" ") })
    if hint.isEmpty { hint = Spelling.question(word, among: family.isEmpty ? commands.map { $0.words[0] }.unique : []) }
    context.output.writeError(
      "\(context.program): there is no command \(wrong); the commands are \(names.joined(separator: ", "))\(hint)\n"
        .shown)
    return ExitStatus.usage
  }
}

extension [String] {
  /// Each word once, in order.
  var unique: [String] { indices.filter { !self[..<$0].contains(self[$0]) }.map { self[$0] } }
}

/// The exit statuses of the process.
enum ExitStatus {
  static let success: Int32 = 0
  static let failure: Int32 = 1
  static let usage: Int32 = 2
  /// 128 plus the number of SIGPIPE: the status of programs whose reader has left.
  static let unread: Int32 = 141
}

/// `ebb man`: the manual page.
struct ManualCommand: Command {
  let name = "man"
  let summary = "writes the manual page"
  let discussion = "To read it: ebb man | man -l -, or mandoc on macOS; to keep it: ebb man > FOLDER/man1/ebb.1"
  let options: [Option] = []

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    context.output.write(CommandTable(EbbProgram.commands, context).manual)
    return ExitStatus.success
  }
}

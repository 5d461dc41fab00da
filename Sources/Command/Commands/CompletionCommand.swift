/// `ebb completion`: a shell's completion of the options.
struct CompletionCommand: Command {
  let name = "completion"
  let summary = "writes a script with which a shell completes commands, options and cells"
  let discussion = """
    bash: source <(ebb completion bash), in ~/.bashrc
    zsh: ebb completion zsh > FOLDER/_ebb, of a folder of $fpath, before compinit
    fish: ebb completion fish > ~/.config/fish/completions/ebb.fish
    """
  let options: [Option] = [
    Option(positional: "shell", "SHELL", "bash, zsh or fish").with(values: .words(Shell.allCases.map(\.rawValue)))
  ]

  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let table = CommandTable(EbbProgram.commands, context)
    let shell: Shell = try options.choice("shell")
    switch shell {
    case .bash: context.output.write(table.bash)
    case .zsh: context.output.write(table.zsh)
    case .fish: context.output.write(table.fish)
    }
    return ExitStatus.success
  }
}

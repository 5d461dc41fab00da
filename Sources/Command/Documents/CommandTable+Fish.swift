extension CommandTable {
  /// The completion for fish, for a file of its folder `completions`.
  var fish: String {
    let here = "_" + functionName
    var lines = [
      """
      # Completion of \(program) for fish.
      # Whether the command line begins with these words, and ends there if --last is the first of them.
      function \(here)
        set -l tokens (commandline -opc)
        set -l words $argv
        if test "$argv[1]" = --last
          set words $argv[2..-1]
          test (count $tokens) -eq (math (count $words) + 1); or return 1
        end
        test (count $tokens) -gt (count $words); or return 1
        set -l last (math (count $words) + 1)
        test $last -eq 1; or test "$tokens[2..$last]" = "$words"
      end
      complete -c \(program) -f
      """
    ]
    for word in firstWords {
      for place in ["--last", "--last help"] {
        lines.append("complete -c \(program) -n '\(here) \(place)' -a \(word) -d \(fishQuoted(summary(of: word)))")
      }
    }
    lines.append("complete -c \(program) -n '\(here) --last' -a help -d \(fishQuoted(Self.helpSummary))")
    for family in families {
      for command in family.seconds {
        lines.append(
          "complete -c \(program) -n '\(here) --last \(family.word)' -a \(command.words[1]) -d \(fishQuoted(command.summary))"
        )
      }
    }
    for command in commands {
      let start = "complete -c \(program) -n '\(here) \(command.name)'"
      for option in command.namedOptions {
        let names = option.names.map { " -l " + $0 }.joined() + (option.letter.map { " -s \($0)" } ?? "")
        // -x: a value and no files; -r: a value, or the requested kind of files.
        lines.append(start + names + value(option, isPlace: false) + " -d \(fishQuoted(option.explanation))")
      }
      for place in command.places { lines.append(start + value(place, isPlace: true)) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func value(_ option: Option, isPlace: Bool) -> String {
    let isNeeded = isPlace || option.bare != nil ? "" : " -x"
    switch value(of: option) {
    case .none: return ""
    case .text: return isNeeded
    case .words(let words): return "\(isNeeded) -a \(fishQuoted(words.joined(separator: " ")))"
    case .list(let words): return "\(isNeeded) -a \(fishQuoted("(__fish_append , \(words.joined(separator: " ")))"))"
    case .file: return isPlace ? " -F" : " -r -F"
    case .folder: return "\(isNeeded) -a '(__fish_complete_directories)'"
    }
  }

  private func fishQuoted(_ text: String) -> String {
    "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
  }
}

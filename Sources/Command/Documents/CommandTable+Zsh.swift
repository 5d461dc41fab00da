extension CommandTable {
  /// The completion for zsh, for a file `_ebb` in a folder of its `fpath`, or to be sourced after `compinit`.
  var zsh: String {
    let families = families.map { family in
      """
          (\(family.word))
            if ((CURRENT == 3)); then
              described=(\(described(family.seconds.map { ($0.words[1], $0.summary) })))
              _describe command described
              return
            fi
            command+=" $words[3]"
            skipped=2 ;;

      """
    }
    return """
      #compdef \(program)
      # Completion of \(program) for zsh.
      \(functionName)() {
        local command=$words[2]
        local -a described
        integer skipped=1
        if ((CURRENT == 2)); then
          described=(\(described(firstWords.map { ($0, summary(of: $0)) } + [("help", Self.helpSummary)])))
          _describe command described
          return
        fi
        case $command in
          (help)
            described=(\(described(firstWords.map { ($0, summary(of: $0)) })))
            ((CURRENT > 3)) || _describe command described
            return ;;
      \(families.joined())  esac
        # From here on the command stands where the program's name stood.
        shift $skipped words
        ((CURRENT -= skipped))
        case $command in
      \(commands.map(zsh(of:)).joined())  esac
      }
      if [[ $funcstack[1] == \(functionName) ]]; then
        \(functionName) "$@"
      else
        compdef \(functionName) \(program)
      fi

      """
  }

  private func zsh(of command: any Command) -> String {
    let options = command.namedOptions.map { option in
      let names = option.forms
      let value =
        option.placeholder.map { (option.bare == nil ? ":" : "::") + escaped($0) + ":" + action(option) } ?? ""
      let sign = option.placeholder == nil ? "" : "="
      // Each excludes its other names.
      return names.map { name in
        let others = names.count > 1 ? "(" + names.joined(separator: " ") + ")" : ""
        return
          "\(others)\(name)\(name.hasPrefix("--") ? sign : sign.isEmpty ? "" : "+")[\(escaped(option.explanation))]\(value)"
          .quoted
      }
    }
    let places = command.places.map {
      ((($0.standard == nil ? ":" : "::") + escaped($0.usage) + ":" + action($0)).quoted)
    }
    return """
          (\(command.name.quoted))
            _arguments -s -S \((options.flatMap { $0 } + places).map { "\\\n        \($0)" }.joined(separator: " ")) ;;

      """
  }

  private func action(_ option: Option) -> String {
    switch value(of: option) {
    case .none, .text: " "
    case .words(let words): "(" + words.joined(separator: " ") + ")"
    case .list(let words): "_values -s , value " + words.joined(separator: " ")
    case .file: "_files"
    case .folder: "_files -/"
    }
  }

  private func described(_ rows: [(String, String)]) -> String {
    rows.map { "\($0):\($1)".quoted }.joined(separator: " ")
  }

  /// Escapes the special characters of `_arguments` specifications.
  private func escaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\" + String($0) : String($0) }.joined()
  }
}

extension CommandTable {
  /// The completion for bash 3.2 and later, without other requirements.
  var bash: String {
    let families = families.map { family in
      let seconds = family.seconds.map { $0.words[1] }.joined(separator: " ")
      return """
            \(family.word))
              ((COMP_CWORD > 2)) || { COMPREPLY=($(compgen -W '\(seconds)' -- "$current")); return; }
              command+=" ${COMP_WORDS[2]}" ;;

        """
    }
    return """
      # Completion of \(program) for bash: source <(\(program) completion bash)
      \(functionName)() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
        local options places words
        COMPREPLY=()
        # bash takes the = of --name=value for a word of its own.
        if [[ $current == = ]]; then
          current=
        elif [[ $previous == = ]]; then
          previous=${COMP_WORDS[COMP_CWORD-2]}
        fi
        if ((COMP_CWORD == 1)); then
          COMPREPLY=($(compgen -W '\((firstWords + ["help"]).joined(separator: " "))' -- "$current"))
          return
        fi
        case $command in
      \(families.joined())    help)
            COMPREPLY=($(compgen -W '\(firstWords.joined(separator: " "))' -- "$current"))
            return ;;
        esac
        # words: what the value is one of; @ before them: with commas between them; @file and @folder: their names.
        case $command in
      \(commands.map(bash(of:)).joined())    *) return ;;
        esac
        case $words in
          '') ;;
          @text) return ;;
          @optional)
            words=
            [[ $current == -* ]] || words=@file ;;
        esac
        if [[ -z $words && $current == -* ]]; then
          words=$options
        elif [[ -z $words ]]; then
          words=$places
        fi
        case $words in
          @file | @folder)
            local IFS=$'\\n'
            compopt -o filenames 2>/dev/null
            if [[ $words == @file ]]; then
              COMPREPLY=($(compgen -f -- "$current"))
            else
              COMPREPLY=($(compgen -d -- "$current"))
            fi ;;
          @*)
            local before=
            [[ $current != *,* ]] || before=${current%,*},
            compopt -o nospace 2>/dev/null
            COMPREPLY=($(compgen -P "$before" -W "${words#@ }" -- "${current##*,}")) ;;
          *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
        esac
      }
      complete -F \(functionName) \(program)

      """
  }

  private func bash(of command: any Command) -> String {
    let names = command.namedOptions.flatMap(\.forms)
    let places = command.places.compactMap { words(of: value(of: $0)) }.filter { $0 != "@text" }
    let values = command.namedOptions.compactMap { option -> String? in
      guard let words = words(of: value(of: option)) else { return nil }
      let bare = option.bare == nil ? words : "@optional"
      return "        \(option.forms.joined(separator: " | "))) words='\(bare)' ;;\n"
    }
    return """
          '\(command.name)')
            options='\(names.joined(separator: " "))' places='\(places.first ?? "")'
            case $previous in
      \(values.joined())      esac ;;

      """
  }

  private func words(of value: CompletedValue) -> String? {
    switch value {
    case .none: nil
    case .words(let words): words.joined(separator: " ")
    case .list(let words): "@ " + words.joined(separator: " ")
    case .file: "@file"
    case .folder: "@folder"
    case .text: "@text"
    }
  }
}

internal import EbbMarkup

extension CommandTable {
  /// The manual page, in the macros of man(7).
  var manual: String {
    let name = escaped(program)
    var lines = [
      ".TH \(name.uppercased()) 1 \"\" \"\(name) \(EbbProgram.version)\" \"User Commands\"",
      ".SH NAME", "\(name) \\- watch gradients flow back through time",
      ".SH SYNOPSIS", ".B \(name)", "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
      ".SH DESCRIPTION",
      "Trains recurrent networks and shows how the gradient flows back through their states.",
      "Results are functions of the seed; the number of threads changes no bit.",
      ".PP", "Long options may be cut short where no other begins so. Names of cells, sizes and tasks may be in",
      "capital or small letters. A value stands after a space or after =. After \\-\\- everything is a value.",
      "Where a file is read, \\- is standard input, and pipes are read as files are.",
      ".SH COMMANDS",
    ]
    for command in commands {
      lines += [".SS \(escaped(command.synopsis))", ".PP"]
      lines.append(escaped(command.summary.prefix(1).uppercased() + command.summary.dropFirst() + "."))
      for option in command.options { lines += [".TP", ".B \(escaped(option.usage))", escaped(option.explanation)] }
      for part in command.discussion(in: program).split(separator: "\n\n") {
        // Indented lines keep their layout.
        let isList = part.split(separator: "\n").contains { $0.hasPrefix("  ") }
        lines += [".PP"] + (isList ? [".nf"] : [])
        lines += part.split(separator: "\n").map { escaped(String($0)) } + (isList ? [".fi"] : [])
      }
    }
    lines.append(".SH OPTIONS OF EVERY COMMAND")
    for option in Option.common { lines += [".TP", ".B \(escaped(option.usage))", escaped(option.explanation)] }
    lines += [".SH CELLS", escaped(cells.names.joined(separator: ", "))]
    lines += [
      ".SH EXIT STATUS", "0, or 1 where the work failed, 2 where the arguments were wrong, 128 and the number of the",
      "signal where one ended the work.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text with roff's special characters escaped, and letters beyond ASCII by number.
  private func escaped(_ text: String) -> String {
    let result = text.writing(["\\": "\\e", "-": "\\-", "'": "\\(aq"]) { scalar in
      guard !scalar.isASCII else { return nil }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
    }
    return result.hasPrefix(".") ? "\\&" + result : result
  }
}

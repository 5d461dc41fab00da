/// A line of Swift, and where it can be continued in the next one.
enum CodeLine {
  private static let width = 120

  /// The line, broken after commas and before operators, where as few brackets as possible are open; comments stay whole.
  static func broken(_ line: String) -> [String] {
    var rest = Array(line)
    let indent = String(rest.prefix { $0 == " " })
    guard rest.count > width, !line.dropFirst(indent.count).hasPrefix("//") else { return [line] }
    var result: [String] = []
    while rest.count > width, let place = lastBreak(in: rest) {
      result.append(String(rest[..<place]))
      rest = Array(indent + "  ") + rest[(place + 1)...]
    }
    return result + [String(rest)]
  }

  /// The space to break at.
  private static func lastBreak(in line: [Character]) -> Int? {
    let start = line.firstIndex { $0 != " " } ?? 0
    var depth = 0
    var best: (place: Int, depth: Int)?
    for index in line.indices where index > start && index <= width {
      switch line[index - 1] {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case _: break
      }
      let isBreak =
        line[index] == " "
        && (line[index - 1] == "," || line[index...].dropFirst().starts(with: "+ ")
          || line[index...].dropFirst().starts(with: "- ")
          || line[index...].dropFirst().starts(with: "* ") || line[index...].dropFirst().starts(with: "/ "))
      if isBreak, index > start + 20, best.map({ depth <= $0.depth }) ?? true { best = (index, depth) }
    }
    return best?.place
  }
}

/// An equation of a step as it is written.
struct WrittenEquation: Hashable, Sendable {
  var left: Reference
  var right: Expression

  func sides(stacked: Bool) -> (left: MathLayout, right: MathLayout) {
    (MathLayout(Expression(.reference(left)), stacked: stacked), MathLayout(right, stacked: stacked))
  }

  /// The equation as a line of text.
  var line: String {
    let (left, right) = sides(stacked: false)
    return left.text + " = " + right.text
  }

  /// The equation in LaTeX with a mark for alignment; a long sum goes on in further lines.
  var latexLines: String {
    let (left, right) = sides(stacked: true)
    return right.lines.enumerated().map { index, line in
      (index == 0 ? "\(left.latex) &= " : "&\\quad") + line.latex
    }.joined(separator: " \\\\\n    ")
  }

  /// The equation as rows of a table in MathML.
  var mathMLRows: String {
    let (left, right) = sides(stacked: true)
    return right.lines.enumerated().map { index, line in
      let begin = index == 0 ? "<mo form=\"infix\">=</mo>" : "<mspace width=\"1.6em\"/>"
      return "<mtr><mtd style=\"text-align:right\">\(index == 0 ? left.mathML : "")</mtd>"
        + "<mtd style=\"text-align:left\">\(begin)\(line.mathML)</mtd></mtr>"
    }.joined()
  }
}

extension MathLayout {
  /// Characters of LaTeX in a line, about twice as many as it shows.
  private static let width = 130

  /// A long sum in several lines; each but the first begins with a sign.
  fileprivate var lines: [MathLayout] {
    guard latex.count > Self.width else { return [self] }
    var lines: [[MathLayout]] = [[]]
    var length = 0
    for (sign, term) in terms {
      let added = term.latex.count
      if length > 0, length + added > Self.width {
        lines.append([])
        length = 0
      }
      lines[lines.count - 1] += (sign.map { [.sign($0)] } ?? []) + [term]
      length += added
    }
    return lines.map { .row($0) }
  }

  /// The terms of a sum, each with its sign.
  private var terms: [(Sign?, MathLayout)] {
    guard case .row(let parts) = self, parts.count == 3, case .sign(let sign) = parts[1],
      sign == .plus || sign == .minus
    else { return [(nil, self)] }
    var last = parts[2].terms
    last[0].0 = sign
    return parts[0].terms + last
  }
}

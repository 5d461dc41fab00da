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
    guard right.latex.count > Self.width else { return "\(left.latex) &= \(right.latex)" }
    var lines: [String] = []
    var line = "\(left.latex) &="
    for (sign, term) in right.terms {
      let text = term.latex
      if line.count + text.count > Self.width, !lines.isEmpty || sign != nil {
        lines.append(line)
        line = "&\\quad"
      }
      line += (sign?.latex ?? " ") + text
    }
    return (lines + [line]).joined(separator: " \\\\\n    ")
  }

  /// Characters of LaTeX in a line, about twice as many as it shows.
  private static let width = 130
}

extension MathLayout {
  /// The terms of a sum, each with its sign.
  fileprivate var terms: [(Sign?, MathLayout)] {
    guard case .row(let parts) = self, parts.count == 3, case .sign(let sign) = parts[1],
      sign == .plus || sign == .minus
    else { return [(nil, self)] }
    var last = parts[2].terms
    last[0].0 = sign
    return parts[0].terms + last
  }
}

internal import EbbMarkup

/// What a page's script needs to say which numbers lie under the pointer; the numbers themselves it reads from the
/// figure's CSV.
struct Readout: Sendable, Hashable {
  enum Kind: String, Sendable {
    case line
    case points
    case cells
  }

  var kind: Kind
  var frame: Rectangle
  /// Line and scatter charts: the x axis. Heat maps: not used.
  var x: AxisScale?
  /// Scatter charts: the y axis.
  var y: AxisScale?
  /// Line charts: how many columns of the CSV are curves, with a colour each. Scatter charts: how many series.
  var series = 0
  /// Heat maps: how many rows and columns. Line charts: zero.
  var rows = 0
  var columns = 0

  /// Attributes of the SVG element, each after a space.
  var attributes: String {
    let sides = [frame.left, frame.top, frame.width, frame.height].map { coordinate($0) }.joined(separator: " ")
    var text = " data-readout=\"\(kind.rawValue)\" data-frame=\"\(sides)\""
    if let x { text += " data-series=\"\(series)\" data-x=\"\(ends(of: x))\"" }
    if let y { text += " data-y=\"\(ends(of: y))\"" }
    if rows > 0 { text += " data-cells=\"\(rows) \(columns)\"" }
    return text
  }

  private func ends(of scale: AxisScale) -> String {
    let kind = scale.kind == .log10 ? "log10" : "linear"
    return "\(kind) \(exactText(scale.low)) \(exactText(scale.high))"
  }
}

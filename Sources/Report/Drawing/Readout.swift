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
    return xmlText([
      "data-readout": kind.rawValue, "data-frame": sides, "data-series": x.map { _ in "\(series)" },
      "data-x": x.map(ends), "data-y": y.map(ends), "data-cells": rows > 0 ? "\(rows) \(columns)" : nil,
    ])
  }

  private func ends(of scale: AxisScale) -> String {
    let kind = scale.kind == .log10 ? "log10" : "linear"
    return "\(kind) \(exactText(scale.low)) \(exactText(scale.high))"
  }
}

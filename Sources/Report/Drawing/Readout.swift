internal import EbbMarkup

/// The data with which a page's script shows the numbers under the pointer; it reads the numbers themselves from the
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
  /// Line charts: the number of CSV columns that are curves, each with a colour. Scatter charts: the number of series.
  var series = 0
  /// Heat maps: the number of rows and columns. Line charts: zero.
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

internal import EbbMarkup

/// The data with which a page's script shows the numbers under the pointer; it reads the numbers themselves from the
/// figure's CSV.
struct Readout: Sendable {
  enum Kind: String, Sendable {
    /// One row of the CSV for each x, and series in columns.
    case line
    /// One row for each point of a line.
    case lines
    /// One row for each point without an order.
    case points
    /// One row for each category.
    case bars
    /// One row for each bin.
    case bins
    /// One row for each row of cells.
    case cells
  }

  /// A column of the CSV after x, or a series if each row is a point.
  enum Column: Sendable, Hashable {
    case series(SeriesStyle)
    /// 1 where it happened.
    case event
    /// Numbers that are not drawn as a line.
    case number

    var text: String {
      switch self {
      case .series(let style): style.cssClass.split(separator: " ").joined(separator: ".")
      case .event: "event"
      case .number: "number"
      }
    }
  }

  var kind: Kind
  var frame: Rectangle
  /// The x axis; nil where it does not decide what is under the pointer.
  var x: AxisScale?
  /// The y axis.
  var y: AxisScale?
  var columns: [Column] = []
  /// Heat maps: the number of rows and columns. Bar charts: that of categories and groups.
  var cells: (rows: Int, columns: Int)?

  /// Attributes of the SVG element, each after a space.
  var attributes: String {
    let sides = [frame.left, frame.top, frame.width, frame.height].map { coordinate($0) }.joined(separator: " ")
    return xmlText([
      "data-readout": kind.rawValue, "data-frame": sides,
      "data-columns": columns.isEmpty ? nil : columns.map(\.text).joined(separator: " "),
      "data-x": x.map(ends), "data-y": y.map(ends), "data-cells": cells.map { "\($0.rows) \($0.columns)" },
    ])
  }

  private func ends(of scale: AxisScale) -> String {
    let kind =
      switch scale.kind {
      case .linear: "linear"
      case .log10: "log10"
      case .time: "time"
      }
    return "\(kind) \(exactText(scale.low)) \(exactText(scale.high))"
  }
}

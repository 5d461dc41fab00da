/// Points without a position in a chart, by reason, so that no value disappears silently.
struct Omissions: Sendable, Hashable {
  private(set) var notANumber = 0
  private(set) var infinite = 0
  private(set) var notPositive = 0
  private(set) var outside = 0

  var isEmpty: Bool { notANumber + infinite + notPositive + outside == 0 }

  mutating func count(_ value: Double, on scale: AxisScale) {
    if value.isNaN {
      notANumber += 1
    } else if value.isInfinite {
      infinite += 1
    } else if scale.kind == .log10 && value <= 0 {
      notPositive += 1
    } else if scale.fraction(of: value) == nil {
      outside += 1
    }
  }

  /// A line under the chart; `nil` if everything is drawn.
  var note: String? {
    let reasons: [(Int, String)] = [
      (notPositive, "at or below 0 on a logarithmic scale"), (notANumber, "NaN"), (infinite, "infinite"),
      (outside, "outside the axis"),
    ]
    let parts = reasons.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? nil : "Not drawn: " + parts.joined(separator: ", ")
  }

  /// The points of `series` that cannot be drawn; each counts once, for y before x.
  init(_ series: [ChartSeries], x: AxisScale, y: AxisScale) {
    for series in series {
      for (xValue, yValue) in zip(series.x, series.y) {
        if y.fraction(of: yValue) == nil { count(yValue, on: y) } else { count(xValue, on: x) }
      }
    }
  }

  init(_ values: some Sequence<Double>, on scale: AxisScale) {
    for value in values { count(value, on: scale) }
  }
}

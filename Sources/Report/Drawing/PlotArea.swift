internal import EbbMarkup

/// The rectangle for data, and the scales of its two sides.
struct PlotArea: Sendable {
  var frame: Rectangle
  var x: AxisScale
  var y: AxisScale

  /// The position of a point on the page; `nil` if it has none.
  func point(_ xValue: Double, _ yValue: Double) -> Point? {
    guard let across = x.fraction(of: xValue), let up = y.fraction(of: yValue) else { return nil }
    return Point(x: frame.left + across * frame.width, y: frame.bottom - up * frame.height)
  }

  /// The approximate number of numerals that fit under the plot.
  var horizontalTicks: Int { max(3, min(8, Int(frame.width / 42))) }

  func horizontal(_ value: Double) -> Double? {
    x.fraction(of: value).map { frame.left + $0 * frame.width }
  }

  func vertical(_ value: Double) -> Double? {
    y.fraction(of: value).map { frame.bottom - $0 * frame.height }
  }
}

/// Distances that all charts share, in CSS pixels.
enum Spacing {
  static let tickSize = 11.0
  static let textSize = 12.0
  static let titleHeight = 24.0
  static let lineHeight = 17.0
  static let edge = 6.0
}

/// The label of a reference line.
struct ReferenceLabel: Sendable {
  var text: String
  var place: Point
  /// Whether the text ends there.
  var isAtEnd = false
}

/// How a chart is drawn in its context.
struct ChartDrawingOptions: Sendable, Hashable {
  var width: Double = 720
  /// `nil` lets the chart choose.
  var height: Double?
  /// A page shows the title above the figure itself.
  var showsTitle = true
  /// Whether a page's script shows numbers under the pointer.
  var isInPage = false
  /// The styles of the series.
  var styles: [SeriesStyle] = []

  /// The style of a series.
  func style(_ series: Int) -> SeriesStyle {
    series < styles.count ? styles[series] : SeriesStyle(slot: series)
  }
}

extension SVGCanvas {
  /// The room that the numbers of a vertical axis need on its left.
  static func tickRoom(_ ticks: [Tick]) -> Double {
    let widths = ticks.compactMap { $0.label(.typographic) }.map { textWidth($0, size: Spacing.tickSize) }
    return (widths.max() ?? 0) + 10
  }

  /// Horizontal grid lines with numbers on the left, and the axis title above them.
  mutating func verticalAxis(_ area: PlotArea, _ ticks: [Tick], title: String, drawsGrid: Bool = true) {
    for tick in ticks {
      let height = area.frame.bottom - tick.fraction * area.frame.height
      guard let label = tick.label(.typographic) else {
        line("axis", from: Point(x: area.frame.left - 3, y: height), to: Point(x: area.frame.left, y: height))
        continue
      }
      if drawsGrid {
        line("grid", from: Point(x: area.frame.left, y: height), to: Point(x: area.frame.right, y: height))
      }
      text("tick", label, at: Point(x: area.frame.left - 7, y: height + 4), anchor: .end)
    }
    axisTitle(title, at: Point(x: Spacing.edge, y: area.frame.top - 11))
  }

  /// The lower edge with marks and numbers, and the axis title under them.
  mutating func horizontalAxis(_ area: PlotArea, _ ticks: [Tick], title: String, drawsGrid: Bool = false) {
    let bottom = area.frame.bottom
    // Numbers that would overlap are left out, from left to right.
    var freeFrom = -Double.infinity
    for tick in ticks {
      let place = area.frame.left + tick.fraction * area.frame.width
      guard let label = tick.label(.typographic) else {
        line("axis", from: Point(x: place, y: bottom), to: Point(x: place, y: bottom + 3))
        continue
      }
      if drawsGrid { line("grid", from: Point(x: place, y: area.frame.top), to: Point(x: place, y: bottom)) }
      line("axis", from: Point(x: place, y: bottom), to: Point(x: place, y: bottom + 5))
      let half = textWidth(label, size: Spacing.tickSize) * 0.56
      // A date at the chart's edge is moved inwards.
      let middle = max(half, min(place, width - half))
      guard middle - half >= freeFrom else { continue }
      text("tick", label, at: Point(x: middle, y: bottom + 17), anchor: .middle)
      freeFrom = middle + half + 5
    }
    line("axis", from: Point(x: area.frame.left, y: bottom), to: Point(x: area.frame.right, y: bottom))
    let half = textWidth(title, size: Spacing.textSize) * 0.56
    let middle = area.frame.left + area.frame.width / 2
    // A title that is wider than the plot is moved to the middle of the chart.
    let fits = middle - half >= Spacing.edge && middle + half <= width - Spacing.edge
    axisTitle(title, at: Point(x: fits ? middle : width / 2, y: bottom + 34), anchor: .middle)
  }

  /// The title of an axis, cut if it is wider than the chart.
  mutating func axisTitle(_ title: String, at place: Point, anchor: TextAnchor = .start) {
    let short = fitted(title, width: (width - 2 * Spacing.edge) / 1.12, size: Spacing.textSize)
    text("axis-title", short, at: place, anchor: anchor)
  }

  /// Dashed lines across the plot.
  ///
  /// - Parameter points: The points of the data; labels of horizontal lines are placed where the fewest of them are.
  /// - Returns: Their labels, which are drawn over the data.
  mutating func references(
    _ references: [ReferenceLine], _ area: PlotArea, avoiding points: [Point] = []
  ) -> [ReferenceLabel] {
    var labels: [ReferenceLabel] = []
    var lane = 0.0
    for reference in references {
      switch reference.direction {
      case .x:
        guard let place = area.horizontal(reference.value) else { continue }
        line("reference", from: Point(x: place, y: area.frame.top), to: Point(x: place, y: area.frame.bottom))
        let width = textWidth(reference.label, size: Spacing.tickSize) * 1.12
        let fits = place + 6 + width < max(area.frame.right, self.width - Spacing.edge - 8)
        // A name that fits on neither side is cut.
        let room = fits ? width : max(40, place - 5 - area.frame.left)
        let label = fitted(reference.label, width: room, size: Spacing.tickSize)
        // Labels of neighbouring lines have different heights.
        let height = area.frame.top + 12 + lane * 14
        lane = (lane + 1).truncatingRemainder(dividingBy: 4)
        labels.append(
          ReferenceLabel(
            text: label, place: Point(x: place + (fits ? 5 : -5), y: height), isAtEnd: !fits))
      case .y:
        guard let place = area.vertical(reference.value) else { continue }
        line("reference", from: Point(x: area.frame.left, y: place), to: Point(x: area.frame.right, y: place))
        let width = textWidth(reference.label, size: Spacing.tickSize) * 1.12
        let (left, right) = (area.frame.left + 6, area.frame.right - 6 - width)
        var candidates: [Rectangle] = []
        for top in [place - 15, place + 3] where top >= area.frame.top - 1 && top + 12 <= area.frame.bottom {
          candidates += [left, right].map { Rectangle(left: $0, top: top, width: width, height: 12) }
        }
        let covered = candidates.map { candidate in points.count { candidate.contains($0) } }
        guard let least = covered.min(), let choice = covered.firstIndex(of: least) else { continue }
        let free = candidates[choice]
        labels.append(ReferenceLabel(text: reference.label, place: Point(x: free.left, y: free.bottom - 2)))
      }
    }
    return labels
  }

  mutating func labels(_ labels: [ReferenceLabel]) {
    for label in labels { text("tick halo", label.text, at: label.place, anchor: label.isAtEnd ? .end : .start) }
  }

  mutating func title(_ title: String, _ options: ChartDrawingOptions) {
    guard options.showsTitle else { return }
    text(
      "title", fitted(title, width: width - 2 * Spacing.edge, size: 15.5), at: Point(x: Spacing.edge, y: 17))
  }
}

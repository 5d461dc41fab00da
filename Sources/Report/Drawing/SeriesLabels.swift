internal import EbbMarkup

/// The position of the names of series: at the ends of their lines if they fit there, else in a row above the plot.
enum SeriesLabels: Sendable, Hashable {
  /// No name is needed.
  case none
  /// One placement for each series, as the height of the text's middle.
  case atLineEnds([Placement])
  case legend

  struct Placement: Sendable, Hashable {
    var series: Int
    /// Where the line ends.
    var end: Point
    /// The height of the name, shifted so that names do not overlap.
    var height: Double
  }

  /// The room that names next to the lines would take on the right.
  static func room(_ names: [String]) -> Double {
    (names.map { textWidth($0, size: Spacing.textSize) * 1.2 }.max() ?? 0) + 18
  }

  /// - Parameter ends: the last point of each series; `nil` for a series without points.
  static func placed(_ ends: [Point?], in frame: Rectangle) -> SeriesLabels {
    let drawn = ends.enumerated().compactMap { index, end in
      end.map { Placement(series: index, end: $0, height: $0.y) }
    }
    // A name far from its line's end, or for a missing line, would mislead.
    guard !drawn.isEmpty, drawn.count == ends.count, drawn.count <= SeriesPalette.count,
      drawn.allSatisfy({ $0.end.x >= frame.left + 0.85 * frame.width })
    else { return .legend }
    var placements = drawn.sorted { ($0.end.y, $0.series) < ($1.end.y, $1.series) }
    let distance = 15.0
    for index in placements.indices.dropFirst() {
      placements[index].height = max(placements[index].height, placements[index - 1].height + distance)
    }
    // If they were pushed below the frame, they move up again, from last to first.
    var limit = frame.bottom
    for index in placements.indices.reversed() {
      placements[index].height = min(placements[index].height, limit)
      limit = placements[index].height - distance
    }
    guard placements.allSatisfy({ abs($0.height - $0.end.y) <= 3 * distance && $0.height >= frame.top })
    else { return .legend }
    return .atLineEnds(placements)
  }
}

extension SVGCanvas {
  /// The names at the line ends, with a thin leader for each name that was moved.
  mutating func names(_ placements: [SeriesLabels.Placement], _ names: [String], _ styles: [SeriesStyle], right: Double)
  {
    for placement in placements {
      let textLeft = right + 12
      if abs(placement.height - placement.end.y) > 3 || placement.end.x < right - 1 {
        var leader = SVGPath()
        leader.move(to: Point(x: placement.end.x + 3, y: placement.end.y))
        leader.line(to: Point(x: textLeft - 3, y: placement.height))
        path("leader", leader.text)
      }
      text(
        "name \(styles[placement.series].cssClass)", names[placement.series],
        at: Point(x: textLeft, y: placement.height + 4))
    }
  }

  /// Symbols and names from left to right, in as many rows as necessary.
  mutating func legend(_ entries: [LegendEntry], left: Double, top: Double) {
    for (entry, place) in zip(entries, legendPlaces(entries, left: left, right: width - Spacing.edge)) {
      let middle = top + place.y
      switch entry.symbol {
      case .line(let style, let isTheory):
        path(
          "curve \(style.cssClass)", "M\(coordinate(place.x)) \(coordinate(middle))h18",
          dashes: style.dashes(isTheory: isTheory))
      case .mark(let style):
        path(
          "scattered \(style.cssClass)", pointMark(style.mark, at: Point(x: place.x + 9, y: middle), size: 4.5))
      case .band(let style):
        rectangle(
          "band \(style.cssClass)", Rectangle(left: place.x + 1, top: middle - 5, width: 17, height: 10))
      case .block(let style):
        rectangle(
          "bar \(style.cssClass)",
          Rectangle(left: place.x + 4, top: middle - 5, width: 11, height: 10))
      case .event(let lane):
        path("event", eventMark(lane, at: Point(x: place.x + 9, y: middle)))
      }
      let room = (width - Spacing.edge - place.x - 24) / 1.12
      text("", fitted(entry.name, width: room, size: Spacing.textSize), at: Point(x: place.x + 24, y: middle + 4))
    }
  }
}

/// A symbol and its meaning.
struct LegendEntry: Sendable, Hashable {
  enum Symbol: Sendable, Hashable {
    case line(SeriesStyle, isTheory: Bool)
    case mark(SeriesStyle)
    case block(SeriesStyle)
    case band(SeriesStyle)
    case event(lane: Int)
  }

  let symbol: Symbol
  let name: String
}

/// The place of each entry, which also gives the number of rows.
func legendPlaces(_ entries: [LegendEntry], left: Double, right: Double) -> [Point] {
  var x = left
  var y = 0.0
  return entries.map { entry in
    let width = 24 + textWidth(entry.name, size: Spacing.textSize) * 1.1 + 16
    if x > left && x + width > right {
      x = left
      y += Spacing.lineHeight
    }
    defer { x += width }
    return Point(x: x, y: y)
  }
}

/// The height of a legend's rows; zero without entries.
func legendHeight(_ entries: [LegendEntry], left: Double, right: Double) -> Double {
  legendPlaces(entries, left: left, right: right).last.map { $0.y + Spacing.lineHeight } ?? 0
}

/// Circle, square, triangle, diamond: the shape repeats the information of the colour.
func pointMark(_ series: Int, at center: Point, size: Double) -> String {
  let x = center.x
  let y = center.y
  let r = size
  switch series % 4 {
  case 0:
    let diameter = coordinate(2 * r)
    return "M\(coordinate(x - r)) \(coordinate(y))a\(coordinate(r)) \(coordinate(r)) 0 1 0 \(diameter) 0"
      + "a\(coordinate(r)) \(coordinate(r)) 0 1 0 -\(diameter) 0z"
  case 1:
    let half = r * 0.88
    return "M\(coordinate(x - half)) \(coordinate(y - half))h\(coordinate(2 * half))v\(coordinate(2 * half))"
      + "h\(coordinate(-2 * half))z"
  case 2:
    return "M\(coordinate(x)) \(coordinate(y - 1.2 * r))L\(coordinate(x + 1.1 * r)) \(coordinate(y + 0.8 * r))"
      + "H\(coordinate(x - 1.1 * r))z"
  default:
    return "M\(coordinate(x)) \(coordinate(y - 1.25 * r))L\(coordinate(x + 1.25 * r)) \(coordinate(y))"
      + "L\(coordinate(x)) \(coordinate(y + 1.25 * r))L\(coordinate(x - 1.25 * r)) \(coordinate(y))z"
  }
}

/// A small triangle that points down at its position; the second kind of event is a diamond.
func eventMark(_ lane: Int, at center: Point) -> String {
  if lane.isMultiple(of: 2) {
    return "M\(coordinate(center.x - 3.5)) \(coordinate(center.y - 3))h7L\(coordinate(center.x)) "
      + "\(coordinate(center.y + 3.5))z"
  }
  return pointMark(3, at: center, size: 3)
}

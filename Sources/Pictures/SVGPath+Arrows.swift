internal import EbbMarkup

/// The lines of arrows.
extension SVGPath {
  /// An arrow's path from this point, to one decimal of a pixel.
  init(from start: Point) {
    self.init(places: Picture.places)
    move(to: start)
  }

  /// A straight line, unless the end is here.
  mutating func run(to end: Point) {
    if abs(end.x - here.x) < 0.05 && abs(end.y - here.y) < 0.05 { return }
    line(to: end)
  }

  /// An S-shaped curve that starts and ends along the x axis.
  mutating func flow(to end: Point) {
    if abs(end.y - here.y) < 0.05 { return run(to: end) }
    let middle = (here.x + end.x) / 2
    curve(to: end, controls: Point(x: middle, y: here.y), Point(x: middle, y: end.y))
  }

  /// An S-shaped curve that starts and ends along the y axis.
  mutating func rise(to end: Point) {
    if abs(end.x - here.x) < 0.05 { return run(to: end) }
    let middle = (here.y + end.y) / 2
    curve(to: end, controls: Point(x: here.x, y: middle), Point(x: end.x, y: middle))
  }

  /// A polygon through these points with rounded corners.
  mutating func corners(_ points: [Point], radius: Double) {
    for (index, corner) in points.enumerated() {
      guard index + 1 < points.count else { return run(to: corner) }
      let next = points[index + 1]
      let start = Self.toward(here, from: corner, radius)
      let end = Self.toward(next, from: corner, radius)
      run(to: start)
      curve(to: end, control: corner)
    }
  }

  /// The point at most `radius` from a corner towards another point, and at most half-way.
  private static func toward(_ point: Point, from corner: Point, _ radius: Double) -> Point {
    let (dx, dy) = (point.x - corner.x, point.y - corner.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return corner }
    let step = min(radius, length / 2) / length
    return Point(x: corner.x + dx * step, y: corner.y + dy * step)
  }
}

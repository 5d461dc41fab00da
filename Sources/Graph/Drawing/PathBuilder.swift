/// Builds paths in the notation of SVG.
struct PathBuilder {
  private(set) var text: String
  private var here: Picture.Point

  init(at start: Picture.Point) {
    here = start
    text = "M\(start.svg)"
  }

  mutating func line(to end: Picture.Point) {
    if abs(end.x - here.x) < 0.05 && abs(end.y - here.y) < 0.05 { return }
    text += "L\(end.svg)"
    here = end
  }

  /// An S-shaped curve that starts and ends along the x axis.
  mutating func flow(to end: Picture.Point) {
    if abs(end.y - here.y) < 0.05 { return line(to: end) }
    let middle = (here.x + end.x) / 2
    text += "C\(Picture.Point(x: middle, y: here.y).svg) \(Picture.Point(x: middle, y: end.y).svg) \(end.svg)"
    here = end
  }

  /// An S-shaped curve that starts and ends along the y axis.
  mutating func rise(to end: Picture.Point) {
    if abs(end.x - here.x) < 0.05 { return line(to: end) }
    let middle = (here.y + end.y) / 2
    text += "C\(Picture.Point(x: here.x, y: middle).svg) \(Picture.Point(x: end.x, y: middle).svg) \(end.svg)"
    here = end
  }

  /// A polygon through these points with rounded corners.
  mutating func corners(_ points: [Picture.Point], radius: Double) {
    for (index, corner) in points.enumerated() {
      guard index + 1 < points.count else { return line(to: corner) }
      let next = points[index + 1]
      let start = Self.toward(here, from: corner, radius)
      let end = Self.toward(next, from: corner, radius)
      line(to: start)
      text += "Q\(corner.svg) \(end.svg)"
      here = end
    }
  }

  /// The point at most `radius` from a corner towards another point, and at most half-way.
  private static func toward(_ point: Picture.Point, from corner: Picture.Point, _ radius: Double) -> Picture.Point {
    let (dx, dy) = (point.x - corner.x, point.y - corner.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard length > 0 else { return corner }
    let step = min(radius, length / 2) / length
    return Picture.Point(x: corner.x + dx * step, y: corner.y + dy * step)
  }
}

extension Picture.Point {
  var svg: String { "\(svgNumber(x)) \(svgNumber(y))" }
}

/// A coordinate with one digit after the point at most.
func svgNumber(_ value: Double) -> String {
  let tenths = Int((value * 10).rounded())
  let sign = tenths < 0 ? "-" : ""
  let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
  return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
}

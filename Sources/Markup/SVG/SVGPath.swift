/// A path in SVG notation, extended from its current point.
package struct SVGPath: Sendable {
  package private(set) var text = ""
  /// Where it ends.
  package private(set) var here = Point(x: 0, y: 0)
  private let places: Int

  /// - Parameter places: the decimals of coordinates.
  package init(places: Int = 2) { self.places = places }

  /// Goes on elsewhere.
  package mutating func move(to start: Point) { add("M", [start]) }

  package mutating func line(to end: Point) { add("L", [end]) }

  /// A quadratic Bézier curve.
  package mutating func curve(to end: Point, control: Point) { add("Q", [control, end]) }

  /// A cubic Bézier curve.
  package mutating func curve(to end: Point, controls first: Point, _ second: Point) {
    add("C", [first, second, end])
  }

  private mutating func add(_ command: String, _ points: [Point]) {
    let pairs = points.map { "\(coordinate($0.x, places: places)) \(coordinate($0.y, places: places))" }
    text += command + pairs.joined(separator: " ")
    here = points.last ?? here
  }
}

/// A laid-out drawing: rectangles for the boxes and paths for the arrows, in SVG's coordinates (y points down).
package struct Picture {
  struct Point {
    var x: Double
    var y: Double
  }

  package struct Rectangle {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    var middle: Point { Point(x: x + width / 2, y: y + height / 2) }
    package var right: Double { x + width }
    package var bottom: Double { y + height }
  }

  struct Label {
    enum Anchor: String { case start, middle, end }
    var text: String
    var place: Point
    var anchor = Anchor.middle
  }

  struct Curve {
    enum Kind: String {
      case plain
      /// The carried operand of a delay or an advance.
      case carried
      /// From one step of an unrolled graph to another.
      case betweenSteps = "between"
      /// From what all steps of an unrolled graph share.
      case shared
    }

    /// The path, in the notation of SVG.
    var path: String
    /// Where the arrow ends, and the direction in which it points there.
    var end: Point
    var direction: Point
    var kind = Kind.plain
    var labels: [Label] = []
    /// The corners of a path that leaves the boxes' surroundings.
    var corners: [Point] = []
  }

  /// The background of one time step.
  struct Band {
    var rectangle: Rectangle
    var title: String
  }

  /// One for each box of the drawing.
  package var rectangles: [Rectangle] = []
  var curves: [Curve] = []
  var bands: [Band] = []

  static let margin = 20.0

  /// What the picture covers, without its margin.
  var bounds: Rectangle {
    var (left, top, right, bottom) = (0.0, 0.0, 0.0, 0.0)
    func cover(_ x: Double, _ y: Double) {
      (left, top, right, bottom) = (min(left, x), min(top, y), max(right, x), max(bottom, y))
    }
    if let first = rectangles.first { (left, top, right, bottom) = (first.x, first.y, first.x, first.y) }
    for rectangle in rectangles + bands.map(\.rectangle) {
      cover(rectangle.x, rectangle.y)
      cover(rectangle.right, rectangle.bottom)
    }
    for curve in curves {
      for label in curve.labels { cover(label.place.x, label.place.y - 12) }
      for corner in curve.corners { cover(corner.x, corner.y) }
    }
    return Rectangle(x: left, y: top, width: right - left, height: bottom - top)
  }
}

extension Drawing.Box {
  /// The height of each box: two or three lines of text.
  static let height = 54.0

  /// The width that the text needs.
  var width: Double {
    // Parameters are bold.
    let symbol = symbol.reduce(0) {
      $0 + TextWidth.of($1.text, size: $1.isLowered ? 10 : 15) * ($1.isParameter ? 1.1 : 1)
    }
    let name = name.reduce(0) { $0 + TextWidth.of($1.text, size: $1.isLowered ? 10 : 12) }
    return (max(symbol, name, TextWidth.of(type, size: 10), 30) + 22).rounded(.up)
  }
}

/// Widths of text in a sans-serif font, near enough to make boxes for it.
enum TextWidth {
  static func of(_ text: String, size: Double) -> Double {
    text.reduce(0) { $0 + width($1) } * size
  }

  private static func width(_ character: Character) -> Double {
    switch character {
    case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "|", "(", ")", "[", "]", "{", "}", "'", " ", "·": 0.36
    case "m", "w", "M", "W", "@", "%", "…": 0.92
    default: character.isUppercase || !character.isASCII ? 0.72 : 0.6
    }
  }
}

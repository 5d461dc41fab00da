package import EbbMarkup

/// A laid-out drawing: rectangles for the boxes and paths for the arrows, in SVG's coordinates (y points down).
package struct Picture {
  struct Label {
    var text: String
    var place: Point
    var anchor = TextAnchor.middle
  }

  struct Curve {
    enum Kind: String {
      case plain
      /// The carried operand of a delay or an advance.
      case carried
      /// Between steps of an unrolled graph.
      case betweenSteps = "between"
      /// From a value that all steps of an unrolled graph share.
      case shared
    }

    /// The path, in the notation of SVG.
    var path: String
    /// The end of the arrow, and the direction in which it points there.
    var end: Point
    var direction: Point
    var kind = Kind.plain
    var labels: [Label] = []
    /// The corners of a path that runs outside the boxes' area.
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
  /// The decimals of coordinates.
  static let places = 1

  /// The area of the picture, without its margin.
  var bounds: Rectangle {
    var (left, top, right, bottom) = (0.0, 0.0, 0.0, 0.0)
    func cover(_ x: Double, _ y: Double) {
      (left, top, right, bottom) = (min(left, x), min(top, y), max(right, x), max(bottom, y))
    }
    if let first = rectangles.first { (left, top, right, bottom) = (first.left, first.top, first.left, first.top) }
    for rectangle in rectangles + bands.map(\.rectangle) {
      cover(rectangle.left, rectangle.top)
      cover(rectangle.right, rectangle.bottom)
    }
    for curve in curves {
      for label in curve.labels { cover(label.place.x, label.place.y - 12) }
      for corner in curve.corners { cover(corner.x, corner.y) }
    }
    return Rectangle(left: left, top: top, width: right - left, height: bottom - top)
  }
}

extension Drawing.Box {
  /// The height of each box: two or three lines of text.
  static let height = 54.0

  /// The width that the text needs.
  var width: Double {
    // Parameters are bold.
    let symbol = symbol.reduce(0) {
      $0 + textWidth($1.text, size: $1.isLowered ? 10 : 15, in: .formula) * ($1.isParameter ? 1.1 : 1)
    }
    let name = name.reduce(0) { $0 + textWidth($1.text, size: $1.isLowered ? 10 : 12, in: .formula) }
    return (max(symbol, name, textWidth(type, size: 10, in: .formula), 30) + 22).rounded(.up)
  }
}

/// A place in a picture: y points down.
package struct Point: Sendable, Hashable {
  package var x: Double
  package var y: Double

  package init(x: Double, y: Double) {
    (self.x, self.y) = (x, y)
  }
}

/// An area whose sides are along the axes.
package struct Rectangle: Sendable, Hashable {
  package var left: Double
  package var top: Double
  package var width: Double
  package var height: Double

  package init(left: Double, top: Double, width: Double, height: Double) {
    (self.left, self.top, self.width, self.height) = (left, top, width, height)
  }

  package var right: Double { left + width }
  package var bottom: Double { top + height }
  package var middle: Point { Point(x: left + width / 2, y: top + height / 2) }

  /// Whether a point lies in it or on its sides.
  package func contains(_ point: Point) -> Bool {
    point.x >= left && point.x <= right && point.y >= top && point.y <= bottom
  }
}

/// The point of a text that is at its place.
package enum TextAnchor: String, Sendable {
  case start
  case middle
  case end
}

/// A number for attributes of SVG, with at most this many decimals and no trailing zeros, so that equal pictures are
/// equal texts.
package func coordinate(_ value: Double, places: Int = 2) -> String {
  guard value.isFinite, value.magnitude < 1e9 else {
    preconditionFailure("a drawing has no place for the coordinate \(value)")
  }
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let number = Int((value * Double(scale)).rounded())
  let (whole, rest) = number.magnitude.quotientAndRemainder(dividingBy: UInt(scale))
  let sign = number < 0 ? "-" : ""
  guard rest > 0 else { return "\(sign)\(whole)" }
  var decimals = String(rest)
  decimals = String(repeating: "0", count: places - decimals.count) + decimals
  while decimals.hasSuffix("0") { decimals.removeLast() }
  return "\(sign)\(whole).\(decimals)"
}

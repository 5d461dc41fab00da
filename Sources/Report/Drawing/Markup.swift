/// Text as XML and HTML write it: markup characters as entities, and characters that XML forbids as U+FFFD.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result += " "
    default: result.unicodeScalars.append(isAllowedInXML(scalar) ? scalar : "\u{FFFD}")
    }
  }
  return result
}

/// XML 1.0, production 2 (Char), without the C1 controls that it discourages.
private func isAllowedInXML(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
  default: false
  }
}

/// A list of attributes, written in the order in which they are given.
typealias Attributes = KeyValuePairs<String, String>

/// A growing picture: SVG elements in painting order.
struct SVGCanvas {
  let width: Double
  let height: Double
  private(set) var body = ""
  /// Where a pointer can ask for numbers.
  var readout: Readout?

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func element(_ name: String, _ attributes: Attributes, content: String? = nil) {
    body += "<\(name)"
    for (key, value) in attributes { body += " \(key)=\"\(escaped(value))\"" }
    if let content { body += ">\(content)</\(name)>\n" } else { body += "/>\n" }
  }

  mutating func line(_ cssClass: String, from start: Point, to end: Point) {
    element(
      "line",
      [
        "class": cssClass, "x1": coordinate(start.x), "y1": coordinate(start.y), "x2": coordinate(end.x),
        "y2": coordinate(end.y),
      ])
  }

  mutating func rectangle(_ cssClass: String, _ rectangle: Rectangle, tooltip: String? = nil) {
    element(
      "rect",
      [
        "class": cssClass, "x": coordinate(rectangle.left), "y": coordinate(rectangle.top),
        "width": coordinate(rectangle.width), "height": coordinate(rectangle.height),
      ],
      content: tooltip.map { "<title>\(escaped($0))</title>" })
  }

  mutating func path(_ cssClass: String, _ description: String, dashes: String? = nil) {
    if let dashes {
      element("path", ["class": cssClass, "d": description, "stroke-dasharray": dashes])
    } else {
      element("path", ["class": cssClass, "d": description])
    }
  }

  enum Anchor: String {
    case start
    case middle
    case end
  }

  mutating func text(_ cssClass: String, _ text: String, at point: Point, anchor: Anchor = .start) {
    element(
      "text",
      ["class": cssClass, "x": coordinate(point.x), "y": coordinate(point.y), "text-anchor": anchor.rawValue],
      content: escaped(text))
  }

  /// A grid of pixels stretched over a rectangle without blurring them.
  mutating func pixels(_ image: IndexedImage, over rectangle: Rectangle) {
    element(
      "image",
      [
        "class": "pixels", "x": coordinate(rectangle.left), "y": coordinate(rectangle.top),
        "width": coordinate(rectangle.width), "height": coordinate(rectangle.height),
        "preserveAspectRatio": "none", "href": image.dataURI,
      ])
  }
}

struct Point: Sendable, Hashable {
  var x: Double
  var y: Double
}

struct Rectangle: Sendable, Hashable {
  var left: Double
  var top: Double
  var width: Double
  var height: Double

  var right: Double { left + width }
  var bottom: Double { top + height }
  func contains(_ point: Point) -> Bool { point.x >= left && point.x <= right && point.y >= top && point.y <= bottom }
}

internal import EbbMarkup

/// A growing picture: SVG elements in painting order.
struct SVGCanvas {
  let width: Double
  let height: Double
  private(set) var body = ""
  /// Where a pointer can ask for numbers.
  var readout: Readout?

  mutating func element(_ name: String, _ attributes: XMLAttributes, content: String? = nil) {
    body += xmlElement(name, attributes, content: content) + "\n"
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
      content: tooltip.map { "<title>\(xmlEscaped($0))</title>" })
  }

  mutating func path(_ cssClass: String, _ description: String, dashes: String? = nil) {
    element("path", ["class": cssClass, "d": description, "stroke-dasharray": dashes])
  }

  mutating func text(_ cssClass: String, _ text: String, at point: Point, anchor: TextAnchor = .start) {
    element(
      "text",
      ["class": cssClass, "x": coordinate(point.x), "y": coordinate(point.y), "text-anchor": anchor.rawValue],
      content: xmlEscaped(text))
  }

  /// A grid of pixels stretched over a rectangle without blurring.
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

public import EbbGraph
internal import EbbMarkup

extension Graph {
  /// The graph as an SVG picture that needs no other tool or font, readable on light and on dark backgrounds.
  ///
  /// Operands are drawn to the left of the nodes that read them; the carried operands of delays return as dashed loops.
  /// An unrolled graph (with nodes named `h@0`, `h@1` …) has a column for each time step, with operands below results.
  /// A graph with more boxes than `maximumNodes` becomes a picture of a message.
  public func svg(_ options: DrawingOptions = DrawingOptions()) -> String {
    var drawing = Drawing(self, options)
    if drawing.boxes.count > options.maximumNodes {
      return SVGWriter.message(drawing.apology(options))
    }
    if let columns = TimeColumns(self, drawing) {
      drawing.markStates(columns)
      return SVGWriter(drawing: drawing, picture: drawing.columnPicture(columns), state: "read by another step").text
    }
    return SVGWriter(drawing: drawing, picture: drawing.flowPicture(), state: "earlier or later step").text
  }
}

/// Writes a laid-out drawing as SVG.
private struct SVGWriter {
  private(set) var text: String

  /// `state` is the meaning of the colour of states in this picture.
  init(drawing: Drawing, picture: Picture, state: String) {
    let legend = Self.legend(drawing, state)
    let bounds = picture.bounds
    let margin = Picture.margin
    let legendWidth = legend.reduce(0) { $0 + textWidth($1.text, size: 11, in: .formula) + 34 }
    let width = max(bounds.width, legendWidth) + 2 * margin
    let height = bounds.height + 2 * margin + (legend.isEmpty ? 0 : 26)
    var parts = "\n"
    for (index, band) in picture.bands.enumerated() { parts += Self.text(band, isOdd: index % 2 == 1) }
    for curve in picture.curves { parts += Self.text(curve) }
    for (box, rectangle) in zip(drawing.boxes, picture.rectangles) { parts += Self.text(box, rectangle) }
    for curve in picture.curves {
      for label in curve.labels { parts += Self.text(label, isCarried: curve.kind == .carried) }
    }
    let shift = "\(number((width - bounds.width) / 2 - bounds.left)) \(number(margin - bounds.top))"
    var content = xmlElement("g", ["transform": "translate(\(shift))"], content: parts) + "\n"
    var x = (width - legendWidth) / 2 + 8
    for entry in legend {
      let mark = Rectangle(left: x, top: height - 27, width: 14, height: 11)
      content += Self.rectangle("box \(entry.style)", mark, radius: 3)
      content += Self.text("legend", Point(x: x + 19, y: height - 17), entry.text) + "\n"
      x += textWidth(entry.text, size: 11, in: .formula) + 34
    }
    text = Self.picture(width: width, height: height, content)
  }

  /// A picture of one sentence.
  static func message(_ sentence: String) -> String {
    let width = textWidth(sentence, size: 13, in: .formula) + 40
    return picture(
      width: width, height: 60, text("name", Point(x: width / 2, y: 34), xmlEscaped(sentence)) + "\n")
  }

  private static func picture(width: Double, height: Double, _ content: String) -> String {
    let ground = xmlElement("rect", ["class": "ground", "width": "100%", "height": "100%"])
    return xmlElement(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "ebb-graph", "width": number(width), "height": number(height),
        "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
      ], content: "\n<style>\n\(SVGStyle.sheet)</style>\n\(ground)\n\(content)") + "\n"
  }

  // MARK: Parts

  private static func text(_ band: Picture.Band, isOdd: Bool) -> String {
    let area = band.rectangle
    let title = text("step", Point(x: area.middle.x, y: area.bottom - 9), xmlEscaped(band.title))
    return rectangle("band\(isOdd ? " odd" : "")", area, radius: 8) + title + "\n"
  }

  private static func text(_ curve: Picture.Curve) -> String {
    let style = curve.kind == .plain ? "" : " " + curve.kind.rawValue
    // The head is a triangle with its tip at the end.
    let (d, e) = (curve.direction, curve.end)
    let base = Point(x: e.x - 7 * d.x, y: e.y - 7 * d.y)
    var head = SVGPath(from: e)
    head.line(to: Point(x: base.x - 3.5 * d.y, y: base.y + 3.5 * d.x))
    head.line(to: Point(x: base.x + 3.5 * d.y, y: base.y - 3.5 * d.x))
    return xmlElement("path", ["class": "edge\(style)", "d": curve.path])
      + xmlElement("path", ["class": "head\(style)", "d": head.text + "Z"]) + "\n"
  }

  private static func text(_ box: Drawing.Box, _ area: Rectangle) -> String {
    var parts = xmlElement("title", [:], content: xmlEscaped(box.equation))
    parts += rectangle("box \(box.style)", area, radius: 9)
    let lines = [!box.name.isEmpty, !box.type.isEmpty].count { $0 }
    var place = area.middle
    place.y = place.y + 5 - Double(lines) * 7.5
    parts += text("symbol", place, content(box.symbol))
    if !box.name.isEmpty {
      place.y += 15
      parts += text("name", place, content(box.name))
    }
    if !box.type.isEmpty {
      place.y += 14
      parts += text("type", place, xmlEscaped(box.type))
    }
    return xmlElement("g", [:], content: parts) + "\n"
  }

  private static func content(_ pieces: [Drawing.Piece]) -> String {
    var isLowered = false
    return pieces.map { piece in
      let shift = piece.isLowered == isLowered ? nil : piece.isLowered ? "4" : "-4"
      isLowered = piece.isLowered
      let style = (piece.isParameter ? ["of-parameter"] : []) + (piece.isLowered ? ["lowered"] : [])
      return xmlElement(
        "tspan", ["class": style.isEmpty ? nil : style.joined(separator: " "), "dy": shift],
        content: xmlEscaped(piece.text))
    }.joined()
  }

  private static func text(_ label: Picture.Label, isCarried: Bool) -> String {
    text("label\(isCarried ? " carried" : "")", label.place, xmlEscaped(label.text), anchor: label.anchor) + "\n"
  }

  // MARK: Elements

  private static func rectangle(_ style: String, _ area: Rectangle, radius: Int) -> String {
    xmlElement(
      "rect",
      [
        "class": style, "x": number(area.left), "y": number(area.top), "width": number(area.width),
        "height": number(area.height), "rx": String(radius),
      ])
  }

  private static func text(
    _ style: String, _ place: Point, _ content: String, anchor: TextAnchor? = nil
  ) -> String {
    xmlElement(
      "text", ["class": style, "text-anchor": anchor?.rawValue, "x": number(place.x), "y": number(place.y)],
      content: content)
  }

  /// The meaning of the colours in this picture.
  private static func legend(_ drawing: Drawing, _ state: String) -> [(text: String, style: String)] {
    var entries: [(String, String)] = []
    func add(_ role: Drawing.Role, _ text: String) {
      if drawing.boxes.contains(where: { $0.role == role }) { entries.append((text, role.rawValue)) }
    }
    add(.input, "input")
    add(.parameter, "parameter")
    add(.state, state)
    add(.output, "output")
    let plain = drawing.boxes.filter { $0.role == .plain }
    let hasCycle = plain.contains(where: \.isOnCycle)
    if hasCycle { entries.append(("step by step", "cyclic")) }
    if !plain.allSatisfy(\.isOnCycle) { entries.append((hasCycle ? "whole sequence" : "operation", "plain")) }
    return entries.count > 1 ? entries : []
  }
}

extension Drawing.Box {
  fileprivate var style: String { role.rawValue + (isOnCycle ? " cyclic" : "") }
}

private func number(_ value: Double) -> String { coordinate(value, places: Picture.places) }

extension Graph {
  /// The graph as an SVG picture that needs no other tool or font, readable on light and on dark backgrounds.
  ///
  /// Operands are to the left of what reads them; the carried operands of delays return as dashed loops. An unrolled
  /// graph (whose nodes are named `h@0`, `h@1` …) is drawn with a column for each time step, and operands below. A graph
  /// of more boxes than `maximumNodes` gives a picture of a sentence that says so.
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
  private(set) var text = ""

  /// `state` is what the colour of states means in this picture.
  init(drawing: Drawing, picture: Picture, state: String) {
    let legend = Self.legend(drawing, state)
    let bounds = picture.bounds
    let margin = Picture.margin
    let legendWidth = legend.reduce(0) { $0 + TextWidth.of($1.text, size: 11) + 34 }
    let width = max(bounds.width, legendWidth) + 2 * margin
    let height = bounds.height + 2 * margin + (legend.isEmpty ? 0 : 26)
    open(width: width, height: height)
    let shift = Picture.Point(x: (width - bounds.width) / 2 - bounds.x, y: margin - bounds.y)
    text += "<g transform=\"translate(\(shift.svg))\">\n"
    for (index, band) in picture.bands.enumerated() { write(band, isOdd: index % 2 == 1) }
    for curve in picture.curves { write(curve) }
    for (box, rectangle) in zip(drawing.boxes, picture.rectangles) { write(box, rectangle) }
    for curve in picture.curves { for label in curve.labels { write(label, isCarried: curve.kind == .carried) } }
    text += "</g>\n"
    var x = (width - legendWidth) / 2 + 8
    for entry in legend {
      text += "<rect class=\"box \(entry.style)\" x=\"\(svgNumber(x))\" y=\"\(svgNumber(height - 27))\" "
      text += "width=\"14\" height=\"11\" rx=\"3\"/>"
      text += "<text class=\"legend\" x=\"\(svgNumber(x + 19))\" y=\"\(svgNumber(height - 17))\">\(entry.text)</text>\n"
      x += TextWidth.of(entry.text, size: 11) + 34
    }
    text += "</svg>\n"
  }

  private init() {}

  /// A picture of one sentence.
  static func message(_ sentence: String) -> String {
    var writer = SVGWriter()
    let width = TextWidth.of(sentence, size: 13) + 40
    writer.open(width: width, height: 60)
    writer.text += "<text class=\"name\" x=\"\(svgNumber(width / 2))\" y=\"34\">\(escaped(sentence))</text>\n</svg>\n"
    return writer.text
  }

  private mutating func open(width: Double, height: Double) {
    let size = "width=\"\(svgNumber(width))\" height=\"\(svgNumber(height))\""
    text += "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ebb-graph\" \(size) "
    text += "viewBox=\"0 0 \(svgNumber(width)) \(svgNumber(height))\" role=\"img\">\n"
    text += "<style>\n\(SVGStyle.sheet)</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
  }

  // MARK: Parts

  private mutating func write(_ band: Picture.Band, isOdd: Bool) {
    let area = band.rectangle
    text += "<rect class=\"band\(isOdd ? " odd" : "")\" \(attributes(area)) rx=\"8\"/>"
    let place = Picture.Label(text: band.title, place: Picture.Point(x: area.middle.x, y: area.bottom - 9))
    text += "<text class=\"step\" x=\"\(svgNumber(place.place.x))\" y=\"\(svgNumber(place.place.y))\">"
    text += "\(escaped(place.text))</text>\n"
  }

  private mutating func write(_ curve: Picture.Curve) {
    let style = curve.kind == .plain ? "" : " " + curve.kind.rawValue
    text += "<path class=\"edge\(style)\" d=\"\(curve.path)\"/>"
    // The head is a triangle whose tip is the end.
    let (d, e) = (curve.direction, curve.end)
    let base = Picture.Point(x: e.x - 7 * d.x, y: e.y - 7 * d.y)
    let sides = [
      Picture.Point(x: base.x - 3.5 * d.y, y: base.y + 3.5 * d.x),
      Picture.Point(x: base.x + 3.5 * d.y, y: base.y - 3.5 * d.x),
    ]
    text += "<path class=\"head\(style)\" "
    text += "d=\"M\(e.svg)L\(sides[0].svg)L\(sides[1].svg)Z\"/>\n"
  }

  private mutating func write(_ box: Drawing.Box, _ area: Picture.Rectangle) {
    text += "<g><title>\(escaped(box.equation))</title>"
    text += "<rect class=\"box \(box.style)\" \(attributes(area)) rx=\"9\"/>"
    let lines = [!box.name.isEmpty, !box.type.isEmpty].count { $0 }
    var y = area.middle.y + 5 - Double(lines) * 7.5
    text += "<text class=\"symbol\" \(at(area.middle.x, y))>"
    write(box.symbol)
    text += "</text>"
    if !box.name.isEmpty {
      y += 15
      text += "<text class=\"name\" \(at(area.middle.x, y))>"
      write(box.name)
      text += "</text>"
    }
    if !box.type.isEmpty {
      y += 14
      text += "<text class=\"type\" \(at(area.middle.x, y))>\(escaped(box.type))</text>"
    }
    text += "</g>\n"
  }

  private mutating func write(_ pieces: [Drawing.Piece]) {
    var isLowered = false
    for piece in pieces {
      let shift = piece.isLowered == isLowered ? "" : " dy=\"\(piece.isLowered ? 4 : -4)\""
      isLowered = piece.isLowered
      let style = (piece.isParameter ? ["of-parameter"] : []) + (piece.isLowered ? ["lowered"] : [])
      let attribute = style.isEmpty ? "" : " class=\"\(style.joined(separator: " "))\""
      text += "<tspan\(attribute)\(shift)>\(escaped(piece.text))</tspan>"
    }
  }

  private mutating func write(_ label: Picture.Label, isCarried: Bool) {
    text += "<text class=\"label\(isCarried ? " carried" : "")\" text-anchor=\"\(label.anchor.rawValue)\" "
    text += "\(at(label.place.x, label.place.y))>\(escaped(label.text))</text>\n"
  }

  private func attributes(_ area: Picture.Rectangle) -> String {
    at(area.x, area.y) + " width=\"\(svgNumber(area.width))\" height=\"\(svgNumber(area.height))\""
  }

  private func at(_ x: Double, _ y: Double) -> String { "x=\"\(svgNumber(x))\" y=\"\(svgNumber(y))\"" }

  /// What the colours in this picture mean.
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

/// Text with the characters that mean something in XML written as entities, and without those that XML forbids.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n", "\t": result += " "
    default:
      let isForbidden = scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
      result.unicodeScalars.append(isForbidden ? "\u{FFFD}" : scalar)
    }
  }
  return result
}

public import EbbGraph
internal import EbbMarkup

extension Graph {
  /// The graph in the language of Graphviz: boxes as in `svg()`, the carried operands of delays as dashed edges that do
  /// not constrain the layout. A graph with more boxes than `maximumNodes` becomes one box with a message.
  public func dot(_ options: DrawingOptions = DrawingOptions()) -> String {
    let drawing = Drawing(self, options)
    var text = "digraph {\n  rankdir=LR;\n"
    text += "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n"
    if drawing.boxes.count > options.maximumNodes {
      return text + "  n0 [label=\(dotString(drawing.apology(options)))];\n}\n"
    }
    for (index, box) in drawing.boxes.enumerated() {
      let lines = [box.symbol.text, box.name.text, box.type].filter { !$0.isEmpty }.joined(separator: "\n")
      text += "  n\(index) [label=\(dotString(lines)), tooltip=\(dotString(box.equation)), "
      text += "fillcolor=\"\(box.dotColour)\"];\n"
    }
    for arrow in drawing.arrows {
      var attributes: [String] = []
      if let label = arrow.carried ?? arrow.mark { attributes.append("label=\(dotString(label))") }
      if arrow.carried != nil { attributes.append("style=dashed") }
      if arrow.isBackward { attributes.append("constraint=false") }
      let list = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
      text += "  n\(arrow.source) -> n\(arrow.target)\(list);\n"
    }
    return text + "}\n"
  }
}

extension Drawing {
  /// The message in place of a picture that would be unreadable.
  func apology(_ options: DrawingOptions) -> String {
    "This graph has \(boxes.count) boxes; a picture of more than \(options.maximumNodes) is not readable."
  }
}

extension [Drawing.Piece] {
  /// The label without its styles; an index follows an underscore.
  fileprivate var text: String { map { $0.isLowered ? "_" + $0.text : $0.text }.joined() }
}

extension Drawing.Box {
  fileprivate var dotColour: String {
    switch role {
    case .input: "#e3f0fd"
    case .parameter: "#efe6fb"
    case .state: "#ffe9d2"
    case .output: "#e0f4e6"
    case .plain: isOnCycle ? "#fff6e5" : "#f4f6f8"
    }
  }
}

/// A string in quotes, as Graphviz reads it.
private func dotString(_ text: String) -> String {
  let content = text.writing(["\"": "\\\"", "\\": "\\\\", "\n": "\\n"]) { $0.value < 0x20 ? " " : nil }
  return "\"\(content)\""
}

internal import EbbTensors

/// # The text of a graph
/// A graph prints as lines for people to read, which `Graph(parsing:)` reads back into an equal graph:
/// ```
/// axis t: time, lengths len
/// axis b: batch
///
/// %0 x: f32 {t, b} [8] = input
/// %1 len: i32 {b} = input
/// %2 R: f32 [16, 16] = parameter
/// %3: f32 [16] = constant(0)
/// %4 h: f32 {t, b} [16] = delay(%6, initial %3; along t)
/// %5: f32 {t, b} [16] = product(h, R; contracting 0 with 0)
/// %6: f32 {t, b} [16] = tanh(%5)
///
/// output states = %6
/// ```
/// - An *axis* line gives its kind, its length if the graph fixes it, and the input of its lengths if it is ragged.
/// - A *node* line gives its handle, its name if it has one, its element type, the axes that index it (none if it has
///   no braces), its feature shape (a scalar if it has no brackets) and its operation: operands, then after a semicolon
///   its attributes. An operand is a name or, for nodes without one, a handle.
/// - An *output* line gives the name by which a run returns a node.
///
/// Numbers are printed with the fewest digits that read back exactly, and as `inf`, `-inf` and `nan`. A name that holds
/// more than letters, digits and `_ . @ / ′` is quoted like a Swift string. `#` begins a comment.
extension Graph: CustomStringConvertible {
  public var description: String {
    var sections = [axes.map(axisLine), nodes.map(line), outputs.map(outputLine)]
    sections.removeAll(where: \.isEmpty)
    return sections.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  /// The equation of one node as the graph prints it: `%5 y: f32 {t, b} [16] = tanh(%4)`.
  public func line(_ node: NodeID) -> String {
    let name = names[node].map { " " + quoted($0) } ?? ""
    return "%\(node.index)\(name): \(text(type(node))) = \(text(operation(node), Array(operands(node))))"
  }

  /// A type as the graph prints it: `f32 {t, b} [16]`.
  public func text(_ type: NodeType) -> String {
    var words = [type.element.name]
    if !type.domain.isEmpty { words.append(text(type.domain)) }
    if type.shape != .scalar { words.append(type.shape.description) }
    return words.joined(separator: " ")
  }

  /// A node as other lines refer to it: by its name or its handle.
  func reference(_ node: NodeID) -> String {
    if node == .open { return "?" }
    return names[node].map(quoted) ?? "%\(node.index)"
  }

  func text(_ axis: Axis) -> String { quoted(axes[axis.index].name) }

  func text(_ domain: Domain) -> String { "{" + domain.map(text).joined(separator: ", ") + "}" }

  private func axisLine(_ axis: AxisDescription) -> String {
    var text = "axis \(quoted(axis.name)): \(axis.kind)"
    if let length = axis.length { text += ", length \(length)" }
    if let steps = axis.steps { text += ", steps of \(self.text(steps))" }
    if let lengths = axis.lengths { text += ", lengths \(reference(lengths))" }
    return text
  }

  private func outputLine(_ output: Output) -> String { "output \(quoted(output.name)) = \(reference(output.node))" }
}

/// A name as it is printed: bare where that reads back, else quoted with escapes.
package func quoted(_ name: String) -> String {
  let scalars = name.unicodeScalars
  if let first = scalars.first, first.beginsBareName, scalars.dropFirst().allSatisfy(\.continuesBareName) {
    return name
  }
  var text = "\""
  for scalar in scalars {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\t": text += "\\t"
    default:
      if scalar.isVisible {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }
  return text + "\""
}

extension Unicode.Scalar {
  /// Whether a quoted name shows this scalar as it is: not a control character, not a mark of direction, and no space
  /// but the plain one.
  fileprivate var isVisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
    default: self == " " || !properties.isWhitespace
    }
  }

  /// Whether a name that starts with this scalar can stand without quotes.
  var beginsBareName: Bool {
    self == "_" || properties.isAlphabetic || (!isASCII && properties.generalCategory == .mathSymbol)
  }

  /// Whether a bare name can contain this scalar after its first.
  var continuesBareName: Bool {
    switch self {
    case ".", "@", "/", "′": true
    default: beginsBareName || properties.numericType != nil
    }
  }
}

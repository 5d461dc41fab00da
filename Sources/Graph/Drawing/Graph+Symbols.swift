internal import EbbTensors

/// The labels of boxes: the operations in the notation of papers.
extension Graph {
  /// What a box shows for a node, with the operands in `inlined` written out: `· W`, `1 −`, `σ`.
  func symbol(_ node: NodeID, _ inlined: Set<NodeID>) -> [Drawing.Piece] {
    let operation = self.operation(node)
    let operands = Array(self.operands(node))
    let written = operands.map { inlined.contains($0) ? inlineText($0) : nil }
    switch operation {
    case .parameter, .input:
      return Drawing.Piece.name(names[node] ?? "%\(node.index)")
    case .product(let contraction, let over):
      // Values are row vectors: a layer is x · W, its adjoint δ · Wᵀ.
      var pieces = over.isEmpty ? [] : [Drawing.Piece(text: "Σ"), lowered(axisNames(over)), Drawing.Piece(text: " ")]
      var sign = "⊗"
      var (left, right) = (written[0], written[1])
      if case .dimensions(let i, let j) = contraction {
        sign = "·"
        if i == 0, type(operands[0]).shape.rank == 2 { left?.append(Drawing.Piece(text: "ᵀ")) }
        if j == 1 { right?.append(Drawing.Piece(text: "ᵀ")) }
      }
      pieces += infix(sign, left, right)
      return pieces
    case .binary(let function):
      return infix(sign(of: function, type(node)), written[0], written[1])
    case .compare(let comparison):
      return infix(comparison.sign, written[0], written[1])
    case .gather where written[0] != nil:
      return (written[0] ?? []) + [Drawing.Piece(text: "[")] + (written[1] ?? [Drawing.Piece(text: "·")])
        + [Drawing.Piece(text: "]")]
    case .delay(let axis, let by, _):
      return carrierSymbol(node, "\(axes[axis.index].name)−\(by)", written[1], "from")
    case .advance(let axis, let by):
      return carrierSymbol(node, "\(axes[axis.index].name)+\(by)", written[1], "to")
    case .constant, .axisIndex, .axisLength, .iota, .random, .unary, .select, .convert, .transpose, .reshape,
      .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes,
      .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .stopGradient, .clipGradient:
      var pieces = prefixSymbol(operation)
      if written.contains(where: { $0 != nil }) {
        pieces.append(Drawing.Piece(text: "("))
        for (position, piece) in written.enumerated() {
          if position > 0 { pieces.append(Drawing.Piece(text: ", ")) }
          pieces += piece ?? [Drawing.Piece(text: "·")]
        }
        pieces.append(Drawing.Piece(text: ")"))
      }
      return pieces
    }
  }

  /// The axes and features of a node's value, as the dimensions of its tensor: `[t, b, 16]`.
  func dimensions(_ node: NodeID) -> String {
    let type = self.type(node)
    let extents = type.domain.map { axes[$0.index].name } + type.shape.array.map(String.init)
    let element = type.element.isFloat ? "" : type.element.name + " "
    return extents.isEmpty ? element : element + "[" + extents.joined(separator: ", ") + "]"
  }

  /// An operation that stands before its operands, or alone.
  private func prefixSymbol(_ operation: Operation) -> [Drawing.Piece] {
    func plain(_ text: String) -> [Drawing.Piece] { [Drawing.Piece(text: text)] }
    func along(_ text: String, _ axes: Domain) -> [Drawing.Piece] { plain(text) + [lowered(axisNames(axes))] }
    switch operation {
    case .parameter, .input, .binary, .compare, .product, .delay, .advance: return plain(operation.keyword)
    case .constant(let value): return plain(labelText(value))
    case .axisIndex(let axis): return plain("index \(axes[axis.index].name)")
    case .axisLength(let axis): return plain("length of \(axes[axis.index].name)")
    case .iota(let count): return plain("0 … \(count - 1)")
    case .random(.uniform, _): return plain("U(0, 1)")
    case .random(.normal, _): return plain("N(0, 1)")
    case .unary(let function): return plain(function.sign)
    case .select: return plain("if")
    case .convert(let element): return plain("→ \(element.name)")
    case .transpose: return plain("transpose")
    case .reshape(let shape): return plain("→ \(shape)")
    case .broadcast(_, let count): return plain("repeat \(count)×")
    case .concatenate: return plain("[ , ]")
    case .slice(_, let start, let count): return plain("[\(start) ..< \(start + count)]")
    case .pad(_, let before, let after): return plain("pad \(before), \(after)")
    case .gather: return plain("row")
    case .scatterAdd(_, let over): return over.isEmpty ? plain("scatter +") : along("Σ", over) + plain(" scatter")
    case .reduceFeatures(.sum, _): return plain("Σ features")
    case .reduceFeatures(.max, _): return plain("max features")
    case .argmaxFeatures: return plain("argmax features")
    case .reduceAxes(.sum, let over): return along("Σ", over)
    case .reduceAxes(.max, let over): return along("max", over)
    case .argmaxAxis(let axis): return along("argmax", [axis])
    case .pick(let axis, let position): return plain("at \(axes[axis.index].name) = \(position.place)")
    case .place(let axis, let position): return plain("only at \(axes[axis.index].name) = \(position.place)")
    case .spread(let added): return plain("over \(axisNames(added))")
    case .axisToFeature(let axis): return plain("\(axes[axis.index].name) → feature")
    case .featureToAxis(let axis): return plain("feature → \(axes[axis.index].name)")
    case .stopGradient: return plain("stop ∇")
    case .clipGradient(.norm(let limit)): return plain("clip ‖∇‖ ≤ \(labelText(limit))")
    case .clipGradient(.value(let limit)): return plain("clip |∇| ≤ \(labelText(limit))")
    }
  }

  /// `hₜ₋₁ from 0`: the carried value's name at another step, and its boundary value if that is written.
  private func carrierSymbol(
    _ node: NodeID, _ step: String, _ boundary: [Drawing.Piece]?, _ preposition: String
  ) -> [Drawing.Piece] {
    let carried = operand(node, 0)
    let name = names[node] ?? names[carried] ?? operation(node).keyword
    // The state is written h, whichever scope it is in.
    var pieces = [Drawing.Piece(text: shortened(String(name.split(separator: ".").last ?? "h"))), lowered(step)]
    if let boundary { pieces += [Drawing.Piece(text: " \(preposition) ")] + boundary }
    return pieces
  }

  /// `left sign right`, of which only the written operands are shown.
  private func infix(_ sign: String, _ left: [Drawing.Piece]?, _ right: [Drawing.Piece]?) -> [Drawing.Piece] {
    var pieces: [Drawing.Piece] = []
    if let left { pieces += left + [Drawing.Piece(text: " ")] }
    pieces.append(Drawing.Piece(text: sign))
    if let right { pieces += [Drawing.Piece(text: " ")] + right }
    return pieces
  }

  private func sign(of function: BinaryFunction, _ type: NodeType) -> String {
    switch function {
    case .add: "+"
    case .subtract: "−"
    case .multiply: type.shape == .scalar ? "×" : "⊙"
    case .divide: "÷"
    case .maximum: "max"
    case .minimum: "min"
    case .power: "^"
    case .floorDivide: "⌊÷⌋"
    case .remainder: "mod"
    case .and: "∧"
    case .or: "∨"
    case .xor: "xor"
    }
  }

  private func inlineText(_ node: NodeID) -> [Drawing.Piece] {
    if case .constant(let value) = operation(node) { return [Drawing.Piece(text: labelText(value))] }
    return Drawing.Piece.name(names[node] ?? "%\(node.index)", isParameter: true)
  }

  private func lowered(_ text: String) -> Drawing.Piece { Drawing.Piece(text: text, isLowered: true) }

  private func axisNames(_ domain: Domain) -> String {
    domain.map { axes[$0.index].name }.joined(separator: ", ")
  }
}

extension Drawing.Piece {
  /// A name with its indices below the line: `W_z` and `h@3` as Wz and h3.
  package static func name(_ name: String, isParameter: Bool = false) -> [Drawing.Piece] {
    var base = Substring(name)
    var indices: [Substring] = []
    if let step = TimeColumns.step(name) {
      base = base[..<(base.lastIndex(of: "@") ?? base.endIndex)]
      indices = ["\(step)"]
    }
    if let bar = base.lastIndex(of: "_"), bar > base.startIndex {
      let index = base[base.index(after: bar)...]
      if (1...5).contains(index.count) {
        indices.insert(index, at: 0)
        base = base[..<bar]
      }
    }
    let pieces = [Drawing.Piece(text: shortened(String(base)), isParameter: isParameter)]
    if indices.isEmpty { return pieces }
    return pieces + [Drawing.Piece(text: indices.joined(separator: ","), isParameter: isParameter, isLowered: true)]
  }
}

/// A number as a label shows it: four significant digits.
private func labelText(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return constantText(value) }
  // Find the shortest of the roundings that is as near as four digits can be.
  var scale = 1.0
  var magnitude = value.magnitude
  guard magnitude >= 1e-3, magnitude < 1e6 else { return constantText(value) }
  while magnitude < 1000 {
    magnitude *= 10
    scale *= 10
  }
  return constantText((value * scale).rounded() / scale)
}

/// A name that fits a box: its beginning and its end.
private func shortened(_ name: String) -> String {
  name.count <= 24 ? name : name.prefix(8) + "…" + name.suffix(14)
}

extension UnaryFunction {
  fileprivate var sign: String {
    switch self {
    case .negate: "−"
    case .absolute: "|·|"
    case .relu: "ReLU"
    case .sqrt: "√"
    case .reciprocal: "1 ÷"
    case .sigmoid: "σ"
    case .floor: "⌊·⌋"
    case .square: "(·)²"
    case .not: "¬"
    case .isFinite: "finite?"
    case .sign, .exp, .expm1, .log, .log1p, .tanh, .softplus, .sin, .cos, .erf: "\(self)"
    }
  }
}

extension Comparison {
  fileprivate var sign: String {
    switch self {
    case .equal: "="
    case .notEqual: "≠"
    case .less: "<"
    case .lessOrEqual: "≤"
    case .greater: ">"
    case .greaterOrEqual: "≥"
    }
  }
}

extension Position {
  fileprivate var place: String {
    switch self {
    case .first: "0"
    case .last: "last"
    case .at: "·"
    }
  }
}

extension Operation {
  /// What tells the operands apart on their arrows, where their order matters.
  var operandMarks: [String?] {
    switch self {
    case .binary(.subtract): [nil, "−"]
    case .binary(.divide), .binary(.floorDivide), .binary(.remainder): [nil, "÷"]
    case .binary(.power): [nil, "^"]
    case .compare(.less), .compare(.lessOrEqual), .compare(.greater), .compare(.greaterOrEqual): ["left", "right"]
    case .select: ["if", "then", "else"]
    case .gather: ["table", "id"]
    case .scatterAdd: ["id", nil]
    case .pick(_, .at), .place(_, .at): [nil, "at"]
    case .delay: [nil, "initial"]
    case .advance: [nil, "final"]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .convert,
      .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .stopGradient, .clipGradient:
      []
    }
  }
}

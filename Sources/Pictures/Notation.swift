internal import EbbGraph
internal import EbbTensors

/// The labels of boxes: a graph's operations in mathematical notation.
struct Notation {
  let graph: Graph
  /// The operands that are written into the boxes that read them.
  private let inlined: Set<NodeID>
  /// The scopes that all names share and that labels leave out.
  private let scope: String

  init(_ graph: Graph, _ inlined: Set<NodeID>) {
    self.graph = graph
    self.inlined = inlined
    scope = Self.sharedScope(graph.names.filter { graph.operation($0.key) != .input }.map(\.value))
  }

  /// The symbol of a node, with the operands that are written instead of drawn: `· W`, `1 −`, `σ`.
  func symbol(_ node: NodeID) -> [Drawing.Piece] {
    let operation = graph.operation(node)
    let operands = Array(graph.operands(node))
    let written = operands.map { inlined.contains($0) ? inlineText($0) : nil }
    if operation.isGiven { return name(node) }
    if case .product(let contraction, let over) = operation {
      // Values are row vectors: a layer is x · W, its adjoint δ · Wᵀ.
      var pieces = over.isEmpty ? [] : [Drawing.Piece(text: "Σ"), lowered(axisNames(over)), Drawing.Piece(text: " ")]
      var sign = "⊗"
      var (left, right) = (written[0], written[1])
      if case .dimensions(let i, let j) = contraction {
        sign = "·"
        if i == 0, graph.type(operands[0]).shape.rank == 2 { left?.append(Drawing.Piece(text: "ᵀ")) }
        if j == 1 { right?.append(Drawing.Piece(text: "ᵀ")) }
      }
      let isBare = sign == "·" && left == nil && right == nil
      pieces += isBare ? [Drawing.Piece(text: "matmul")] : infix(sign, left, right)
      return pieces
    }
    if case .binary(let function) = operation {
      let isScalarProduct = function == .multiply && graph.type(node).shape == .scalar
      return infix(isScalarProduct ? "×" : function.traits.sign, written[0], written[1])
    }
    if case .compare(let comparison) = operation { return infix(comparison.sign, written[0], written[1]) }
    if operation == .gather, let table = written[0] {
      return table + [Drawing.Piece(text: "[")] + (written[1] ?? [Drawing.Piece(text: "·")])
        + [Drawing.Piece(text: "]")]
    }
    if let (axis, by, isAdvance) = operation.shift {
      let step = graph.shortName(of: axis) + (isAdvance ? "+" : "−") + "\(by)"
      return shiftSymbol(node, step, written[1], isAdvance ? "to" : "from")
    }
    if isWrittenBehind(operation) {
      let operand = written[0].map { $0 + [Drawing.Piece(text: " ")] } ?? []
      return operand + prefixSymbol(operation)
    }
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

  /// Whether the sign comes after the operand: `x → [2, 3]`.
  private func isWrittenBehind(_ operation: Operation) -> Bool {
    if case .convert = operation { return true }
    return operation.kind == .copy
  }

  /// The axes and features of a node's value, as the dimensions of its tensor: `[t, b, 16]`.
  func dimensions(_ node: NodeID) -> String {
    let type = graph.type(node)
    let extents = type.domain.map { graph.shortName(of: $0) } + type.shape.array.map(String.init)
    let element = type.element.isFloat ? "" : type.element.name + " "
    return extents.isEmpty ? element : element + "[" + extents.joined(separator: ", ") + "]"
  }

  /// The sign of an operation that is written before its operands or alone.
  private func prefixSymbol(_ operation: Operation) -> [Drawing.Piece] {
    func plain(_ text: String) -> [Drawing.Piece] { [Drawing.Piece(text: text)] }
    func along(_ text: String, _ axes: Domain) -> [Drawing.Piece] { plain(text) + [lowered(axisNames(axes))] }
    switch operation {
    case .parameter, .input, .binary, .compare, .product, .delay, .advance: return plain(operation.keyword)
    case .constant(let value): return plain(Drawing.Piece.number(value))
    case .literal: return plain("fixed numbers")
    case .axisIndex(let axis): return plain("index \(graph.shortName(of: axis))")
    case .axisLength(let axis): return plain("length of \(graph.shortName(of: axis))")
    case .iota(let count): return plain("0 … \(count - 1)")
    case .random(.uniform, _): return plain("U(0, 1)")
    case .random(.normal, _): return plain("N(0, 1)")
    case .unary(let function): return plain(function.traits.sign)
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
    case .reduceFeatures(.mean, _): return plain("mean of features")
    case .reduceFeatures(.max, _): return plain("max features")
    case .reduceFeatures(.norm, _): return plain("‖·‖₂")
    case .argmaxFeatures: return plain("argmax features")
    case .argsortFeatures(_, let isDescending): return plain(isDescending ? "order, descending" : "order")
    case .gatherFeatures: return plain("entries")
    case .scatterFeatures: return plain("scatter + features")
    case .accumulate(_, let isReversed): return plain(isReversed ? "a yᵢ₊₁ + b" : "a yᵢ₋₁ + b")
    case .matrix(.solve): return plain("A⁻¹ b")
    case .matrix(.matrixExponential): return plain("matrix exp")
    case .matrix(.orthonormalFactor): return plain("Q of Q R")
    case .reduceAxes(.sum, let over): return along("Σ", over)
    case .reduceAxes(.max, let over): return along("max", over)
    case .argmaxAxis(let axis): return along("argmax", [axis])
    case .pick(let axis, let position): return plain("at \(graph.shortName(of: axis)) = \(position.place)")
    case .place(let axis, let position): return plain("only at \(graph.shortName(of: axis)) = \(position.place)")
    case .spread(let added): return plain("over \(axisNames(added))")
    case .axisToFeature(let axis): return plain("\(graph.shortName(of: axis)) → feature")
    case .featureToAxis(let axis): return plain("feature → \(graph.shortName(of: axis))")
    case .history(let axis, let along, let isBackward):
      let order = isBackward ? "≥" : "≤"
      return plain("at \(graph.shortName(of: along)) \(order) \(graph.shortName(of: axis))")
    case .historySum(let axis, let along, let isBackward):
      let order = isBackward ? "≤" : "≥"
      return plain("Σ over \(graph.shortName(of: axis))′ \(order) \(graph.shortName(of: along))")
    case .stopGradient: return plain("stop ∇")
    case .declaredGradient: return plain("declared ∇")
    case .incomingAdjoint: return plain("incoming ∇")
    case .clipGradient(.norm(let limit, _)): return plain("clip ‖∇‖ ≤ \(Drawing.Piece.number(limit))")
    case .clipGradient(.value(let limit)): return plain("clip |∇| ≤ \(Drawing.Piece.number(limit))")
    }
  }

  /// `hₜ₋₁ from 0`: the carried value's name at another step, and its boundary value if that is written.
  private func shiftSymbol(
    _ node: NodeID, _ step: String, _ boundary: [Drawing.Piece]?, _ preposition: String
  ) -> [Drawing.Piece] {
    let carried = graph.operand(node, 0)
    var pieces = [Drawing.Piece(text: graph.operation(node).keyword), lowered(step)]
    if let named = [node, carried].first(where: { graph.name($0) != nil }) {
      // The state is written h, without its scope.
      let last = graph.name(named)?.split(separator: ".").last.map(String.init) ?? ""
      pieces = Drawing.Piece.name(last).prefix(1) + [lowered(step)]
    }
    if let boundary { pieces += [Drawing.Piece(text: " \(preposition) ")] + boundary }
    return pieces
  }

  /// `left sign right`, with only the operands that are written.
  private func infix(_ sign: String, _ left: [Drawing.Piece]?, _ right: [Drawing.Piece]?) -> [Drawing.Piece] {
    var pieces: [Drawing.Piece] = []
    if let left { pieces += left + [Drawing.Piece(text: " ")] }
    pieces.append(Drawing.Piece(text: sign))
    if let right { pieces += [Drawing.Piece(text: " ")] + right }
    return pieces
  }

  private func inlineText(_ node: NodeID) -> [Drawing.Piece] {
    if case .constant(let value) = graph.operation(node) { return [Drawing.Piece(text: Drawing.Piece.number(value))] }
    return name(node)
  }

  private func lowered(_ text: String) -> Drawing.Piece { Drawing.Piece(text: text, isLowered: true) }

  private func axisNames(_ domain: Domain) -> String {
    domain.map { graph.shortName(of: $0) }.joined(separator: ", ")
  }

  /// A node's name without the shared scope; a parameter's `forget.weight` is written W with the subscript forget.
  func name(_ node: NodeID) -> [Drawing.Piece] {
    guard let full = graph.name(node) else { return [Drawing.Piece(text: "%\(node.index)")] }
    let name = full.hasPrefix(scope) ? String(full.dropFirst(scope.count)) : full
    guard graph.operation(node) == .parameter else { return Drawing.Piece.name(name) }
    for (word, letter) in [("weight", "W"), ("bias", "b")] {
      if name == word { return [Drawing.Piece(text: letter, isParameter: true)] }
      guard name.hasSuffix("." + word) else { continue }
      let index = Drawing.Piece.shortened(String(name.dropLast(word.count + 1)))
      return [
        Drawing.Piece(text: letter, isParameter: true), Drawing.Piece(text: index, isParameter: true, isLowered: true),
      ]
    }
    return Drawing.Piece.name(name, isParameter: true)
  }

  /// The scopes that begin all names: `layer0.` in `layer0.forget.weight` and `layer0.h`.
  private static func sharedScope(_ names: [String]) -> String {
    func scopes(_ name: String) -> ArraySlice<Substring> {
      name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
    }
    guard var shared = names.first.map(scopes) else { return "" }
    for name in names.dropFirst() {
      let parts = scopes(name)
      shared = shared.prefix(zip(shared, parts).prefix { $0 == $1 }.count)
    }
    return shared.map { $0 + "." }.joined()
  }
}

internal import EbbGraph
internal import EbbTensors

/// Slices and concatenations in their simplest form, for every pass that moves features.
extension GraphEditor {
  /// Entries `start ..< start + count` of a feature dimension.
  mutating func slice(_ source: NodeID, _ dimension: Int, _ start: Int, _ count: Int) -> NodeID {
    let source = resolved(source)
    let type = type(source)
    if count == type.shape[dimension] { return source }
    let result = NodeType(type.element, type.domain, type.shape.replacing(dimension, with: count))
    let plain = Operation.slice(dimension: dimension, start: start, count: count)

    let operation = operation(source)
    if case .constant(let value) = operation { return constant(value, type.element, result.shape) }
    if case .slice(dimension, let innerStart, _) = operation {
      // x[a ..< b][c ..< d] = x[a + c ..< a + d]
      return slice(operand(source, 0), dimension, innerStart + start, count)
    }
    if operation == .concatenate(dimension: dimension) {
      // [a, b, c][i ..< j]: the covered part of each piece.
      let covered = concatenate(pieces(of: source, dimension, start, count), dimension)
      return conform(covered, to: result) ?? make(plain, [source])
    }
    if case .concatenate(let joined) = operation, isMatrixOfWeights(source) {
      // A slice across the pieces of concatenated weights concatenates slices: the whole is never built.
      let parts = operands(source).map { slice($0, dimension, start, count) }
      return concatenate(parts, joined)
    }
    if case .pad(dimension, let before, _) = operation {
      let inner = operand(source, 0)
      let extent = self.type(inner).shape[dimension]
      if start >= before, start + count <= before + extent { return slice(inner, dimension, start - before, count) }
      if start + count <= before || start >= before + extent {
        return conform(constant(0, type.element, result.shape), to: result) ?? make(plain, [source])
      }
    }
    if case .transpose(let i, let j) = operation, type.domain.isEmpty {
      // A slice of transposed weights is the transpose of a slice.
      let original = dimension == i ? j : dimension == j ? i : dimension
      return make(.transpose(i, j), [slice(operand(source, 0), original, start, count)])
    }
    return make(plain, [source])
  }

  /// These values concatenated along a feature dimension.
  mutating func concatenate(_ values: [NodeID], _ dimension: Int) -> NodeID {
    var pieces: [NodeID] = []
    for value in values {
      let value = resolved(value)
      // [[a, b], c] = [a, b, c]
      if operation(value) == .concatenate(dimension: dimension) {
        for piece in operands(value) { append(piece, to: &pieces, dimension) }
      } else {
        append(value, to: &pieces, dimension)
      }
    }
    guard pieces.count > 1 else { return pieces[0] }
    return make(.concatenate(dimension: dimension), pieces)
  }

  /// Appends a piece, or merges it with the last one: x[a ..< b], x[b ..< c] = x[a ..< c].
  private mutating func append(_ piece: NodeID, to pieces: inout [NodeID], _ dimension: Int) {
    if let last = pieces.last,
      case .slice(dimension, let start, let count) = operation(last),
      case .slice(dimension, start + count, let more) = operation(piece),
      operand(last, 0) == operand(piece, 0)
    {
      pieces[pieces.count - 1] = slice(operand(last, 0), dimension, start, count + more)
    } else {
      pieces.append(piece)
    }
  }

  /// The part of each piece of a concatenation that `start ..< start + count` covers.
  private mutating func pieces(of source: NodeID, _ dimension: Int, _ start: Int, _ count: Int) -> [NodeID] {
    var result: [NodeID] = []
    var position = 0
    for piece in operands(source) {
      let extent = type(piece).shape[dimension]
      let from = max(start, position)
      let to = min(start + count, position + extent)
      if from < to { result.append(slice(piece, dimension, from - position, to - from)) }
      position += extent
    }
    return result
  }

  /// The slices of a node, if it has no other use and they cut one dimension.
  func onlySlices(of node: NodeID) -> (slices: [(node: NodeID, start: Int, count: Int)], dimension: Int)? {
    let users = users(of: node)
    guard users.count == useCount(node) else { return nil }
    var slices: [(node: NodeID, start: Int, count: Int)] = []
    var dimension: Int?
    for user in users {
      guard case .slice(let cut, let start, let count) = operation(user), dimension ?? cut == cut else { return nil }
      dimension = cut
      slices.append((user, start, count))
    }
    return dimension.map { (slices, $0) }
  }

  /// Whether a node is a matrix without axes: weights, not activations.
  func isMatrixOfWeights(_ node: NodeID) -> Bool { type(node).domain.isEmpty && type(node).shape.rank == 2 }

  /// The value broadcast over the axes and features of `type` that it lacks.
  ///
  /// Nil if no broadcast gives the type: for a value over a ragged axis alone, without the axis of its lengths.
  mutating func conform(_ node: NodeID, to type: NodeType) -> NodeID? {
    var node = resolved(node)
    if self.type(node).shape.rank == 0 {
      for (dimension, count) in type.shape.array.enumerated() {
        node = make(.broadcast(dimension: dimension, count: count), [node])
      }
    }
    let missing = type.domain.subtracting(self.type(node).domain)
    if !missing.isEmpty { node = make(.spread(missing), [node]) }
    return self.type(node) == type ? node : nil
  }
}

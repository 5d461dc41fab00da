internal import EbbGraph

/// For each float node of a run, the indices of its axes at which some feature is not finite.
struct FlagField {
  let graph: Graph
  /// The lengths of all axes.
  let lengths: [Int]
  /// By node, row-major over the node's axes; nil for a node without flags.
  private(set) var flags: [[Bool]?]

  /// A node at one index of its axes.
  struct Element: Hashable {
    var node: NodeID
    /// The row-major position among all indices.
    var position: Int
  }

  init(_ graph: Graph, lengths: [Int]) {
    self.graph = graph
    self.lengths = lengths
    flags = Array(repeating: nil, count: graph.count)
  }

  mutating func set(_ values: [Bool], of node: NodeID) { flags[node.index] = values.contains(true) ? values : nil }

  /// The flagged indices of a node.
  func flagged(_ node: NodeID) -> [Element] {
    guard let values = flags[node.index] else { return [] }
    return values.indices.filter { values[$0] }.map { Element(node: node, position: $0) }
  }

  /// The index along each axis of the node.
  func indices(_ element: Element) -> [(axis: Axis, index: Int)] {
    var rest = element.position
    var result: [(axis: Axis, index: Int)] = []
    for axis in Array(graph.type(element.node).domain).reversed() {
      result.append((axis, rest % lengths[axis.index]))
      rest /= lengths[axis.index]
    }
    return result.reversed()
  }

  /// The flagged elements from which this one is computed. If the index that is read depends on the run's values, all
  /// candidates.
  func flaggedOperands(_ element: Element) -> [Element] {
    let known = indices(element)
    var result: [Element] = []
    for (position, operand) in graph.operands(element.node).enumerated() {
      guard let values = flags[operand.index],
        let fixed = fixedIndices(element.node, position, known)
      else { continue }
      var positions = [0]
      for axis in graph.type(operand).domain {
        let length = lengths[axis.index]
        let range = fixed[axis].map { $0..<$0 + 1 } ?? 0..<length
        positions = positions.flatMap { start in range.map { start * length + $0 } }
      }
      result += positions.filter { values[$0] }.map { Element(node: operand, position: $0) }
    }
    return result
  }

  /// The indices at which an operand is read, for axes with a single such index; nil if it is not read there at all.
  private func fixedIndices(_ node: NodeID, _ position: Int, _ known: [(axis: Axis, index: Int)]) -> [Axis: Int]? {
    var fixed = Dictionary(uniqueKeysWithValues: known.map { ($0.axis, $0.index) })
    let operation = graph.operation(node)
    if let (axis, steps, isAdvance) = operation.shift, let index = fixed[axis] {
      let isRagged = graph.description(of: axis).lengths != nil
      let read = isAdvance ? index + steps : index - steps
      let isInside = read >= 0 && read < lengths[axis.index]
      if position == 0 {
        fixed[axis] = read
        return isInside ? fixed : nil
      }
      return !isInside || isAdvance && isRagged ? fixed : nil
    }
    if case .pick(let axis, let place) = operation, position == 0 {
      switch place {
      case .first: fixed[axis] = 0
      case .last: if graph.description(of: axis).lengths == nil { fixed[axis] = lengths[axis.index] - 1 }
      case .at: break
      }
    }
    return fixed
  }

  /// The flagged elements that these depend on and that have no flagged operand themselves.
  func births(of roots: [Element]) -> [Element] {
    var visited = flags.map { $0.map { [Bool](repeating: false, count: $0.count) } }
    var pending = roots
    var births: [Element] = []
    while let element = pending.popLast() {
      if visited[element.node.index]?[element.position] ?? true { continue }
      visited[element.node.index]?[element.position] = true
      let operands = flaggedOperands(element)
      if operands.isEmpty { births.append(element) }
      pending += operands
    }
    return births
  }
}

/// The strongly connected components of a graph over all its edges, the carried ones of delays included.
///
/// Nodes of a cyclic component lie on a cycle through a delay and must run step by step.
package struct Components: Sendable {
  /// The component of each node. Components are numbered in an order of evaluation, operands first.
  package let component: [Int]
  /// The nodes of each component, ascending.
  package let members: [[NodeID]]
  /// Whether the component is a cycle (a single node counts only if it is its own operand).
  package let isCyclic: [Bool]

  /// Tarjan's algorithm (SIAM Journal on Computing 1, 1972), without recursion: graphs may be very deep.
  package init(_ graph: Graph) {
    let count = graph.count
    var order = [Int](repeating: -1, count: count)
    var low = [Int](repeating: 0, count: count)
    var onStack = [Bool](repeating: false, count: count)
    var component = [Int](repeating: -1, count: count)
    var stack: [Int] = []
    var members: [[NodeID]] = []
    var next = 0
    var work: [(node: Int, position: Int)] = []
    for root in 0..<count where order[root] < 0 {
      work.append((root, 0))
      while let (node, position) = work.last {
        if position == 0 {
          order[node] = next
          low[node] = next
          next += 1
          stack.append(node)
          onStack[node] = true
        }
        let operands = graph.operands(NodeID(node))
        if position < operands.count {
          work[work.count - 1].position += 1
          let operand = operands[operands.startIndex + position].index
          if operand >= 0 {
            if order[operand] < 0 {
              work.append((operand, 0))
            } else if onStack[operand] {
              low[node] = min(low[node], order[operand])
            }
          }
          continue
        }
        work.removeLast()
        if let parent = work.last?.node { low[parent] = min(low[parent], low[node]) }
        if low[node] == order[node] {
          var group: [NodeID] = []
          while let member = stack.popLast() {
            onStack[member] = false
            component[member] = members.count
            group.append(NodeID(member))
            if member == node { break }
          }
          members.append(group.sorted())
        }
      }
    }
    self.component = component
    self.members = members
    isCyclic = members.map { group in group.count > 1 || graph.operands(group[0]).contains(group[0]) }
  }

  /// The number of the node's component.
  package subscript(node: NodeID) -> Int { component[node.index] }
}

/// Steps along an axis, one after another.
package struct SweepDirection: Hashable, Sendable {
  package var axis: Axis
  /// Whether the steps run from the last to the first, as an advance needs it.
  package var isBackward: Bool

  package init(axis: Axis, isBackward: Bool) {
    self.axis = axis
    self.isBackward = isBackward
  }
}

extension Graph {
  /// The delays and advances that close a component's cycles; none if it is not cyclic.
  package func shifts(on component: Int, of components: Components) -> [NodeID] {
    components.members[component].filter { operation($0).shift != nil && components[operand($0, 0)] == component }
  }

  /// The axes along which a component is evaluated step by step, the outermost first; none if it is not cyclic.
  ///
  /// A recurrence over a grid has several. Its nodes have all of these axes and read no other indices along them than
  /// earlier ones, so any order of the loops is right. It is that in which the axes were declared.
  package func sweeps(on component: Int, of components: Components) -> [SweepDirection] {
    var sweeps: [SweepDirection] = []
    for node in shifts(on: component, of: components) {
      guard let shift = operation(node).shift, !sweeps.contains(where: { $0.axis == shift.axis }) else { continue }
      sweeps.append(SweepDirection(axis: shift.axis, isBackward: shift.isAdvance))
    }
    return sweeps.sorted { $0.axis < $1.axis }
  }

  /// The first history of a graph, for what knows only recurrences in which a step reads the one before; nil if there
  /// is none.
  package var firstHistory: NodeID? { nodes.first { operation($0).historyAxes != nil } }

  /// The axes of a recurrence over a grid, for what knows only recurrences along one axis; nil if there is none.
  package var gridAxes: [Axis]? {
    let components = Components(self)
    return components.members.indices.lazy.map { self.sweeps(on: $0, of: components).map(\.axis) }
      .first { $0.count > 1 }
  }
}

package import EbbGraph

/// Which time step each box of an unrolled graph belongs to, by the names that unrolling gives: `h@0`, `h@1` ….
///
/// A box without such a name takes the step of the nearest named value that depends on it. In the tail of the graph,
/// where there is none, it takes the step of the nearest named value that it depends on; so the adjoint of a step is
/// drawn at that step.
package struct TimeColumns {
  /// The step of each box; nil if it belongs to no step, like a parameter.
  package private(set) var steps: [Int?]

  /// The columns of a graph whose node and output names include at least two steps, else nil.
  package init?(_ graph: Graph, _ drawing: Drawing) {
    var names = graph.names
    for output in graph.outputs where names[output.node] == nil { names[output.node] = output.name }
    let named = drawing.boxes.map { names[$0.node].flatMap(Self.step) }
    guard Set(named.compactMap(\.self)).count >= 2 else { return nil }
    var toDescendant: [Nearest?] = named.map { $0.map { Nearest(distance: 0, step: $0) } }
    var toAncestor = toDescendant
    let forward = drawing.arrows.filter { !$0.isBackward }.sorted { $0.source < $1.source }
    for arrow in forward where named[arrow.target] == nil {
      toAncestor[arrow.target] = Nearest.nearer(toAncestor[arrow.target], toAncestor[arrow.source]?.farther)
    }
    for arrow in forward.sorted(by: { $0.target > $1.target }) where named[arrow.source] == nil {
      toDescendant[arrow.source] = Nearest.nearer(toDescendant[arrow.source], toDescendant[arrow.target]?.farther)
    }
    steps = drawing.boxes.indices.map { box in
      // A value that depends on no step is shared by all.
      guard let ancestor = toAncestor[box] else { return nil }
      return (toDescendant[box] ?? ancestor).step
    }
    // Unless only a single step reads it, as an initial state.
    let readers = Dictionary(grouping: forward, by: \.source)
    for box in steps.indices.reversed() where steps[box] == nil {
      let found = Set((readers[box] ?? []).map { steps[$0.target] })
      if found.count == 1, let step = found.first { steps[box] = step }
    }
  }

  /// The step in a name: 3 of `h@3`.
  static func step(_ name: String) -> Int? {
    guard let at = name.lastIndex(of: "@") else { return nil }
    let digits = name[name.index(after: at)...]
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(digits)
  }

  /// A named value and the number of arrows to it.
  private struct Nearest {
    var distance: Int
    var step: Int

    var farther: Nearest { Nearest(distance: distance + 1, step: step) }

    static func nearer(_ left: Nearest?, _ right: Nearest?) -> Nearest? {
      guard let left, let right else { return left ?? right }
      // The later one of equally near steps, as a sum over steps grows towards the last.
      return (right.distance, -right.step) < (left.distance, -left.step) ? right : left
    }
  }
}

internal import EbbGraph

/// Which stage of a run computes each node.
///
/// Nodes on a cycle through a delay are swept step by step; all others run over all indices at once, as early as their
/// operands allow. Levels count the stages along each path: whole-sequence stages are even, sweeps are odd, and stages
/// of one level are independent of each other.
struct Stages {
  struct Entry {
    /// Nil: the stage runs over the whole sequence.
    var sweep: Stage.Sweep?
    var level: Int
  }

  /// The stages in the order in which they run.
  private(set) var list: [Entry] = []
  /// The stage of each node: an index into `list`.
  private(set) var index: [Int] = []
  /// For each node, its cycle, or only itself.
  let components: Components

  init(_ kernels: KernelSelection) {
    let graph = kernels.graph
    components = Components(graph)
    let levels = Self.levels(kernels, components)
    var sweeps: [Int: [Int]] = [:]
    for component in components.members.indices where components.isCyclic[component] {
      sweeps[levels[component], default: []].append(component)
    }
    // One stage for the whole-sequence nodes of each even level, one for each sweep.
    var ofLevel: [Int: Int] = [:]
    var ofSweep: [Int: Int] = [:]
    for level in 0...(levels.max() ?? 0) {
      if level.isMultiple(of: 2) {
        ofLevel[level] = list.count
        list.append(Entry(level: level))
        continue
      }
      for component in sweeps[level] ?? [] {
        let sweeps = graph.sweeps(on: component, of: components)
        guard let inner = sweeps.last else { continue }
        ofSweep[component] = list.count
        let sweep = Stage.Sweep(axis: inner.axis, isBackward: inner.isBackward, outer: sweeps.dropLast())
        list.append(Entry(sweep: sweep, level: level))
      }
    }
    index = graph.nodes.map { node in
      let component = components[node]
      guard let stage = ofSweep[component] ?? ofLevel[levels[component]] else {
        preconditionFailure("%\(node.index) lies on a cycle without a delay")
      }
      return stage
    }
  }

  /// The stage in which a node is computed.
  subscript(node: NodeID) -> Entry { list[index[node.index]] }

  mutating func move(_ node: NodeID, to stage: Int) { index[node.index] = stage }

  /// The length of the longest path of stages that ends in each component.
  private static func levels(_ kernels: KernelSelection, _ components: Components) -> [Int] {
    var levels = Array(repeating: 0, count: components.members.count)
    for (index, members) in components.members.enumerated() {
      var level = components.isCyclic[index] ? 1 : 0
      for node in members where kernels.isLive(node) {
        for operand in kernels.graph.operands(node) where components[operand] != index {
          let other = levels[components[operand]]
          let isEven = other.isMultiple(of: 2)
          level = max(level, components.isCyclic[index] ? other + (isEven ? 1 : 2) : other + (isEven ? 0 : 1))
        }
      }
      levels[index] = level
    }
    return levels
  }
}

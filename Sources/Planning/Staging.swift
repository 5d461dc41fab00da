internal import EbbGraph
internal import EbbTensors

/// Which stage computes each node.
///
/// What lies on a cycle through a delay is swept step by step; everything else runs over all indices at once, as early
/// as its operands allow. Levels count the stages along each path: whole-sequence stages are even, sweeps are odd, and
/// stages of one level are independent of each other.
struct Staging {
  struct Sweep {
    var component: Int
    var axis: Axis
    var isBackward: Bool
  }

  /// The stage of each live node: an index into `stages`.
  private(set) var stage: [Int]
  /// The stages in order: a sweep, or a whole-sequence stage (nil), each with its level.
  private(set) var stages: [(sweep: Sweep?, level: Int)] = []
  /// For a product whose only reader adds something to it: that sum, which the product computes itself.
  private(set) var sum: [NodeID: NodeID] = [:]
  /// These sums.
  private var sums: Set<NodeID> = []
  let components: Components
  /// How often time has turned before each node: a forward sweep and what it needs run at even turns, from the first
  /// step to the last; a backward sweep and what follows it at odd ones, from the last step to the first.
  private(set) var turns: [Int] = []
  /// For each sum that a backward sweep keeps while it runs: what it adds up.
  private(set) var runningSums: [NodeID: NodeID] = [:]

  init(_ roles: Roles) {
    let graph = roles.graph
    components = Components(graph)
    stage = Array(repeating: 0, count: graph.count)
    var level = Array(repeating: 0, count: components.members.count)
    for (index, members) in components.members.enumerated() {
      var found = components.isCyclic[index] ? 1 : 0
      for node in members where roles.isLive(node) {
        for operand in graph.operands(node) where components[operand] != index {
          let other = level[components[operand]]
          found = max(found, components.isCyclic[index] ? other + (other % 2 == 0 ? 1 : 2) : other + other % 2)
        }
      }
      level[index] = found
    }
    // One stage for the whole-sequence nodes of each even level, one for each sweep.
    let highest = level.max() ?? 0
    var wholeStage: [Int: Int] = [:]
    var sweepStage: [Int: Int] = [:]
    let cyclic = components.members.indices.filter { components.isCyclic[$0] }
    let sweeps = Dictionary(grouping: cyclic) { level[$0] }
    for current in 0...highest {
      if current % 2 == 0 {
        wholeStage[current] = stages.count
        stages.append((nil, current))
      } else {
        for component in sweeps[current] ?? [] {
          guard let sweep = Self.sweep(graph, components, component) else { continue }
          sweepStage[component] = stages.count
          stages.append((sweep, current))
        }
      }
    }
    for node in graph.nodes {
      let component = components[node]
      stage[node.index] = sweepStage[component] ?? wholeStage[level[component]]!
    }
    turns = Self.turns(roles, components)
    fuseSums(roles)
    sink(roles)
    for (node, sweep) in RunningSums(roles, self).rising() { stage[node.index] = sweep }
    runningSums = RunningSums(roles, self).kept()
    // What a sweep has kept is there when its turn has ended.
    for (sum, added) in runningSums { turns[sum.index] = turn(added) + 1 }
  }

  /// Whether a node is a sum that a product computes itself.
  func isSum(_ node: NodeID) -> Bool { sums.contains(node) }

  /// The turn in which a node runs: in a sweep, that of the sweep.
  func turn(_ node: NodeID) -> Int {
    stages[stage[node.index]].sweep.map { turns[components.members[$0.component][0].index] } ?? turns[node.index]
  }

  private static func turns(_ roles: Roles, _ components: Components) -> [Int] {
    let graph = roles.graph
    var turns = Array(repeating: 0, count: graph.count)
    for (index, members) in components.members.enumerated() {
      var turn = 0
      for node in members where roles.isLive(node) {
        for operand in graph.operands(node) where components[operand] != index {
          // What takes all steps, or one, is there when its turn has ended.
          let isWhole = graph.operation(operand).mixedAxes.contains { graph.description(of: $0).kind == .time }
          turn = max(turn, turns[operand.index] + (isWhole ? 1 : 0))
        }
      }
      // A delay reads what is there when time runs forward, an advance when it runs backward; a leaf is always there.
      for node in members where roles.isLive(node) {
        guard let carrier = graph.operation(node).carrier else { continue }
        if components.isCyclic[index] || roles[graph.operand(node, 0)] != .leaf {
          turn += (turn % 2 == 1) == carrier.isAdvance ? 0 : 1
        }
      }
      for node in members { turns[node.index] = turn }
    }
    return turns
  }

  private static func sweep(_ graph: Graph, _ components: Components, _ component: Int) -> Sweep? {
    for node in components.members[component] {
      if let carrier = graph.operation(node).carrier, components[graph.operand(node, 0)] == component {
        return Sweep(component: component, axis: carrier.axis, isBackward: carrier.isAdvance)
      }
    }
    return nil
  }

  /// product + y, read by nothing else, starts its sums from y.
  private mutating func fuseSums(_ roles: Roles) {
    let graph = roles.graph
    for node in graph.nodes where roles.isLive(node) {
      guard case .product = roles[node], roles.users[node.index].count == 1, !roles.isOutput[node.index] else {
        continue
      }
      let user = roles.users[node.index][0]
      guard graph.operation(user) == .binary(.add), roles[user] == .elementwise, stage[user.index] == stage[node.index],
        !sums.contains(user)
      else { continue }
      let operands = roles.operands(user)
      guard operands[0] != operands[1] else { continue }
      let other = operands[0] == node ? operands[1] : operands[0]
      guard !roles.isConstant(other), graph.type(other).shape.count == graph.type(user).shape.count,
        roles.domain(user) == roles.domain(node), graph.type(user).shape.count > 1
      else { continue }
      sum[node] = user
      sums.insert(user)
    }
  }

  /// Moves what only one sweep reads, and what is cheap, into that sweep: its values then never reach memory. The same
  /// for what only one later stage reads, if at most one value more is then kept until that stage.
  private mutating func sink(_ roles: Roles) {
    let graph = roles.graph
    for node in graph.nodes.reversed() where roles.isLive(node) && !roles.isOutput[node.index] {
      guard stages[stage[node.index]].sweep == nil, roles.canonical[node.index] == node, !sums.contains(node) else {
        continue
      }
      switch roles[node] {
      case .elementwise, .reduceRows, .join, .view: break
      case .leaf, .constant, .carrier, .assembled, .build, .product, .outer, .sumColumns, .general: continue
      }
      if case .pick = graph.operation(node) { continue }
      let users = roles.users[node.index]
      guard let target = users.first.map({ stage[$0.index] }),
        users.allSatisfy({ stage[$0.index] == target && roles[$0] != .carrier })
      else { continue }
      if let sweep = stages[target].sweep {
        guard graph.type(node).domain.contains(sweep.axis), roles.domain(node) == graph.type(node).domain else {
          continue
        }
      } else {
        guard case .elementwise = roles[node], roles.hasRows(node), users.allSatisfy({ roles[$0] == .elementwise }),
          roles.operands(node).filter({ !isKept($0, until: target, roles) }).count <= 1
        else { continue }
        turns[node.index] = users.map { turns[$0.index] }.min()!
      }
      stage[node.index] = target
    }
  }

  /// Whether a node's numbers are in memory when a stage runs, whatever else happens.
  private func isKept(_ node: NodeID, until target: Int, _ roles: Roles) -> Bool {
    switch roles[node] {
    case .leaf, .constant: true
    case .view, .elementwise, .carrier, .join, .assembled, .build, .product, .outer, .reduceRows, .sumColumns, .general:
      roles.features(node) == 1 || roles.isOutput[node.index]
        || roles.users[node.index].contains { stages[stage[$0.index]].level >= stages[target].level }
    }
  }
}

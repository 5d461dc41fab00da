internal import EbbGraph

/// The order of work inside one stage: single instructions and groups of elementwise nodes that run as one program.
///
/// Built from the end backwards, each node as late as its readers allow, so that what a program computes is read soon.
/// What only a running sum reads comes beside what it reads itself.
struct Schedule {
  enum Item {
    case single(NodeID)
    case group([NodeID])
  }
  /// Elementwise nodes that can share a program: the same indices, the same width, the same features, in the same turn
  /// of time.
  struct Key: Hashable {
    var domain: Domain
    var turn: Int
    var storage: StorageType
    var layout: FeatureLayout
  }

  private(set) var items: [Item] = []

  /// Takes elementwise nodes out of their programs; a program without nodes goes.
  mutating func remove(_ taken: Set<NodeID>) {
    items = items.compactMap { item in
      switch item {
      case .single: return item
      case .group(let nodes):
        let rest = nodes.filter { !taken.contains($0) }
        return rest.isEmpty ? nil : .group(rest)
      }
    }
  }

  /// More nodes than this in one program would exhaust its temporary registers.
  private static let capacity = 60
  /// The kernels take 64 operands: what the nodes read and write, and a few constants of their opcodes.
  private static let operandCapacity = 60

  init(_ nodes: [NodeID], _ roles: Roles, _ staging: Staging, _ key: (NodeID) -> Key) {
    let inStage = Set(nodes)
    let absorbed = Set(staging.sum.keys)
    let products = Dictionary(uniqueKeysWithValues: staging.sum.map { ($1, $0) })
    var waiting: [NodeID: Int] = [:]
    var dependencies: [NodeID: [NodeID]] = [:]
    for node in nodes where !absorbed.contains(node) {
      waiting[node, default: 0] += 0
      var found: Set<NodeID> = []
      let sources = roles.operands(node) + (products[node].map { roles.operands($0) } ?? [])
      for (position, operand) in sources.enumerated() where operand != products[node] {
        // A carrier inside a sweep reads an earlier step.
        let isSwept = staging.stages[staging.stage[node.index]].sweep != nil
        if roles[node] == .carrier, position == 0, isSwept { continue }
        let producer = staging.sum[operand] ?? operand
        if inStage.contains(producer), producer != node { found.insert(producer) }
      }
      dependencies[node] = found.sorted()
      for dependency in found { waiting[dependency, default: 0] += 1 }
    }
    func isGrouped(_ node: NodeID) -> Bool { roles[node] == .elementwise && products[node] == nil }
    var single: [NodeID] = []
    var grouped: [Key: [NodeID]] = [:]
    // Sums over all indices stay together: neighbours among them run side by side.
    var sums: [NodeID] = []
    var wasSum = false
    func release(_ node: NodeID) {
      if isGrouped(node) {
        grouped[key(node), default: []].append(node)
      } else if roles[node] == .outer || roles[node] == .sumColumns {
        sums.append(node)
      } else {
        single.append(node)
      }
    }
    func next() -> NodeID? {
      let sum = wasSum || single.isEmpty ? sums.popLast() : nil
      wasSum = sum != nil
      return sum ?? single.popLast()
    }
    // What only running sums read, until everything else has read what it reads.
    var idle: Set<NodeID> = []
    var idleReaders: [NodeID: [NodeID]] = [:]
    for node in nodes where waiting[node] == 0 && isGrouped(node) && !dependencies[node]!.isEmpty {
      guard roles.users[node.index].contains(where: { staging.runningSums[$0] != nil }) else { continue }
      idle.insert(node)
      for dependency in dependencies[node]! { idleReaders[dependency, default: []].append(node) }
    }
    func releaseIdle(_ readers: [NodeID]) {
      for node in readers where idle.contains(node) {
        guard dependencies[node]!.allSatisfy({ waiting[$0] == idleReaders[$0]!.count }) else { continue }
        idle.remove(node)
        release(node)
      }
    }
    func finish(_ node: NodeID) {
      for dependency in dependencies[node]! {
        waiting[dependency]! -= 1
        idleReaders[dependency]?.removeAll { $0 == node }
        if waiting[dependency] == 0 { release(dependency) }
      }
      for dependency in dependencies[node]! { releaseIdle(idleReaders[dependency] ?? []) }
    }
    for (node, count) in waiting.sorted(by: { $0.key < $1.key }) where count == 0 && !idle.contains(node) {
      release(node)
    }
    releaseIdle(idle.sorted())
    var reversed: [Item] = []
    while true {
      if let node = next() {
        reversed.append(.single(node))
        finish(node)
        continue
      }
      // Of the programs that could come last, take the one with the most work; ties go to the latest node.
      guard
        let chosen = grouped.max(by: {
          ($0.value.count, $0.value.max()!.index) < ($1.value.count, $1.value.max()!.index)
        })?.key
      else {
        // Where each waits until another's factor has been read, one goes first.
        guard let node = idle.max() else { break }
        idle.remove(node)
        release(node)
        continue
      }
      var members: Set<NodeID> = []
      var read: Set<NodeID> = []
      var written = 0
      while members.count < Self.capacity, let node = grouped[chosen]?.last {
        // What the group itself computes takes an operand only if something else reads it too.
        let isRunning = roles.users[node.index].contains { staging.runningSums[$0] != nil }
        let isStored =
          roles.isOutput[node.index]
          || roles.users[node.index].contains { !members.contains($0) && staging.runningSums[$0] == nil }
        let added = (isStored ? 1 : 0) + (isRunning ? 1 : 0)
        let reads = read.union(roles.operands(node)).subtracting([node])
        if !members.isEmpty, reads.count + written + added > Self.operandCapacity { break }
        read = reads
        written += added
        members.insert(node)
        grouped[chosen]!.removeLast()
        if grouped[chosen]!.isEmpty { grouped[chosen] = nil }
        finish(node)
      }
      reversed.append(.group(members.sorted()))
    }
    precondition(waiting.values.allSatisfy { $0 == 0 }, "nodes of a stage wait for one another in a circle")
    items = reversed.reversed()
  }
}

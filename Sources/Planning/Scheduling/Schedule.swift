internal import EbbGraph

/// The order of work inside one stage: single instructions and groups of elementwise nodes that run as one program.
///
/// Built from the end backwards, each node as late as its readers allow, so that a program's results are read soon. A
/// value that only a running sum reads is scheduled next to its operands.
struct Schedule {
  enum Item {
    case single(NodeID)
    case group([NodeID])

    var nodes: [NodeID] {
      switch self {
      case .single(let node): [node]
      case .group(let nodes): nodes
      }
    }
  }

  private(set) var items: [Item]

  init(_ nodes: [NodeID], _ placement: Placement, _ layouts: Layouts) {
    var scheduler = ListScheduler(nodes, placement, layouts)
    items = scheduler.run()
  }

  /// Removes elementwise nodes from their programs; empty programs are dropped.
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
}

/// List scheduling from the last item to the first.
private struct ListScheduler {
  /// Elementwise nodes that can share a program: the same indices, the same width, the same features, the same phase.
  private struct Key: Hashable {
    var domain: Domain
    var phase: Phase
    var storage: StorageType
    var layout: FeatureLayout
  }

  /// More nodes than this in one program would exhaust its temporary registers.
  private static let capacity = 60
  /// The kernels take 64 operands: the nodes' operands and results, and a few constants of their opcodes.
  private static let operandCapacity = 60

  private let placement: Placement
  private let kernels: KernelSelection
  private let layouts: Layouts
  /// Each node's operands that the stage computes.
  private var dependencies: [NodeID: [NodeID]] = [:]
  /// The readers of a node that are not yet scheduled.
  private var waiting: [NodeID: Int] = [:]
  /// Nodes all of whose readers are scheduled.
  private var single: [NodeID] = []
  private var grouped: [Key: [NodeID]] = [:]
  /// Sums over all indices stay together: adjacent ones run in parallel.
  private var sums: [NodeID] = []
  private var wasSum = false
  /// Nodes that only running sums read, until all other readers of their operands are scheduled.
  private var idle: Set<NodeID> = []
  private var idleReaders: [NodeID: [NodeID]] = [:]

  init(_ nodes: [NodeID], _ placement: Placement, _ layouts: Layouts) {
    self.placement = placement
    self.layouts = layouts
    kernels = placement.kernels
    let fused = placement.fused
    let inStage = Set(nodes)
    for node in nodes where fused.sumOf[node] == nil {
      waiting[node, default: 0] += 0
      var found: Set<NodeID> = []
      let product = fused.partsOf[node]?.product
      let sources = kernels.operands(node) + (product.map { kernels.operands($0) } ?? [])
      for (position, operand) in sources.enumerated() where operand != product {
        // A shift inside a sweep reads an earlier step.
        if kernels[node] == .shift, position == 0, placement.sweep(node) != nil { continue }
        let producer = fused.sumOf[operand] ?? operand
        if inStage.contains(producer), producer != node { found.insert(producer) }
      }
      dependencies[node] = found.sorted()
      for dependency in found { waiting[dependency, default: 0] += 1 }
    }
    for node in nodes where waiting[node] == 0 && isGrouped(node) && placement.isAddedUp(node) {
      let read = reads(node)
      guard !read.isEmpty else { continue }
      idle.insert(node)
      for dependency in read { idleReaders[dependency, default: []].append(node) }
    }
  }

  private func isGrouped(_ node: NodeID) -> Bool {
    kernels[node] == .elementwise && !placement.fused.isSum(node)
  }

  private func reads(_ node: NodeID) -> [NodeID] { dependencies[node] ?? [] }

  mutating func run() -> [Schedule.Item] {
    for (node, count) in waiting.sorted(by: { $0.key < $1.key }) where count == 0 && !idle.contains(node) {
      release(node)
    }
    releaseIdle(idle.sorted())
    var reversed: [Schedule.Item] = []
    while true {
      if let node = next() {
        reversed.append(.single(node))
        finish(node)
      } else if let key = mostWork() {
        reversed.append(.group(takeGroup(key).sorted()))
      } else if let node = idle.max() {
        // If each waits for another's factor to be read, one goes first.
        idle.remove(node)
        release(node)
      } else {
        break
      }
    }
    precondition(waiting.values.allSatisfy { $0 == 0 }, "nodes of a stage wait for one another in a circle")
    return reversed.reversed()
  }

  // MARK: Nodes that may come last

  private mutating func release(_ node: NodeID) {
    if isGrouped(node) {
      let key = Key(
        domain: kernels.domain(node), phase: placement.phase(node), storage: kernels.programStorage(node),
        layout: layouts.layout(node))
      grouped[key, default: []].append(node)
    } else if kernels[node] == .outer || kernels[node] == .sumColumns {
      sums.append(node)
    } else {
      single.append(node)
    }
  }

  private mutating func next() -> NodeID? {
    let sum = wasSum || single.isEmpty ? sums.popLast() : nil
    wasSum = sum != nil
    return sum ?? single.popLast()
  }

  private mutating func releaseIdle(_ readers: [NodeID]) {
    for node in readers where idle.contains(node) {
      guard reads(node).allSatisfy({ waiting[$0] == idleReaders[$0]?.count }) else { continue }
      idle.remove(node)
      release(node)
    }
  }

  private mutating func finish(_ node: NodeID) {
    for dependency in reads(node) {
      waiting[dependency, default: 0] -= 1
      idleReaders[dependency]?.removeAll { $0 == node }
      if waiting[dependency] == 0 { release(dependency) }
    }
    for dependency in reads(node) { releaseIdle(idleReaders[dependency] ?? []) }
  }

  // MARK: Programs

  /// Of the programs that could come last, the one with the most work; for ties, the one with the latest node.
  private func mostWork() -> Key? {
    func rank(_ nodes: [NodeID]) -> (Int, NodeID) { (nodes.count, nodes.max() ?? NodeID(0)) }
    return grouped.max { rank($0.value) < rank($1.value) }?.key
  }

  private mutating func takeGroup(_ key: Key) -> Set<NodeID> {
    var members: Set<NodeID> = []
    var read: Set<NodeID> = []
    var written = 0
    while members.count < Self.capacity, let node = grouped[key]?.last {
      // A result of the group itself takes an operand only if something else reads it too.
      let isStored =
        kernels.isOutput(node) || placement.readers(node).contains { !members.contains($0) }
      let added = (isStored ? 1 : 0) + (placement.isAddedUp(node) ? 1 : 0)
      let reads = read.union(kernels.operands(node)).subtracting([node])
      if !members.isEmpty, reads.count + written + added > Self.operandCapacity { break }
      read = reads
      written += added
      members.insert(node)
      grouped[key]?.removeLast()
      if grouped[key]?.isEmpty == true { grouped[key] = nil }
      finish(node)
    }
    return members
  }
}

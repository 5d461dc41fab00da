internal import EbbGraph

/// The order of work inside one stage: single instructions and groups of elementwise nodes that run as one program.
///
/// Built from the end backwards, each node as late as its readers allow, so that what a program computes is read soon.
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
  /// More nodes than this in one program would exhaust its temporary registers.
  private static let capacity = 40
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
    for (node, count) in waiting.sorted(by: { $0.key < $1.key }) where count == 0 { release(node) }
    func finish(_ node: NodeID) {
      for dependency in dependencies[node]! {
        waiting[dependency]! -= 1
        if waiting[dependency] == 0 { release(dependency) }
      }
    }
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
      else { break }
      var members: [NodeID] = []
      var touched: Set<NodeID> = []
      while members.count < Self.capacity, let node = grouped[chosen]?.last {
        let added = Set(roles.operands(node) + [node]).subtracting(touched)
        if !members.isEmpty, touched.count + added.count > Self.operandCapacity { break }
        touched.formUnion(added)
        members.append(node)
        grouped[chosen]!.removeLast()
        if grouped[chosen]!.isEmpty { grouped[chosen] = nil }
        finish(node)
      }
      reversed.append(.group(members.sorted()))
    }
    items = reversed.reversed()
  }
}

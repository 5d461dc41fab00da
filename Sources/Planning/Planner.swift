internal import EbbGraph
internal import EbbTensors

/// Turns a graph into stages of instructions: roles, stages, layouts, schedules, storage, programs, in that order.
struct Planner {
  let graph: Graph
  let roles: Roles
  let staging: Staging
  let layouts: Layouts
  var values: [Value] = []
  var views: [NodeID: View] = [:]
  var weights: [PackedWeights] = []
  var finished: [Stage] = []
  /// For each product that starts from a sum: the sum's node, and back.
  let productOf: [NodeID: NodeID]

  /// The items of each stage.
  var schedules: [Schedule] = []
  /// The program to which an elementwise node belongs.
  var groupOf: [NodeID: Int] = [:]
  /// For each reduction that multiplies what it reduces: the factors, or of a square the one.
  var factorsOf: [NodeID: [NodeID]] = [:]
  /// Values of carriers that could not share what they carry.
  var carrierValue: [NodeID: Int] = [:]
  /// For each node that a sweep adds up while it runs: the value with its running sums.
  var runningValue: [NodeID: Int] = [:]
  /// Joined operands that are computed in place.
  var homed: Set<NodeID> = []
  /// Joins that are part of a longer one.
  var joinedElsewhere: Set<NodeID> = []
  var packed: [PackedWeights: Int] = [:]
  var isPacked: Set<Int> = []
  var paddedValues: [PaddedKey: Int] = [:]

  struct PaddedKey: Hashable {
    var node: NodeID
    var storage: StorageType
    var layout: FeatureLayout
  }

  init(_ graph: Graph) {
    self.graph = graph
    roles = Roles(graph)
    staging = Staging(roles)
    layouts = Layouts(roles, staging)
    productOf = Dictionary(uniqueKeysWithValues: staging.sum.map { ($1, $0) })
  }

  mutating func plan() {
    schedule()
    takeFactors()
    allocate()
    for stage in staging.stages.indices { emit(stage) }
  }

  // MARK: Schedules

  mutating func schedule() {
    var members = Array(repeating: [NodeID](), count: staging.stages.count)
    for node in graph.nodes where roles.isLive(node) && roles.canonical[node.index] == node {
      if case .constant = roles[node] { continue }
      members[staging.stage[node.index]].append(node)
    }
    var groups = 0
    for nodes in members {
      let schedule = Schedule(nodes, roles, staging) { node in
        Schedule.Key(
          domain: roles.domain(node), turn: staging.turn(node), storage: roles.programStorage(node),
          layout: layouts.layout(node))
      }
      for case .group(let group) in schedule.items {
        for node in group { groupOf[node] = groups }
        groups += 1
      }
      schedules.append(schedule)
    }
  }
}

extension Roles {
  /// The width in which a node is computed: a comparison in that of what it compares.
  func programStorage(_ node: NodeID) -> StorageType {
    switch graph.operation(node) {
    case .compare: storage[canonical[graph.operand(node, 0).index].index]
    case .convert:
      graph.type(node).element == .bool
        ? storage[canonical[graph.operand(node, 0).index].index] : storage[node.index]
    case .unary(.isFinite): storage[canonical[graph.operand(node, 0).index].index]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .select, .product,
      .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures,
      .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay,
      .advance, .stopGradient, .clipGradient:
      storage[node.index]
    }
  }
}

internal import EbbGraph
internal import EbbTensors

/// Which nodes have memory of their own, which are computed in another's, and which are views.
extension Planner {
  /// Gives memory to every node that something outside its own program reads.
  mutating func allocate() {
    let order = schedules.flatMap { schedule in
      schedule.items.flatMap { item in
        switch item {
        case .single(let node): [node]
        case .group(let nodes): nodes
        }
      }
    }
    // Joins first, so that what they join can be computed in place.
    let joins = order.filter { roles[$0] == .join }
    for node in joins.sorted(by: { (roles.operands($0).count, $1) > (roles.operands($1).count, $0) }) {
      if !resolveJoin(node) { allocateJoin(node) }
    }
    for node in order where views[node] == nil && needsStorage(node) { allocateValue(node) }
    for node in Set(staging.runningSums.values).sorted() { allocateRunningSum(node) }
    // Views after what they view; along a chain of views the source always comes first in the order of the graph,
    // except for carriers, whose values exist already.
    for node in graph.nodes where roles.isLive(node) && roles.canonical[node.index] == node {
      if roles[node] == .carrier { resolveCarrier(node) }
    }
    for node in graph.nodes where roles.isLive(node) && roles.canonical[node.index] == node {
      if roles[node] == .view { resolveView(node) }
    }
    settleLifetimes()
  }

  func needsStorage(_ node: NodeID) -> Bool {
    switch roles[node] {
    case .constant, .view, .carrier, .assembled, .join: return false
    case .leaf, .build, .outer, .reduceRows, .sumColumns, .general: return true
    case .product: return staging.sum[node] == nil
    case .elementwise:
      guard productOf[node] == nil, let group = groupOf[node], !roles.isOutput[node.index] else { return true }
      return roles.users[node.index].contains { groupOf[$0] != group && staging.runningSums[$0] == nil }
    }
  }

  /// A join of vectors that are computed side by side already, for a longer join, is a view of that.
  mutating func resolveJoin(_ node: NodeID) -> Bool {
    let operands = roles.operands(node)
    guard let first = views[operands[0]], homed.contains(operands[0]), !roles.isOutput[node.index],
      values[first.value].storage == roles.storage[node.index],
      roles.domain(values[first.value].node) == roles.domain(node)
    else { return false }
    var panel = first.panel
    for operand in operands {
      guard homed.contains(operand), let view = views[operand], view.value == first.value, view.panel == panel else {
        return false
      }
      panel += view.features.panels(values[first.value].storage.lanes)
    }
    views[node] = View(value: first.value, panel: first.panel, features: layouts.layout(node))
    joinedElsewhere.insert(node)
    return true
  }

  mutating func allocateJoin(_ node: NodeID) {
    let value = newValue(node)
    views[node] = View(value: value, features: layouts.layout(node))
    var start = 0
    for operand in roles.operands(node) {
      if canBeHomed(operand, in: node), let panel = layouts.layout(node).panel(of: start, values[value].storage.lanes) {
        views[operand] = View(value: value, panel: panel, features: layouts.layout(operand))
        homed.insert(operand)
      }
      start += roles.features(operand)
    }
  }

  /// An operand of a join is computed in its place if this is its only home and nothing shifts it.
  func canBeHomed(_ operand: NodeID, in join: NodeID) -> Bool {
    guard views[operand] == nil, outermostAxis(operand) == outermostAxis(join),
      roles.domain(operand) == roles.domain(join), roles.storage[operand.index] == roles.storage[join.index],
      roles.features(operand) > 1, !roles.isOutput[operand.index],
      roles.operands(join).filter({ $0 == operand }).count == 1,
      !roles.users[operand.index].contains(where: { roles[$0] == .carrier })
    else { return false }
    switch roles[operand] {
    case .elementwise: return true
    case .product: return staging.sum[operand] == nil
    case .leaf, .constant, .view, .carrier, .join, .assembled, .build, .outer, .reduceRows, .sumColumns, .general:
      return false
    }
  }

  mutating func allocateValue(_ node: NodeID) {
    let layout = roles.hasRows(node) ? layouts.layout(node) : FeatureLayout(pieces: [roles.features(node)])
    views[node] = View(value: newValue(node), features: layout)
  }

  /// One sum for each row.
  mutating func allocateRunningSum(_ node: NodeID) {
    let stage = staging.stage[node.index]
    let axes = orderedAxes(roles.domain(node), stage).filter { $0 != staging.stages[stage].sweep?.axis }
    values.append(
      Value(node: node, storage: roles.storage[node.index], axes: axes, features: layouts.layout(node)))
    runningValue[node] = values.count - 1
  }

  mutating func newValue(_ node: NodeID, axis: Axis? = nil) -> Int {
    let layout = roles.hasRows(node) ? layouts.layout(node) : FeatureLayout(pieces: [roles.features(node)])
    let domain = roles.domain(node)
    let first = axis ?? outermostAxis(node)
    let axes = first.map { first in [first] + domain.filter { $0 != first } } ?? Array(domain)
    var value = Value(node: node, storage: roles.storage[node.index], axes: axes, features: layout)
    if case .product = roles[node], layout.isScalar { value.isPadded = true }
    value.isSum = roles[node] == .sumColumns
    values.append(value)
    return values.count - 1
  }

  /// The axis along which a node is swept or delayed; else its first time axis.
  func outermostAxis(_ node: NodeID) -> Axis? {
    let domain = roles.domain(node)
    if let sweep = staging.stages[staging.stage[node.index]].sweep, domain.contains(sweep.axis) { return sweep.axis }
    for user in roles.users[node.index] {
      if let carrier = graph.operation(user).carrier, domain.contains(carrier.axis) { return carrier.axis }
    }
    for user in roles.users[node.index] {
      if let sweep = staging.stages[staging.stage[user.index]].sweep, domain.contains(sweep.axis) { return sweep.axis }
    }
    return domain.first { graph.description(of: $0).kind == .time } ?? domain.first { _ in true }
  }

  /// A delay reads what it carries, shifted, with its boundary in the places before (an advance: after) it. If that
  /// memory cannot be extended so, the carrier keeps a copy.
  mutating func resolveCarrier(_ node: NodeID) {
    let carrier = graph.operation(node).carrier!
    let carried = roles.operands(node)[0]
    let shift = carrier.isAdvance ? carrier.by : -carrier.by
    if let view = views[carried], views[carried]!.shift == 0, view.fixed == nil, !homed.contains(carried),
      !view.isRepeated,
      values[view.value].node == carried, values[view.value].axes.first == carrier.axis,
      roles.domain(carried) == roles.domain(node),
      (carrier.isAdvance ? values[view.value].after : values[view.value].before) == 0
    {
      extend(view.value, carrier)
      views[node] = View(value: view.value, features: view.features, shift: shift)
      return
    }
    let value = newValue(node, axis: carrier.axis)
    extend(value, carrier)
    carrierValue[node] = value
    views[node] = View(value: value, features: values[value].features, shift: shift)
  }

  mutating func extend(_ value: Int, _ carrier: (axis: Axis, by: Int, isAdvance: Bool)) {
    if carrier.isAdvance { values[value].after = carrier.by } else { values[value].before = carrier.by }
  }

  mutating func resolveView(_ node: NodeID) {
    let source = roles.operands(node)[0]
    guard var view = views[source] else {
      preconditionFailure("a view of %\(source.index), which has no memory")
    }
    let lanes = values[view.value].storage.lanes
    switch graph.operation(node) {
    case .slice(_, let start, let count):
      if view.isRepeated {
        // One number stands for all features, these too.
      } else if count == 1 {
        let offset = view.features.offsets(lanes)[start]
        view.panel += offset / lanes
        view.lane += offset % lanes
      } else {
        guard let panel = view.features.panel(of: start, lanes) else {
          preconditionFailure("a slice at \(start) begins in the middle of a panel")
        }
        view.panel += panel
      }
      view.features = count == 1 ? FeatureLayout(pieces: [1]) : layouts.layout(node)
    case .broadcast(_, let count):
      view.features = FeatureLayout(pieces: [count])
      view.isRepeated = true
    case .pick(let axis, let position):
      view.fixed = View.FixedAxis(axis: axis, position: position)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .concatenate, .pad, .gather, .scatterAdd, .reduceFeatures,
      .argmaxFeatures, .reduceAxes, .argmaxAxis, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance,
      .stopGradient, .clipGradient:
      preconditionFailure("\(graph.operation(node).keyword) is no view")
    }
    views[node] = view
  }

  /// A value of a sweep that only the sweep reads keeps a few steps; everything else keeps all.
  mutating func settleLifetimes() {
    var isWhole = Array(repeating: false, count: values.count)
    for (index, value) in values.enumerated() {
      let sweep = staging.stages[staging.stage[value.node.index]].sweep
      isWhole[index] = sweep == nil || value.axes.first != sweep?.axis
    }
    for (node, view) in views {
      let home = staging.stage[values[view.value].node.index]
      if roles.isOutput[node.index] || staging.stage[node.index] != home { isWhole[view.value] = true }
      let isReadLater = roles.users[node.index].contains { user in
        staging.stage[user.index] != home && staging.runningSums[user] == nil
      }
      if isReadLater { isWhole[view.value] = true }
    }
    for index in values.indices where !isWhole[index] {
      // A power of two, so that a step finds its place without a division.
      var places = 1
      while places <= max(values[index].before, values[index].after) { places *= 2 }
      values[index].lifetime = .ring(places)
    }
  }
}

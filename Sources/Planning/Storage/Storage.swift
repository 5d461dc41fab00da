internal import EbbGraph
internal import EbbTensors

/// Which nodes have their own memory, which are computed in another's, and which are views.
///
/// Every node that is read outside its own program has memory, one value each, except:
///
/// - operands of a concatenation are computed in its places, if possible;
/// - a delay or an advance is a shifted view of its operand, with its boundary next to the steps;
/// - a slice, a broadcast over features, and the first or last step are views.
struct Storage {
  let schedules: Schedules
  private(set) var values: [Value] = []
  /// For each delay that could not share its operand's memory: the value with its copy.
  private(set) var shiftCopies: [NodeID: Int] = [:]
  /// For each node that a sweep accumulates: the value with its running sums.
  private(set) var runningSums: [NodeID: Int] = [:]
  /// How each stored node is read, by canonical name.
  private var views: [NodeID: View] = [:]
  /// Operands of joins that are computed in their places.
  private var inPlace: Set<NodeID> = []
  /// Concatenations that are part of a longer one.
  private var joinedElsewhere: Set<NodeID> = []

  var placement: Placement { schedules.placement }
  private var kernels: KernelSelection { schedules.placement.kernels }
  private var layouts: Layouts { schedules.layouts }
  private var graph: Graph { kernels.graph }

  init(_ schedules: Schedules) {
    self.schedules = schedules
    let order = schedules.order
    // Concatenations first, so that their operands can be computed in place.
    let joins = order.filter { kernels[$0] == .join }
    for node in joins.sorted(by: { (kernels.operands($0).count, $1) > (kernels.operands($1).count, $0) }) {
      if !shareJoin(node) { storeJoin(node) }
    }
    for node in order where views[node] == nil && schedules.needsStorage(node) { store(node) }
    for node in Set(placement.runningSums.values).sorted() { storeRunningSum(node) }
    // Views after their sources; along a chain of views the source always comes first in the order of the graph, except
    // for delays, whose values exist already.
    for node in kernels.computed where kernels[node] == .shift { shareDelay(node) }
    for node in kernels.computed where kernels[node] == .view { views[node] = part(node) }
    settleLifetimes()
  }

  // MARK: Where a node's numbers are

  /// How a node is read. Traps if it has no memory.
  func view(_ node: NodeID) -> View {
    guard let view = views[kernels.canonical(node)] else { preconditionFailure("%\(node.index) has no memory") }
    return view
  }

  /// The source that readers of a node use: a constant is a number, even if it has memory because it is an output.
  func source(_ node: NodeID) -> Source {
    let operation = graph.operation(kernels.canonical(node))
    return if case .constant(let number) = operation { .constant(number) } else { .view(view(node)) }
  }

  /// The views of all nodes that have memory or are a part of another's.
  var allViews: [View] { views.sorted { $0.key < $1.key }.map(\.value) }

  /// The operands that a concatenation must copy: those not computed in place, each with its panel.
  func copies(_ join: NodeID) -> [(operand: NodeID, panel: Int)] {
    guard !joinedElsewhere.contains(join) else { return [] }
    let view = view(join)
    var start = 0
    var copies: [(operand: NodeID, panel: Int)] = []
    for operand in kernels.operands(join) {
      if !(inPlace.contains(operand) && views[operand]?.value == view.value) {
        guard let panel = view.features.panel(of: start, values[view.value].storage.lanes) else {
          preconditionFailure("%\(operand.index) begins in the middle of a panel of %\(join.index)")
        }
        copies.append((operand, view.panel + panel))
      }
      start += kernels.features(operand)
    }
    return copies
  }

  // MARK: Values

  private func layout(_ node: NodeID) -> FeatureLayout {
    kernels.hasRows(node) ? layouts.layout(node) : FeatureLayout(pieces: [kernels.features(node)])
  }

  private mutating func store(_ node: NodeID) {
    views[node] = View(value: newValue(node), node: node, features: layout(node))
  }

  private mutating func newValue(_ node: NodeID, axis: Axis? = nil) -> Int {
    let layout = layout(node)
    let domain = kernels.domain(node)
    let first = axis ?? placement.outermostAxis(node)
    let axes = placement.order(domain, outermost: first)
    var value = Value(
      node: node, storage: kernels.storage(node), phase: placement.phase(node), axes: axes, features: layout)
    if case .product = kernels[node], layout.isScalar { value.isPadded = true }
    value.isRowMajor = kernels.hasRows(node) && graph.type(node).shape.rank > 1
    value.isTight = isTight(node, layout)
    value.isSum = kernels[node] == .sumColumns
    values.append(value)
    return values.count - 1
  }

  /// Whether only kernels in strides touch a node's numbers, which are so few that panels would be mostly padding: those
  /// kernels take numbers at any places and touch no others. Zeros are written in panels, around a pad's numbers and
  /// behind ragged rows.
  private func isTight(_ node: NodeID, _ layout: FeatureLayout) -> Bool {
    guard kernels[node] == .strided, kernels.hasRows(node), !kernels.isOutput(node), layout.pieces.count == 1,
      layout.count > 1, !layout.count.isMultiple(of: kernels.storage(node).lanes)
    else { return false }
    if case .pad = graph.operation(node) { return false }
    return kernels.domain(node).allSatisfy { graph.description(of: $0).lengths == nil }
      && kernels.users(node).allSatisfy { kernels[$0] == .strided }
  }

  /// One sum for each row.
  private mutating func storeRunningSum(_ node: NodeID) {
    let axis = placement.sweep(node)?.axis
    let axes = placement.order(kernels.domain(node), in: placement.stage(node)).filter { $0 != axis }
    runningSums[node] = values.count
    values.append(
      Value(
        node: node, storage: kernels.storage(node), phase: placement.phase(node), axes: axes,
        features: layouts.layout(node)))
  }

  // MARK: Joins

  /// A concatenation of vectors that are already contiguous in a longer one is a view of that.
  private mutating func shareJoin(_ node: NodeID) -> Bool {
    let operands = kernels.operands(node)
    guard let first = views[operands[0]], inPlace.contains(operands[0]), !kernels.isOutput(node),
      liesByRows(node, in: values[first.value].node),
      values[first.value].storage == kernels.storage(node),
      kernels.domain(values[first.value].node) == kernels.domain(node)
    else { return false }
    var panel = first.panel
    for operand in operands {
      guard inPlace.contains(operand), let view = views[operand], view.value == first.value, view.panel == panel else {
        return false
      }
      panel += view.features.panels(values[first.value].storage.lanes)
    }
    views[node] = View(value: first.value, node: node, panel: first.panel, features: layouts.layout(node))
    joinedElsewhere.insert(node)
    return true
  }

  private mutating func storeJoin(_ node: NodeID) {
    store(node)
    let value = values.count - 1
    var start = 0
    for operand in kernels.operands(node) {
      if canBeInPlace(operand, in: node), let panel = layouts.layout(node).panel(of: start, values[value].storage.lanes)
      {
        views[operand] = View(value: value, node: operand, panel: panel, features: layouts.layout(operand))
        inPlace.insert(operand)
      }
      start += kernels.features(operand)
    }
  }

  /// An operand of a concatenation is computed in its place if this is its only home and nothing shifts it.
  private func canBeInPlace(_ operand: NodeID, in join: NodeID) -> Bool {
    guard views[operand] == nil, placement.outermostAxis(operand) == placement.outermostAxis(join),
      kernels.domain(operand) == kernels.domain(join), kernels.storage(operand) == kernels.storage(join),
      kernels.features(operand) > 1, !kernels.isOutput(operand), liesByRows(operand, in: join),
      kernels.operands(join).filter({ $0 == operand }).count == 1,
      !kernels.users(operand).contains(where: { kernels[$0] == .shift })
    else { return false }
    switch kernels[operand] {
    case .elementwise: return true
    case .product: return placement.fused.sumOf[operand] == nil
    case .leaf, .constant, .view, .shift, .join, .assembled, .build, .outer, .reduceRows, .sumColumns, .strided,
      .general:
      return false
    }
  }

  /// Whether a node can be part of another's memory: the rows of a matrix follow one another only in that of a matrix.
  private func liesByRows(_ node: NodeID, in whole: NodeID) -> Bool {
    graph.type(node).shape.rank < 2 || graph.type(whole).shape.rank > 1
  }

  // MARK: Views

  /// A delay reads its operand, shifted, with its boundary in the places before it (for an advance, after it). If that
  /// memory cannot be extended this way, the delay keeps a copy.
  private mutating func shareDelay(_ node: NodeID) {
    guard let delay = graph.operation(node).shift else { preconditionFailure("%\(node.index) is no delay") }
    let delayed = kernels.operands(node)[0]
    let shift = delay.isAdvance ? delay.by : -delay.by
    let isAcross = placement.sweep(node)?.outer.contains { $0.axis == delay.axis } ?? false
    func shifted(_ value: Int) -> View {
      var view = View(value: value, node: node, features: values[value].features)
      if isAcross { view.across = View.Across(axis: delay.axis, shift: shift) } else { view.shift = shift }
      return view
    }
    if let view = views[delayed], canShift(view, of: delayed, by: delay, in: placement.phase(node), isAcross: isAcross),
      kernels.domain(delayed) == kernels.domain(node)
    {
      values[view.value].extend(delay.axis, by: shift)
      views[node] = shifted(view.value)
      return
    }
    let value = newValue(node, axis: isAcross ? nil : delay.axis)
    values[value].extend(delay.axis, by: shift)
    shiftCopies[node] = value
    views[node] = shifted(value)
  }

  /// Whether a view is all of a node's own value, and there is room for a boundary next to its steps.
  private func canShift(
    _ view: View, of node: NodeID, by delay: (axis: Axis, by: Int, isAdvance: Bool), in phase: Phase, isAcross: Bool
  ) -> Bool {
    let value = values[view.value]
    // Rows that end at different steps have their final values among the steps: a segment that is computed again would
    // write over those of a later phase.
    let isAmongSteps = delay.isAdvance && graph.description(of: delay.axis).lengths != nil
    if isAmongSteps && phase != value.phase { return false }
    let margin = value.margin(delay.axis)
    return view.shift == 0 && view.fixed == nil && !inPlace.contains(node) && !view.isRepeated && value.node == node
      && (value.axes.first == delay.axis) != isAcross && (delay.isAdvance ? margin.after : margin.before) == 0
  }

  /// The part of its operand's memory that a slice, a repetition or a pick reads.
  private func part(_ node: NodeID) -> View {
    var view = view(kernels.operands(node)[0])
    view.node = node
    let operation = graph.operation(node)
    if let (start, count) = kernels.run(of: node) {
      let lanes = values[view.value].storage.lanes
      if view.isRepeated {
        // One number stands for all features, including these.
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
    } else if case .broadcast(_, let count) = operation {
      view.features = FeatureLayout(pieces: [count])
      view.isRepeated = true
    } else if case .pick(let axis, let position) = operation {
      view.fixed = View.FixedAxis(axis: axis, position: position)
    } else {
      preconditionFailure("\(operation.keyword) is no view")
    }
    return view
  }

  // MARK: Lifetimes

  /// A value of a sweep that only the sweep reads keeps a few steps; all others keep every step.
  private mutating func settleLifetimes() {
    var isWhole = values.map { value in
      !value.margins.isEmpty || placement.sweep(value.node).map { value.axes.first != $0.axis } ?? true
    }
    for (node, view) in views {
      let home = placement.stage(values[view.value].node)
      let isReadLater = placement.readers(node).contains { placement.stage($0) != home }
      if kernels.isOutput(node) || placement.stage(node) != home || isReadLater { isWhole[view.value] = true }
    }
    // A history that is not kept from step to step reads all of its operand at each of them, and so does its adjoint.
    for node in kernels.computed {
      guard let order = graph.operation(node).historyOrder, let result = views[node]?.value,
        let operand = views[kernels.operands(node)[0]]?.value
      else { continue }
      let isKept = !isWhole[result] && values[result].before + values[result].after == 0
      let growsThere = order.isBackward == placement.phase(node).isBackward
      if case .history = graph.operation(node), isKept, growsThere { continue }
      isWhole[operand] = true
    }
    for index in values.indices where !isWhole[index] {
      // A power of two, so that a step finds its place without a division.
      var places = 1
      while places <= max(values[index].before, values[index].after) { places *= 2 }
      values[index].lifetime = .ring(places)
    }
  }
}

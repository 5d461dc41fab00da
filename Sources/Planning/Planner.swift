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
  private var schedules: [Schedule] = []
  /// The program to which an elementwise node belongs.
  private(set) var groupOf: [NodeID: Int] = [:]
  /// Values of carriers that could not share what they carry.
  private var carrierValue: [NodeID: Int] = [:]
  /// Joined operands that are computed in place.
  private var homed: Set<NodeID> = []
  private var packed: [PackedWeights: Int] = [:]
  private var isPacked: Set<Int> = []
  private var paddedValues: [PaddedKey: Int] = [:]

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
    allocate()
    for stage in staging.stages.indices { emit(stage) }
  }

  // MARK: Schedules

  private mutating func schedule() {
    var members = Array(repeating: [NodeID](), count: staging.stages.count)
    for node in graph.nodes where roles.isLive[node.index] && roles.canonical[node.index] == node {
      if case .constant = roles[node] { continue }
      members[staging.stage[node.index]].append(node)
    }
    var groups = 0
    for nodes in members {
      let schedule = Schedule(nodes, roles, staging) { node in
        Schedule.Key(
          domain: roles.domain(node), storage: roles.programStorage(node), layout: layouts.layout(node))
      }
      for case .group(let group) in schedule.items {
        for node in group { groupOf[node] = groups }
        groups += 1
      }
      schedules.append(schedule)
    }
  }

  // MARK: Storage

  /// Gives memory to every node that something outside its own program reads.
  private mutating func allocate() {
    let order = schedules.flatMap { schedule in
      schedule.items.flatMap { item in
        switch item {
        case .single(let node): [node]
        case .group(let nodes): nodes
        }
      }
    }
    // Joins first, so that what they join can be computed in place.
    for node in order where roles[node] == .join { allocateJoin(node) }
    for node in order where views[node] == nil && needsStorage(node) { allocateValue(node) }
    // Views after what they view; along a chain of views the source always comes first in the order of the graph,
    // except for carriers, whose values exist already.
    for node in graph.nodes where roles.isLive[node.index] && roles.canonical[node.index] == node {
      if roles[node] == .carrier { resolveCarrier(node) }
    }
    for node in graph.nodes where roles.isLive[node.index] && roles.canonical[node.index] == node {
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
      return roles.users[node.index].contains { groupOf[$0] != group }
    }
  }

  private mutating func allocateJoin(_ node: NodeID) {
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
  private func canBeHomed(_ operand: NodeID, in join: NodeID) -> Bool {
    guard views[operand] == nil, staging.stage[operand.index] == staging.stage[join.index],
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

  private mutating func allocateValue(_ node: NodeID) {
    let layout = roles.hasRows(node) ? layouts.layout(node) : FeatureLayout(pieces: [roles.features(node)])
    views[node] = View(value: newValue(node), features: layout)
  }

  private mutating func newValue(_ node: NodeID, axis: Axis? = nil) -> Int {
    let layout = roles.hasRows(node) ? layouts.layout(node) : FeatureLayout(pieces: [roles.features(node)])
    let domain = roles.domain(node)
    let first = axis ?? outermostAxis(node)
    let axes = first.map { first in [first] + domain.filter { $0 != first } } ?? Array(domain)
    var value = Value(node: node, storage: roles.storage[node.index], axes: axes, features: layout)
    if case .product = roles[node], layout.isScalar { value.isPadded = true }
    values.append(value)
    return values.count - 1
  }

  /// The axis along which a node is swept or delayed; else its first time axis.
  private func outermostAxis(_ node: NodeID) -> Axis? {
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
  private mutating func resolveCarrier(_ node: NodeID) {
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

  private mutating func extend(_ value: Int, _ carrier: (axis: Axis, by: Int, isAdvance: Bool)) {
    if carrier.isAdvance { values[value].after = carrier.by } else { values[value].before = carrier.by }
  }

  private mutating func resolveView(_ node: NodeID) {
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
  private mutating func settleLifetimes() {
    var isWhole = Array(repeating: false, count: values.count)
    for (index, value) in values.enumerated() {
      let sweep = staging.stages[staging.stage[value.node.index]].sweep
      isWhole[index] = sweep == nil || value.axes.first != sweep?.axis
    }
    for (node, view) in views {
      let home = staging.stage[values[view.value].node.index]
      if roles.isOutput[node.index] || staging.stage[node.index] != home { isWhole[view.value] = true }
      if roles.users[node.index].contains(where: { staging.stage[$0.index] != home }) { isWhole[view.value] = true }
    }
    for index in values.indices where !isWhole[index] {
      values[index].lifetime = .ring(max(values[index].before, values[index].after) + 1)
    }
  }

  // MARK: Instructions

  private mutating func emit(_ stage: Int) {
    let sweep = staging.stages[stage].sweep
    var prologue: [Instruction] = []
    var body: [Instruction] = []
    for item in schedules[stage].items {
      switch item {
      case .group(let nodes):
        let program = buildProgram(nodes, stage, &prologue, &body)
        body.append(.program(program))
      case .single(let node):
        emitSingle(node, sweep, &prologue, &body)
      }
    }
    if sweep != nil {
      // A carrier's own copy is made when the step has computed what it carries.
      for node in graph.nodes where staging.stage[node.index] == stage {
        if let value = carrierValue[node] {
          body.append(
            .copy(
              from: source(roles.operands(node)[0]), to: value, panel: 0, count: roles.features(node), masked: false))
        }
      }
    }
    guard !(prologue.isEmpty && body.isEmpty) else { return }
    let kind: Stage.Kind = sweep.map { .sweep($0.axis, isBackward: $0.isBackward) } ?? .whole
    finished.append(
      Stage(
        kind: kind, prologue: prologue, instructions: body,
        sliced: sweep.flatMap { slicedAxis(stage, $0.axis) }, level: staging.stages[stage].level))
  }

  private mutating func emitSingle(
    _ node: NodeID, _ sweep: Staging.Sweep?, _ prologue: inout [Instruction], _ body: inout [Instruction]
  ) {
    switch roles[node] {
    case .leaf, .constant, .view, .assembled: break
    case .elementwise:
      guard let product = productOf[node] else { preconditionFailure("an elementwise node outside a program") }
      let addend = roles.operands(node).first { $0 != product }!
      emitProduct(product, result: node, addend: addend, sweep, &prologue, &body)
    case .product:
      emitProduct(node, result: node, addend: nil, sweep, &prologue, &body)
    case .carrier:
      if sweep != nil {
        // Rows of a ragged axis end at steps of their own: their final values are put in place step by step.
        let carrier = graph.operation(node).carrier!
        let isRagged = carrier.isAdvance && graph.description(of: carrier.axis).lengths != nil
        if isRagged { body.insert(.boundary(node), at: 0) } else { prologue.append(.boundary(node)) }
      } else {
        if let value = carrierValue[node] {
          body.append(
            .copy(
              from: source(roles.operands(node)[0]), to: value, panel: 0, count: roles.features(node), masked: false))
        }
        body.append(.boundary(node))
      }
    case .join:
      var start = 0
      let view = views[node]!
      for operand in roles.operands(node) {
        if !(homed.contains(operand) && views[operand]!.value == view.value) {
          let panel = view.features.panel(of: start, values[view.value].storage.lanes)!
          body.append(
            .copy(
              from: source(operand), to: view.value, panel: view.panel + panel, count: roles.features(operand),
              masked: false))
        }
        start += roles.features(operand)
      }
    case .outer:
      let operands = roles.operands(node).map { masked($0, sumOf: node, &body) }
      body.append(.outer(node: node, left: operands[0], right: operands[1]))
    case .sumColumns:
      let operand = masked(roles.operands(node)[0], sumOf: node, &body)
      body.append(.sumColumns(node: node, from: operand))
    case .reduceRows(let reduction):
      let rows = spelledOut(roles.operands(node)[0], stage: staging.stage[node.index], &body)
      body.append(.reduceRows(node: node, from: rows, reduction))
    case .build:
      body.append(.assemble(node: node, pieces: parts(of: node)))
    case .general:
      body.append(.general(node))
    }
  }

  private mutating func emitProduct(
    _ product: NodeID, result: NodeID, addend: NodeID?, _ sweep: Staging.Sweep?, _ prologue: inout [Instruction],
    _ body: inout [Instruction]
  ) {
    guard case .product(let rows, let matrix, let contracted) = roles[product] else {
      preconditionFailure("%\(product.index) is no product of rows and weights")
    }
    let packing = PackedWeights(
      pieces: pieces(matrix, transposed: contracted == 1), storage: roles.storage[product.index],
      rows: graph.type(matrix).shape[contracted], columns: layouts.layout(result))
    let index = packed[packing] ?? weights.count
    if index == weights.count {
      weights.append(packing)
      packed[packing] = index
    }
    if isPacked.insert(index).inserted {
      if sweep != nil { prologue.append(.pack(index)) } else { body.append(.pack(index)) }
    }
    let addend = addend.map { addend in
      roles.hasRows(addend)
        ? spelledOut(addend, stage: staging.stage[result.index], &body)
        : padded(addend, roles.storage[product.index], layouts.layout(result), sweep != nil, &prologue, &body)
    }
    let left = spelledOut(rows, stage: staging.stage[result.index], &body)
    body.append(.product(node: result, rows: left, weights: index, addend: addend))
  }

  /// A panel-shaped copy of a vector without axes, for instructions that repeat it over rows.
  mutating func padded(
    _ node: NodeID, _ storage: StorageType, _ layout: FeatureLayout, _ isSweep: Bool,
    _ prologue: inout [Instruction], _ body: inout [Instruction]
  ) -> Source {
    let key = PaddedKey(node: node, storage: storage, layout: layout)
    if let known = paddedValues[key] { return .value(known) }
    values.append(Value(node: node, storage: storage, axes: [], features: layout, isPadded: true))
    paddedValues[key] = values.count - 1
    let copy = Instruction.copy(
      from: .node(node), to: values.count - 1, panel: 0, count: roles.features(node), masked: false)
    if isSweep { prologue.append(copy) } else { body.append(copy) }
    return .value(values.count - 1)
  }

  /// A copy of a node with rows in another width, made where it is needed.
  mutating func converted(
    _ node: NodeID, to storage: StorageType, stage: Int, _ body: inout [Instruction]
  ) -> Source {
    let view = views[node]!
    let isSweep = staging.stages[stage].sweep.map { roles.domain(node).contains($0.axis) } ?? false
    let axes = orderedAxes(roles.domain(node), stage)
    values.append(
      Value(
        node: node, storage: storage, axes: axes, features: view.features, lifetime: isSweep ? .ring(1) : .whole))
    body.append(.copy(from: .node(node), to: values.count - 1, panel: 0, count: roles.features(node), masked: false))
    return .value(values.count - 1)
  }

  /// Kernels that read rows need every feature in its place, not one number that stands for all.
  private mutating func spelledOut(_ node: NodeID, stage: Int, _ body: inout [Instruction]) -> Source {
    views[node]!.isRepeated ? converted(node, to: roles.storage[node.index], stage: stage, &body) : .node(node)
  }

  private func orderedAxes(_ domain: Domain, _ stage: Int) -> [Axis] {
    guard let sweep = staging.stages[stage].sweep, domain.contains(sweep.axis) else { return Array(domain) }
    return [sweep.axis] + domain.filter { $0 != sweep.axis }
  }

  /// Sums over a ragged axis read a copy with zeros outside the index set: what lies there may be a NaN.
  private mutating func masked(_ operand: NodeID, sumOf node: NodeID, _ body: inout [Instruction]) -> Source {
    let domain = roles.domain(operand)
    guard domain.contains(where: { graph.description(of: $0).lengths != nil }) else {
      return spelledOut(operand, stage: staging.stage[node.index], &body)
    }
    let view = views[operand]!
    values.append(
      Value(
        node: operand, storage: values[view.value].storage, axes: values[view.value].axes, features: view.features))
    body.append(
      .copy(from: .node(operand), to: values.count - 1, panel: 0, count: roles.features(operand), masked: true))
    return .value(values.count - 1)
  }

  func source(_ node: NodeID) -> Source {
    if case .constant(let number) = roles[node] { .constant(number) } else { .node(node) }
  }

  /// The rectangles of dense memory of which a weight matrix consists.
  private func pieces(_ matrix: NodeID, transposed: Bool) -> [WeightPiece] {
    let found = pieces(matrix)
    guard transposed else { return found }
    return found.map {
      WeightPiece(
        value: $0.value, offset: $0.offset, rowStride: $0.columnStride, columnStride: $0.rowStride, row: $0.column,
        column: $0.row, rows: $0.columns, columns: $0.rows)
    }
  }

  private func pieces(_ matrix: NodeID) -> [WeightPiece] {
    let canonical = roles.canonical[matrix.index]
    if roles[canonical] == .assembled { return parts(of: matrix) }
    let (rows, columns) = graph.type(matrix).shape.matrix
    return [
      WeightPiece(
        value: views[canonical]!.value, offset: 0, rowStride: columns, columnStride: 1, row: 0, column: 0, rows: rows,
        columns: columns)
    ]
  }

  /// The parts of a concatenation, slice or transpose; a vector counts as a matrix of one row.
  private func parts(of matrix: NodeID) -> [WeightPiece] {
    let isVector = graph.type(matrix).shape.rank == 1
    switch graph.operation(matrix) {
    case .concatenate(let dimension):
      var start = 0
      return graph.operands(matrix).flatMap { operand -> [WeightPiece] in
        defer { start += graph.type(operand).shape[dimension] }
        return pieces(operand).map { piece in
          var moved = piece
          if dimension == 0 && !isVector { moved.row += start } else { moved.column += start }
          return moved
        }
      }
    case .slice(let dimension, let start, let count):
      return pieces(graph.operand(matrix, 0)).compactMap { $0.cut(isVector ? 1 : dimension, start, count) }
    case .transpose(let i, let j):
      return pieces(graph.operand(matrix, 0), transposed: i != j)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .reshape, .broadcast, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance,
      .stopGradient, .clipGradient:
      preconditionFailure("\(graph.operation(matrix).keyword) is not put together from pieces")
    }
  }

  /// The outermost axis beside the sweep's that every node of the stage has and none mixes.
  private func slicedAxis(_ stage: Int, _ axis: Axis) -> Axis? {
    var common: Domain?
    var mixed = Domain.empty
    for node in graph.nodes where roles.isLive[node.index] && staging.stage[node.index] == stage {
      guard roles.canonical[node.index] == node else { continue }
      if case .constant = roles[node] { continue }
      common = common.map { $0.intersection(roles.domain(node)) } ?? roles.domain(node)
      mixed = mixed.union(graph.operation(node).mixedAxes)
      if case .featureToAxis(let moved) = graph.operation(node) { mixed = mixed.inserting(moved) }
      if case .place(let placed, _) = graph.operation(node) { mixed = mixed.inserting(placed) }
    }
    return common?.subtracting(mixed).removing(axis).first { _ in true }
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

extension WeightPiece {
  /// The part of the piece that lies in `start ..< start + count` of a dimension, moved to begin at 0.
  func cut(_ dimension: Int, _ start: Int, _ count: Int) -> WeightPiece? {
    var result = self
    let (position, length) = dimension == 0 ? (row, rows) : (column, columns)
    let low = max(position, start)
    let high = min(position + length, start + count)
    guard low < high else { return nil }
    if dimension == 0 {
      result.offset += (low - position) * rowStride
      result.row = low - start
      result.rows = high - low
    } else {
      result.offset += (low - position) * columnStride
      result.column = low - start
      result.columns = high - low
    }
    return result
  }
}

extension Shape {
  /// Rows and columns of a matrix, or of a vector as a matrix of one row.
  var matrix: (rows: Int, columns: Int) { rank == 1 ? (1, self[0]) : (self[0], self[1]) }
}

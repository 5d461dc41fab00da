internal import EbbGraph
internal import EbbTensors

/// The instructions of each stage, in the order of its schedule.
extension Planner {
  mutating func emit(_ stage: Int) {
    let sweep = staging.stages[stage].sweep
    var prologue: [Instruction] = []
    var body: [Instruction] = []
    for (node, value) in runningValue.sorted(by: { $0.value < $1.value }) where staging.stage[node.index] == stage {
      prologue.append(
        .copy(from: .constant(0), to: value, panel: 0, count: roles.features(node), masked: false))
    }
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

  mutating func emitSingle(
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
    case .join where joinedElsewhere.contains(node): break
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
      if let added = staging.runningSums[node] {
        body.append(.sumColumns(node: node, from: .value(runningValue[added]!)))
        return
      }
      let operand = masked(roles.operands(node)[0], sumOf: node, &body)
      body.append(.sumColumns(node: node, from: operand))
    case .reduceRows(let reduction):
      if let factors = factorsOf[node] {
        body.append(.reduceRows(node: node, from: .node(factors[0]), times: .node(factors.last!), reduction))
      } else {
        let rows = spelledOut(roles.operands(node)[0], stage: staging.stage[node.index], &body)
        body.append(.reduceRows(node: node, from: rows, times: nil, reduction))
      }
    case .build:
      body.append(.assemble(node: node, pieces: parts(of: node)))
    case .general:
      body.append(.general(node))
    }
  }

  mutating func emitProduct(
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
  mutating func spelledOut(_ node: NodeID, stage: Int, _ body: inout [Instruction]) -> Source {
    views[node]!.isRepeated ? converted(node, to: roles.storage[node.index], stage: stage, &body) : .node(node)
  }

  func orderedAxes(_ domain: Domain, _ stage: Int) -> [Axis] {
    guard let sweep = staging.stages[stage].sweep, domain.contains(sweep.axis) else { return Array(domain) }
    return [sweep.axis] + domain.filter { $0 != sweep.axis }
  }

  /// Sums over a ragged axis read a copy with zeros outside the index set: what lies there may be a NaN.
  mutating func masked(_ operand: NodeID, sumOf node: NodeID, _ body: inout [Instruction]) -> Source {
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

  /// The outermost axis beside the sweep's that every node of the stage has and none mixes.
  func slicedAxis(_ stage: Int, _ axis: Axis) -> Axis? {
    var common: Domain?
    var mixed = Domain.empty
    for node in graph.nodes where roles.isLive(node) && staging.stage[node.index] == stage {
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

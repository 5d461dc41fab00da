internal import EbbGraph
internal import EbbTensors

/// Writes the instructions of each stage, in the order of its schedule, with the copies that kernels need.
struct Emitter {
  private(set) var stages: [Stage] = []
  /// Those of the storage, then the copies.
  private(set) var values: [Value]
  private(set) var weights: [PackedWeights] = []

  private let storage: Storage
  private let placement: Placement
  private let schedules: Schedules
  private let kernels: KernelSelection
  private var graph: Graph { kernels.graph }

  /// The current stage: the instructions before the steps of a sweep, and the others.
  private var stage = 0
  private var prologue: [Instruction] = []
  private var body: [Instruction] = []

  private var weightsIndex: [PackedWeights: Int] = [:]
  private var padded: [PaddedKey: Int] = [:]
  private var maskedCopies: [OutsideNumber: [NodeID: Int]] = [:]

  private struct PaddedKey: Hashable {
    var node: NodeID
    var storage: StorageType
    var layout: FeatureLayout
  }

  init(_ storage: Storage) {
    self.storage = storage
    schedules = storage.schedules
    placement = storage.placement
    kernels = placement.kernels
    values = storage.values
    for stage in placement.stages.list.indices { emit(stage) }
  }

  private mutating func emit(_ index: Int) {
    (stage, prologue, body) = (index, [], [])
    for (node, value) in storage.runningSums.sorted(by: { $0.value < $1.value }) where placement.stage(node) == index {
      addOnce(.copy(from: .constant(0), to: whole(value), outside: nil), placement.phase(node))
    }
    for item in schedules.ofStage[index].items {
      switch item {
      case .group(let nodes): emitProgram(nodes)
      case .single(let node): emitSingle(node)
      }
    }
    if placement.stages.list[index].sweep != nil {
      // A delay's own copy is made after the step has computed its operand.
      for (node, value) in storage.shiftCopies.sorted(by: { $0.key < $1.key }) where placement.stage(node) == index {
        emitDelayCopy(node, value)
      }
    }
    guard !(prologue.isEmpty && body.isEmpty) else { return }
    let entry = placement.stages.list[index]
    stages.append(
      Stage(
        sweep: entry.sweep, prologue: prologue, instructions: body, sliced: entry.sweep.flatMap { slicedAxis($0) },
        level: entry.level))
  }

  /// Adds an instruction that runs with every step of a sweep.
  private mutating func add(_ kernel: KernelCall, _ phase: Phase) {
    body.append(Instruction(kernel: kernel, phase: sweepPhase ?? phase))
  }

  /// Adds an instruction that runs once, before the steps of a sweep.
  private mutating func addOnce(_ kernel: KernelCall, _ phase: Phase) {
    if let sweepPhase {
      prologue.append(Instruction(kernel: kernel, phase: sweepPhase))
    } else {
      add(kernel, phase)
    }
  }

  private var sweepPhase: Phase? { placement.phases.sweep(stage) }

  // MARK: Single instructions

  private mutating func emitSingle(_ node: NodeID) {
    let phase = placement.phase(node)
    switch kernels[node] {
    case .leaf, .constant, .view, .assembled: break
    case .elementwise:
      guard let parts = placement.fused.partsOf[node], case .product(let product) = kernels[parts.product] else {
        preconditionFailure("%\(node.index) is elementwise and part of no program")
      }
      emitProduct(product, result: node, addend: parts.addend)
    case .product(let product): emitProduct(product, result: node, addend: nil)
    case .shift: emitBoundary(node)
    case .join:
      for (operand, panel) in storage.copies(node) {
        let value = storage.view(node).value
        let features = values[value].features.part(
          from: panel, count: kernels.features(operand), values[value].storage.lanes)
        let target = View(value: value, panel: panel, features: features)
        add(.copy(from: storage.source(operand), to: target, outside: nil), copyPhase(operand, to: value))
      }
    case .outer:
      let operands = kernels.operands(node).map { masked($0, .zero) }
      add(.outer(result: storage.view(node), left: operands[0], right: operands[1], over: over(node)), phase)
    case .sumColumns:
      if let added = placement.runningSums[node], let value = storage.runningSums[added] {
        // Its steps are added up; the other axes remain.
        let rest = over(node).intersection(Domain(values[value].axes))
        add(.sumColumns(result: storage.view(node), from: whole(value), over: rest), phase)
      } else {
        let operand = masked(kernels.operands(node)[0], .zero)
        add(.sumColumns(result: storage.view(node), from: operand, over: over(node)), phase)
      }
    case .reduceRows(let reduction):
      if let (left, right) = schedules.factorsOf[node] {
        add(
          .reduceRows(
            result: storage.view(node), from: storage.view(left), times: storage.view(right), reduction), phase)
      } else {
        let rows = spelledOut(kernels.operands(node)[0])
        add(.reduceRows(result: storage.view(node), from: rows, times: nil, reduction), phase)
      }
    case .build(let rearrangement):
      let shape = graph.type(node).shape
      let parts = MatrixParts(storage).parts(of: node, rearrangement)
      add(.assemble(result: storage.view(node), columns: shape[shape.rank - 1], parts), phase)
    case .strided:
      if let sum = runningSum(node) {
        add(.strided(sum), phase)
        break
      }
      if case .pad = graph.operation(node) {
        // The kernel writes the operand's numbers.
        add(.copy(from: .constant(0), to: whole(storage.view(node).value), outside: nil), phase)
      }
      var equation = equation(node, graph.operands(node))
      let axes = equation.operands.reduce(Domain.empty) { $0.union($1.type.domain) }
      if kernels.isMasked(axes, over(node)) {
        for (index, operand) in kernels.operands(node).enumerated() {
          equation.operands[index].source = .view(masked(operand, graph.operation(node).outside))
        }
      }
      add(.strided(equation), phase)
    case .general:
      add(.general(equation(node, graph.operands(node))), phase)
    }
  }

  /// A sum over some axes whose steps are added up: the other axes remain.
  private func runningSum(_ node: NodeID) -> GeneralCall? {
    guard let added = placement.runningSums[node], let value = storage.runningSums[added] else { return nil }
    var type = graph.type(added)
    type.domain = Domain(values[value].axes)
    var call = equation(node, [])
    call.operation = .reduceAxes(.sum, over: over(node).intersection(type.domain))
    call.operands = [GeneralCall.Operand(source: .view(whole(value)), type: type)]
    return call
  }

  private func over(_ node: NodeID) -> Domain { graph.operation(node).mixedAxes }

  private func equation(_ node: NodeID, _ operands: some Sequence<NodeID>) -> GeneralCall {
    GeneralCall(
      operation: graph.operation(node), type: graph.type(node), result: storage.view(node),
      operands: operands.map { GeneralCall.Operand(source: storage.source($0), type: graph.type($0)) })
  }

  /// A delay's boundary values are in place before its steps are read.
  private mutating func emitBoundary(_ node: NodeID) {
    guard let shift = graph.operation(node).shift else { preconditionFailure("%\(node.index) is no delay") }
    let boundary = KernelCall.boundary(equation(node, [graph.operand(node, 1)]))
    let phase = placement.phase(node)
    guard let sweepPhase else {
      if let value = storage.shiftCopies[node] { emitDelayCopy(node, value) }
      add(boundary, phase)
      return
    }
    // Rows of a ragged axis end at different steps, so their final values are written step by step.
    if shift.isAdvance && graph.description(of: shift.axis).lengths != nil {
      body.insert(Instruction(kernel: boundary, phase: sweepPhase), at: 0)
    } else {
      addOnce(boundary, phase)
    }
  }

  private mutating func emitDelayCopy(_ node: NodeID, _ value: Int) {
    let delayed = kernels.operands(node)[0]
    add(.copy(from: storage.source(delayed), to: whole(value), outside: nil), copyPhase(delayed, to: value))
  }

  private mutating func emitProduct(_ product: RowProduct, result: NodeID, addend: NodeID?) {
    let parts = MatrixParts(storage).pieces(product.matrix, transposed: product.contracted == 1)
    let packing = PackedWeights(
      pieces: parts, storage: kernels.storage(result), rows: graph.type(product.matrix).shape[product.contracted],
      columns: schedules.layouts.layout(result))
    let index = weightsIndex[packing] ?? weights.count
    if index == weights.count {
      weights.append(packing)
      weightsIndex[packing] = index
      addOnce(.pack(index), parts.map { values[$0.value].phase }.max() ?? .first)
    }
    let start = addend.map { addend in
      kernels.hasRows(addend)
        ? spelledOut(addend) : padded(addend, packing.storage, packing.columns)
    }
    let rows = spelledOut(product.rows)
    add(
      .product(result: storage.view(result), rows: rows, weights: index, addend: start), placement.phase(result))
  }

  // MARK: Programs

  private mutating func emitProgram(_ nodes: [NodeID]) {
    let builder = ProgramBuilder(storage, nodes)
    let width = kernels.programStorage(nodes[0])
    let domain = kernels.domain(nodes[0])
    let features =
      domain.isEmpty ? FeatureLayout(pieces: [kernels.features(nodes[0])]) : schedules.layouts.layout(nodes[0])
    // Operands in another shape or width are copied first.
    var sources: [NodeID: Source] = [:]
    for node in builder.external {
      sources[node] = storage.source(node)
      guard case .view = storage.source(node), kernels.features(node) > 1 else { continue }
      if !kernels.hasRows(node) && !domain.isEmpty {
        sources[node] = .view(padded(node, width, features))
      } else if kernels.storage(node) != width {
        sources[node] = .view(converted(node, to: width))
      }
    }
    let phase = nodes.map { placement.phase($0) }.max() ?? .first
    add(.program(builder.program(sources, storage: width, domain: domain, features: features)), phase)
  }

  // MARK: Copies that kernels need

  /// All of a value.
  private func whole(_ value: Int) -> View { View(value: value, features: values[value].features) }

  private mutating func newValue(_ value: Value) -> View {
    values.append(value)
    return whole(values.count - 1)
  }

  /// A copy runs when both its operand's phase and its own have begun.
  private func copyPhase(_ node: NodeID, to value: Int) -> Phase {
    max(placement.phase(kernels.canonical(node)), values[value].phase)
  }

  /// A panel-shaped copy of a vector without axes, for instructions that broadcast it over rows.
  private mutating func padded(_ node: NodeID, _ storage: StorageType, _ layout: FeatureLayout) -> View {
    let key = PaddedKey(node: node, storage: storage, layout: layout)
    if let known = padded[key] { return whole(known) }
    let copy = newValue(
      Value(node: node, storage: storage, phase: placement.phase(node), axes: [], features: layout, isPadded: true))
    padded[key] = copy.value
    addOnce(.copy(from: self.storage.source(node), to: copy, outside: nil), placement.phase(node))
    return copy
  }

  /// Whether a node varies along the steps of the stage, which is a sweep.
  private func variesInSweep(_ node: NodeID) -> Bool {
    placement.stages.list[stage].sweep.map { kernels.domain(node).contains($0.axis) } ?? false
  }

  /// A copy of a node with rows in another width: for each step, or before the steps of a sweep that it does not vary in.
  private mutating func converted(_ node: NodeID, to width: StorageType) -> View {
    let isSweep = variesInSweep(node)
    let copy = newValue(
      Value(
        node: node, storage: width, phase: placement.phase(node),
        axes: placement.order(kernels.domain(node), in: stage), features: storage.view(node).features,
        lifetime: isSweep ? .ring(1) : .whole, isRowMajor: values[storage.view(node).value].isRowMajor))
    let kernel = KernelCall.copy(from: storage.source(node), to: copy, outside: nil)
    if isSweep { add(kernel, placement.phase(node)) } else { addOnce(kernel, placement.phase(node)) }
    return copy
  }

  /// Kernels that read rows need every feature in its place, not one number for all.
  private mutating func spelledOut(_ node: NodeID) -> View {
    let view = storage.view(node)
    return view.isRepeated ? converted(node, to: kernels.storage(node)) : view
  }

  /// Sums over a ragged axis read a copy with zeros outside the index set, and maxima one with the least number: the
  /// numbers there may be NaN.
  private mutating func masked(_ node: NodeID, _ outside: OutsideNumber) -> View {
    guard kernels.domain(node).contains(where: { graph.description(of: $0).lengths != nil }) else {
      return spelledOut(node)
    }
    let view = storage.view(node)
    let isInSweep = variesInSweep(node)
    if !isInSweep, let known = maskedCopies[outside]?[node] { return whole(known) }
    let copy = newValue(
      Value(
        node: node, storage: values[view.value].storage, phase: placement.phase(node),
        axes: isInSweep ? placement.order(kernels.domain(node), in: stage) : values[view.value].axes,
        features: view.features, lifetime: isInSweep ? .ring(1) : .whole, isRowMajor: values[view.value].isRowMajor))
    let kernel = KernelCall.copy(from: .view(view), to: copy, outside: outside)
    if isInSweep {
      add(kernel, placement.phase(node))
    } else {
      addOnce(kernel, placement.phase(node))
      maskedCopies[outside, default: [:]][node] = copy.value
    }
    return copy
  }

  // MARK: Slices of rows

  /// The outermost axis, other than the sweep's, that every node of the stage has and none crosses.
  private func slicedAxis(_ sweep: Stage.Sweep) -> Axis? {
    var common: Domain?
    var crossed = Domain.empty
    for node in kernels.computed where placement.stage(node) == stage {
      if case .constant = kernels[node] { continue }
      common = common.map { $0.intersection(kernels.domain(node)) } ?? kernels.domain(node)
      crossed = crossed.union(graph.operation(node).crossedAxes)
    }
    let swept = Domain(sweep.outer.map(\.axis) + [sweep.axis])
    return common?.subtracting(crossed).subtracting(swept).first { _ in true }
  }
}

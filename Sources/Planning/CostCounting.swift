internal import EbbGraph

/// Counts what instructions ask for.
struct CostCounting {
  let plan: Plan
  let lengths: [Int]

  /// What all calls of an instruction ask for; inside a sweep it is called for each step of this axis.
  func cost(_ instruction: Instruction, step: Axis?) -> InstructionCost {
    let calls = step.map { lengths[$0.index] } ?? 1
    var cost = oneCall(instruction, step)
    cost.calls = calls
    cost.products *= calls
    cost.vectorOperations *= calls
    cost.bytesRead *= calls
    cost.bytesWritten *= calls
    return cost
  }

  private func oneCall(_ instruction: Instruction, _ step: Axis?) -> InstructionCost {
    var cost = InstructionCost()
    switch instruction {
    case .program(let program):
      let rows = indices(Array(program.domain), step)
      cost.vectorOperations = program.steps.count * vectors(rows, program.features, program.storage)
      for operand in program.operands {
        let bytes = bytes(operand.source, step)
        if operand.reads { cost.bytesRead += bytes }
        if operand.writes { cost.bytesWritten += bytes }
      }
    case .product(let node, let rows, let index, let addend):
      let weights = plan.weights[index]
      let count = indices(axes(.node(node)), step)
      cost.products = 2 * count * weights.rows * weights.columns.count
      cost.vectorOperations = count * weights.rows * weights.columns.panels(weights.storage.lanes)
      cost.bytesRead = bytes(rows, step) + packedBytes(index) + (addend.map { bytes($0, step) } ?? 0)
      cost.bytesWritten = bytes(.node(node), step)
    case .outer(let node, let left, let right):
      let summed = axes(left) + axes(right).filter { !axes(left).contains($0) }
      let (a, b) = (features(left), features(right))
      cost.products = 2 * indices(summed, step) * a.count * b.count
      cost.vectorOperations = indices(summed, step) * a.count * b.panels(storage(right).lanes)
      cost.bytesRead = bytes(left, step) + bytes(right, step)
      cost.bytesWritten = bytes(.node(node), step)
    case .reduceRows(let node, let from, let factor, _):
      let isProduct = factor != nil
      cost.vectorOperations = (isProduct ? 2 : 1) * vectors(indices(axes(from), step), features(from), storage(from))
      cost.bytesRead = bytes(from, step) + (factor.map { $0 == from ? 0 : bytes($0, step) } ?? 0)
      cost.bytesWritten = bytes(.node(node), step)
    case .sumColumns(let node, let from):
      cost.vectorOperations = vectors(indices(axes(from), step), features(from), storage(from))
      cost.bytesRead = bytes(from, step)
      cost.bytesWritten = bytes(.node(node), step)
    case .pack(let index):
      cost.bytesRead = plan.weights[index].pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = packedBytes(index)
    case .assemble(_, let pieces):
      cost.bytesRead = pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = cost.bytesRead
    case .copy(let from, let to, _, let count, _):
      let value = plan.values[to]
      cost.bytesRead = bytes(from, step)
      cost.bytesWritten = indices(value.axes, step) * count * value.storage.bytes
    case .boundary(let node):
      // One index of the outermost axis, whatever the number of steps that lie between.
      let outermost = axes(.node(node)).first
      cost.bytesRead = bytes(.node(plan.graph.operand(node, 1)), outermost)
      cost.bytesWritten = bytes(.node(node), outermost)
    case .general(let node):
      cost.bytesRead = plan.graph.operands(node).reduce(0) { $0 + bytes(.node($1), step) }
      cost.bytesWritten = bytes(.node(node), step)
    }
    return cost
  }

  // MARK: Sources

  private func view(_ source: Source) -> View? {
    switch source {
    case .node(let node): plan.views[plan.canonical[node.index]]
    case .value(let index): View(value: index, features: plan.values[index].features)
    case .constant: nil
    }
  }

  /// The axes along which a source's numbers differ.
  private func axes(_ source: Source) -> [Axis] {
    guard let view = view(source) else { return [] }
    return plan.values[view.value].axes.filter { $0 != view.fixed?.axis }
  }

  private func features(_ source: Source) -> FeatureLayout { view(source)?.features ?? FeatureLayout(pieces: [1]) }

  private func storage(_ source: Source) -> StorageType {
    view(source).map { plan.values[$0.value].storage } ?? .single
  }

  /// The bytes of a source, of one step of an axis if it has that axis.
  private func bytes(_ source: Source, _ step: Axis?) -> Int {
    guard let view = view(source) else { return 0 }
    let features = view.isRepeated ? 1 : view.features.count
    return indices(axes(source), step) * features * plan.values[view.value].storage.bytes
  }

  private func bytes(_ part: MatrixPart) -> Int { part.rows * part.columns * plan.values[part.value].storage.bytes }

  private func packedBytes(_ index: Int) -> Int {
    let weights = plan.weights[index]
    return weights.rows * weights.columns.panels(weights.storage.lanes) * 128
  }

  // MARK: Sizes

  private func indices(_ axes: [Axis], _ step: Axis?) -> Int {
    axes.reduce(1) { $1 == step ? $0 : $0 * lengths[$1.index] }
  }

  /// Panels of so many rows; rows of one feature lie side by side in them.
  private func vectors(_ rows: Int, _ features: FeatureLayout, _ storage: StorageType) -> Int {
    let lanes = storage.lanes
    return features.isScalar ? (rows + lanes - 1) / lanes : rows * features.panels(lanes)
  }
}

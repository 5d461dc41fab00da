internal import EbbGraph
internal import EbbTensors

/// Counts the cost of instructions.
struct CostCounting {
  let plan: Plan
  let lengths: [Int]

  /// The cost of all calls of an instruction; inside a sweep it is called for each step of this axis.
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
    switch instruction.kernel {
    case .program(let program):
      let rows = indices(Array(program.domain), step)
      cost.vectorOperations = program.steps.count * vectors(rows, program.features, program.storage)
      for operand in program.operands {
        let bytes = operand.source.view.map { self.bytes($0, step) } ?? 0
        if operand.reads { cost.bytesRead += bytes }
        if operand.writes { cost.bytesWritten += bytes }
      }
    case .product(let result, let rows, let index, let addend):
      let weights = plan.weights[index]
      let count = indices(axes(result), step)
      cost.products = 2 * count * weights.rows * weights.columns.count
      cost.vectorOperations = count * weights.rows * weights.columns.panels(weights.storage.lanes)
      cost.bytesRead = bytes(rows, step) + weights.bytes + (addend.map { bytes($0, step) } ?? 0)
      cost.bytesWritten = bytes(result, step)
    case .outer(let result, let left, let right, _):
      let summed = axes(left) + axes(right).filter { !axes(left).contains($0) }
      let (a, b) = (left.features, right.features)
      cost.products = 2 * indices(summed, step) * a.count * b.count
      cost.vectorOperations = indices(summed, step) * a.count * b.panels(storage(right).lanes)
      cost.bytesRead = bytes(left, step) + bytes(right, step)
      cost.bytesWritten = bytes(result, step)
    case .reduceRows(let result, let from, let factor, _):
      let isProduct = factor != nil
      cost.vectorOperations = (isProduct ? 2 : 1) * vectors(indices(axes(from), step), from.features, storage(from))
      cost.bytesRead = bytes(from, step) + (factor.map { $0 == from ? 0 : bytes($0, step) } ?? 0)
      cost.bytesWritten = bytes(result, step)
    case .sumColumns(let result, let from, _):
      cost.vectorOperations = vectors(indices(axes(from), step), from.features, storage(from))
      cost.bytesRead = bytes(from, step)
      cost.bytesWritten = bytes(result, step)
    case .pack(let index):
      cost.bytesRead = plan.weights[index].pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = plan.weights[index].bytes
    case .assemble(_, _, let pieces):
      cost.bytesRead = pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = cost.bytesRead
    case .copy(let from, let target, _):
      let value = plan.values[target.value]
      cost.bytesRead = from.view.map { bytes($0, step) } ?? 0
      cost.bytesWritten = indices(value.axes, step) * target.features.count * value.storage.bytes
    case .boundary(let equation):
      // One index of the outermost axis, for any number of steps in between.
      let outermost = axes(equation.result).first
      cost.bytesRead = operandBytes(equation, outermost)
      cost.bytesWritten = bytes(equation.result, outermost)
    case .strided(let equation):
      let axes = equation.type.domain.union(equation.operation.reducedAxes)
      let numbers = indices(Array(axes), step) * equation.type.shape.count
      if case .product(.dimensions(let i, _), _) = equation.operation {
        cost.products = 2 * numbers * equation.operands[0].type.shape[i]
      } else if case .product(.outer, _) = equation.operation {
        cost.products = 2 * numbers
      }
      let lanes = storage(equation.result).lanes
      cost.vectorOperations = (max(cost.products / 2, numbers) + lanes - 1) / lanes
      cost.bytesRead = operandBytes(equation, step)
      cost.bytesWritten = bytes(equation.result, step)
    case .general(let equation):
      cost.bytesRead = operandBytes(equation, step)
      cost.bytesWritten = bytes(equation.result, step)
    }
    return cost
  }

  // MARK: Views

  /// The axes along which a view's numbers vary.
  private func axes(_ view: View) -> [Axis] { plan.memoryAxes(view).filter { $0 != view.fixed?.axis } }

  private func storage(_ view: View) -> StorageType { plan.values[view.value].storage }

  /// The bytes of a view, for one step of an axis if it has that axis.
  private func bytes(_ view: View, _ step: Axis?) -> Int {
    indices(axes(view), step) * (view.isRepeated ? 1 : view.features.count) * storage(view).bytes
  }

  private func operandBytes(_ equation: GeneralCall, _ step: Axis?) -> Int {
    equation.operands.reduce(0) { $0 + ($1.source.view.map { bytes($0, step) } ?? 0) }
  }

  private func bytes(_ part: MatrixPart) -> Int { part.rows * part.columns * plan.values[part.value].storage.bytes }

  // MARK: Sizes

  private func indices(_ axes: [Axis], _ step: Axis?) -> Int {
    axes.reduce(1) { $1 == step ? $0 : $0 * lengths[$1.index] }
  }

  /// Panels of this many rows; rows of a single feature are adjacent in them.
  private func vectors(_ rows: Int, _ features: FeatureLayout, _ storage: StorageType) -> Int {
    let lanes = storage.lanes
    return features.isScalar ? (rows + lanes - 1) / lanes : rows * features.panels(lanes)
  }
}

internal import EbbGraph
internal import EbbTensors

/// Counts the cost of instructions.
struct CostCounting {
  let plan: Plan
  let lengths: [Int]

  /// The cost of all calls of an instruction; inside a sweep it is called for each step of these axes.
  func cost(_ instruction: Instruction, steps: Domain) -> InstructionCost {
    let calls = steps.reduce(1) { $0 * lengths[$1.index] }
    var cost = oneCall(instruction, steps)
    cost.calls = calls
    cost.products *= calls
    cost.vectorOperations *= calls
    cost.bytesRead *= calls
    cost.bytesWritten *= calls
    return cost
  }

  private func oneCall(_ instruction: Instruction, _ steps: Domain) -> InstructionCost {
    var cost = InstructionCost()
    switch instruction.kernel {
    case .program(let program):
      let rows = indices(Array(program.domain), steps)
      cost.vectorOperations = program.steps.count * vectors(rows, program.features, program.storage)
      for operand in program.operands {
        let bytes = operand.source.view.map { self.bytes($0, steps) } ?? 0
        if operand.reads { cost.bytesRead += bytes }
        if operand.writes { cost.bytesWritten += bytes }
      }
    case .product(let result, let rows, let index, let addend):
      let weights = plan.weights[index]
      let count = indices(axes(result), steps)
      cost.products = 2 * count * weights.rows * weights.columns.count
      cost.vectorOperations = count * weights.rows * weights.columns.panels(weights.storage.lanes)
      cost.bytesRead = bytes(rows, steps) + weights.bytes + (addend.map { bytes($0, steps) } ?? 0)
      cost.bytesWritten = bytes(result, steps)
    case .outer(let result, let left, let right, _):
      let summed = axes(left) + axes(right).filter { !axes(left).contains($0) }
      let (a, b) = (left.features, right.features)
      cost.products = 2 * indices(summed, steps) * a.count * b.count
      cost.vectorOperations = indices(summed, steps) * a.count * b.panels(storage(right).lanes)
      cost.bytesRead = bytes(left, steps) + bytes(right, steps)
      cost.bytesWritten = bytes(result, steps)
    case .reduceRows(let result, let from, let factor, _):
      let isProduct = factor != nil
      cost.vectorOperations = (isProduct ? 2 : 1) * vectors(indices(axes(from), steps), from.features, storage(from))
      cost.bytesRead = bytes(from, steps) + (factor.map { $0 == from ? 0 : bytes($0, steps) } ?? 0)
      cost.bytesWritten = bytes(result, steps)
    case .sumColumns(let result, let from, _):
      cost.vectorOperations = vectors(indices(axes(from), steps), from.features, storage(from))
      cost.bytesRead = bytes(from, steps)
      cost.bytesWritten = bytes(result, steps)
    case .pack(let index):
      cost.bytesRead = plan.weights[index].pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = plan.weights[index].bytes
    case .assemble(_, _, let pieces):
      cost.bytesRead = pieces.reduce(0) { $0 + bytes($1) }
      cost.bytesWritten = cost.bytesRead
    case .copy(let from, let target, _):
      let value = plan.values[target.value]
      cost.bytesRead = from.view.map { bytes($0, steps) } ?? 0
      cost.bytesWritten = indices(value.axes, steps) * target.features.count * value.storage.bytes
    case .boundary(let equation):
      // One index of the outermost axis, for any number of steps in between.
      let outermost = Domain(axes(equation.result).prefix(1))
      cost.bytesRead = operandBytes(equation, outermost)
      cost.bytesWritten = bytes(equation.result, outermost)
    case .strided(let equation):
      let axes = equation.type.domain.union(equation.operation.reducedAxes)
      var numbers = indices(Array(axes), steps) * equation.type.shape.count
      if case .reduceFeatures(_, let dimension) = equation.operation {
        numbers *= equation.operands[0].type.shape[dimension]
      }
      if case .product(.dimensions(let i, _), _) = equation.operation {
        cost.products = 2 * numbers * equation.operands[0].type.shape[i]
      } else if case .product(.outer, _) = equation.operation {
        cost.products = 2 * numbers
      }
      let lanes = storage(equation.result).lanes
      cost.vectorOperations = (max(cost.products / 2, numbers) + lanes - 1) / lanes
      cost.bytesRead = operandBytes(equation, steps)
      cost.bytesWritten = bytes(equation.result, steps)
    case .general(let equation):
      cost.bytesRead = operandBytes(equation, steps)
      cost.bytesWritten = bytes(equation.result, steps)
    }
    return cost
  }

  // MARK: Views

  /// The axes along which a view's numbers vary.
  private func axes(_ view: View) -> [Axis] { plan.memoryAxes(view).filter { $0 != view.fixed?.axis } }

  private func storage(_ view: View) -> StorageType { plan.values[view.value].storage }

  /// The bytes of a view, for one step of these axes, as far as it has them.
  private func bytes(_ view: View, _ steps: Domain) -> Int {
    indices(axes(view), steps) * (view.isRepeated ? 1 : view.features.count) * storage(view).bytes
  }

  private func operandBytes(_ equation: GeneralCall, _ steps: Domain) -> Int {
    equation.operands.reduce(0) { $0 + ($1.source.view.map { bytes($0, steps) } ?? 0) }
  }

  private func bytes(_ part: MatrixPart) -> Int { part.rows * part.columns * plan.values[part.value].storage.bytes }

  // MARK: Sizes

  private func indices(_ axes: [Axis], _ steps: Domain) -> Int {
    axes.reduce(1) { steps.contains($1) ? $0 : $0 * lengths[$1.index] }
  }

  /// Panels of this many rows; rows of a single feature are adjacent in them.
  private func vectors(_ rows: Int, _ features: FeatureLayout, _ storage: StorageType) -> Int {
    let lanes = storage.lanes
    return features.isScalar ? (rows + lanes - 1) / lanes : rows * features.panels(lanes)
  }
}

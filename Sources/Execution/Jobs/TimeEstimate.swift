internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// The time of instructions, in nanoseconds: a rough estimate, by which work is divided and ordered.
extension Binder {
  /// The cost of an instruction over all its indices.
  func cost(_ instruction: Instruction) -> Int {
    switch instruction.kernel {
    case .program(let program):
      return count(program.domain) * program.features.count * program.steps.reduce(0) { $0 + $1.opcode.cost.rawValue }
        / 100
    case .product(let result, _, let weights, _):
      return rows(result) * plan.weights[weights].rows * plan.weights[weights].columns.count / 40
    case .outer(_, let left, let right, let over):
      return count(over) * left.features.count * right.features.count / 40
    case .reduceRows(let result, let from, _, _):
      return rows(result) * from.features.count / 8
    case .sumColumns(_, let from, let over):
      return count(over) * from.features.count / 8
    case .pack(let index):
      return plan.weights[index].rows * plan.weights[index].columns.count / 4
    case .assemble(let result, _, _):
      return result.features.count / 4
    case .copy(_, let target, let outside):
      return rows(target) * target.features.count / (outside == nil ? 4 : 1)
    case .boundary(let equation):
      return equation.type.shape.count
    case .strided(let equation):
      let rows = count(equation.type.domain.union(equation.operation.reducedAxes)) * equation.type.shape.count
      if case .product(.dimensions(let i, _), _) = equation.operation {
        return rows * equation.operands[0].type.shape[i] / 20
      }
      return lineCost(equation) ?? rows / 8
    case .general(let equation):
      return count(equation.type.domain.union(equation.operation.mixedAxes)) * equation.type.shape.count
        * (equation.movesRows ? equation.isNormal ? 20 : 1 : 50)
    }
  }

  /// The cost of an operation on lines of numbers; nil for another.
  private func lineCost(_ equation: GeneralCall) -> Int? {
    let all = count(equation.type.domain)
    let taken = equation.operands.map { all * $0.type.shape.count }
    if case .reduceFeatures = equation.operation { return taken[0] / 8 }
    if case .argmaxFeatures = equation.operation { return taken[0] / 4 }
    if case .accumulate = equation.operation { return taken[1] / 2 }
    if case .argsortFeatures = equation.operation { return taken[0] * 10 }
    if case .gatherFeatures = equation.operation { return taken[1] }
    if case .scatterFeatures = equation.operation { return taken[0] + all * equation.type.shape.count / 8 }
    return nil
  }

  /// The cost of one step of a sweep over all rows, including calls.
  func stepCost(_ stage: Stage, _ axis: Axis) -> Int {
    let call = 60
    return stage.instructions.reduce(0) { $0 + call + cost($1) / lengths[axis.index] }
  }

  /// The rows of the memory that a view reads.
  private func rows(_ view: View) -> Int { count(Domain(plan.memoryAxes(view))) }
  private func count(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }
}

extension GeneralCall {
  /// Whether each of its numbers takes a logarithm and a cosine.
  fileprivate var isNormal: Bool { if case .random(.normal, _) = operation { true } else { false } }
}

extension Opcode {
  fileprivate var cost: FunctionCost {
    switch self {
    case .unary(let function): function.traits.cost
    case .binary(let function): function.traits.cost
    case .compare, .special: .instructions
    }
  }
}

extension Instruction {
  /// The kind of work, in a word.
  var kind: String {
    switch kernel {
    case .program: "elementwise"
    case .product: "product"
    case .outer: "sum of outer products"
    case .reduceRows: "reduction"
    case .sumColumns: "sum"
    case .pack: "pack"
    case .assemble: "assemble"
    case .copy: "copy"
    case .boundary: "boundary"
    case .strided: "product or reduction in strides"
    case .general(let equation): equation.manner
    }
  }
}

internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// How long instructions take, in nanoseconds: a rough estimate, by which work is cut and put in order.
extension Binder {
  /// The cost of an instruction over all its indices.
  func cost(_ instruction: Instruction) -> Int {
    let graph = plan.graph
    switch instruction {
    case .program(let program):
      let hundredths = program.steps.reduce(0) { $0 + $1.opcode.cost.rawValue }
      return count(program.domain) * program.features.count * hundredths / 100
    case .product(let node, _, let weights, _):
      return count(Domain(order(node))) * plan.weights[weights].rows * plan.weights[weights].columns.count / 40
    case .outer(let node, let left, let right):
      let features = (self.features(left)?.count ?? 1) * (self.features(right)?.count ?? 1)
      return count(plan.summedAxes(node, left)) * features / 40
    case .reduceRows(let node, let from, _, _):
      return count(Domain(order(node))) * (features(from)?.count ?? 1) / 8
    case .sumColumns(let node, let from):
      return count(plan.summedAxes(node, from)) * (features(from)?.count ?? 1) / 8
    case .pack(let index):
      return plan.weights[index].rows * plan.weights[index].columns.count / 4
    case .assemble(let node, _):
      return graph.type(node).shape.count / 4
    case .copy(_, let to, _, let features, let masked):
      return count(Domain(plan.values[to].axes)) * features / (masked ? 1 : 4)
    case .boundary(let node):
      return graph.type(node).shape.count
    case .general(let node):
      return count(graph.type(node).domain.union(graph.operation(node).mixedAxes)) * graph.type(node).shape.count * 50
    }
  }

  /// The cost of one step of a sweep over all rows, calls included.
  func stepCost(_ stage: Stage, _ axis: Axis) -> Int {
    let call = 60
    return stage.instructions.reduce(0) { $0 + call + cost($1) / lengths[axis.index] }
  }

  private func count(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }
}

extension Opcode {
  fileprivate var cost: FunctionCost {
    switch self {
    case .unary(let function): function.traits.cost
    case .binary(let function): function.traits.cost
    case .compare, .select, .copy, .truncate, .oneMinus, .multiplyAdd, .negateMultiplyAdd, .multiplySubtract,
      .tanhGradient, .sigmoidGradient:
      .instructions
    }
  }
}

extension Instruction {
  /// The kind of work, in a word.
  var kind: String {
    switch self {
    case .program: "elementwise"
    case .product: "product"
    case .outer: "sum of outer products"
    case .reduceRows: "reduction"
    case .sumColumns: "sum"
    case .pack: "pack"
    case .assemble: "assemble"
    case .copy: "copy"
    case .boundary: "boundary"
    case .general: "one number at a time"
    }
  }
}

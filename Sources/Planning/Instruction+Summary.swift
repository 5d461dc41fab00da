internal import EbbGraph
internal import EbbTensors

extension Plan {
  /// An instruction's kind and size in a few words, such as `product 128 × 512 + addend`.
  package func summary(of instruction: Instruction) -> String {
    func size(_ index: Int) -> String { "\(weights[index].rows) × \(weights[index].columns.count)" }
    switch instruction.kernel {
    case .program(let program):
      return "elementwise × \(program.features.count), " + counted(program.steps.count, "operation")
    case .product(_, _, let index, let addend):
      return "product \(size(index))" + (addend == nil ? "" : " + addend")
    case .outer(_, let left, let right, _):
      return "sum of outer products \(left.features.count) × \(right.features.count)"
    case .reduceRows(_, let from, let factor, let reduction):
      let name =
        switch reduction {
        case .sum: "sum"
        case .mean: "mean"
        case .max: "maximum"
        case .norm: "norm"
        }
      return name + " of " + counted(from.features.count, factor == nil ? "feature" : "product")
    case .sumColumns(_, let from, _):
      return "sum over all indices × \(from.features.count)"
    case .pack(let index):
      return "pack \(size(index))"
    case .assemble(let result, _, let pieces):
      return "assemble " + counted(result.features.count, "number") + " from " + counted(pieces.count, "part")
    case .copy(_, let target, let outside):
      return "copy × \(target.features.count)" + (outside == nil ? "" : ", masked")
    case .boundary:
      return "boundary values"
    case .strided(let equation):
      return "\(equation.operation.keyword) in strides"
    case .general(let equation):
      return "\(equation.operation.keyword), \(equation.manner)"
    }
  }
}

internal import EbbGraph
internal import EbbTensors

extension Plan {
  /// An instruction's kind and size in a few words, such as `product 128 × 512 + addend`.
  public func summary(of instruction: Instruction) -> String {
    func features(_ source: Source) -> Int {
      switch source {
      case .node(let node): views[canonical[node.index]]?.features.count ?? 1
      case .value(let index): values[index].features.count
      case .constant: 1
      }
    }
    func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    func size(_ index: Int) -> String { "\(weights[index].rows) × \(weights[index].columns.count)" }
    switch instruction {
    case .program(let program):
      return "elementwise × \(program.features.count), " + counted(program.steps.count, "operation")
    case .product(_, _, let index, let addend):
      return "product \(size(index))" + (addend == nil ? "" : " + addend")
    case .outer(_, let left, let right):
      return "sum of outer products \(features(left)) × \(features(right))"
    case .reduceRows(_, let from, let factor, let reduction):
      let name =
        switch reduction {
        case .sum: "sum"
        case .mean: "mean"
        case .max: "maximum"
        case .norm: "norm"
        }
      return name + " of " + counted(features(from), factor == nil ? "feature" : "product")
    case .sumColumns(_, let from):
      return "sum over all indices × \(features(from))"
    case .pack(let index):
      return "pack \(size(index))"
    case .assemble(let node, let pieces):
      return "assemble " + counted(graph.type(node).shape.count, "number") + " from " + counted(pieces.count, "part")
    case .copy(_, _, _, let count, let isMasked):
      return "copy × \(count)" + (isMasked ? ", masked" : "")
    case .boundary:
      return "boundary values"
    case .general(let node):
      return "\(graph.operation(node).keyword), one number at a time"
    }
  }
}

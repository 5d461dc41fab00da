internal import EbbGraph

/// A plan as a person reads it: what runs step by step, what runs at once, and where numbers lie.
extension Plan: CustomStringConvertible {
  public var description: String {
    var lines: [String] = []
    for (index, stage) in stages.enumerated() {
      lines.append("stage \(index), level \(stage.level): \(heading(stage))")
      lines += stage.prologue.flatMap { text($0) }.map { "  before the steps: " + $0 }
      lines += stage.instructions.flatMap { text($0) }.map { "  " + $0 }
    }
    lines.append("memory: \(values.count) values, \(weights.count) packed weight matrices")
    lines += values.indices.map { "  " + text(value: $0) }
    lines += weights.indices.map { "  " + text(weights: $0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func heading(_ stage: Stage) -> String {
    let kind =
      switch stage.kind {
      case .whole: "the whole sequence at once"
      case .sweep(let axis, let isBackward): "step by step \(isBackward ? "backward" : "forward") along \(name(axis))"
      }
    return kind + (stage.sliced.map { ", slices of \(name($0)) on their own" } ?? "")
  }

  // MARK: Instructions

  private func text(_ instruction: Instruction) -> [String] {
    switch instruction {
    case .program(let program):
      return text(program)
    case .product(let node, let rows, let weights, let addend):
      return ["\(name(node)) = \(name(rows)) · w\(weights)" + (addend.map { " + \(name($0))" } ?? "")]
    case .outer(let node, let left, let right):
      return ["\(name(node)) = Σ \(name(left)) ⊗ \(name(right))"]
    case .reduceRows(let node, let source, let factor, let reduction):
      let product = factor.map { " ⊙ \(name($0))" } ?? ""
      return ["\(name(node)) = \(reduction) over the features of \(name(source))\(product)"]
    case .sumColumns(let node, let source):
      return ["\(name(node)) = Σ \(name(source))"]
    case .pack(let weights):
      return ["pack w\(weights)"]
    case .copy(let source, let value, let panel, _, let isMasked):
      let masking = isMasked ? ", zeros outside ragged sequences" : ""
      return ["v\(value) from panel \(panel) = copy of \(name(source))\(masking)"]
    case .boundary(let node):
      return ["boundary of \(name(node)) = \(operandNames(node).dropFirst().joined(separator: ", "))"]
    case .assemble(let node, let pieces):
      return ["\(name(node)) = \(pieces.count) parts of \(pieces.map { "v\($0.value)" }.joined(separator: ", "))"]
    case .general(let node):
      let operands = operandNames(node).joined(separator: ", ")
      let operation = graph.operation(node).keyword + (operands.isEmpty ? "" : " of " + operands)
      return ["\(name(node)) = \(operation), one number at a time"]
    }
  }

  /// A program's operands as they are called in it, then its steps.
  private func text(_ program: ElementwiseProgram) -> [String] {
    func register(_ index: Int) -> String {
      index < program.operands.count ? name(program.operands[index].source) : "t\(index - program.operands.count)"
    }
    let indices = program.domain.map(name).joined(separator: ", ")
    let head =
      "program over {\(indices)} × \(program.features.count), \(program.steps.count) operations, "
      + "\(program.operands.count) operands, \(program.temporaries) temporaries"
    let steps = program.steps.map { step in
      let arguments = [step.a, step.b, step.c].prefix(step.opcode.argumentCount).map(register)
      return "  \(register(step.destination)) = \(step.opcode)(\(arguments.joined(separator: ", ")))"
    }
    return [head] + steps
  }

  // MARK: Memory

  private func text(value index: Int) -> String {
    let value = values[index]
    let axes = value.axes.map(name).joined(separator: ", ")
    let pieces = value.features.pieces.map(String.init).joined(separator: " + ")
    let lifetime =
      switch value.lifetime {
      case .whole: value.axes.isEmpty ? "" : ", every step"
      case .ring(let steps): ", the last \(steps) steps"
      }
    let boundary = value.before + value.after > 0 ? ", \(value.before) places before and \(value.after) after" : ""
    let width = value.storage == .single ? "32 bits" : "64 bits"
    return "v\(index): \(name(value.node)) {\(axes)} × \(pieces), \(width)\(lifetime)\(boundary)"
  }

  private func text(weights index: Int) -> String {
    let matrix = weights[index]
    let sources = matrix.pieces.map { piece in
      "\(name(values[piece.value].node)) at row \(piece.row), column \(piece.column): \(piece.rows) × \(piece.columns)"
    }
    return "w\(index): \(matrix.rows) × \(matrix.columns.count) from " + sources.joined(separator: "; ")
  }

  // MARK: Names

  private func name(_ axis: Axis) -> String { graph.description(of: axis).name }

  private func name(_ node: NodeID) -> String {
    "%\(node.index)" + (graph.name(node).map { " \($0)" } ?? "")
  }

  private func name(_ source: Source) -> String {
    switch source {
    case .node(let node): name(node)
    case .value(let index): "v\(index)"
    case .constant(let value): "\(value)"
    }
  }

  private func operandNames(_ node: NodeID) -> [String] { graph.operands(node).map { name($0) } }
}

internal import EbbGraph

/// # The text of a plan
/// A plan prints as lines for people to read, which `Plan(parsing:of:)` reads back, given its graph:
/// ```
/// stage 1, level 1: step by step forward along t, slices of b on their own
///   phase 0
///   before the steps: boundary of %2 h = 0.0
///   before the steps: pack w0
///   %5 = %2 h · w0 + %4
///   program over {t, b} × 16, 32 bits, 1 operation on %5, result %6
///     %6 = tanh(%5)
/// ```
/// - A *stage* runs as a whole: over the whole sequence at once, or step by step. Stages of one level do not depend on
///   each other's steps.
/// - A *phase* applies until the next one: 0 runs forward through the steps, 1 backward.
/// - An *instruction* writes the left-hand side of `=`. A node stands for its view; `v3` for a value that is a copy.
/// - A *program* lists its operands: those that it reads, each `result` that it writes, each `sum` to which it adds.
///   Then one line for each operation; `t0` is a temporary register.
/// - *Memory* lists the values, the views of nodes that are a part of one, and the packed weight matrices with their
///   rectangles: `v3[8 + 4 i + j]` is the place of the entry in row i and column j.
extension Plan: CustomStringConvertible {
  public var description: String {
    var lines: [String] = []
    for (index, stage) in stages.enumerated() {
      lines.append("stage \(index), level \(stage.level): \(heading(stage))")
      var phase: Phase?
      for (instruction, isOnce) in stage.prologue.map({ ($0, true) }) + stage.instructions.map({ ($0, false) }) {
        if instruction.phase != phase { lines.append("  phase \(instruction.phase.number)") }
        phase = instruction.phase
        let text = text(instruction.kernel)
        lines.append((isOnce ? "  before the steps: " : "  ") + text[0])
        lines += text.dropFirst().map { "  " + $0 }
      }
    }
    lines.append("memory: \(values.count) values, \(weights.count) packed weights")
    lines += values.indices.map { "  " + text(value: $0) }
    lines += views.map { "  " + text(view: $0) }
    lines += weights.indices.map { "  " + text(weights: $0) }
    return lines.joined(separator: "\n") + "\n"
  }

  func heading(_ stage: Stage) -> String {
    heading(stage.sweep) + (stage.sliced.map { ", slices of \(name($0)) on their own" } ?? "")
  }

  func heading(_ sweep: Stage.Sweep?) -> String {
    guard let sweep else { return "the whole sequence at once" }
    func text(_ axis: Axis, _ isBackward: Bool) -> String {
      "\(isBackward ? "backward" : "forward") along \(name(axis))"
    }
    return "step by step " + text(sweep.axis, sweep.isBackward)
      + sweep.outer.reversed().map { " within " + text($0.axis, $0.isBackward) }.joined()
  }

  // MARK: Instructions

  private func text(_ kernel: KernelCall) -> [String] {
    switch kernel {
    case .program(let program):
      return text(program)
    case .product(let result, let rows, let weights, let addend):
      return ["\(name(result)) = \(name(rows)) · w\(weights)" + (addend.map { " + \(name($0))" } ?? "")]
    case .outer(let result, let left, let right, let over):
      return ["\(name(result)) = Σ \(text(over)) \(name(left)) ⊗ \(name(right))"]
    case .reduceRows(let result, let source, let factor, let reduction):
      let product = factor.map { " ⊙ \(name($0))" } ?? ""
      return ["\(name(result)) = \(reduction) over the features of \(name(source))\(product)"]
    case .sumColumns(let result, let source, let over):
      return ["\(name(result)) = Σ \(text(over)) \(name(source))"]
    case .pack(let weights):
      return ["pack w\(weights)"]
    case .copy(let source, let target, let outside):
      let masking = outside.map { ", \($0.words.joined(separator: " ")) outside ragged sequences" } ?? ""
      let panel = target.panel == 0 ? "" : " from panel \(target.panel)"
      return ["v\(target.value)\(panel) × \(text(target.features)) = copy of \(name(source))\(masking)"]
    case .boundary(let equation):
      return ["boundary of \(name(equation.result)) = \(operandNames(equation))"]
    case .assemble(let result, let columns, let pieces):
      return ["\(name(result)) = rows of \(columns) from " + pieces.map { text($0) }.joined(separator: "; ")]
    case .strided(let equation):
      return ["\(name(equation.result)) = \(text(equation)), in strides"]
    case .general(let equation):
      return ["\(name(equation.result)) = \(text(equation)), \(equation.manner)"]
    }
  }

  private func text(_ equation: GeneralCall) -> String {
    let operands = operandNames(equation)
    // Of running sums the steps are added up already: fewer axes remain than in the graph.
    var axes = ""
    if case .reduceAxes(.sum, let over) = equation.operation, let node = equation.result.node,
      graph.operation(node) != equation.operation
    {
      axes = " over \(text(over))"
    }
    return equation.operation.keyword + axes + (operands.isEmpty ? "" : " of " + operands)
  }

  /// A program's operands as named in it, then its steps.
  private func text(_ program: ElementwiseProgram) -> [String] {
    func register(_ index: Int) -> String {
      index < program.operands.count ? name(program.operands[index].source) : "t\(index - program.operands.count)"
    }
    let operands = program.operands.map { operand in
      (operand.writes ? operand.reads ? "sum " : "result " : "") + name(operand.source)
    }
    let head =
      "program over \(text(program.domain)) × \(text(program.features)), \(text(program.storage)), "
      + "\(counted(program.steps.count, "operation")) on \(operands.joined(separator: ", "))"
    let steps = program.steps.map { step in
      let arguments = [step.a, step.b, step.c].prefix(step.opcode.argumentCount).map(register)
      return "  \(register(step.destination)) = \(step.opcode)(\(arguments.joined(separator: ", ")))"
    }
    return [head] + steps
  }

  // MARK: Memory

  func text(value index: Int) -> String {
    let value = values[index]
    var text = "v\(index): \(name(value.node)) \(text(Domain(value.axes))) × \(text(value.features))"
    text += ", \(self.text(value.storage)), phase \(value.phase.number)"
    if !value.axes.isEmpty { text += ", by \(leadingAxes(value).map(name).joined(separator: " and "))" }
    switch value.lifetime {
    case .whole: text += value.axes.isEmpty ? "" : ", every step"
    case .ring(let steps): text += ", the last \(counted(steps, "step"))"
    }
    if value.before + value.after > 0 { text += ", \(counted(value.before, "place")) before and \(value.after) after" }
    for margin in value.margins {
      text += ", \(counted(margin.before, "place")) before and \(margin.after) after along \(name(margin.axis))"
    }
    if value.isPadded { text += ", in panels" }
    if value.isRowMajor { text += ", row by row" }
    if value.isTight { text += ", without padding" }
    if value.isSum { text += ", with what rounding took" }
    return text
  }

  /// The first axes of a value, as many as do not follow from the others.
  private func leadingAxes(_ value: Value) -> ArraySlice<Axis> {
    let last = value.axes.indices.last { index in
      value.axes != graph.memoryOrder(Domain(value.axes), outermost: Array(value.axes[..<index]))
    }
    return value.axes[...(last ?? 0)]
  }

  func text(view: View) -> String {
    var text = "\(view.node.map { name($0) } ?? "") = v\(view.value)"
    if view.panel > 0 { text += " from panel \(view.panel)" }
    if view.lane > 0 { text += " lane \(view.lane)" }
    text += " × \(self.text(view.features))"
    if view.isRepeated { text += ", one number for all" }
    if view.shift != 0 { text += ", shifted by \(view.shift)" }
    if let across = view.across { text += ", shifted by \(across.shift) along \(name(across.axis))" }
    if let fixed = view.fixed { text += ", \(fixed.position) of \(name(fixed.axis))" }
    return text
  }

  private func text(weights index: Int) -> String {
    let matrix = weights[index]
    return "w\(index): \(matrix.rows) × \(text(matrix.columns)), \(text(matrix.storage)), from "
      + matrix.pieces.map { text($0) }.joined(separator: "; ")
  }

  private func text(_ piece: MatrixPart) -> String {
    "v\(piece.value)[\(piece.offset) + \(piece.rowStride) i + \(piece.columnStride) j] "
      + "at row \(piece.row), column \(piece.column): \(piece.rows) × \(piece.columns)"
  }

  // MARK: Names

  func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  private func name(_ axis: Axis) -> String { quoted(self.axis(axis).name) }
  func text(_ domain: Domain) -> String { "{" + domain.map(name).joined(separator: ", ") + "}" }
  func text(_ layout: FeatureLayout) -> String { layout.pieces.map(String.init).joined(separator: " + ") }
  func text(_ storage: StorageType) -> String { "\(8 * storage.bytes) bits" }

  func name(_ node: NodeID) -> String {
    "%\(node.index)" + (graph.name(node).map { " " + quoted($0) } ?? "")
  }

  private func name(_ view: View) -> String { view.node.map { name($0) } ?? "v\(view.value)" }

  private func name(_ source: Source) -> String {
    switch source {
    case .view(let view): name(view)
    case .constant(let value): "\(value)"
    }
  }

  private func operandNames(_ equation: GeneralCall) -> String {
    equation.operands.map { name($0.source) }.joined(separator: ", ")
  }
}

extension Plan {
  /// The view of each node that an instruction, an input or an output names, in the order of the graph.
  var views: [View] {
    var found: [NodeID: View] = [:]
    func add(_ view: View) { if let node = view.node { found[node] = view } }
    for port in inputs + outputs { add(port.view) }
    for case .view(let view)? in axes.map(\.lengths?.source) { add(view) }
    for instruction in instructions { instruction.kernel.views.forEach(add) }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension KernelCall {
  /// Everything in memory that the call names.
  var views: [View] {
    switch self {
    case .program(let program): program.operands.compactMap(\.source.view)
    case .product(let result, let rows, _, let addend): [result, rows] + (addend.map { [$0] } ?? [])
    case .outer(let result, let left, let right, _): [result, left, right]
    case .reduceRows(let result, let from, let factor, _): [result, from] + (factor.map { [$0] } ?? [])
    case .sumColumns(let result, let from, _): [result, from]
    case .pack: []
    case .assemble(let result, _, _): [result]
    case .copy(let from, let target, _): [target] + (from.view.map { [$0] } ?? [])
    case .boundary(let equation), .strided(let equation), .general(let equation):
      [equation.result] + equation.operands.compactMap(\.source.view)
    }
  }
}

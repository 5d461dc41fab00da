internal import EbbGraph

extension Plan {
  /// The first problem of the plan, if there is one: a message that names the stage and the instruction.
  ///
  /// - Every view and every part of a matrix lies inside its value, and every shift inside the places next to its
  ///   steps.
  /// - Everything read was written before, by an earlier instruction or, at an earlier step, by the same sweep.
  /// - Stages of one level touch no panel that the steps of another of them write, and levels never fall.
  /// - A value that keeps only a few steps is touched by only one sweep.
  /// - Weights are packed before they are read, and programs name registers that exist.
  ///
  /// A plan made by `Plan(_:)` has no problem; a plan read from text may have one.
  public var problem: String? { PlanCheck(self).problem }
}

/// Goes through a plan in its order.
private struct PlanCheck {
  private(set) var problem: String?
  private let plan: Plan
  private var isWritten: [Bool]
  private var isPacked: [Bool]
  /// The stage that first writes a value.
  private var owner: [Int: Int] = [:]
  /// The values that the current sweep writes: it may read them at another step than it writes them.
  private var sweepWrites: Set<Int> = []

  init(_ plan: Plan) {
    self.plan = plan
    isWritten = Array(repeating: false, count: plan.values.count)
    isPacked = Array(repeating: false, count: plan.weights.count)
    problem =
      plan.views.lazy.compactMap { plan.problem(of: $0) }.first
      ?? plan.weights.lazy.flatMap(\.pieces).compactMap { plan.problem(of: $0) }.first
    guard problem == nil else { return }
    for port in plan.inputs { isWritten[port.view.value] = true }
    for index in plan.stages.indices where problem == nil { problem = visit(index) }
    guard problem == nil else { return }
    if let output = plan.outputs.first(where: { !isWritten[$0.view.value] }) {
      problem = "nothing writes the output \(output.name)"
    }
    problem = problem ?? levelProblem()
  }

  // MARK: Stages

  private mutating func visit(_ index: Int) -> String? {
    let stage = plan.stages[index]
    if let sweep = stage.sweep {
      let other = (stage.prologue + stage.instructions).first { $0.phase.isBackward != sweep.isBackward }
      if let phase = other?.phase {
        return "stage \(index) is swept \(sweep.isBackward ? "backward" : "forward") in phase \(phase.number)"
      }
      // Values that the sweep writes at a step are available at the next.
      sweepWrites = Set(
        stage.instructions.flatMap { plan.accesses(of: $0) }.compactMap { access in
          if case .value(let value) = access.memory, access.isWrite { value } else { nil }
        })
    }
    for instruction in stage.prologue + stage.instructions {
      if let problem = self.problem(of: instruction, in: index, stage.sweep?.axis) {
        return "stage \(index): \(problem)"
      }
      note(instruction, in: index)
    }
    return nil
  }

  private mutating func note(_ instruction: Instruction, in stage: Int) {
    for access in plan.accesses(of: instruction) where access.isWrite {
      switch access.memory {
      case .value(let value):
        isWritten[value] = true
        if owner[value] == nil { owner[value] = stage }
      case .weights(let index): isPacked[index] = true
      }
    }
  }

  private func problem(of instruction: Instruction, in number: Int, _ sweep: Axis?) -> String? {
    if case .program(let program) = instruction.kernel, let problem = program.problem { return problem }
    for view in instruction.kernel.views {
      if let problem = plan.problem(of: view) { return problem }
    }
    if case .assemble(_, _, let pieces) = instruction.kernel,
      let problem = pieces.lazy.compactMap({ plan.problem(of: $0) }).first
    {
      return problem
    }
    for access in plan.accesses(of: instruction) {
      switch access.memory {
      case .weights(let index):
        if !access.isWrite && !isPacked[index] { return "w\(index) is read before it is packed" }
      case .value(let index):
        let value = plan.values[index]
        let isOfEarlierStep = sweep != nil && (access.shift != 0 || access.isAcross) && sweepWrites.contains(index)
        if !access.isWrite && !isWritten[index] && !isOfEarlierStep { return "v\(index) is read before it is written" }
        guard value.lifetime != .whole else { continue }
        if value.axes.first != sweep || owner[index, default: number] != number {
          return "v\(index) keeps only a few steps, and is touched outside its sweep"
        }
      }
    }
    return nil
  }

  // MARK: Levels

  private func levelProblem() -> String? {
    for (before, after) in zip(plan.stages, plan.stages.dropFirst()) where after.level < before.level {
      return "a stage of level \(after.level) follows one of level \(before.level)"
    }
    // Copies and packed weights that a sweep makes before its steps may be used by other sweeps too, and two sweeps may
    // write different panels of one concatenation.
    var written: [Int: [(stage: Int, panels: Range<Int>)]] = [:]
    for (index, stage) in plan.stages.enumerated() {
      for view in stage.instructions.flatMap(\.kernel.written) {
        written[view.value, default: []].append((index, plan.panels(view)))
      }
    }
    for (index, stage) in plan.stages.enumerated() {
      for view in (stage.prologue + stage.instructions).flatMap(\.kernel.views) {
        let other = (written[view.value] ?? []).first {
          $0.stage != index && plan.stages[$0.stage].level == stage.level && $0.panels.overlaps(plan.panels(view))
        }
        if let other { return "stage \(index) touches what stage \(other.stage) of the same level writes" }
      }
    }
    return nil
  }
}

extension Plan {
  /// The panels of its value that a view covers.
  fileprivate func panels(_ view: View) -> Range<Int> {
    view.panel..<view.panel + (view.isRepeated ? 1 : view.features.panels(values[view.value].storage.lanes))
  }

  fileprivate func problem(of view: View) -> String? {
    guard values.indices.contains(view.value) else { return "there is no value v\(view.value)" }
    let value = values[view.value]
    let name = view.node.map { "%\($0.index)" } ?? "v\(view.value)"
    let lanes = value.storage.lanes
    let panels = value.features.panels(lanes)
    if view.lane >= lanes || view.panel >= max(panels, 1) { return "\(name) begins outside v\(view.value)" }
    if !view.isRepeated && view.panel + view.features.panels(lanes) > panels {
      return "\(name) has features beyond the end of v\(view.value)"
    }
    if let across = view.across {
      let margin = value.margin(across.axis)
      guard value.axes.dropFirst().contains(across.axis), -margin.before...margin.after ~= across.shift else {
        return "\(name) is shifted along an axis for which v\(view.value) has no places"
      }
    }
    if view.shift < -value.before || view.shift > value.after {
      return "\(name) is shifted by \(view.shift), and v\(view.value) has no places for that"
    }
    if let fixed = view.fixed, !value.axes.contains(fixed.axis) {
      return "\(name) is one step of an axis that v\(view.value) does not have"
    }
    return nil
  }

  fileprivate func problem(of part: MatrixPart) -> String? {
    guard values.indices.contains(part.value) else { return "there is no value v\(part.value)" }
    let value = values[part.value]
    let last = part.offset + (part.rows - 1) * part.rowStride + (part.columns - 1) * part.columnStride
    return value.isDense && last < value.features.count
      ? nil : "a part of a matrix lies outside v\(part.value), or that is not dense"
  }
}

extension ElementwiseProgram {
  fileprivate var problem: String? {
    let registers = operands.count + temporaries
    for step in steps {
      for register in [step.destination, step.a, step.b, step.c] where !(0..<registers).contains(register) {
        return "a program of \(registers) registers names register \(register)"
      }
      if step.destination < operands.count && !operands[step.destination].writes {
        return "a program writes an operand that it only reads"
      }
    }
    return nil
  }
}

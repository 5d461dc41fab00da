public import EbbGraph

/// Which values of a plan need only a window of steps at a time, if the plan runs once forward through an axis, or once
/// forward and once back.
///
/// Time runs forward through the steps (turn 0) and back (turn 1), which an evaluation does not. A value of either turn that is read only near the
/// step where it was written can live in a window of steps; running back, the window is filled again from a snapshot
/// of what the forward sweeps carry from step to step.
public struct Streaming: Sendable {
  /// When each instruction runs, forward and back.
  public let order: TimeOrder
  /// For each value, whether it lives in a window.
  public let isStreamed: [Bool]
  /// For each value, whether its place in memory is its own: what crosses from a window to the next, or is read when a
  /// turn has ended.
  public let isPinned: [Bool]
  /// The values that a snapshot holds: what carries the state of the forward sweeps into the next step.
  public let carried: [Int]
  /// The steps that must fit into a window, at least.
  public let reach: Int

  /// Whether time runs back, so that windows are computed again.
  public var runsBack: Bool { order.turns.count > 1 }

  /// Nil if the plan does not run once forward, or once forward and once back, through one axis.
  public init?(_ plan: Plan) {
    // What follows the steps of an evaluation, such as the loss of the last one, is no turn of its own.
    let orders = [2, 1].lazy.compactMap { TimeOrder(plan, turns: $0) }
    guard let order = orders.first(where: { $0.turns.allSatisfy { $0.parts.contains { $0.kind == .steps } } }) else {
      return nil
    }
    self.order = order
    let axis = order.axis
    let usage = StreamUsage(plan, axis, turns: order.turns.count)
    isStreamed = usage.isStreamed
    isPinned = usage.isPinned
    let rings = plan.values.indices.filter { plan.values[$0].lifetime != .whole && plan.values[$0].axes.first == axis }
    let windows = plan.values.indices.filter { usage.isStreamed[$0] }
    carried = (windows + rings).filter { plan.values[$0].before > 0 && plan.turns[plan.values[$0].node.index] == 0 }
    reach = plan.values.indices.reduce(1) { max($0, max(plan.values[$1].before, plan.values[$1].after)) }
  }
}

/// Looks at everything that touches a value.
private struct StreamUsage {
  private(set) var isStreamed: [Bool]
  private(set) var isPinned: [Bool]
  private let plan: Plan
  private let axis: Axis
  /// The turns that run window by window.
  private let turns: Int

  init(_ plan: Plan, _ axis: Axis, turns: Int) {
    self.plan = plan
    self.axis = axis
    self.turns = turns
    isStreamed = plan.values.map { $0.axes.first == axis && $0.lifetime == .whole }
    isPinned = plan.values.map { $0.axes.first != axis || $0.lifetime != .whole }
    for value in plan.givenValues { isStreamed[value] = false }
    for output in plan.graph.outputs {
      if let view = plan.views[plan.canonical[output.node.index]] { isStreamed[view.value] = false }
    }
    for index in plan.values.indices where isStreamed[index] {
      let value = plan.values[index]
      let turn = plan.turns[value.node.index]
      // What crosses from one window to the next must come before it in the turn.
      if turn >= turns || (turn == 0 ? value.after : value.before) > 0 { isStreamed[index] = false }
      if value.before + value.after > 0 { isPinned[index] = true }
    }
    for stage in plan.stages {
      for instruction in stage.prologue + stage.instructions { visit(instruction, stage) }
    }
    for index in plan.values.indices where !isStreamed[index] { isPinned[index] = true }
  }

  private mutating func visit(_ instruction: Instruction, _ stage: Stage) {
    let turn = plan.turn(of: instruction, in: stage)
    let accesses = plan.accesses(of: instruction)
    let isCut = plan.outermostAxis(instruction) == axis
    guard turn < turns else {
      // Where time does not run back, the last step is still there when all windows have run.
      let readsEnd = turns == 1 && turn == 1 && !isCut
      for access in accesses where !(readsEnd && access.fixed?.axis == axis) { keepWhole(access) }
      guard readsEnd else { return }
      for access in accesses where access.fixed?.axis == axis { visit(end: access) }
      return
    }
    for access in accesses {
      guard case .value(let index) = access.place, isStreamed[index] else { continue }
      let written = plan.turns[plan.values[index].node.index]
      if let fixed = access.fixed, fixed.axis == axis {
        // One step is read when its turn has just ended there.
        let isThere = (written == 0) == (fixed.position == .last) && access.shift == 0
        if !isCut && isThere && (turn == written || turn == written + 1) {
          isPinned[index] = true
        } else {
          isStreamed[index] = false
        }
        continue
      }
      let isNear =
        written == 0
        ? access.shift <= 0 && -access.shift <= plan.values[index].before
        : turn == 1 && access.shift >= 0 && access.shift <= plan.values[index].after
      if !isCut || !isNear || access.everywhere.contains(axis) { isStreamed[index] = false }
    }
  }

  /// Reads one step of a value when all windows of the only turn have run.
  private mutating func visit(end access: Access) {
    guard case .value(let index) = access.place, isStreamed[index] else { return }
    if access.fixed?.position == .last && access.shift == 0 {
      isPinned[index] = true
    } else {
      isStreamed[index] = false
    }
  }

  private mutating func keepWhole(_ access: Access) {
    if case .value(let index) = access.place { isStreamed[index] = false }
  }
}

extension Plan {
  /// The turn of time in which an instruction runs: 0 forward, 1 back, and so on.
  public func turn(of instruction: Instruction, in stage: Stage) -> Int {
    switch stage.kind {
    case .sweep: return stage.instructions.map { written(by: $0) }.max() ?? 0
    case .whole: return written(by: instruction)
    }
  }

  private func written(by instruction: Instruction) -> Int {
    switch instruction {
    case .program(let program): program.nodes.map { turns[$0.index] }.max() ?? 0
    case .product(let node, _, _, _), .outer(let node, _, _), .reduceRows(let node, _, _, _),
      .sumColumns(let node, _), .assemble(let node, _), .boundary(let node), .general(let node):
      turns[node.index]
    case .pack(let index): weights[index].pieces.map { turns[values[$0.value].node.index] }.max() ?? 0
    case .copy(let from, let to, _, _, _):
      if case .node(let node) = from {
        max(turns[canonical[node.index].index], turns[values[to].node.index])
      } else {
        turns[values[to].node.index]
      }
    }
  }

  /// The axis by which an instruction can be cut: the outermost in memory of what it writes; for a sum, of what it reads,
  /// if it adds along that axis.
  public func outermostAxis(_ instruction: Instruction) -> Axis? {
    func axis(_ source: Source) -> Axis? {
      switch source {
      case .node(let node): views[canonical[node.index]].flatMap { values[$0.value].axes.first }
      case .value(let index): values[index].axes.first
      case .constant: nil
      }
    }
    func summed(_ node: NodeID, _ source: Source) -> Axis? {
      axis(source).flatMap { graph.operation(node).mixedAxes.contains($0) ? $0 : nil }
    }
    switch instruction {
    case .program(let program): return program.nodes.lazy.compactMap { axis(.node($0)) }.first
    case .product(let node, _, _, _), .reduceRows(let node, _, _, _), .general(let node), .boundary(let node):
      return axis(.node(node))
    case .copy(_, let to, _, _, _): return axis(.value(to))
    case .outer(let node, let left, _): return summed(node, left)
    case .sumColumns(let node, let from): return summed(node, from)
    case .pack, .assemble: return nil
    }
  }
}

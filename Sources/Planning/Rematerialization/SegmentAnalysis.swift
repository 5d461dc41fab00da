internal import EbbGraph

/// Finds the values of a plan that need only a segment of steps at a time, if the plan runs once forward through an
/// axis, or once forward and once back.
///
/// Time runs forward through the steps and, except in an evaluation, back. A value of either phase that is read only
/// near the step where it was written can live in a segment of steps; in the backward pass, the segment is recomputed
/// from a snapshot of the values that the forward sweeps carry from step to step.
package struct SegmentAnalysis: Sendable {
  /// When each instruction runs, forward and back.
  package let order: TimeOrder
  /// For each value, whether it lives in a segment.
  package let isSegmented: [Bool]
  /// For each value, whether its place in memory is exclusive, because it crosses from one segment to the next or is
  /// read when a phase has ended.
  package let isPinned: [Bool]
  /// The values in a snapshot: those that carry the state of the forward sweeps into the next step.
  package let snapshotValues: [Int]
  /// The minimum number of steps in a segment.
  package let reach: Int

  /// Whether time runs back, so that segments are recomputed.
  package var runsBack: Bool { order.phases.count > 1 }

  /// Nil if the plan does not run once forward, or once forward and once back, through one axis, or if it keeps the
  /// history of a state, which has all steps.
  package init?(_ plan: Plan) {
    if plan.instructions.contains(where: { $0.readsHistory }) { return nil }
    // Work after the steps of an evaluation, such as the loss of the last one, is not a separate phase.
    let orders = [2, 1].lazy.compactMap { TimeOrder(plan, phases: $0) }
    guard let order = orders.first(where: { $0.phases.allSatisfy { $0.parts.contains { $0.kind == .steps } } }) else {
      return nil
    }
    self.order = order
    let axis = order.axis
    let usage = SegmentUsage(plan, axis, phases: order.phases.count)
    isSegmented = usage.isSegmented
    isPinned = usage.isPinned
    let rings = plan.values.indices.filter { plan.values[$0].lifetime != .whole && plan.values[$0].axes.first == axis }
    let segments = plan.values.indices.filter { usage.isSegmented[$0] }
    snapshotValues = (segments + rings).filter { plan.values[$0].before > 0 && plan.values[$0].phase == .first }
    reach = plan.values.indices.reduce(1) { max($0, max(plan.values[$1].before, plan.values[$1].after)) }
  }
}

extension Instruction {
  fileprivate var readsHistory: Bool {
    if case .general(let equation) = kernel { equation.operation.historyAxes != nil } else { false }
  }
}

/// Looks at everything that touches a value.
private struct SegmentUsage {
  private(set) var isSegmented: [Bool]
  private(set) var isPinned: [Bool]
  private let plan: Plan
  private let axis: Axis
  /// How many phases run segment by segment.
  private let phases: Int

  init(_ plan: Plan, _ axis: Axis, phases: Int) {
    self.plan = plan
    self.axis = axis
    self.phases = phases
    isSegmented = plan.values.map { $0.axes.first == axis && $0.lifetime == .whole }
    isPinned = plan.values.map { $0.axes.first != axis || $0.lifetime != .whole }
    for port in plan.inputs + plan.outputs { isSegmented[port.view.value] = false }
    for index in plan.values.indices where isSegmented[index] {
      let value = plan.values[index]
      // Values that cross from one segment to the next must be written before it in the phase.
      if value.phase.number >= phases || (value.phase == .first ? value.after : value.before) > 0 {
        isSegmented[index] = false
      }
      if value.before + value.after > 0 { isPinned[index] = true }
    }
    for instruction in plan.instructions { visit(instruction) }
    for index in plan.values.indices where !isSegmented[index] { isPinned[index] = true }
  }

  private mutating func visit(_ instruction: Instruction) {
    let phase = instruction.phase
    let accesses = plan.accesses(of: instruction)
    let isCut = plan.outermostAxis(instruction) == axis
    guard phase.number < phases else {
      // If time does not run back, the last step is still available when all segments have run.
      let readsEnd = phases == 1 && phase.number == 1 && !isCut
      for access in accesses where !(readsEnd && access.fixed?.axis == axis) { keepWhole(access) }
      guard readsEnd else { return }
      for access in accesses where access.fixed?.axis == axis { visit(end: access) }
      return
    }
    for access in accesses {
      guard case .value(let index) = access.memory, isSegmented[index] else { continue }
      let written = plan.values[index].phase
      if let fixed = access.fixed, fixed.axis == axis {
        // A single step is read when its phase has just ended there.
        let isThere = (written == .first) == (fixed.position == .last) && access.shift == 0
        if !isCut && isThere && (phase == written || phase == written.next) {
          isPinned[index] = true
        } else {
          isSegmented[index] = false
        }
        continue
      }
      let isNear =
        written == .first
        ? access.shift <= 0 && -access.shift <= plan.values[index].before
        : phase.number == 1 && access.shift >= 0 && access.shift <= plan.values[index].after
      if !isCut || !isNear || access.everywhere.contains(axis) { isSegmented[index] = false }
    }
  }

  /// Reads one step of a value when all segments of the only phase have run.
  private mutating func visit(end access: Access) {
    guard case .value(let index) = access.memory, isSegmented[index] else { return }
    if access.fixed?.position == .last && access.shift == 0 {
      isPinned[index] = true
    } else {
      isSegmented[index] = false
    }
  }

  private mutating func keepWhole(_ access: Access) {
    if case .value(let index) = access.memory { isSegmented[index] = false }
  }
}

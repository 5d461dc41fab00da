package import EbbGraph

/// A plan's instructions by when they run if time is cut into parts: all stages of a phase process a part before any
/// processes the next.
package struct TimeOrder: Sendable {
  /// Some instructions of a stage, which run together.
  package struct Piece: Sendable {
    /// When a piece runs.
    package enum Kind: Sendable {
      /// At the end of the axis where a phase begins: boundary values.
      case edge
      /// The steps of a sweep.
      case steps
      /// For the steps of each part.
      case cut
    }
    /// When it runs.
    package var kind: Kind
    /// The index of the stage in the plan.
    package var stage: Int
    /// Its instructions, in order.
    package var instructions: [Instruction]
  }

  /// The pieces of one phase.
  package struct Pieces: Sendable {
    /// Once, before the first part.
    package fileprivate(set) var once: [Piece] = []
    /// For each part.
    package fileprivate(set) var parts: [Piece] = []
  }

  /// The axis through which time runs: that of all sweeps.
  package let axis: Axis
  /// The pieces of each phase, in order.
  package private(set) var phases: [Pieces]
  /// The work after the last of these phases, in the order of the plan.
  package private(set) var rest: [Piece] = []

  /// - Parameter phases: The number of phases to cut; nil for all.
  ///
  /// Nil if sweeps run through several axes or none, or if something would be read before it is written.
  init?(_ plan: Plan, phases: Int? = nil) {
    guard let axis = plan.sweptAxis else { return nil }
    self.axis = axis
    self.phases = Array(repeating: Pieces(), count: phases ?? plan.phaseCount)
    let writtenIn = plan.writingPhases
    var check = OrderCheck(plan, axis)
    for (index, stage) in plan.stages.enumerated() {
      for instruction in stage.prologue + (stage.sweep == nil ? stage.instructions : []) {
        let phase = instruction.phase
        let kind: Piece.Kind = if case .boundary = instruction.kernel { .edge } else { .cut }
        let piece = Piece(kind: kind, stage: index, instructions: [instruction])
        if plan.outermostAxis(instruction) == axis {
          add(piece, at: .parts(phase.number), &check)
        } else {
          // A reader of a single step of its own phase, or of all steps, waits for the end of the phase.
          let waits = plan.accesses(of: instruction).contains { access in
            guard case .value(let value) = access.memory, !access.isWrite else { return false }
            return plan.values[value].axes.contains(axis) && writtenIn[value].contains(phase)
          }
          add(piece, at: .before(waits ? phase.next.number : phase.number), &check)
        }
      }
      guard stage.sweep != nil, let phase = stage.instructions.first?.phase else { continue }
      add(Piece(kind: .steps, stage: index, instructions: stage.instructions), at: .parts(phase.number), &check)
    }
    guard check.isInOrder else { return nil }
  }

  private mutating func add(_ piece: Piece, at moment: OrderCheck.Moment, _ check: inout OrderCheck) {
    switch moment {
    case .before(let phase) where phase < phases.count: phases[phase].once.append(piece)
    case .parts(let phase) where phase < phases.count: phases[phase].parts.append(piece)
    case .before, .parts:
      rest.append(piece)
      check.add(piece, at: .before(phases.count))
      return
    }
    check.add(piece, at: moment)
  }
}

extension Plan {
  /// The axis of all sweeps; nil if there are none, or several axes.
  var sweptAxis: Axis? {
    let axes = Set(stages.flatMap { stage in stage.sweep.map { [$0.axis] + $0.outer.map(\.axis) } ?? [] })
    return axes.count == 1 ? axes.first : nil
  }

  /// For each value, the phases in which something writes it: a boundary may come later than the steps.
  fileprivate var writingPhases: [Set<Phase>] {
    var result: [Set<Phase>] = Array(repeating: [], count: values.count)
    for instruction in instructions {
      for access in accesses(of: instruction) where access.isWrite {
        if case .value(let value) = access.memory { result[value].insert(instruction.phase) }
      }
    }
    return result
  }
}

public import EbbGraph

/// A plan's instructions by when they run if time is cut into parts: all stages of a turn of time go through a part
/// before any goes through the next.
public struct TimeOrder: Sendable {
  public struct Piece: Sendable {
    public enum Kind: Sendable {
      /// At the end of the axis where a turn begins: boundary values.
      case edge
      /// The steps of a sweep.
      case steps
      /// For the steps of each part.
      case cut
    }
    public var kind: Kind
    /// The index of the stage in the plan.
    public var stage: Int
    public var instructions: [Instruction]

    package init(kind: Kind, stage: Int, instructions: [Instruction]) {
      self.kind = kind
      self.stage = stage
      self.instructions = instructions
    }
  }

  /// What runs in one turn of time.
  public struct Turn: Sendable {
    /// Once, before the first part.
    public fileprivate(set) var once: [Piece] = []
    /// For each part.
    public fileprivate(set) var parts: [Piece] = []
  }

  /// The axis through which time runs: that of all sweeps.
  public let axis: Axis
  public private(set) var turns: [Turn]
  /// What follows the last of these turns, in the order of the plan.
  public private(set) var rest: [Piece] = []

  /// - Parameter turns: The turns that are cut; nil: all that there are.
  ///
  /// Nil if sweeps run through several axes or none, or if something would be read before it is written.
  init?(_ plan: Plan, turns: Int? = nil) {
    guard let axis = plan.sweptAxis else { return nil }
    self.axis = axis
    self.turns = Array(repeating: Turn(), count: turns ?? (plan.turns.max() ?? 0) + 1)
    let writtenIn = plan.writingTurns
    var check = OrderCheck(plan, axis)
    for (index, stage) in plan.stages.enumerated() {
      let isSweep = if case .sweep = stage.kind { true } else { false }
      for instruction in stage.prologue + (isSweep ? [] : stage.instructions) {
        let turn = plan.turn(of: instruction, in: stage)
        let kind: Piece.Kind = if case .boundary = instruction { .edge } else { .cut }
        let piece = Piece(kind: kind, stage: index, instructions: [instruction])
        if plan.outermostAxis(instruction) == axis {
          add(piece, at: .parts(turn), &check)
        } else {
          // What reads one step of its own turn, or all, waits for the end of the turn.
          let waits = plan.accesses(of: instruction).contains { access in
            guard case .value(let value) = access.place, !access.isWrite else { return false }
            return plan.values[value].axes.contains(axis) && writtenIn[value].contains(turn)
          }
          add(piece, at: .before(turn + (waits ? 1 : 0)), &check)
        }
      }
      guard isSweep else { continue }
      let turn = plan.turn(of: stage.instructions[0], in: stage)
      add(Piece(kind: .steps, stage: index, instructions: stage.instructions), at: .parts(turn), &check)
    }
    guard check.isInOrder else { return nil }
  }

  private mutating func add(_ piece: Piece, at moment: OrderCheck.Moment, _ check: inout OrderCheck) {
    switch moment {
    case .before(let turn) where turn < turns.count: turns[turn].once.append(piece)
    case .parts(let turn) where turn < turns.count: turns[turn].parts.append(piece)
    case .before, .parts:
      rest.append(piece)
      check.add(piece, at: .before(turns.count))
      return
    }
    check.add(piece, at: moment)
  }
}

extension Plan {
  /// The axis of all sweeps; nil if there are none, or of several axes.
  var sweptAxis: Axis? {
    var axes: Set<Axis> = []
    for case .sweep(let axis, _) in stages.map(\.kind) { axes.insert(axis) }
    return axes.count == 1 ? axes.first : nil
  }

  /// For each value, the turns in which something writes it: a boundary may come later than the steps.
  fileprivate var writingTurns: [Set<Int>] {
    var result: [Set<Int>] = Array(repeating: [], count: values.count)
    for stage in stages {
      for instruction in stage.prologue + stage.instructions {
        for access in accesses(of: instruction) where access.isWrite {
          if case .value(let value) = access.place { result[value].insert(turn(of: instruction, in: stage)) }
        }
      }
    }
    return result
  }
}

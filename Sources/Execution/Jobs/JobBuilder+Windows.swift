internal import EbbGraph
internal import EbbPlanning

/// Jobs for values that live in a window: forward through all windows, then back, the windows computed again from
/// snapshots of the state.
extension JobBuilder {
  mutating func addWindows(_ window: Window) {
    let program = WindowedProgram(binder.plan, window.streaming)
    let length = binder.lengths[window.streaming.axis.index]
    let count = window.count(length: length)
    let schedule = CheckpointSchedule(windows: count, snapshots: window.snapshots)
    for piece in program.once[0] { add(piece.instructions, of: piece.stage) }
    var isRestored = false
    var isReturning = false
    for action in schedule.actions {
      switch action {
      case .compute(let index, let isFirst):
        binder.firstStep = window.steps(index, length: length).lowerBound
        if index > 0 && !isRestored { addMoves(crossing: .forward, window) }
        isRestored = false
        for piece in isFirst ? program.forward : program.again {
          add(piece, window.steps(index, length: length), isEdge: index == 0)
        }
      case .save(_, let snapshot): addMoves(crossing: .into(snapshot), window)
      case .restore(_, let snapshot):
        addMoves(crossing: .outOf(snapshot), window)
        isRestored = true
      case .reverse(let index):
        if !isReturning { for piece in program.once[1] { add(piece.instructions, of: piece.stage) } }
        isReturning = true
        if index < count - 1 { addMoves(crossing: .back, window) }
        for piece in program.back {
          add(piece, window.steps(index, length: length), isEdge: index == count - 1)
        }
      }
    }
    // Later turns read nothing that lives in a window.
    for piece in program.once[2] {
      switch piece.kind {
      case .steps: addSweep(piece.stage, steps: 0..<length)
      case .edge, .cut: add(piece.instructions, of: piece.stage)
      }
    }
  }

  private mutating func add(_ piece: WindowedProgram.Piece, _ steps: Range<Int>, isEdge: Bool) {
    switch piece.kind {
    case .edge: if isEdge { add(piece.instructions, of: piece.stage) }
    case .steps: addSweep(piece.stage, steps: steps)
    case .cut: add(piece.instructions, of: piece.stage, steps: steps, isFirst: isEdge)
    }
  }

  // MARK: What crosses from a window to the next

  private enum Crossing {
    /// The last steps of a window become the places before the next one; the first steps those after the one before.
    case forward, back
    case into(Int)
    case outOf(Int)
  }

  private mutating func addMoves(crossing: Crossing, _ window: Window) {
    let plan = binder.plan
    let memory = binder.memory
    let streaming = window.streaming
    let isBack = if case .back = crossing { true } else { false }
    let values =
      isBack
      ? plan.values.indices.filter { streaming.isStreamed[$0] && plan.values[$0].after > 0 } : streaming.carried
    var moves: [BoundMoves.Move] = []
    var regions: [Region] = []
    var offset = 0
    for value in values {
      guard let runs = memory.carried[value] else { preconditionFailure("value \(value) carries nothing") }
      let base = binder.arena.base + memory.offsets[value]
      let isRing = memory.layouts[value].ring > 0
      // The places before a window come first in memory, then the window's steps, then those after it.
      let last = isRing ? 0 : window.steps * runs.step
      let bytes = runs.step * runs.steps
      for run in 0..<runs.count {
        let place = base + run * runs.stride
        switch crossing {
        case .forward: if !isRing { moves.append(.init(from: place + last, to: place, bytes: bytes)) }
        case .back: if !isRing { moves.append(.init(from: place, to: place + last, bytes: bytes)) }
        case .into(let snapshot): moves.append(.init(from: place + last, to: kept(snapshot, offset), bytes: bytes))
        case .outOf(let snapshot): moves.append(.init(from: kept(snapshot, offset), to: place, bytes: bytes))
        }
        offset += bytes
      }
      regions.append(Region(place: value, isWrite: true))
    }
    switch crossing {
    case .forward, .back: break
    case .into(let snapshot), .outOf(let snapshot):
      regions.append(Region(place: plan.values.count + plan.weights.count + snapshot, isWrite: true))
    }
    guard !moves.isEmpty else { return }
    append(
      Job(
        stage: 0, action: .work([.move(BoundMoves(moves: binder.arena.table(moves), count: moves.count))]),
        cost: moves.reduce(0) { $0 + $1.bytes } / 16, regions: regions, label: "carry"))
  }

  /// A place in a snapshot.
  private func kept(_ snapshot: Int, _ offset: Int) -> UnsafeMutableRawPointer {
    binder.arena.base + binder.memory.snapshotOffset + snapshot * binder.memory.snapshotBytes + offset
  }
}

/// A plan's instructions by when they run if time is cut into windows.
struct WindowedProgram {
  struct Piece {
    enum Kind {
      /// At the end of the axis where a turn begins: boundary values.
      case edge
      /// The steps of a sweep.
      case steps
      /// For the steps of each window.
      case cut
    }
    var kind: Kind
    var stage: Int
    var instructions: [Instruction]
  }

  /// Before the first window, when time turns, and at the end: later turns too.
  private(set) var once: [[Piece]] = [[], [], []]
  private(set) var forward: [Piece] = []
  private(set) var back: [Piece] = []
  /// What of the forward turn the way back needs.
  private(set) var again: [Piece] = []

  init(_ plan: Plan, _ streaming: Streaming) {
    for (index, stage) in plan.stages.enumerated() {
      let isSweep = if case .sweep = stage.kind { true } else { false }
      for instruction in stage.prologue + (isSweep ? [] : stage.instructions) {
        place(instruction, index, stage, plan, streaming)
      }
      guard isSweep else { continue }
      let turn = plan.turn(of: stage.instructions[0], in: stage)
      append(Piece(kind: .steps, stage: index, instructions: stage.instructions), turn: turn)
    }
    again = Self.needed(forward, for: back, plan)
  }

  private mutating func append(_ piece: Piece, turn: Int) {
    switch turn {
    case 0: forward.append(piece)
    case 1: back.append(piece)
    default: once[2].append(piece)
    }
  }

  private mutating func place(
    _ instruction: Instruction, _ index: Int, _ stage: Stage, _ plan: Plan, _ streaming: Streaming
  ) {
    let turn = plan.turn(of: instruction, in: stage)
    if turn <= 1, plan.outermostAxis(instruction) == streaming.axis {
      let isBoundary = if case .boundary = instruction { true } else { false }
      append(Piece(kind: isBoundary ? .edge : .cut, stage: index, instructions: [instruction]), turn: turn)
      return
    }
    // What reads a step of its own turn waits for the end of the turn.
    let waits = plan.accesses(of: instruction).contains { access in
      guard case .value(let value) = access.place, !access.isWrite else { return false }
      return plan.values[value].axes.contains(streaming.axis) && plan.turns[plan.values[value].node.index] == turn
        && access.fixed?.axis == streaming.axis
    }
    once[min(2, turn + (waits ? 1 : 0))].append(Piece(kind: .cut, stage: index, instructions: [instruction]))
  }

  /// The pieces that write what others read, themselves included.
  private static func needed(_ pieces: [Piece], for readers: [Piece], _ plan: Plan) -> [Piece] {
    func accesses(_ piece: Piece, writes: Bool) -> [Access.Place] {
      piece.instructions.flatMap { plan.accesses(of: $0) }.filter { $0.isWrite == writes }.map(\.place)
    }
    var read = Set(readers.flatMap { accesses($0, writes: false) })
    var result: [Piece] = []
    for piece in pieces.reversed() where accesses(piece, writes: true).contains(where: { read.contains($0) }) {
      if piece.instructions.contains(where: \.isSum) { continue }
      read.formUnion(accesses(piece, writes: false))
      result.append(piece)
    }
    return result.reversed()
  }
}

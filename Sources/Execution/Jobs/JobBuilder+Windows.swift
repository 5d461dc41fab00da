internal import EbbGraph
internal import EbbPlanning

/// Jobs for values that live in a window: forward through all windows, then back, the windows computed again from
/// snapshots of the state.
extension JobBuilder {
  mutating func addWindows(_ window: Window) {
    guard window.streaming.runsBack else { return addForwardWindows(window) }
    let order = window.streaming.order
    let again = binder.plan.needed(of: order.turns[0].parts, for: order.turns[1].parts)
    let length = binder.lengths[order.axis.index]
    let count = window.count(length: length)
    let schedule = CheckpointSchedule(windows: count, snapshots: window.snapshots)
    addOnce(order.turns[0].once)
    var isRestored = false
    var isReturning = false
    for action in schedule.actions {
      switch action {
      case .compute(let index, let isFirst):
        binder.firstStep = window.steps(index, length: length).lowerBound
        if index > 0 && !isRestored { addMoves(crossing: .forward, window) }
        isRestored = false
        for piece in isFirst ? order.turns[0].parts : again {
          add(piece, window.steps(index, length: length), isEdge: index == 0)
        }
      case .save(_, let snapshot): addMoves(crossing: .into(snapshot), window)
      case .restore(_, let snapshot):
        addMoves(crossing: .outOf(snapshot), window)
        isRestored = true
      case .reverse(let index):
        if !isReturning { addOnce(order.turns[1].once) }
        isReturning = true
        if index < count - 1 { addMoves(crossing: .back, window) }
        for piece in order.turns[1].parts {
          add(piece, window.steps(index, length: length), isEdge: index == count - 1)
        }
      }
    }
    // Later turns read nothing that lives in a window.
    addOnce(order.rest)
  }

  /// Once through all windows.
  private mutating func addForwardWindows(_ window: Window) {
    let order = window.streaming.order
    let length = binder.lengths[order.axis.index]
    addOnce(order.turns[0].once)
    for index in 0..<window.count(length: length) {
      let steps = window.steps(index, length: length)
      binder.firstStep = steps.lowerBound
      if index > 0 { addMoves(crossing: .forward, window) }
      for piece in order.turns[0].parts { add(piece, steps, isEdge: index == 0) }
    }
    addOnce(order.rest)
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
        stage: 0, work: BoundWork([.move(BoundMoves(moves: binder.arena.table(moves), count: moves.count))]),
        cost: moves.reduce(0) { $0 + $1.bytes } / 16, label: "carry"), touching: regions)
  }

  /// A place in a snapshot.
  private func kept(_ snapshot: Int, _ offset: Int) -> UnsafeMutableRawPointer {
    binder.arena.base + binder.memory.snapshotOffset + snapshot * binder.memory.snapshotBytes + offset
  }
}

extension Plan {
  /// The pieces that write what others read, and what these need; sums, which are complete, are not repeated.
  fileprivate func needed(of pieces: [TimeOrder.Piece], for readers: [TimeOrder.Piece]) -> [TimeOrder.Piece] {
    func touched(_ piece: TimeOrder.Piece, writes: Bool) -> [Access.Place] {
      piece.instructions.flatMap { accesses(of: $0) }.filter { $0.isWrite == writes }.map(\.place)
    }
    var read = Set(readers.flatMap { touched($0, writes: false) })
    var result: [TimeOrder.Piece] = []
    for piece in pieces.reversed() where touched(piece, writes: true).contains(where: { read.contains($0) }) {
      if piece.instructions.contains(where: \.isSum) { continue }
      read.formUnion(touched(piece, writes: false))
      result.append(piece)
    }
    return result.reversed()
  }
}

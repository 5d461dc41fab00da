internal import EbbGraph
internal import EbbPlanning

/// Jobs for time cut into parts.
extension JobBuilder {
  mutating func add(_ timeline: Timeline) {
    for event in timeline.events {
      switch event {
      case .whole(let piece): addWhole(piece)
      case .part(let piece, let steps, let isFirst): add(piece, steps, isFirst: isFirst)
      case .segment(let first): binder.firstStep = first
      case .cross(let crossing):
        if let segment = binder.memory.tiling.segment { addMoves(crossing, segment) }
      }
    }
  }

  private mutating func addWhole(_ piece: TimeOrder.Piece) {
    switch piece.kind {
    case .steps: addSweep(piece.stage)
    case .edge, .cut: add(piece.instructions, of: piece.stage)
    }
  }

  /// A piece for the steps of one part.
  private mutating func add(_ piece: TimeOrder.Piece, _ steps: Range<Int>, isFirst: Bool) {
    switch piece.kind {
    case .edge: if isFirst { add(piece.instructions, of: piece.stage) }
    case .steps: addSweep(piece.stage, steps: steps)
    case .cut: add(piece.instructions, of: piece.stage, steps: steps, isFirst: isFirst)
    }
  }

  // MARK: Moves between segments

  private mutating func addMoves(_ crossing: Timeline.Crossing, _ segment: RematerializationSegment) {
    let plan = binder.plan
    let memory = binder.memory
    let analysis = segment.analysis
    let values =
      crossing == .back
      ? plan.values.indices.filter { analysis.isSegmented[$0] && plan.values[$0].after > 0 } : analysis.snapshotValues
    var moves: [BoundMoves.Move] = []
    var regions: [Region] = []
    var offset = 0
    for value in values {
      guard let runs = memory.stateRuns[value] else { preconditionFailure("value \(value) carries nothing") }
      let base = binder.memory(of: value)
      let isRing = memory.layouts[value].ring > 0
      // In memory, the places before a segment come first, then the segment's steps, then the places after it.
      let last = isRing ? 0 : segment.steps * runs.step
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
        stage: 0, work: BoundWork([.move(BoundMoves(moves: binder.arena.table(moves)))]),
        cost: moves.reduce(0) { $0 + $1.bytes } / 16, label: "carry"), touching: regions)
  }

  /// A place in a snapshot.
  private func kept(_ snapshot: Int, _ offset: Int) -> Location {
    let (first, bytes) = (binder.memory.snapshotOffset, binder.memory.snapshotBytes)
    return binder.arena.location(first + snapshot * bytes, bytes: bytes) + offset
  }
}

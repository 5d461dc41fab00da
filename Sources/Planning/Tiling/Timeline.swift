internal import EbbGraph

/// The work of a run in order, when time is cut into parts.
package struct Timeline: Sendable {
  /// One thing that a run does.
  package enum Event: Sendable {
    /// A piece that is not cut.
    case whole(TimeOrder.Piece)
    /// A piece for the steps of one part; `isFirst`: the first part of its phase.
    case part(TimeOrder.Piece, steps: Range<Int>, isFirst: Bool)
    /// Segmented values hold the steps from this one.
    case segment(from: Int)
    /// Moves the values that cross from one segment to the next.
    case cross(Crossing)
  }

  /// A move between segments and snapshots.
  package enum Crossing: Hashable, Sendable {
    /// The last steps of a segment become the places before the next one; the first steps those after the one before.
    case forward, back
    /// The state before a segment is kept in a snapshot.
    case into(Int)
    /// The state before a segment is restored from a snapshot.
    case outOf(Int)
  }

  /// The events, in order.
  package private(set) var events: [Event] = []

  /// In each phase all stages go through one block after another, forward or back.
  init(_ blocks: TimeBlocks, length: Int) {
    let ascending = stride(from: 0, to: length, by: blocks.steps).map { $0..<min($0 + blocks.steps, length) }
    for (number, pieces) in blocks.order.phases.enumerated() {
      addWhole(pieces.once)
      let parts = Phase(number).isBackward ? ascending.reversed() : ascending
      for (place, steps) in parts.enumerated() { add(pieces.parts, steps, isFirst: place == 0) }
    }
    addWhole(blocks.order.rest)
  }

  /// Forward through all segments, then back if the plan runs back, with the segments recomputed from snapshots.
  init(_ segment: RematerializationSegment, _ plan: Plan, length: Int) {
    let order = segment.analysis.order
    addWhole(order.phases[0].once)
    if segment.analysis.runsBack {
      runBack(segment, plan, length: length)
    } else {
      for index in 0..<segment.count(length: length) {
        let steps = segment.steps(index, length: length)
        events.append(.segment(from: steps.lowerBound))
        if index > 0 { events.append(.cross(.forward)) }
        add(order.phases[0].parts, steps, isFirst: index == 0)
      }
    }
    // Later phases read nothing in a segment.
    addWhole(order.rest)
  }

  private mutating func runBack(_ segment: RematerializationSegment, _ plan: Plan, length: Int) {
    let (forward, backward) = (segment.analysis.order.phases[0], segment.analysis.order.phases[1])
    let again = plan.needed(of: forward.parts, for: backward.parts)
    let count = segment.count(length: length)
    var isRestored = false
    var isReturning = false
    for action in SnapshotSchedule(segments: count, snapshots: segment.snapshots).actions {
      switch action {
      case .compute(let index, let isFirst):
        let steps = segment.steps(index, length: length)
        events.append(.segment(from: steps.lowerBound))
        if index > 0 && !isRestored { events.append(.cross(.forward)) }
        isRestored = false
        add(isFirst ? forward.parts : again, steps, isFirst: index == 0)
      case .save(_, let snapshot):
        events.append(.cross(.into(snapshot)))
      case .restore(_, let snapshot):
        events.append(.cross(.outOf(snapshot)))
        isRestored = true
      case .reverse(let index):
        if !isReturning { addWhole(backward.once) }
        isReturning = true
        if index < count - 1 { events.append(.cross(.back)) }
        add(backward.parts, segment.steps(index, length: length), isFirst: index == count - 1)
      }
    }
  }

  private mutating func addWhole(_ pieces: [TimeOrder.Piece]) { events += pieces.map { .whole($0) } }

  private mutating func add(_ pieces: [TimeOrder.Piece], _ steps: Range<Int>, isFirst: Bool) {
    events += pieces.map { .part($0, steps: steps, isFirst: isFirst) }
  }
}

extension TimeTiling {
  /// The order of a run; nil if time is not cut, and stages run one after another.
  package func timeline(_ plan: Plan, lengths: [Int]) -> Timeline? {
    switch self {
    case .none: nil
    case .blocks(let blocks): Timeline(blocks, length: lengths[blocks.order.axis.index])
    case .segments(let segment): Timeline(segment, plan, length: lengths[segment.analysis.order.axis.index])
    }
  }
}

extension Plan {
  /// The pieces that write values for others, and their own needs; sums, which are complete, are not repeated.
  fileprivate func needed(of pieces: [TimeOrder.Piece], for readers: [TimeOrder.Piece]) -> [TimeOrder.Piece] {
    func touched(_ piece: TimeOrder.Piece, writes: Bool) -> [Access.Memory] {
      piece.instructions.flatMap { accesses(of: $0) }.filter { $0.isWrite == writes }.map(\.memory)
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

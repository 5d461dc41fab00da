/// The order in which the segments of an axis are computed and backpropagated through when only some states are kept.
///
/// To backpropagate through the last of n segments, all before it must have been computed; those that are not kept are
/// recomputed. With s snapshots besides the start, the minimum number of computed segments is
///
///     cost(1, s) = 1
///     cost(n, 0) = n (n + 1) / 2
///     cost(n, s) = min over m of  m + cost(n − m, s − 1) + cost(m, s)
///
/// (Griewank & Walther 2000, "Algorithm 799: revolve"; for recurrent networks Gruslys et al. 2016, "Memory-efficient
/// backpropagation through time", section 3.1.)
package struct SnapshotSchedule: Sendable {
  /// One action on a segment.
  package enum Action: Hashable, Sendable {
    /// Computes a segment from the state before it, which is in the segment's memory: the first time everything, later
    /// only what the backward pass needs.
    case compute(Int, isFirst: Bool)
    /// Keeps the state before a segment in a snapshot.
    case save(Int, snapshot: Int)
    /// Restores the state before a segment.
    case restore(Int, snapshot: Int)
    /// Backpropagates through a segment that has just been computed.
    case reverse(Int)
  }

  /// The actions, in order.
  package private(set) var actions: [Action] = []
  /// The number of segments computed, including the first time.
  package let cost: Int
  /// The segment whose end is in memory; −1: the beginning.
  private var current = -1

  /// - Parameters:
  ///   - segments: At most ``SnapshotCosts/mostSegments``.
  ///   - snapshots: Places for states besides the first.
  package init(segments: Int, snapshots: Int) {
    cost = SnapshotCosts.table.cost(segments, snapshots)
    reverse(0, segments, from: nil, free: Array((0..<snapshots).reversed()), isFirst: true)
  }

  /// Backpropagates through the segments `low` … `high` − 1; the state before `low` is in `start`, or is the initial
  /// one.
  private mutating func reverse(_ low: Int, _ high: Int, from start: Int?, free: [Int], isFirst: Bool) {
    var high = high
    var isFirst = isFirst
    while high > low {
      // The end of the previous segment may still be in its memory; the first segment starts from the initial state.
      if let start, current != low - 1 { actions.append(.restore(low, snapshot: start)) }
      if high - low == 1 {
        compute(low, isFirst: isFirst)
        actions.append(.reverse(low))
        return
      }
      guard let snapshot = free.last else {
        for segment in low..<high { compute(segment, isFirst: isFirst) }
        actions.append(.reverse(high - 1))
        high -= 1
        isFirst = false
        continue
      }
      let middle = low + SnapshotCosts.table.split(high - low, free.count)
      for segment in low..<middle { compute(segment, isFirst: isFirst) }
      actions.append(.save(middle, snapshot: snapshot))
      reverse(middle, high, from: snapshot, free: free.dropLast(), isFirst: isFirst)
      high = middle
      isFirst = false
    }
  }

  private mutating func compute(_ segment: Int, isFirst: Bool) {
    actions.append(.compute(segment, isFirst: isFirst))
    current = segment
  }
}

/// The least costs, and where to keep the next state.
package struct SnapshotCosts: Sendable {
  /// The maximum number of segments of an axis, so that the bound program does not grow with its length.
  package static let mostSegments = 64
  static let table = SnapshotCosts()

  /// By snapshots, then segments.
  private var costs: [[Int]]
  private var splits: [[Int]] = [Array(repeating: 0, count: mostSegments + 1)]

  private init() {
    costs = [(0...Self.mostSegments).map { $0 * ($0 + 1) / 2 }]
    for snapshots in 1..<Self.mostSegments {
      var row = [0, 1]
      var split = [0, 0]
      let fewer = costs[snapshots - 1]
      for segments in 2...Self.mostSegments {
        var best = (cost: Int.max, split: 0)
        for middle in 1..<segments {
          let cost = middle + fewer[segments - middle] + row[middle]
          if cost < best.cost { best = (cost, middle) }
        }
        row.append(best.cost)
        split.append(best.split)
      }
      costs.append(row)
      splits.append(split)
    }
  }

  func cost(_ segments: Int, _ snapshots: Int) -> Int { costs[min(snapshots, Self.mostSegments - 1)][segments] }
  func split(_ segments: Int, _ snapshots: Int) -> Int { splits[min(snapshots, Self.mostSegments - 1)][segments] }
}

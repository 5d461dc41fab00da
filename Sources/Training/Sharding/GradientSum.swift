internal import EbbRanks
internal import Dispatch
internal import Synchronization

/// The sum of all shards' gradients, in their order:
///
///     sum = ((g₀ + g₁) + g₂) + …
///
/// Each process sums one slice of the numbers and sends the sum to all. The slices of a round's shards travel, and are
/// summed, while the processes compute the next round.
final class GradientSum: Sendable {
  private let group: any RankGroup
  /// How many numbers a gradient has.
  let count: Int
  /// How many of them a process sums.
  private let slice: Int
  private let sums: Mutex<[Float]>
  private let isUrgent = Atomic(false)
  /// Nil if only this thread may send.
  private let queue: DispatchQueue?

  init(of count: Int, _ group: any RankGroup) {
    (self.group, self.count) = (group, count)
    slice = (count + group.size - 1) / group.size
    sums = Mutex([])
    queue = group.allowsOtherThreads ? DispatchQueue(label: "ebb.gradients", qos: .userInitiated) : nil
  }

  /// Adds the shards of the next round, of which this is that of this process.
  func add(_ gradient: [Float]) {
    guard let queue else { return exchange(gradient) }
    queue.async { self.exchange(gradient) }
  }

  private func exchange(_ gradient: [Float]) {
    var sent = gradient
    sent += repeatElement(0, count: slice * group.size - count)
    let received = group.exchange(sent) { isUrgent.load(ordering: .relaxed) }
    sums.withLock { sums in
      // The first gradient is no sum with 0, which would lose the sign of −0.
      let first = sums.isEmpty ? 1 : 0
      if sums.isEmpty { sums = Array(received[..<slice]) }
      for shard in first..<group.size {
        let start = shard * slice
        for place in 0..<slice { sums[place] += received[start + place] }
      }
    }
  }

  /// The sum, when all rounds have been added.
  func result() -> [Float] {
    isUrgent.store(true, ordering: .relaxed)
    queue?.sync {}
    return Array(group.gather(sums.withLock { $0 })[..<count])
  }
}

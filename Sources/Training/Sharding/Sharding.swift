package import EbbRanks

/// A batch in parts along its samples, whose gradients are computed one by one or by several processes.
///
/// The number of shards belongs to the training, as the batch size does; the number of processes does not: gradients are
/// summed in the order of the shards, whoever computed them, so the sum has the same bits.
package final class Sharding {
  /// How many parts a batch has.
  package let shards: Int
  /// The processes; each computes as many shards, in order.
  package let group: any RankGroup
  /// Whether this process was asked to end.
  private let wantsToStop: () -> Bool
  /// Whether one of the processes had been asked to end before the last step: then all end after it.
  package private(set) var isStopAgreed = false

  /// - Precondition: `shards` is a multiple of the number of processes.
  package init(shards: Int, group: any RankGroup = SingleRank(), wantsToStop: @escaping () -> Bool = { false }) {
    precondition(shards > 0 && shards % group.size == 0, "\(shards) shards for \(group.size) processes")
    (self.shards, self.group, self.wantsToStop) = (shards, group, wantsToStop)
  }

  /// The shards of this process.
  var own: Range<Int> {
    let count = shards / group.size
    return group.rank * count..<(group.rank + 1) * count
  }

  /// The samples of a shard: parts of as equal size as possible.
  func rows(_ shard: Int, of count: Int) -> Range<Int> { shard * count / shards..<(shard + 1) * count / shards }

  /// The sums over all shards.
  ///
  ///     sum = ((g₀ + g₁) + g₂) + …
  ///
  /// Each process gets one slice of all shards' gradients, sums it in order, and sends the sum to all.
  ///
  /// - Parameters:
  ///   - gradients: The gradients of each of this process's shards, one after the other as one list.
  ///   - numbers: Further numbers of each of its shards, as many for each.
  /// - Returns: The sum of the gradients, and that of the numbers.
  func sum(_ gradients: [[Float]], _ numbers: [[Double]]) -> (gradients: [Float], numbers: [Double]) {
    let count = gradients[0].count
    let slice = (count + group.size - 1) / group.size
    var sent: [Float] = []
    sent.reserveCapacity(slice * group.size * gradients.count)
    for target in 0..<group.size {
      let places = min(count, target * slice)..<min(count, (target + 1) * slice)
      for gradient in gradients {
        sent += gradient[places]
        sent += repeatElement(0, count: slice - places.count)
      }
    }
    let received = group.exchange(sent)
    var sums = Array(received[..<slice])
    for shard in 1..<max(1, shards) {
      for place in 0..<slice { sums[place] += received[shard * slice + place] }
    }
    let all = group.gather(sums)
    let each = numbers[0].count
    // One more number of each process: whether it was asked to end.
    let wish = wantsToStop() ? 1.0 : 0
    let found = group.gather(numbers.flatMap { $0 } + [wish])
    var total = [Double](repeating: 0, count: each)
    let perRank = each * numbers.count + 1
    for rank in 0..<group.size {
      let part = found[(rank * perRank)..<((rank + 1) * perRank)]
      for (index, value) in part.dropLast().enumerated() { total[index % each] += value }
      if part.last == 1 { isStopAgreed = true }
    }
    return (Array(all[..<count]), total)
  }
}

package import EbbRanks

/// A batch in parts along its samples, whose gradients are computed one by one or by several processes.
///
/// The number of shards belongs to the training, as the batch size does; the number of processes does not: gradients are
/// summed in the order of the shards, whoever computed them, so the sum has the same bits.
package final class Sharding {
  /// How many parts a batch has.
  package let shards: Int
  /// The processes; each computes as many shards.
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

  /// The shards of this process, one in each round: R processes compute shards jR ..< (j + 1) R in round j.
  var own: [Int] { Array(stride(from: group.rank, to: shards, by: group.size)) }

  /// The samples of a shard: parts of as equal size as possible.
  func rows(_ shard: Int, of count: Int) -> Range<Int> { shard * count / shards..<(shard + 1) * count / shards }

  /// The sum of numbers of each shard, in their order; it is also agreed whether to end.
  ///
  /// - Parameter numbers: As many numbers for each of this process's shards.
  func sum(_ numbers: [[Double]]) -> [Double] {
    // One more number: whether its process was asked to end.
    let wish = wantsToStop() ? 1.0 : 0
    var sums = [Double](repeating: 0, count: numbers[0].count + 1)
    for shard in gather(numbers.map { $0 + [wish] }) {
      for (place, number) in shard.enumerated() { sums[place] += number }
    }
    if sums.removeLast() > 0 { isStopAgreed = true }
    return sums
  }

  /// The numbers of each shard, in their order.
  ///
  /// - Parameter numbers: As many numbers for each of this process's shards.
  func gather(_ numbers: [[Double]]) -> [[Double]] {
    let count = numbers[0].count
    let found = group.gather(numbers.flatMap { $0 })
    return (0..<shards).map { shard in
      let place = (shard % group.size * numbers.count + shard / group.size) * count
      return Array(found[place..<place + count])
    }
  }
}

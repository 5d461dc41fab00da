/// Which values follow which in the same memory.
///
/// A value waits for those whose memory it takes over. What lay there before them it need not know: they waited for it. So
/// the number of pairs grows with that of the values, however often a place changes hands.
struct Succession {
  /// For each value those that it takes memory over from or leaves it to, each once.
  private(set) var neighbours: [[Int]]

  /// - Parameters:
  ///   - addresses: Where each value lies.
  ///   - moments: When it is needed; values at overlapping addresses are needed at different moments.
  init(_ addresses: [Range<Int>], _ moments: [ClosedRange<Int>]) {
    neighbours = Array(repeating: [], count: addresses.count)
    let end = moments.map(\.upperBound).max() ?? 0
    // The last holder of each address that will be left to another: runs in ascending order.
    var holders: [(range: Range<Int>, value: Int)] = []
    let order = addresses.indices.filter { !addresses[$0].isEmpty }.sorted {
      (moments[$0].lowerBound, $0) < (moments[$1].lowerBound, $1)
    }
    for value in order {
      let range = addresses[value]
      let first = Self.firstRun(holders, endingAfter: range.lowerBound)
      var last = first
      var replaced: [(range: Range<Int>, value: Int)] = []
      var known: Set<Int> = []
      while last < holders.count, holders[last].range.lowerBound < range.upperBound {
        let holder = holders[last]
        if known.insert(holder.value).inserted {
          neighbours[holder.value].append(value)
          neighbours[value].append(holder.value)
        }
        if holder.range.lowerBound < range.lowerBound {
          replaced.append((holder.range.lowerBound..<range.lowerBound, holder.value))
        }
        last += 1
      }
      if moments[value].upperBound < end { replaced.append((range, value)) }
      if last > first, holders[last - 1].range.upperBound > range.upperBound {
        replaced.append((range.upperBound..<holders[last - 1].range.upperBound, holders[last - 1].value))
      }
      holders.replaceSubrange(first..<last, with: replaced)
    }
  }

  private static func firstRun(_ holders: [(range: Range<Int>, value: Int)], endingAfter address: Int) -> Int {
    var (low, high) = (0, holders.count)
    while low < high {
      let middle = (low + high) / 2
      if holders[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Places for values that are needed during some moments: each at the lowest address that is free at all of these
/// moments.
///
/// Each moment has the runs of occupied addresses. Adjacent values form one run, so thousands of them, which an
/// unrolled graph needs at one moment, cost little more than a few.
struct FirstFit {
  private var taken: [AddressSet]

  /// - Parameter moments: Values are needed during some of `0 ..< moments`.
  init(moments: Int) { taken = Array(repeating: AddressSet(), count: moments) }

  /// The number of runs of occupied addresses at a moment.
  func runs(at moment: Int) -> Int { taken[moment].runs.count }

  /// Allocates a place for a value of this size and returns it.
  mutating func place(_ bytes: Int, during moments: ClosedRange<Int>) -> Int {
    var candidate = 0
    var isFree = false
    while !isFree {
      isFree = true
      for moment in moments {
        while let end = taken[moment].end(overlapping: candidate..<candidate + bytes) {
          candidate = end
          isFree = false
        }
      }
    }
    for moment in moments { taken[moment].insert(candidate..<candidate + bytes) }
    return candidate
  }
}

/// Addresses, as runs that neither touch nor overlap, ascending.
private struct AddressSet {
  private(set) var runs: [Range<Int>] = []

  /// The position of the first run that ends at or after an address.
  private func position(_ address: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The end of the first run that overlaps this range; nil if there is none.
  func end(overlapping range: Range<Int>) -> Int? {
    let position = position(range.lowerBound + 1)
    guard position < runs.count, runs[position].lowerBound < range.upperBound else { return nil }
    return runs[position].upperBound
  }

  mutating func insert(_ range: Range<Int>) {
    let first = position(range.lowerBound)
    var (last, merged) = (first, range)
    while last < runs.count, runs[last].lowerBound <= range.upperBound {
      merged = min(merged.lowerBound, runs[last].lowerBound)..<max(merged.upperBound, runs[last].upperBound)
      last += 1
    }
    runs.replaceSubrange(first..<last, with: [merged])
  }
}

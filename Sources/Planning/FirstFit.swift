/// Places for values that are needed during some moments: each at the lowest address where nothing lies that is needed at
/// one of the same moments.
///
/// A segment tree over the moments: each node knows which addresses are taken throughout its moments, and which at any of
/// them. A place is found in the lists of O(log n) nodes, and values side by side are one entry of a list; so thousands of
/// values that come and go, or stay, cost little more than a few.
struct FirstFit {
  private let size: Int
  /// For each node the addresses that are taken at all of its moments by values that are noted there.
  private var throughout: [AddressSet]
  /// For each node the addresses that are taken at one of its moments at least, as far as values are noted there or below.
  private var sometimes: [AddressSet]

  /// - Parameter moments: Values are needed during some of `0 ..< moments`.
  init(moments: Int) {
    var size = 1
    while size < moments { size *= 2 }
    self.size = size
    throughout = Array(repeating: AddressSet(), count: 2 * size)
    sometimes = throughout
  }

  /// The place of a value of some bytes, which is taken from now on.
  mutating func place(_ bytes: Int, during moments: ClosedRange<Int>) -> Int {
    var nodes: [(node: Int, isWhole: Bool)] = []
    visit(moments) { nodes.append(($0, $1)) }
    var candidate = 0
    var isFree = false
    while !isFree {
      isFree = true
      for (node, isWhole) in nodes {
        let taken = isWhole ? sometimes[node] : throughout[node]
        while let end = taken.end(overlapping: candidate..<candidate + bytes) {
          candidate = end
          isFree = false
        }
      }
    }
    for (node, isWhole) in nodes {
      sometimes[node].insert(candidate..<candidate + bytes)
      if isWhole { throughout[node].insert(candidate..<candidate + bytes) }
    }
    return candidate
  }

  /// Calls `body` with each node that has some of these moments, down to those that have nothing else.
  private func visit(_ moments: ClosedRange<Int>, _ body: (_ node: Int, _ isWhole: Bool) -> Void) {
    var pending = [(node: 1, first: 0, count: size)]
    while let (node, first, count) = pending.popLast() {
      guard first <= moments.upperBound, moments.lowerBound < first + count else { continue }
      let isWhole = moments.lowerBound <= first && first + count - 1 <= moments.upperBound
      body(node, isWhole)
      guard !isWhole else { continue }
      pending.append((2 * node, first, count / 2))
      pending.append((2 * node + 1, first + count / 2, count / 2))
    }
  }
}

/// Addresses, as runs that neither touch nor overlap, ascending.
private struct AddressSet {
  private var runs: [Range<Int>] = []

  /// The position of the first run that ends at or behind an address.
  private func position(_ address: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound < address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Where the first run ends that has an address of this range; nil if there is none.
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

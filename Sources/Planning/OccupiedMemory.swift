/// The bytes that are taken at one moment: runs in ascending order, of which no two touch. So what lies side by side is
/// one run, however many values it holds.
package struct OccupiedMemory {
  private var runs: [Range<Int>] = []

  package init() {}

  /// The lowest place from `start` on with so many free bytes.
  package func lowest(from start: Int, bytes: Int) -> Int {
    var place = start
    for run in runs[firstRun(endingAfter: start)...] {
      if place + bytes <= run.lowerBound { break }
      place = run.upperBound
    }
    return place
  }

  /// Takes bytes that are free.
  package mutating func insert(_ taken: Range<Int>) {
    guard !taken.isEmpty else { return }
    // The runs that it touches become one with it.
    let first = firstRun(endingAfter: taken.lowerBound - 1)
    var (last, merged) = (first, taken)
    while last < runs.count, runs[last].lowerBound <= taken.upperBound {
      merged = min(merged.lowerBound, runs[last].lowerBound)..<max(merged.upperBound, runs[last].upperBound)
      last += 1
    }
    runs.replaceSubrange(first..<last, with: [merged])
  }

  private func firstRun(endingAfter place: Int) -> Int {
    var (low, high) = (0, runs.count)
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].upperBound > place { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

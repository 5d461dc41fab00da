/// The touches of one place that later jobs may have to wait for, found by the indices of its outermost axis.
///
/// A touch of a run of indices is in a bucket: level l, for runs of more than 2^(l−1) and at most 2^l indices, has one
/// bucket for every 2^l indices, and a run is in the bucket of its first index. On each level in use, a search checks
/// the buckets that its own run meets and the one before. So a job of one step does not check those of all other steps.
struct TouchIndex {
  private struct Touch {
    var job: Int32
    /// The next touch in the same bucket; −1 if there is none.
    var next: Int32
    var region: Region
  }
  private struct Level {
    /// The logarithm of the number of indices in a bucket.
    var bits: Int
    /// The first touch in each nonempty bucket.
    var heads: [Int: Int32] = [:]
  }

  private let axis: Int
  private var touches: [Touch] = []
  /// The first free place in `touches`.
  private var free: Int32 = -1
  private var levels: [Level] = []

  /// The level for touches of all indices, which has one bucket.
  private static let unbounded = Int.bitWidth

  init(axis: Int) { self.axis = axis }

  mutating func insert(_ job: Int, _ region: Region) {
    let run = region.run(axis)
    let bits = run.map { Int.bitWidth - max(0, $0.count - 1).leadingZeroBitCount } ?? Self.unbounded
    let level = levels.firstIndex { $0.bits == bits } ?? levels.count
    if level == levels.count { levels.append(Level(bits: bits)) }
    let bucket = run.map { $0.lowerBound >> bits } ?? 0
    let touch = Touch(job: Int32(job), next: levels[level].heads[bucket] ?? -1, region: region)
    if free >= 0 {
      let place = Int(free)
      levels[level].heads[bucket] = free
      free = touches[place].next
      touches[place] = touch
    } else {
      levels[level].heads[bucket] = Int32(touches.count)
      touches.append(touch)
    }
  }

  /// Calls `body` with each job that touches a part of the region; returns the number of touches checked.
  func forEach(overlapping region: Region, _ body: (Int32) -> Void) -> Int {
    var looked = 0
    for level in levels {
      for bucket in buckets(level, region) {
        var place = level.heads[bucket] ?? -1
        while place >= 0 {
          let touch = touches[Int(place)]
          looked += 1
          if touch.region.overlaps(region) { body(touch.job) }
          place = touch.next
        }
      }
    }
    return looked
  }

  /// Removes other jobs' touches that the region covers: waiting for a write to all of it makes waiting for these
  /// unnecessary.
  mutating func remove(coveredBy region: Region, of job: Int) {
    for level in levels.indices {
      for bucket in buckets(levels[level], region) {
        var place = levels[level].heads[bucket] ?? -1
        var kept: Int32 = -1
        while place >= 0 {
          let touch = touches[Int(place)]
          if Int(touch.job) != job && region.covers(touch.region) {
            touches[Int(place)].next = free
            free = place
          } else {
            touches[Int(place)].next = kept
            kept = place
          }
          place = touch.next
        }
        levels[level].heads[bucket] = kept < 0 ? nil : kept
      }
    }
  }

  /// The buckets in which a touch of a part of the region may lie.
  private func buckets(_ level: Level, _ region: Region) -> [Int] {
    guard level.bits < Self.unbounded else { return [0] }
    guard let run = region.run(axis) else { return Array(level.heads.keys) }
    let first = (run.lowerBound >> level.bits) - 1
    let last = (run.upperBound - 1) >> level.bits
    return last - first < level.heads.count ? Array(first...max(first, last)) : Array(level.heads.keys)
  }
}

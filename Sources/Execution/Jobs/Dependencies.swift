internal import EbbTensors

/// Which jobs wait for which: those that touch the same memory, one of them writing, run in the program's order.
///
/// Its size grows with the jobs and the memory that they touch; nothing is kept for pairs of jobs.
package struct Dependencies {
  /// For each job, the later jobs that wait for it, and the number of earlier jobs that it waits for.
  package private(set) var successors: [[Int32]]
  private(set) var counts: [Int32]
  /// How many touches were compared.
  private(set) var comparisons = 0

  /// - Parameters:
  ///   - axes: For each place, its outermost axis.
  ///   - shared: For each place, the other places in the same memory, at different times.
  package init(_ regions: [[Region]], axes: [Int], shared: [[Int]]) {
    successors = Array(repeating: [], count: regions.count)
    counts = Array(repeating: 0, count: regions.count)
    // Memory that nobody writes causes no waits.
    var isWritten = Array(repeating: false, count: axes.count)
    for region in regions.joined() where region.isWrite { isWritten[region.place] = true }
    var reads = axes.map { TouchIndex(axis: $0) }
    var writes = reads
    var lasts = Array(repeating: LastJobs(), count: shared.count)
    var ancestors = Ancestors(jobs: regions.count)
    var found: [Int32] = []
    for (job, touches) in regions.enumerated() {
      found.removeAll(keepingCapacity: true)
      for region in touches where isWritten[region.place] {
        let place = region.place
        comparisons += writes[place].forEach(overlapping: region) { found.append($0) }
        if region.isWrite { comparisons += reads[place].forEach(overlapping: region) { found.append($0) } }
        for other in place < shared.count ? shared[place] : [] { found += lasts[other].waited(by: job) }
      }
      // The latest first: anything it waits for need not be waited for again.
      found.sort(by: >)
      ancestors.begin(job)
      for other in found where Int(other) != job && !ancestors.contains(Int(other)) {
        successors[Int(other)].append(Int32(job))
        counts[job] += 1
        ancestors.insert(Int(other))
      }
      for region in touches where isWritten[region.place] {
        let place = region.place
        if region.isWrite {
          writes[place].remove(coveredBy: region, of: job)
          reads[place].remove(coveredBy: region, of: job)
          writes[place].insert(job, region)
        } else {
          reads[place].insert(job, region)
        }
        if place < shared.count && !shared[place].isEmpty { lasts[place].append(job, ancestors) }
      }
    }
  }

  /// A random order in which every job comes after those that it waits for.
  func shuffled(_ seed: UInt64) -> [Int] {
    let stream = RandomStream(seed: seed, stream: 0)
    var waiting = counts
    var ready = counts.indices.filter { counts[$0] == 0 }
    var order: [Int] = []
    while !ready.isEmpty {
      let draw = stream.value(.uniform, at: SIMD3(UInt32(order.count), 0, 0), element: 0)
      let job = ready.remove(at: Int(draw * Double(ready.count)))
      order.append(job)
      for next in successors[job] {
        waiting[Int(next)] -= 1
        if waiting[Int(next)] == 0 { ready.append(Int(next)) }
      }
    }
    return order
  }
}

/// All jobs that the current one waits for, directly or indirectly, among the last thousand: one bit each. Older jobs
/// may be waited for twice, which costs little and changes nothing.
private struct Ancestors {
  /// Words of 64 jobs for each job.
  private let words: Int
  /// The rows of the last jobs, in a ring.
  private let rows: Int
  private var bits: [UInt64]
  private var job = 0

  private static let mostWords = 16

  init(jobs: Int) {
    words = max(1, min(Self.mostWords, (jobs + 63) / 64))
    rows = words * 64
    bits = Array(repeating: 0, count: words * rows)
  }

  /// The number of the first of the words that job `index` has.
  private func firstWord(_ index: Int) -> Int { index / 64 - words + 1 }

  mutating func begin(_ job: Int) {
    self.job = job
    for word in 0..<words { bits[job % rows * words + word] = 0 }
  }

  func contains(_ other: Int) -> Bool {
    let word = other / 64 - firstWord(job)
    return word >= 0 && bits[job % rows * words + word] >> (UInt64(other) % 64) & 1 == 1
  }

  /// The current job waits for another one, and so for everything that it waits for.
  mutating func insert(_ other: Int) {
    let word = other / 64 - firstWord(job)
    guard word >= 0 else { return }
    let (mine, its) = (job % rows * words, other % rows * words)
    bits[mine + word] |= 1 << (UInt64(other) % 64)
    // Word w of the other is word w − distance of this one.
    let distance = job / 64 - other / 64
    for word in distance..<words { bits[mine + word - distance] |= bits[its + word] }
  }
}

/// The last jobs among those that touched a place: waiting for these means waiting for all.
private struct LastJobs {
  private var jobs: [Int32] = []

  /// Above this number, the first job that waits for them stands for all.
  private static let most = 1024
  /// The number of latest jobs that are checked when one is added.
  private static let recent = 64

  /// Adds the current job, replacing those that it waits for.
  mutating func append(_ job: Int, _ ancestors: Ancestors) {
    guard jobs.last != Int32(job) else { return }
    let start = max(0, jobs.count - Self.recent)
    let kept = jobs[start...].filter { !ancestors.contains(Int($0)) }
    jobs.replaceSubrange(start..., with: kept + [Int32(job)])
  }

  /// The jobs that must be waited for by a job that uses the same memory for something else.
  mutating func waited(by job: Int) -> [Int32] {
    let all = jobs
    if jobs.count > Self.most { jobs = [Int32(job)] }
    return all
  }
}

internal import EbbTensors

/// Which jobs wait for which: those that touch the same memory, one of them writing, run in the program's order.
struct Dependencies {
  /// For each job, the later jobs that wait for it, and the number of earlier jobs that it waits for.
  private(set) var successors: [[Int32]]
  private(set) var counts: [Int32]

  /// - Parameter shared: For each place, the other places that lie in the same memory.
  init(_ regions: [[Region]], places: Int, shared: [[Int]]) {
    successors = Array(repeating: [], count: regions.count)
    counts = Array(repeating: 0, count: regions.count)
    var touched: [[(job: Int, region: Region)]] = Array(repeating: [], count: places)
    // All that a job waits for, through others too: one bit for each job.
    let words = (regions.count + 63) / 64
    var before = Array(repeating: UInt64(0), count: words * regions.count)
    for (job, touches) in regions.enumerated() {
      var found: Set<Int> = []
      for region in touches {
        for other in touched[region.place] where other.region.conflicts(with: region) { found.insert(other.job) }
        for place in region.place < shared.count ? shared[region.place] : [] {
          for other in touched[place] where other.region.isWrite || region.isWrite { found.insert(other.job) }
        }
      }
      // The latest first: what it waits for need not be waited for again.
      for other in found.sorted(by: >) {
        if before[job * words + other / 64] >> (UInt64(other) % 64) & 1 == 1 { continue }
        successors[other].append(Int32(job))
        counts[job] += 1
        for word in 0..<words { before[job * words + word] |= before[other * words + word] }
        before[job * words + other / 64] |= 1 << (UInt64(other) % 64)
      }
      for region in touches {
        // Who waits for a write to all of it need not wait for what came before.
        if region.isWrite { touched[region.place].removeAll { $0.job != job && region.covers($0.region) } }
        touched[region.place].append((job, region))
      }
    }
  }

  /// Any order in which every job comes after those that it waits for.
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

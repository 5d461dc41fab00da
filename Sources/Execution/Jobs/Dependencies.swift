internal import EbbTensors

/// Which jobs wait for which: those that touch the same memory, one of them writing, run in the program's order.
struct Dependencies {
  /// For each job, the later jobs that wait for it, and the number of earlier jobs that it waits for.
  private(set) var successors: [[Int32]]
  private(set) var counts: [Int32]

  private struct Touch {
    var job: Int
    var region: Region
  }

  /// - Parameter shared: For each place, the other places that lie in the same memory.
  init(_ regions: [[Region]], places: Int, shared: [[Int]]) {
    successors = Array(repeating: [], count: regions.count)
    counts = Array(repeating: 0, count: regions.count)
    var reads: [[Touch]] = Array(repeating: [], count: places)
    var writes = reads
    // Sets of jobs, a bit for each: all that a job waits for, through others too.
    let words = (regions.count + 63) / 64
    var before = Array(repeating: UInt64(0), count: words * regions.count)
    var found = Array(repeating: UInt64(0), count: words)
    for (job, touches) in regions.enumerated() {
      func find(_ other: Touch) { found[other.job / 64] |= 1 << (UInt64(other.job) % 64) }
      for region in touches {
        let place = region.place
        for other in writes[place] where other.region.overlaps(region) { find(other) }
        if region.isWrite { for other in reads[place] where other.region.overlaps(region) { find(other) } }
        for place in place < shared.count ? shared[place] : [] {
          writes[place].forEach(find)
          if region.isWrite { reads[place].forEach(find) }
        }
      }
      // The latest first: what it waits for need not be waited for again.
      for word in (0..<words).reversed() {
        while found[word] != 0 {
          let other = word * 64 + 63 - found[word].leadingZeroBitCount
          successors[other].append(Int32(job))
          counts[job] += 1
          before[job * words + word] |= 1 << (UInt64(other) % 64)
          found[word] &= ~(1 << (UInt64(other) % 64))
          for word in 0...word {
            let all = before[other * words + word]
            before[job * words + word] |= all
            found[word] &= ~all
          }
        }
      }
      for region in touches {
        // Who waits for a write to all of it need not wait for what came before.
        let (place, touch) = (region.place, Touch(job: job, region: region))
        if region.isWrite {
          writes[place].removeAll { $0.job != job && region.covers($0.region) }
          reads[place].removeAll { $0.job != job && region.covers($0.region) }
          writes[place].append(touch)
        } else {
          reads[place].append(touch)
        }
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

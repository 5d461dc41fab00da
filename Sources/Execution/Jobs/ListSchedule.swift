/// Critical-path list scheduling with estimated costs: the order in which workers look for jobs.
struct ListSchedule {
  let order: [Int]

  init(_ costs: [Int], _ dependencies: Dependencies, workers: Int) {
    var remaining = costs
    for job in costs.indices.reversed() {
      remaining[job] += dependencies.successors[job].reduce(0) { max($0, remaining[Int($1)]) }
    }
    var waiting = dependencies.counts
    var ready = ReadyJobs(remaining)
    for job in costs.indices where waiting[job] == 0 { ready.insert(job) }
    var running: [(end: Int, job: Int)] = []
    var clock = 0
    var order: [Int] = []
    while true {
      while running.count < workers, let job = ready.popFirst() {
        order.append(job)
        running.append((clock + costs[job], job))
      }
      guard let first = running.indices.min(by: { running[$0] < running[$1] }) else { break }
      let done = running.remove(at: first)
      clock = done.end
      for next in dependencies.successors[done.job] {
        waiting[Int(next)] -= 1
        if waiting[Int(next)] == 0 { ready.insert(Int(next)) }
      }
    }
    precondition(order.count == costs.count, "jobs wait for one another in a circle")
    self.order = order
  }
}

/// Jobs that could start, in a heap: the one with the longest path to the end comes first, for ties the first in the
/// program.
private struct ReadyJobs {
  private let remaining: [Int]
  private var heap: [Int] = []

  init(_ remaining: [Int]) { self.remaining = remaining }

  private func isBefore(_ a: Int, _ b: Int) -> Bool { (remaining[b], a) < (remaining[a], b) }

  mutating func insert(_ job: Int) {
    heap.append(job)
    var place = heap.count - 1
    while place > 0, isBefore(heap[place], heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func popFirst() -> Int? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var place = 0
    while true {
      var next = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isBefore(heap[child], heap[next]) {
        next = child
      }
      if next == place { return first }
      heap.swapAt(place, next)
      place = next
    }
  }
}

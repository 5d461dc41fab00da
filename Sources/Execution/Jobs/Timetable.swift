/// The order in which workers look for jobs: as a number of them would begin the jobs if each took as long as
/// estimated, and always the one with the longest way to the end came first.
struct Timetable {
  let order: [Int]

  init(_ costs: [Int], _ dependencies: Dependencies, workers: Int) {
    var remaining = costs
    for job in costs.indices.reversed() {
      remaining[job] += dependencies.successors[job].reduce(0) { max($0, remaining[Int($1)]) }
    }
    var waiting = dependencies.counts
    var ready = costs.indices.filter { waiting[$0] == 0 }
    var running: [(end: Int, job: Int)] = []
    var clock = 0
    var order: [Int] = []
    while !(ready.isEmpty && running.isEmpty) {
      while running.count < workers, !ready.isEmpty {
        // The longest way first; of equals the first in the program.
        let next = ready.indices.max { (remaining[ready[$0]], -ready[$0]) < (remaining[ready[$1]], -ready[$1]) }!
        let job = ready.remove(at: next)
        order.append(job)
        running.append((clock + costs[job], job))
      }
      let first = running.indices.min { (running[$0].end, running[$0].job) < (running[$1].end, running[$1].job) }!
      let done = running.remove(at: first)
      clock = done.end
      for next in dependencies.successors[done.job] {
        waiting[Int(next)] -= 1
        if waiting[Int(next)] == 0 { ready.append(Int(next)) }
      }
    }
    precondition(order.count == costs.count, "jobs wait for one another in a circle")
    self.order = order
  }
}

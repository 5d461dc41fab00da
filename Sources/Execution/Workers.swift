internal import Dispatch
internal import Foundation
internal import Synchronization

/// Runs jobs on a number of threads, each as soon as those that it waits for are done.
///
/// A thread takes the first job of the timetable that is ready. When none is, it looks again for a bounded time, then
/// sleeps until another thread has finished a job; so a thread that the system holds up delays only the job it has.
final class Workers: @unchecked Sendable {
  private let jobs: [Job]
  private let dependencies: Dependencies
  private let order: [Int]
  private let count: Int
  /// For each job, the number of unfinished jobs that it waits for; `claimed` once a thread has it.
  private let waiting: UnsafeMutablePointer<Atomic<Int32>>
  private let unclaimed = Atomic(0)
  private let sleepers = Atomic(0)
  private let bell = NSCondition()

  private static let claimed: Int32 = -1
  /// Nanoseconds of work below which waking another thread costs more than it saves.
  private static let worthWaking = 60_000
  /// How often a thread looks for a job before it sleeps: some tens of microseconds.
  private static let patience = 2_000

  init(_ jobs: [Job], _ dependencies: Dependencies, _ options: ExecutionOptions) {
    self.jobs = jobs
    self.dependencies = dependencies
    let isWorthWaking = jobs.reduce(0) { $0 + $1.cost } > Self.worthWaking
    count = isWorthWaking && options.shuffle == nil ? options.threads : 1
    if let seed = options.shuffle {
      order = dependencies.shuffled(seed)
    } else {
      // One thread follows the program.
      order = count == 1 ? Array(jobs.indices) : Timetable(jobs.map(\.cost), dependencies, workers: count).order
    }
    waiting = .allocate(capacity: max(jobs.count, 1))
    for index in jobs.indices { (waiting + index).initialize(to: Atomic(0)) }
  }

  deinit {
    waiting.deinitialize(count: jobs.count)
    waiting.deallocate()
  }

  /// Runs all jobs once, and writes down when, if there is a log.
  func run(_ log: JobLog?) {
    guard count > 1 else {
      for job in order { run(job, 0, log) }
      return
    }
    for index in jobs.indices { waiting[index].store(dependencies.counts[index], ordering: .relaxed) }
    unclaimed.store(jobs.count, ordering: .releasing)
    DispatchQueue.concurrentPerform(iterations: count) { worker in work(worker, log) }
  }

  private func run(_ job: Int, _ worker: Int, _ log: JobLog?) {
    guard let log else { return jobs[job].run() }
    let begin = JobLog.now()
    jobs[job].run()
    log.entries[job] = JobLog.Entry(worker: worker, begin: begin, end: JobLog.now())
  }

  private func work(_ worker: Int, _ log: JobLog?) {
    // All before this place of the timetable are claimed.
    var first = 0
    while unclaimed.load(ordering: .relaxed) > 0 {
      guard let job = claim(from: &first) ?? wait(&first) else { return }
      run(job, worker, log)
      finish(job)
    }
  }

  /// The first job of the timetable that is ready, if there is one.
  private func claim(from first: inout Int) -> Int? {
    for place in first..<order.count {
      let job = order[place]
      let state = waiting[job].load(ordering: .relaxed)
      if state == Self.claimed && place == first { first += 1 }
      guard state == 0 else { continue }
      if waiting[job].compareExchange(expected: 0, desired: Self.claimed, ordering: .acquiring).exchanged {
        unclaimed.subtract(1, ordering: .relaxed)
        return job
      }
    }
    return nil
  }

  private func finish(_ job: Int) {
    for next in dependencies.successors[job] { waiting[Int(next)].subtract(1, ordering: .sequentiallyConsistent) }
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      bell.lock()
      bell.broadcast()
      bell.unlock()
    }
  }

  /// Waits for a job; nil if there are none left.
  private func wait(_ first: inout Int) -> Int? {
    for _ in 0..<Self.patience {
      if unclaimed.load(ordering: .relaxed) == 0 { return nil }
      if let job = claim(from: &first) { return job }
    }
    bell.lock()
    defer { bell.unlock() }
    // A thread that finishes a job after this sees a sleeper, and waits for the lock before it rings.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    while unclaimed.load(ordering: .sequentiallyConsistent) > 0 {
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      if let job = claim(from: &first) { return job }
      bell.wait()
    }
    return nil
  }
}

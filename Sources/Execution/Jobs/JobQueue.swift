internal import Synchronization

/// The jobs of a run: each is given to one thread, as soon as the jobs that it waits for are done.
///
/// A thread takes the first job of the list schedule that is ready. If none is ready, it polls for a bounded time, then
/// sleeps until another thread has finished a job. So a thread that the system delays holds up only its own job.
final class JobQueue: @unchecked Sendable {
  private let jobs: [Job]
  let dependencies: Dependencies
  private let order: [Int]
  private let underflow: Underflow
  /// Notified whenever a job is finished.
  let jobDone = EventCount()
  /// For each job, the number of unfinished jobs that it waits for; `claimed` once a thread has it.
  private let waiting: FixedMemory<Atomic<Int32>>
  private let unclaimed = Atomic(0)
  /// Where the run is written down.
  private var log: JobLog?

  private static let claimed: Int32 = -1
  /// How far a thread looks ahead in the schedule: claimed jobs will be done, and the rest follows.
  private static let lookahead = 1024

  init(_ jobs: [Job], _ dependencies: Dependencies, order: [Int], _ underflow: Underflow) {
    self.jobs = jobs
    self.dependencies = dependencies
    self.order = order
    self.underflow = underflow
    waiting = FixedMemory(count: jobs.count) { _ in Atomic(0) }
  }

  /// Runs all jobs on this thread.
  func runInOrder(_ log: JobLog?) {
    self.log = log
    underflow.during {
      for job in order { run(job, 0) }
    }
  }

  /// Starts a run; no thread may be at work.
  func fill(_ log: JobLog?) {
    self.log = log
    for index in jobs.indices { waiting[index].store(dependencies.counts[index], ordering: .relaxed) }
    // A thread that sees jobs to claim also sees everything written before, including the log and the inputs.
    unclaimed.store(jobs.count, ordering: .releasing)
  }

  /// Works on the run as long as there are jobs to start.
  func work(_ worker: Int) {
    underflow.during {
      // All jobs before this place of the schedule are claimed.
      var first = 0
      while unclaimed.load(ordering: .acquiring) > 0 {
        guard let job = claim(from: &first) ?? wait(&first) else { return }
        run(job, worker)
        finish(job)
      }
    }
  }

  private func run(_ job: Int, _ worker: Int) {
    guard let log else { return jobs[job].run() }
    let begin = JobLog.now()
    jobs[job].run()
    log.entries[job] = JobLog.Entry(worker: worker, begin: begin, end: JobLog.now())
  }

  /// The first job of the schedule that is ready, if there is one.
  private func claim(from first: inout Int) -> Int? {
    for place in first..<min(order.count, first + Self.lookahead) {
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
    jobDone.notify()
  }

  /// Waits for a job; nil if there are none left.
  private func wait(_ first: inout Int) -> Int? {
    jobDone.wait(spinLimit: Workers.spinLimit) { () -> Int?? in
      if let job = claim(from: &first) { return .some(job) }
      return unclaimed.load(ordering: .sequentiallyConsistent) == 0 ? .some(nil) : nil
    }
  }
}

internal import Dispatch
internal import Synchronization

/// Threads of Dispatch that work on the runs of one session together with the calling thread.
///
/// After a run they spin for a moment, since the next one often follows at once, and waking a thread can take longer
/// than a step of a small network.
final class ThreadPool: @unchecked Sendable {
  private let queue: JobQueue
  /// Runs that were begun.
  private let round = Atomic(0)
  /// Threads that are at work.
  private let busy = Atomic(0)
  /// For each thread except the calling one, whether it polls for runs.
  private let isActive: FixedMemory<Atomic<Bool>>

  /// The time for which a thread polls for the next run, in nanoseconds.
  private static let idleSpinLimit = 250_000

  init(_ queue: JobQueue, count: Int) {
    self.queue = queue
    isActive = FixedMemory(count: max(0, count - 1)) { _ in Atomic(false) }
  }

  /// Works on the queue with all threads; returns when its jobs are done.
  func run() {
    let before = round.add(1, ordering: .sequentiallyConsistent).oldValue
    for helper in isActive.indices where activate(helper) {
      DispatchQueue.global(qos: .userInitiated).async { [self] in serve(helper, after: before) }
    }
    queue.work(0)
    queue.jobDone.wait(spinLimit: Workers.spinLimit) { busy.load(ordering: .sequentiallyConsistent) == 0 ? () : nil }
  }

  private func activate(_ helper: Int) -> Bool {
    isActive[helper].compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged
  }

  /// Works on the following runs, as long as they follow one another closely.
  private func serve(_ helper: Int, after round: Int) {
    var known = round
    func next() -> Int? {
      let now = self.round.load(ordering: .sequentiallyConsistent)
      return now == known ? nil : now
    }
    repeat {
      while let now = spin(limit: Self.idleSpinLimit, next) {
        known = now
        busy.add(1, ordering: .sequentiallyConsistent)
        queue.work(helper + 1)
        busy.subtract(1, ordering: .sequentiallyConsistent)
        queue.jobDone.notify()
      }
      isActive[helper].store(false, ordering: .sequentiallyConsistent)
      // A run that has just started may have seen this thread active, and started no other.
    } while next() != nil && activate(helper)
  }
}

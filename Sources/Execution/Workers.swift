internal import Dispatch
internal import Synchronization

/// Runs independent tasks on a number of threads.
struct Workers {
  let count: Int

  /// Runs `body(0)` … `body(tasks − 1)`; tasks are claimed one by one, so a slow thread takes fewer of them.
  func run(_ tasks: Int, _ body: @Sendable (Int) -> Void) {
    let threads = min(count, tasks)
    guard threads > 1 else {
      for task in 0..<tasks { body(task) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while true {
        let task = next.add(1, ordering: .relaxed).oldValue
        if task >= tasks { return }
        body(task)
      }
    }
  }
}

internal import Dispatch
internal import Synchronization

/// The results of independent tasks, in order. Each thread takes the next task that no thread has taken.
func concurrentMap<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  guard threads > 1, count > 1 else { return (0..<count).map(body) }
  let next = Atomic<Int>(0)
  let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let task = next.add(1, ordering: .relaxed).oldValue
      guard task < count else { return }
      let result = body(task)
      results.withLock { $0[task] = result }
    }
  }
  return results.withLock { $0 }.map { result in
    guard let result else { preconditionFailure("a task without a result") }
    return result
  }
}

internal import Dispatch
internal import Synchronization

/// The results of independent tasks, in order, or the error of the first that fails. Each thread takes the next task
/// that no thread has taken.
func concurrentMap<Value: Sendable, Failure: Error>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  guard threads > 1, count > 1 else { return try (0..<count).map(body) }
  let next = Atomic<Int>(0)
  let results = Mutex<[Result<Value, Failure>?]>(Array(repeating: nil, count: count))
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let task = next.add(1, ordering: .relaxed).oldValue
      guard task < count else { return }
      let result = Result { () throws(Failure) in try body(task) }
      results.withLock { $0[task] = result }
    }
  }
  return try results.withLock { $0 }.map { result throws(Failure) in
    guard let result else { preconditionFailure("a task without a result") }
    return try result.get()
  }
}

internal import Dispatch
internal import EbbKernels
internal import Foundation
internal import Synchronization

/// An event count: threads wait for a condition that other threads establish. A thread polls up to a limit, then sleeps
/// until it is notified.
final class EventCount: Sendable {
  private let sleepers = Atomic(0)
  private let condition = NSCondition()

  /// Must be called after each change that a thread may wait for.
  func notify() {
    // Sequentially consistent, like the sleepers' accesses: either this sees a sleeper, or the sleeper sees the change.
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// The result of `look`, as soon as there is one.
  ///
  /// - Parameter spinLimit: The time for which the thread polls before it sleeps, in nanoseconds.
  func wait<Found>(spinLimit: Int, _ look: () -> Found?) -> Found {
    if let found = spin(limit: spinLimit, look) { return found }
    condition.lock()
    defer { condition.unlock() }
    // A thread that makes a change after this sees a sleeper, and waits for the lock before it notifies.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    while true {
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      if let found = look() { return found }
      condition.wait()
    }
  }
}

/// The result of `look` by polling for this many nanoseconds; nil if there is none.
func spin<Found>(limit: Int, _ look: () -> Found?) -> Found? {
  let begin = DispatchTime.now().uptimeNanoseconds
  repeat {
    for _ in 0..<32 {
      if let found = look() { return found }
      ebb_pause()
    }
  } while DispatchTime.now().uptimeNanoseconds - begin < UInt64(limit)
  return nil
}

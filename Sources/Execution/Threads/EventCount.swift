internal import Dispatch
internal import EbbKernels
internal import Foundation
internal import Synchronization

/// Where threads wait for a condition that other threads bring about: an event count. A thread looks again and again up
/// to a limit, then sleeps until it is notified.
final class EventCount: Sendable {
  private let sleepers = Atomic(0)
  private let condition = NSCondition()

  /// To be called after each change that a thread may wait for.
  func notify() {
    // Sequentially consistent, as is what sleepers do: either this sees a sleeper, or the sleeper sees the change.
    guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// What `look` finds, as soon as it finds something.
  ///
  /// - Parameter spinLimit: Nanoseconds for which the thread looks before it sleeps.
  func wait<Found>(spinLimit: Int, _ look: () -> Found?) -> Found {
    if let found = spin(limit: spinLimit, look) { return found }
    condition.lock()
    defer { condition.unlock() }
    // A thread that changes something after this sees a sleeper, and waits for the lock before it notifies.
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    while true {
      atomicMemoryFence(ordering: .sequentiallyConsistent)
      if let found = look() { return found }
      condition.wait()
    }
  }
}

/// What `look` finds within so many nanoseconds, looking all the while; nil if it finds nothing.
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

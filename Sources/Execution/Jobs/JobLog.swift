internal import Dispatch

/// When each job ran: every entry is written by the one thread that ran the job.
final class JobLog: @unchecked Sendable {
  struct Entry: BitwiseCopyable {
    var worker = 0
    /// Nanoseconds of the system's clock.
    var begin = 0
    var end = 0
  }

  let entries: UnsafeMutablePointer<Entry>

  init(count: Int) {
    entries = .allocate(capacity: max(count, 1))
    entries.initialize(repeating: Entry(), count: max(count, 1))
  }

  deinit { entries.deallocate() }

  static func now() -> Int { Int(DispatchTime.now().uptimeNanoseconds) }
}

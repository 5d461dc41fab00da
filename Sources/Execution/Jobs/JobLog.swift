internal import Dispatch

/// When each job ran: every entry is written by the one thread that ran the job.
final class JobLog: @unchecked Sendable {
  struct Entry: BitwiseCopyable {
    var worker = 0
    /// Nanoseconds of the system's clock.
    var begin = 0
    var end = 0
  }

  let entries: FixedMemory<Entry>

  init(count: Int) { entries = FixedMemory(count: count) { _ in Entry() } }

  static func now() -> Int { Int(DispatchTime.now().uptimeNanoseconds) }
}

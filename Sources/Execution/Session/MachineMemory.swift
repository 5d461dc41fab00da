internal import Foundation

/// The memory that this process may take.
package enum MachineMemory {
  /// In bytes: the machine's memory, or less if a Linux control group sets a limit.
  package static let bytes: Int = {
    let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    // Version 2 of the control groups, and version 1; without a limit the file says `max` or a number beyond any machine.
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap { path in
      (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.filter(\.isNumber)) }
    }
    return limits.reduce(machine) { $1 > 0 ? min($0, $1) : $0 }
  }()
}

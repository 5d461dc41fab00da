internal import Foundation

/// Keeps other processes from a file that this one writes repeatedly.
///
/// The lock is on a separate file, `NAME.lock`, which is removed with the lock. A killed process holds no lock, even if
/// its file remains. File systems without locks have no protection.
package final class FileLock {
  private let descriptor: Int32
  private let path: String

  /// - Throws: `FileError` if another process has the lock, with its number, or the lock file cannot be created.
  package init(for file: String) throws(FileError) {
    let path = DraftName.of(file, ending: ".lock")
    while true {
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw FileError(path, "cannot be made", because: systemMessage()) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        let owner = Self.owner(descriptor)
        close(descriptor)
        throw FileError(file, "another process\(owner) is writing it; wait for its end, or name another file")
      }
      // A file that the previous owner has just removed is no lock.
      if isSameFile(descriptor, path) {
        self.descriptor = descriptor
        self.path = path
        break
      }
      close(descriptor)
    }
    let number = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe number.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    // In this order, so that a process that opens the file in between notices that it was removed.
    _ = unsafe unlink(path)
    close(descriptor)
  }

  /// The process that holds the lock, in brackets.
  private static func owner(_ descriptor: Int32) -> String {
    var digits = [UInt8](repeating: 0, count: 20)
    let count = unsafe digits.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
    let number = String(decoding: digits.prefix(max(0, count)), as: UTF8.self).prefix { $0.isNumber }
    return number.isEmpty ? "" : " (\(number))"
  }
}

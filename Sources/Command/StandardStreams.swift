internal import EbbFiles
internal import Foundation

/// The process's own streams, by their descriptors.
enum StandardStreams {
  /// Opens the standard streams that the process was started without, so that no file takes their numbers; writing to
  /// them remains an error.
  static func open() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is assigned, so each stream gets its own.
      _ = unsafe Foundation.open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes all of a text.
  static func write(_ text: String, to descriptor: Int32) throws(POSIXError) {
    try writeAll(Array(text.utf8), to: descriptor)
  }
}

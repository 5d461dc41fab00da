internal import EbbFiles
internal import Foundation

/// A file to which text is appended.
struct AppendedFile: Sendable {
  let path: String
  private let handle: FileHandle

  /// Replaces the file's contents by this text. A link remains a link; to a device or a pipe the text is only appended.
  init(path: String, startingWith text: String) throws(FileError) {
    self.path = path
    do {
      switch DiskStore().destination(of: path) {
      case .file(let file):
        try DiskStore().replace(file, with: Array(text.utf8))
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.seekToEnd()
      case .stream(let stream):
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: stream))
        try handle.write(contentsOf: Data(text.utf8))
      }
    } catch let error as FileError {
      throw FileError(path, error.message)
    } catch {
      throw FileError(path, "cannot be written", because: systemReason(error))
    }
  }

  /// Appends all of the text or, as on a full disk, none of it.
  func append(_ text: String) throws(FileError) {
    // A pipe has no position to return to.
    let end = try? handle.offset()
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      if let end { try? handle.truncate(atOffset: end) }
      throw FileError(path, "cannot be written", because: systemReason(error))
    }
  }

  /// The contents of a file; empty if there is none, or if it is a device or a pipe.
  static func text(of path: String) throws(FileError) -> String {
    guard FileManager.default.fileExists(atPath: path) else { return "" }
    if case .stream = DiskStore().destination(of: path) { return "" }
    do {
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    } catch {
      throw FileError(path, "cannot be read", because: systemReason(error))
    }
  }
}

internal import EbbFiles
internal import Foundation

/// Why a log could not be written.
public struct LogError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// The system's reason.
  public var reason: String
  public var description: String { "\(path): \(reason)" }

  /// An error of this file.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// A file to which text is appended.
struct AppendedFile: Sendable {
  let path: String
  private let handle: FileHandle

  /// Replaces the file's contents by this text. A link remains a link; to a device or a pipe the text is only appended.
  init(path: String, startingWith text: String) throws(LogError) {
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
    } catch let error as FileStoreError {
      throw LogError(path: path, reason: error.reason)
    } catch {
      throw LogError(path: path, reason: "cannot be written: \(systemReason(error))")
    }
  }

  /// Appends all of the text or, as on a full disk, none of it.
  func append(_ text: String) throws(LogError) {
    // A pipe has no position to return to.
    let end = try? handle.offset()
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      if let end { try? handle.truncate(atOffset: end) }
      throw LogError(path: path, reason: "cannot be written: \(systemReason(error))")
    }
  }

  /// The contents of a file; empty if there is none, or if it is a device or a pipe.
  static func text(of path: String) throws(LogError) -> String {
    guard FileManager.default.fileExists(atPath: path) else { return "" }
    if case .stream = DiskStore().destination(of: path) { return "" }
    do {
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    } catch {
      throw LogError(path: path, reason: "cannot be read: \(systemReason(error))")
    }
  }
}

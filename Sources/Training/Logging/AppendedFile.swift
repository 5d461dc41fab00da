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

/// A file to whose end text is added.
struct AppendedFile: Sendable {
  let path: String
  private let handle: FileHandle

  /// Makes the file hold this text and nothing else. A link stays a link, and a device or a pipe is only added to.
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

  /// Adds all of the text, or, as on a full disk, nothing of it.
  func append(_ text: String) throws(LogError) {
    // A pipe has no end to go back to.
    let end = try? handle.offset()
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      if let end { try? handle.truncate(atOffset: end) }
      throw LogError(path: path, reason: "cannot be written: \(systemReason(error))")
    }
  }

  /// What a file holds; nothing if there is none, or if it is a device or a pipe.
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

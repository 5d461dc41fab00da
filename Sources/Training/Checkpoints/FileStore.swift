internal import Foundation

/// What a checkpoint asks of a file system; tests put one in its place that fails.
public protocol FileStore {
  /// Where the bytes of this path go.
  func destination(of path: String) -> FileDestination
  /// Makes a file of these bytes; an old one of the name is replaced.
  func write(_ bytes: [UInt8], to path: String) throws(FileStoreError)
  /// Returns once the file's bytes would survive a power failure.
  func synchronize(_ path: String) throws(FileStoreError)
  /// Gives a file another name, of which an old file, if there is one, is replaced in the same instant.
  func rename(_ path: String, to other: String) throws(FileStoreError)
  /// Returns once the names in the folder of this path would survive a power failure.
  func synchronizeFolder(of path: String) throws(FileStoreError)
  /// Deletes a file, if it is there.
  func remove(_ path: String)
  /// Lets the body write this file and rename it, while no other process does.
  func withDraft(_ path: String, _ body: () throws(FileStoreError) -> Void) throws(FileStoreError)
  /// The bytes of a file.
  func read(_ path: String) throws(FileStoreError) -> [UInt8]
}

/// What stands at the end of a path, links followed.
public enum FileDestination: Hashable, Sendable {
  /// A file, or nothing yet: another file can take its name.
  case file(String)
  /// A device or a pipe: it must keep its name, and the bytes are handed to it.
  case stream(String)
}

/// What could not be done to a file, in the system's words.
public struct FileStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  public var path: String
  public var reason: String
  public init(_ path: String, _ reason: String) {
    self.path = path
    self.reason = reason
  }
  public var description: String { "\(path): \(reason)" }
}

extension FileStore {
  public func destination(of path: String) -> FileDestination { .file(path) }

  public func withDraft(_ path: String, _ body: () throws(FileStoreError) -> Void) throws(FileStoreError) { try body() }

  /// Replaces a file at once: whatever fails, and whenever the process or the machine dies, the file's bytes are either
  /// all old or all new.
  ///
  /// The bytes must be safe on the disk before the name points to them, or a power failure can leave a new name with an
  /// empty file; and the folder must be safe before anyone is told that the new bytes are.
  ///
  /// A link stays a link, and what is no file is written to as it is.
  public func replace(_ path: String, with bytes: [UInt8]) throws(FileStoreError) {
    switch destination(of: path) {
    case .stream(let stream): try write(bytes, to: stream)
    case .file(let file): try replaceFile(file, with: bytes)
    }
  }

  private func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileStoreError) {
    let draft = path + ".part"
    try withDraft(draft) { () throws(FileStoreError) in
      do throws(FileStoreError) {
        try write(bytes, to: draft)
        try synchronize(draft)
        try rename(draft, to: path)
      } catch {
        remove(draft)
        throw error
      }
    }
    try synchronizeFolder(of: path)
  }
}

/// The machine's own files.
public struct DiskStore: FileStore, Sendable {
  public init() {}

  public func destination(of path: String) -> FileDestination {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    switch attributes?[.type] as? FileAttributeType {
    case nil, .typeRegular?, .typeDirectory?: return .file(target)
    case _?: return .stream(path)
    }
  }

  /// Whether a file that is not empty stands at the end of the path; a device or a pipe is none.
  public func holdsFile(_ path: String) -> Bool {
    guard case .file(let file) = destination(of: path) else { return false }
    let size = try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    return (size ?? 0) > 0
  }

  public func write(_ bytes: [UInt8], to path: String) throws(FileStoreError) {
    try attempt(path, "cannot be written") { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
  }

  public func synchronize(_ path: String) throws(FileStoreError) {
    try attempt(path, "cannot be written to the disk") {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try handle.synchronize()
      try handle.close()
    }
  }

  public func rename(_ path: String, to other: String) throws(FileStoreError) {
    guard unsafe Foundation.rename(path, other) == 0 else {
      throw FileStoreError(other, "cannot be replaced: \(systemMessage())")
    }
  }

  public func synchronizeFolder(of path: String) throws(FileStoreError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = unsafe open(folder, O_RDONLY)
    guard descriptor >= 0 else { throw FileStoreError(folder, "cannot be opened: \(systemMessage())") }
    defer { close(descriptor) }
    // Some file systems cannot synchronise a folder, and say so by EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FileStoreError(folder, "cannot be written to the disk: \(systemMessage())")
    }
  }

  public func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// The lock is on the draft itself: a process that was killed leaves none, and the next one writes over its draft.
  public func withDraft(_ path: String, _ body: () throws(FileStoreError) -> Void) throws(FileStoreError) {
    while true {
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileStoreError(path, "cannot be written: \(systemMessage())") }
      defer { close(descriptor) }
      // Another process writes the same file: its draft is soon renamed, and then this one makes its own.
      flock(descriptor, LOCK_EX)
      if isSameFile(descriptor, path) { return try body() }
    }
  }

  public func read(_ path: String) throws(FileStoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    try attempt(path, "cannot be read") { bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    return bytes
  }

  private func attempt(_ path: String, _ what: String, _ body: () throws -> Void) throws(FileStoreError) {
    do {
      try body()
    } catch {
      let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      throw FileStoreError(path, "\(what): \((underlying ?? error as NSError).localizedDescription)")
    }
  }
}

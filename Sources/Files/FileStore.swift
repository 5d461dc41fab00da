/// What replacing a file asks of a file system; tests put one in its place that fails.
package protocol FileStore {
  /// Where the bytes of this path go.
  func destination(of path: String) -> FileDestination
  /// Makes a file of these bytes; an old one of the name is replaced.
  func write(_ bytes: [UInt8], to path: String) throws(FileStoreError)
  /// Hands bytes to a device or a pipe.
  func send(_ bytes: [UInt8], to path: String) throws(FileStoreError)
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
package enum FileDestination: Hashable, Sendable {
  /// A file, or nothing yet: another file can take its name.
  case file(String)
  /// A device or a pipe: it must keep its name, and the bytes are handed to it.
  case stream(String)
}

/// What could not be done to a file, in the system's words.
package struct FileStoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  package var path: String
  /// What failed, such as "cannot be written".
  package var problem: String
  /// The system's reason, such as "No such file or directory"; nil where the problem is not the system's.
  package var cause: String?

  /// A problem with a file.
  package init(_ path: String, _ problem: String, because cause: String? = nil) {
    self.path = path
    self.problem = problem
    self.cause = cause
  }

  /// The problem and its cause.
  package var reason: String { problem + (cause.map { ": \($0)" } ?? "") }
  package var description: String { "\(path): \(reason)" }
}

extension FileStore {
  package func destination(of path: String) -> FileDestination { .file(path) }

  package func send(_ bytes: [UInt8], to path: String) throws(FileStoreError) { try write(bytes, to: path) }

  package func withDraft(_ path: String, _ body: () throws(FileStoreError) -> Void) throws(FileStoreError) {
    try body()
  }

  /// Replaces a file at once: whatever fails, and whenever the process or the machine dies, the file's bytes are either
  /// all old or all new. What a process that died leaves behind is one file, `NAME.part`, over which the next one writes.
  ///
  /// The bytes must be safe on the disk before the name points to them, or a power failure can leave a new name with an
  /// empty file; and the folder must be safe before anyone is told that the new bytes are.
  ///
  /// A link stays a link, and what is no file is written to as it is.
  package func replace(_ path: String, with bytes: [UInt8]) throws(FileStoreError) {
    guard !path.isEmpty else { throw FileStoreError(path, "cannot be written", because: "The path is empty") }
    switch destination(of: path) {
    case .stream(let stream): try send(bytes, to: stream)
    case .file(let file): try replaceFile(file, with: bytes)
    }
  }

  private func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileStoreError) {
    let draft = DraftName.of(path)
    do throws(FileStoreError) {
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
    } catch {
      // Of the draft nobody has heard.
      throw FileStoreError(path, error.problem, because: error.cause)
    }
    try synchronizeFolder(of: path)
  }
}

/// The names of files that stand beside another one for a while.
enum DraftName {
  /// Bytes of a name in the file systems that are in use.
  private static let limit = 255

  /// The file's name with an ending; of a name that leaves no room for one, the beginning.
  static func of(_ path: String, ending: String = ".part") -> String {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    var name = path[start...]
    while name.utf8.count > limit - ending.utf8.count { name.removeLast() }
    return path[..<start] + name + ending
  }
}

/// The file system operations for replacing a file; tests substitute failing ones.
package protocol FileStore {
  /// Where the bytes of this path go.
  func destination(of path: String) -> FileDestination
  /// Writes a file with these bytes, replacing any old one.
  func write(_ bytes: [UInt8], to path: String) throws(FileError)
  /// Sends bytes to a device or a pipe.
  func send(_ bytes: [UInt8], to path: String) throws(FileError)
  /// Returns once the file's bytes would survive a power failure.
  func synchronize(_ path: String) throws(FileError)
  /// Renames a file, atomically replacing any file with the new name.
  func rename(_ path: String, to other: String) throws(FileError)
  /// Returns once the names in the folder of this path would survive a power failure.
  func synchronizeFolder(of path: String) throws(FileError)
  /// Deletes a file, if it is there.
  func remove(_ path: String)
  /// Lets the body write and rename this file, while no other process does.
  func withDraft(_ path: String, _ body: () throws(FileError) -> Void) throws(FileError)
}

/// The destination of a path, after following links.
package enum FileDestination: Hashable, Sendable {
  /// A file, existing or not: another file can take its name.
  case file(String)
  /// A device or a pipe: it keeps its name, and bytes are sent to it.
  case stream(String)
}

extension FileStore {
  package func destination(of path: String) -> FileDestination { .file(path) }

  package func send(_ bytes: [UInt8], to path: String) throws(FileError) { try write(bytes, to: path) }

  package func withDraft(_ path: String, _ body: () throws(FileError) -> Void) throws(FileError) {
    try body()
  }

  /// Replaces a file atomically: whatever fails, and whenever the process or the machine dies, the file's bytes are
  /// either all old or all new. A process that dies may leave one file, `NAME.part`, which the next one overwrites.
  ///
  /// The bytes must be on disk before the name points to them, or a power failure could leave an empty file under the
  /// new name; and the folder must be on disk before success is reported.
  ///
  /// A link remains a link, and anything but a file is written to directly.
  package func replace(_ path: String, with bytes: [UInt8]) throws(FileError) {
    guard !path.isEmpty else { throw FileError(path, "cannot be written", because: "The path is empty") }
    switch destination(of: path) {
    case .stream(let stream): try send(bytes, to: stream)
    case .file(let file): try replaceFile(file, with: bytes)
    }
  }

  private func replaceFile(_ path: String, with bytes: [UInt8]) throws(FileError) {
    let draft = DraftName.of(path)
    do throws(FileError) {
      try withDraft(draft) { () throws(FileError) in
        do throws(FileError) {
          try write(bytes, to: draft)
          try synchronize(draft)
          try rename(draft, to: path)
        } catch {
          remove(draft)
          throw error
        }
      }
    } catch {
      // The error names the file, not its draft.
      var named = error
      named.source = path
      throw named
    }
    try synchronizeFolder(of: path)
  }
}

/// The names of temporary files next to another file.
enum DraftName {
  /// The maximum length of a name, in bytes, in common file systems.
  private static let limit = 255

  /// The file's name with an ending; if there is no room for it, the name is shortened.
  static func of(_ path: String, ending: String = ".part") -> String {
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    var name = path[start...]
    while name.utf8.count > limit - ending.utf8.count { name.removeLast() }
    return path[..<start] + name + ending
  }
}

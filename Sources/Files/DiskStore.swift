internal import Foundation

/// The machine's own files.
package struct DiskStore: FileStore, Sendable {
  /// The machine's files.
  package init() {}

  package func destination(of path: String) -> FileDestination {
    var information = stat()
    guard unsafe stat(path, &information) == 0 else {
      // A link to nowhere is no place for a file: nobody says that what it should lead to is this.
      return unsafe lstat(path, &information) == 0 ? .stream(path) : .file(path)
    }
    switch information.st_mode & S_IFMT {
    case S_IFREG:
      // What the process writes its text to would be another file from then on.
      guard Self.stream(path) == nil else { return .stream(path) }
      return .file(Self.withoutLinks(path))
    case S_IFDIR: return .file(path)
    case _: return .stream(path)
    }
  }

  /// The standard stream that leads to the same file.
  private static func stream(_ path: String) -> Int32? {
    [STDOUT_FILENO, STDERR_FILENO].first { isSameFile($0, path) }
  }

  /// The path by which a file, which need not be there yet, is told from others; nil for a device or a pipe.
  package func identity(of path: String) -> String? {
    guard case .file(let file) = destination(of: path) else { return nil }
    let url = URL(fileURLWithPath: file)
    return Self.withoutLinks(url.deletingLastPathComponent().path) + "/" + url.lastPathComponent
  }

  private static func withoutLinks(_ path: String) -> String {
    guard let text = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// Whether a file that is not empty stands at the end of the path; a device or a pipe is none.
  package func holdsFile(_ path: String) -> Bool {
    guard case .file(let file) = destination(of: path) else { return false }
    var information = stat()
    return unsafe stat(file, &information) == 0 && information.st_size > 0
  }

  package func write(_ bytes: [UInt8], to path: String) throws(FileStoreError) {
    try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC, "written") { descriptor throws(FileStoreError) in
      try writeAll(bytes, to: descriptor, path)
    }
  }

  package func send(_ bytes: [UInt8], to path: String) throws(FileStoreError) {
    // A file that is opened once more would be written to from its beginning.
    if let stream = Self.stream(path) { return try writeAll(bytes, to: stream, path) }
    try withDescriptor(path, O_WRONLY, "written") { descriptor throws(FileStoreError) in
      try writeAll(bytes, to: descriptor, path)
    }
  }

  package func synchronize(_ path: String) throws(FileStoreError) {
    try withDescriptor(path, O_WRONLY, "written to the disk") { descriptor throws(FileStoreError) in
      // Some file systems cannot synchronise, and say so by EINVAL.
      guard fsync(descriptor) == 0 || errno == EINVAL else {
        throw FileStoreError(path, "cannot be written to the disk", because: systemMessage())
      }
    }
  }

  package func rename(_ path: String, to other: String) throws(FileStoreError) {
    // Who may read the old file may read the new one.
    var old = stat()
    if unsafe stat(other, &old) == 0, old.st_mode & S_IFMT == S_IFREG { _ = unsafe chmod(path, old.st_mode & 0o7777) }
    guard unsafe Foundation.rename(path, other) == 0 else {
      throw FileStoreError(other, "cannot be replaced", because: systemMessage())
    }
  }

  package func synchronizeFolder(of path: String) throws(FileStoreError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try withDescriptor(folder, O_RDONLY, "opened") { descriptor throws(FileStoreError) in
      guard fsync(descriptor) == 0 || errno == EINVAL else {
        throw FileStoreError(folder, "cannot be written to the disk", because: systemMessage())
      }
    }
  }

  package func remove(_ path: String) { _ = unsafe unlink(path) }

  /// The lock is on the draft itself: a process that was killed leaves none, and the next one writes over its draft.
  package func withDraft(_ path: String, _ body: () throws(FileStoreError) -> Void) throws(FileStoreError) {
    var isDone = false
    while !isDone {
      try withDescriptor(path, O_WRONLY | O_CREAT, "written") { descriptor throws(FileStoreError) in
        // Another process writes the same file: its draft is soon renamed, and then this one makes its own.
        flock(descriptor, LOCK_EX)
        guard isSameFile(descriptor, path) else { return }
        isDone = true
        try body()
      }
    }
  }

  package func read(_ path: String) throws(FileStoreError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw FileStoreError(path, "cannot be read", because: systemReason(error))
    }
  }

  // MARK: Descriptors

  private func withDescriptor(
    _ path: String, _ flags: Int32, _ what: String, _ body: (Int32) throws(FileStoreError) -> Void
  ) throws(FileStoreError) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileStoreError(path, "cannot be \(what)", because: systemMessage()) }
    defer { close(descriptor) }
    try body(descriptor)
  }

  private func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileStoreError) {
    do throws(POSIXError) {
      try EbbFiles.writeAll(bytes, to: descriptor)
    } catch {
      throw FileStoreError(path, "cannot be written", because: systemReason(error))
    }
  }
}

internal import Foundation

/// The machine's own files.
package struct DiskStore: FileStore, Sendable {
  /// The machine's files.
  package init() {}

  package func destination(of path: String) -> FileDestination {
    var information = stat()
    guard unsafe stat(path, &information) == 0 else {
      // A dangling link is not a destination: nothing shows that its target is the intended place.
      return unsafe lstat(path, &information) == 0 ? .stream(path) : .file(path)
    }
    switch information.st_mode & S_IFMT {
    case S_IFREG:
      // Otherwise the process would continue to write its text to the old, replaced file.
      guard Self.stream(path) == nil else { return .stream(path) }
      return .file(Self.withoutLinks(path))
    case S_IFDIR: return .file(path)
    case _: return .stream(path)
    }
  }

  /// The standard stream that writes to the same file.
  private static func stream(_ path: String) -> Int32? {
    [STDOUT_FILENO, STDERR_FILENO].first { isSameFile($0, path) }
  }

  /// The path that identifies a file, which need not exist yet; nil for a device or a pipe.
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

  /// Whether the path leads to a file that is not empty; false for a device or a pipe.
  package func holdsFile(_ path: String) -> Bool {
    guard case .file(let file) = destination(of: path) else { return false }
    var information = stat()
    return unsafe stat(file, &information) == 0 && information.st_size > 0
  }

  package func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try withDescriptor(path, O_WRONLY | O_CREAT | O_TRUNC, "written") { descriptor throws(FileError) in
      try writeAll(bytes, to: descriptor, path)
    }
  }

  package func send(_ bytes: [UInt8], to path: String) throws(FileError) {
    // Opening the file again would write from its start.
    if let stream = Self.stream(path) { return try writeAll(bytes, to: stream, path) }
    try withDescriptor(path, O_WRONLY, "written") { descriptor throws(FileError) in
      try writeAll(bytes, to: descriptor, path)
    }
  }

  package func synchronize(_ path: String) throws(FileError) {
    try synchronize(path, O_WRONLY, "written to the disk")
  }

  package func rename(_ path: String, to other: String) throws(FileError) {
    // The new file has the permissions of the old one.
    var old = stat()
    if unsafe stat(other, &old) == 0, old.st_mode & S_IFMT == S_IFREG { _ = unsafe chmod(path, old.st_mode & 0o7777) }
    guard unsafe Foundation.rename(path, other) == 0 else {
      throw FileError(other, "cannot be replaced", because: systemMessage())
    }
  }

  package func synchronizeFolder(of path: String) throws(FileError) {
    try synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY, "opened")
  }

  private func synchronize(_ path: String, _ flags: Int32, _ what: String) throws(FileError) {
    try withDescriptor(path, flags, what) { descriptor throws(FileError) in
      // Some file systems cannot synchronise and return EINVAL.
      guard fsync(descriptor) == 0 || errno == EINVAL else {
        throw FileError(path, "cannot be written to the disk", because: systemMessage())
      }
    }
  }

  package func remove(_ path: String) { _ = unsafe unlink(path) }

  /// The lock is on the draft itself: a killed process leaves no lock, and the next one overwrites its draft.
  package func withDraft(_ path: String, _ body: () throws(FileError) -> Void) throws(FileError) {
    var isDone = false
    while !isDone {
      try withDescriptor(path, O_WRONLY | O_CREAT, "written") { descriptor throws(FileError) in
        // Another process is writing the same file: its draft will soon be renamed, and then this process makes its
        // own.
        flock(descriptor, LOCK_EX)
        guard isSameFile(descriptor, path) else { return }
        isDone = true
        try body()
      }
    }
  }

  /// The bytes of a file.
  package func read(_ path: String) throws(FileError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw FileError(path, "cannot be read", because: systemReason(error))
    }
  }

  // MARK: Descriptors

  private func withDescriptor(
    _ path: String, _ flags: Int32, _ what: String, _ body: (Int32) throws(FileError) -> Void
  ) throws(FileError) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(path, "cannot be \(what)", because: systemMessage()) }
    defer { close(descriptor) }
    try body(descriptor)
  }

  private func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(FileError) {
    do throws(POSIXError) {
      try EbbFiles.writeAll(bytes, to: descriptor)
    } catch {
      throw FileError(path, "cannot be written", because: systemReason(error))
    }
  }
}

internal import Foundation

/// Throws if `writeAtomically` could not write, so that no long work is done in vain. Nothing is written.
///
/// The path and the disk can change before the file is written; such a change is an error only then.
public func checkWritable(_ path: String) throws(FileWritingError) {
  guard !path.isEmpty else { throw FileWritingError(path: path, reason: "The path is empty") }
  let file: String
  switch DiskStore().destination(of: path) {
  case .file(let target): file = target
  case .stream(let stream):
    // A dangling link could not be written to either.
    guard unsafe access(stream, W_OK) == 0 else { throw FileWritingError(path: path, reason: systemMessage()) }
    return
  }
  guard !isFolder(file) else { throw FileWritingError(path: path, reason: "Is a directory") }
  // A new file replaces the old one, so its folder must be writable.
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
  // The system distinguishes a folder without permission from a read-only file system.
  guard unsafe access(folder, W_OK) == 0 else { throw FileWritingError(path: path, reason: systemMessage()) }
  guard isFolder(folder) else { throw FileWritingError(path: path, reason: "Not a directory") }
}

/// Checks that a folder can be made, with those above it, or that files can be written into it; it is not changed.
///
/// - Throws: `FileWritingError` with the system's reason.
public func checkWritableFolder(_ path: String) throws(FileWritingError) {
  guard !path.isEmpty else { throw FileWritingError(path: path, reason: "The path is empty") }
  var url = URL(fileURLWithPath: path)
  // The nearest folder that exists.
  while unsafe access(url.path, F_OK) != 0, url.pathComponents.count > 1 { url.deleteLastPathComponent() }
  guard isFolder(url.path) else { throw FileWritingError(path: path, reason: "Not a directory") }
  guard unsafe access(url.path, W_OK) == 0 else { throw FileWritingError(path: path, reason: systemMessage()) }
}

/// Makes a folder and those above it, unless it exists.
///
/// - Throws: `FileWritingError` with the system's reason.
public func makeFolder(_ path: String) throws(FileWritingError) {
  do {
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: path, isDirectory: true), withIntermediateDirectories: true)
  } catch {
    throw FileWritingError(path: path, reason: systemReason(error))
  }
  guard isFolder(path) else { throw FileWritingError(path: path, reason: "Not a directory") }
}

private func isFolder(_ path: String) -> Bool {
  var information = stat()
  return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

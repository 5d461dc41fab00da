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

private func isFolder(_ path: String) -> Bool {
  var information = stat()
  return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

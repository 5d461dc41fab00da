internal import Foundation

/// Throws where `writeAtomically` could not write, so that no long work is done in vain. Nothing is written.
///
/// What stands at the path, or the disk, can change until the file is written: that is an error only then.
public func checkWritable(_ path: String) throws(FileWritingError) {
  guard !path.isEmpty else { throw FileWritingError(path: path, reason: "The path is empty") }
  let file: String
  switch DiskStore().destination(of: path) {
  case .file(let target): file = target
  case .stream(let stream):
    // Nor could a link to nowhere be written to.
    guard unsafe access(stream, W_OK) == 0 else { throw FileWritingError(path: path, reason: systemMessage()) }
    return
  }
  guard !isFolder(file) else { throw FileWritingError(path: path, reason: "Is a directory") }
  // A new file takes the place of the old one, so it is the folder that has to take it.
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
  // The system tells a folder that this user may not write in from a file system that nobody writes to.
  guard unsafe access(folder, W_OK) == 0 else { throw FileWritingError(path: path, reason: systemMessage()) }
  guard isFolder(folder) else { throw FileWritingError(path: path, reason: "Not a directory") }
}

private func isFolder(_ path: String) -> Bool {
  var information = stat()
  return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

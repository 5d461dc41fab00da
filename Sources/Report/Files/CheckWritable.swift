import Foundation

/// Throws where `writeAtomically` could not write, so that no long work is done in vain. Nothing is written.
///
/// What stands at the path, or the disk, can change until the file is written: that is an error only then.
public func checkWritable(_ path: String) throws(FileWritingError) {
  guard !path.isEmpty else { throw FileWritingError(path: path, reason: "The path is empty") }
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  switch kind(of: target) {
  case .typeDirectory?: throw FileWritingError(path: path, reason: "Is a directory")
  // A new file takes the place of a regular one.
  case .typeRegular?, nil: break
  case _?: return
  }
  let folder = target.deletingLastPathComponent()
  switch kind(of: folder) {
  case .typeDirectory?: break
  case _?: throw FileWritingError(path: path, reason: "Not a directory")
  case nil: throw FileWritingError(path: path, reason: "No such file or directory")
  }
  // The system tells a folder that this user may not write in from a file system that nobody writes to.
  if unsafe access(folder.path, W_OK) != 0 {
    throw FileWritingError(path: path, reason: unsafe String(cString: strerror(errno)))
  }
}

private func kind(of file: URL) -> FileAttributeType? {
  let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
  return attributes?[.type] as? FileAttributeType
}

/// Writes `text` as UTF-8 to the file at `path`, all of it or nothing; see `FileStore.replace`.
///
/// A link is followed and remains a link; a dangling link is an error. Anything but a regular file (`/dev/stdout`, a
/// pipe) is written to directly.
public func writeAtomically(_ text: String, to path: String) throws(FileWritingError) {
  do {
    try DiskStore().replace(path, with: Array(text.utf8))
  } catch {
    throw FileWritingError(path: path, reason: error.cause ?? error.message)
  }
}

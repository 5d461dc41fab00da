internal import EbbFiles

/// Writes a file, all of it or nothing; see `FileStore.replace`.
func writeWhole(_ bytes: [UInt8], to path: String) throws(InterchangeError) {
  do {
    try DiskStore().replace(path, with: bytes)
  } catch {
    throw InterchangeError(error.path, error.reason)
  }
}

import Foundation

/// Writes `text` as UTF-8 to the file at `path`, all of it or nothing.
///
/// The text goes to a file beside the target, which then takes the target's name: a reader sees the old file or the
/// new one, and after an error the old one stands. A link is followed and stays a link; one to nowhere is an error. A
/// target that is no regular file (`/dev/stdout`, a pipe) must not be replaced and is written to directly.
public func writeAtomically(_ text: String, to path: String) throws(FileWritingError) {
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  let manager = FileManager.default
  let data = Data(text.utf8)
  do {
    let kind = try? manager.attributesOfItem(atPath: target.path)[.type] as? FileAttributeType
    switch kind {
    case .typeDirectory:
      throw FileWritingError(path: path, reason: "Is a directory")
    case .typeCharacterSpecial, .typeBlockSpecial, .typeSocket, .typeUnknown, .typeSymbolicLink:
      // What is still a link here leads to nowhere or to what only the system can open, as /dev/stdout does.
      let handle = try FileHandle(forWritingTo: target)
      try handle.write(contentsOf: data)
      try handle.close()
    default:
      try data.write(to: target, options: .atomic)
    }
  } catch let error as FileWritingError {
    throw error
  } catch {
    throw FileWritingError(path: path, reason: systemReason(error))
  }
}

/// The system's own words where Foundation wraps them.
private func systemReason(_ error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  if let underlying, underlying.domain == NSPOSIXErrorDomain {
    return unsafe String(cString: strerror(Int32(underlying.code)))
  }
  if let error = error as? CocoaError {
    if let system = error.underlying as? POSIXError { return systemReason(system) }
    return error.localizedDescription
  }
  if let error = error as? POSIXError {
    return unsafe String(cString: strerror(error.code.rawValue))
  }
  return error.localizedDescription
}

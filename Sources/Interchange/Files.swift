internal import Foundation

/// Writes a file, all of it or nothing: a reader sees the old file or the new one, and after an error the old one
/// stands. A link is followed and stays a link; a device or a pipe must keep its name and is written to as it is.
func writeWhole(_ bytes: [UInt8], to path: String) throws(InterchangeError) {
  let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  let type = try? FileManager.default.attributesOfItem(atPath: target.path)[.type] as? FileAttributeType
  let isReplaced = [nil, .typeRegular, .typeDirectory].contains(type)
  do {
    try Data(bytes).write(to: isReplaced ? target : URL(fileURLWithPath: path), options: isReplaced ? .atomic : [])
  } catch {
    throw InterchangeError(path, "cannot be written: \(systemReason(error))")
  }
}

/// The system's own words where Foundation wraps them.
func systemReason(_ error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  if let underlying, underlying.domain == NSPOSIXErrorDomain {
    return unsafe String(cString: strerror(Int32(underlying.code)))
  }
  if let error = error as? CocoaError {
    if let system = error.underlying as? POSIXError { return systemReason(system) }
    return error.localizedDescription
  }
  if let error = error as? POSIXError { return unsafe String(cString: strerror(error.code.rawValue)) }
  return error.localizedDescription
}

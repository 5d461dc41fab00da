internal import Foundation

/// The system's message for the call that has just failed.
package func systemMessage() -> String { unsafe String(cString: strerror(errno)) }

/// The system's own message, where Foundation wraps it.
package func systemReason(_ error: any Error) -> String {
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

/// Whether the path still leads to the open file.
func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
  var (opened, named) = (stat(), stat())
  guard unsafe fstat(descriptor, &opened) == 0, unsafe stat(path, &named) == 0 else { return false }
  return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
}

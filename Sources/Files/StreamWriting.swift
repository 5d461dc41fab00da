package import Foundation

/// Writes all of these bytes to an open descriptor, in as many calls as necessary.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(POSIXError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
      continue
    }
    switch errno {
    case EINTR: continue
    case EAGAIN:
      // Another program has made the stream nonblocking.
      var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&place, 1, -1)
    case let code: throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
  }
}

internal import Foundation

/// A stream between two hosts.
struct PJRTSocket: Sendable {
  private let descriptor: Int32

  /// The kind of socket that is a stream.
  private static var stream: Int32 {
    #if canImport(Glibc)
      Int32(SOCK_STREAM.rawValue)
    #else
      SOCK_STREAM
    #endif
  }

  /// Listens at an address of this machine.
  init(listening name: String, _ port: String) throws(PJRTError) {
    descriptor = try unsafe Self.first(name, port, "listen at") { descriptor, address, length in
      var yes: Int32 = 1
      unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      return unsafe bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
    }
  }

  /// Connects to who listens there.
  init(connecting name: String, _ port: String) throws(PJRTError) {
    descriptor = try unsafe Self.first(name, port, "reach") { unsafe connect($0, $1, $2) == 0 }
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// A socket for the first of a name's addresses with which this succeeds.
  private static func first(
    _ name: String, _ port: String, _ purpose: String,
    _ succeeds: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool
  ) throws(PJRTError) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = stream
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, port, &hints, &list)
    defer { unsafe freeaddrinfo(list) }
    guard status == 0 else {
      throw PJRTError("there is no host \(name): \(unsafe String(cString: gai_strerror(status)))")
    }
    var (entry, reason) = unsafe (list, "it has no address")
    while let info = unsafe entry?.pointee {
      let descriptor = unsafe socket(info.ai_family, info.ai_socktype, info.ai_protocol)
      if descriptor >= 0 {
        if let address = unsafe info.ai_addr, unsafe succeeds(descriptor, address, info.ai_addrlen) {
          return descriptor
        }
        reason = unsafe String(cString: strerror(errno))
        _ = Foundation.close(descriptor)
      }
      unsafe entry = info.ai_next
    }
    throw PJRTError("failed to \(purpose) \(name):\(port): \(reason)")
  }

  /// The next one that connects; nil after the socket was closed.
  func accepted() -> PJRTSocket? {
    let other = accept(descriptor, nil, nil)
    return other >= 0 ? PJRTSocket(other) : nil
  }

  /// Ends the stream, also for one who waits in `accepted`.
  func close() {
    _ = shutdown(descriptor, Int32(SHUT_RDWR))
    _ = Foundation.close(descriptor)
  }

  // MARK: Bytes

  /// Exactly this many bytes; nil if the stream ends before.
  func read(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var place = 0
    while place < count {
      let found = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe recv(descriptor, buffer.baseAddress?.advanced(by: place), count - place, 0)
      }
      guard found > 0 else { return nil }
      place += found
    }
    return bytes
  }

  /// Whether all bytes were taken.
  func write(_ bytes: [UInt8]) -> Bool {
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    var place = 0
    while place < bytes.count {
      let sent = unsafe bytes.withUnsafeBytes { buffer in
        unsafe send(descriptor, buffer.baseAddress?.advanced(by: place), bytes.count - place, flags)
      }
      guard sent > 0 else { return false }
      place += sent
    }
    return true
  }

  /// Bytes after their number, which has four bytes, the lowest first.
  func writeBlock(_ bytes: [UInt8]) -> Bool {
    write((0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes)
  }

  /// What `writeBlock` wrote; at most 64 MiB.
  func block() -> [UInt8]? {
    guard let size = read(4) else { return nil }
    let count = size.reversed().reduce(0) { $0 << 8 | Int($1) }
    return count <= 1 << 26 ? read(count) : nil
  }
}

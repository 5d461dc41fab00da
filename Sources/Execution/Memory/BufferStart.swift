// The start of a buffer. A run never uses a buffer without memory, so a missing start is a broken invariant.

extension UnsafeMutableBufferPointer {
  var start: UnsafeMutablePointer<Element> {
    guard let baseAddress else { preconditionFailure("a buffer without memory") }
    return baseAddress
  }
}

extension UnsafeRawBufferPointer {
  var start: UnsafeRawPointer {
    guard let baseAddress else { preconditionFailure("a buffer without memory") }
    return baseAddress
  }
}

extension UnsafeMutableRawBufferPointer {
  var start: UnsafeMutableRawPointer {
    guard let baseAddress else { preconditionFailure("a buffer without memory") }
    return baseAddress
  }
}

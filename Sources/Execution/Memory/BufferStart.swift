// Where a buffer begins. A buffer without memory has no place in a run, so none is a broken invariant.

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

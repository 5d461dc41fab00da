internal import EbbTensors
internal import Foundation

// Numbers as files hold them: little-endian, row-major, without gaps.

extension ElementType {
  var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64: 8
    case .bool: 1
    }
  }

  /// The bytes of a tensor of these dimensions; nil if they are too many to count.
  func byteCount(of dimensions: [Int]) -> Int? {
    var product = byteCount
    // A length of 0 makes the product 0 in any order, so the others are multiplied first, and may not overflow either.
    for extent in dimensions where extent != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return dimensions.contains(0) ? 0 : product
  }
}

extension Tensor {
  /// The tensor of these bytes, of which there must be as many as it takes; nil if a truth value is neither 0 nor 1.
  init?(_ dimensions: [Int], _ element: ElementType, littleEndian bytes: Data) {
    switch element {
    case .float32: self.init(dimensions, integers(bytes, UInt32.self).map { Float(bitPattern: $0) })
    case .float64: self.init(dimensions, integers(bytes, UInt64.self).map { Double(bitPattern: $0) })
    case .int32: self.init(dimensions, integers(bytes, UInt32.self).map { Int32(bitPattern: $0) })
    case .bool:
      let values = integers(bytes, UInt8.self)
      guard values.allSatisfy({ $0 <= 1 }) else { return nil }
      self.init(dimensions, values.map { $0 == 1 })
    }
  }

  /// Appends the numbers to the bytes of a file.
  func append(to bytes: inout [UInt8]) {
    switch storage {
    case .float32(let values): for value in values { bytes.append(littleEndian: value.bitPattern) }
    case .float64(let values): for value in values { bytes.append(littleEndian: value.bitPattern) }
    case .int32(let values): for value in values { bytes.append(littleEndian: UInt32(bitPattern: value)) }
    case .bool(let values): for value in values { bytes.append(value ? 1 : 0) }
    }
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger & UnsignedInteger) {
    for byte in 0..<value.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }
}

extension Data {
  /// The unsigned number that begins so many bytes after the first; the bytes must be there.
  func integer<Bits: FixedWidthInteger & UnsignedInteger>(at offset: Int, _: Bits.Type) -> Bits {
    (0..<Bits.bitWidth / 8).reduce(0) { $0 | Bits(self[startIndex + offset + $1]) << Bits(8 * $1) }
  }

  /// So many bytes from an offset; nil where they are not all there.
  func part(from offset: Int, count size: Int) -> Data? {
    guard offset >= 0, size >= 0, offset <= count, size <= count - offset else { return nil }
    return self[startIndex + offset..<startIndex + offset + size]
  }
}

/// All bytes as numbers, copied at once.
private func integers<Bits: FixedWidthInteger & UnsignedInteger>(_ bytes: Data, _: Bits.Type) -> [Bits] {
  let count = bytes.count / (Bits.bitWidth / 8)
  let raw = unsafe [Bits](unsafeUninitializedCapacity: count) { buffer, initialized in
    // The buffer has room for exactly the bytes that are copied.
    unsafe bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
    initialized = count
  }
  #if _endian(little)
    return raw
  #else
    return raw.map { Bits(littleEndian: $0) }
  #endif
}

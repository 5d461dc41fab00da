internal import EbbTensors
internal import Foundation

// Numbers as files hold them: little-endian, row-major, without gaps.

extension Tensor {
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
  /// The unsigned number at this offset; its bytes must exist.
  func integer<Bits: FixedWidthInteger & UnsignedInteger>(at offset: Int, _: Bits.Type) -> Bits {
    (0..<Bits.bitWidth / 8).reduce(0) { $0 | Bits(self[startIndex + offset + $1]) << Bits(8 * $1) }
  }

  /// This many bytes from an offset; nil if they do not all exist.
  func part(from offset: Int, count size: Int) -> Data? {
    guard offset >= 0, size >= 0, offset <= count, size <= count - offset else { return nil }
    return self[startIndex + offset..<startIndex + offset + size]
  }
}

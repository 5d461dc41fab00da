/// The bytes of a message in the wire format of Protocol Buffers: for each field its number and kind, then its value.
struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  /// The size of a value, as its key encodes it.
  private enum Kind: UInt64 {
    case varint = 0
    case eightBytes = 1
    case counted = 2
    case fourBytes = 5
  }

  /// Seven bits per byte, lowest first; the highest bit of a byte means that more follow.
  private mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func key(_ field: Int, _ kind: Kind) { append(varint: UInt64(field) << 3 | kind.rawValue) }

  mutating func integer(_ field: Int, _ value: Int) {
    key(field, .varint)
    append(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func double(_ field: Int, _ value: Double) {
    key(field, .eightBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func float(_ field: Int, _ value: Float) {
    key(field, .fourBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func text(_ field: Int, _ value: String) { counted(field, Array(value.utf8)) }
  mutating func message(_ field: Int, _ value: ProtocolBuffer) { counted(field, value.bytes) }

  /// Bytes without a form of their own, such as the numbers of a tensor.
  mutating func data(_ field: Int, _ value: [UInt8]) { counted(field, value) }

  /// Several numbers under one key.
  mutating func doubles(_ field: Int, _ values: [Double]) {
    var packed: [UInt8] = []
    for value in values { packed.append(littleEndian: value.bitPattern) }
    counted(field, packed)
  }

  private mutating func counted(_ field: Int, _ value: [UInt8]) {
    key(field, .counted)
    append(varint: UInt64(value.count))
    bytes += value
  }
}

/// A 64-bit checksum over numbers and texts, the same on every machine, to detect changed data.
///
///     h ← m((h ⊕ w) · k)        m(h) = h ⊕ ⌊h / 2³²⌋        k odd
///
/// A step is one to one in h and in w, so a change of a single word always changes the sum; any other change goes
/// unnoticed once in 2⁶⁴. It is not cryptographic.
package struct Fingerprint: Hashable, Sendable {
  /// The sum of everything that was added.
  package private(set) var sum: UInt64 = 0x6A09_E667_F3BC_C908

  /// The sum of nothing.
  package init() {}

  /// Adds a word.
  package mutating func add(_ word: UInt64) {
    sum = (sum ^ word) &* 0x9E37_79B9_7F4A_7C15
    sum ^= sum >> 32
  }

  /// Adds a text: its length in bytes, then its bytes, eight per word.
  package mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    var (word, shift) = (UInt64(0), UInt64(0))
    for byte in text.utf8 {
      word |= UInt64(byte) << shift
      shift += 8
      if shift == 64 {
        add(word)
        (word, shift) = (0, 0)
      }
    }
    if shift > 0 { add(word) }
  }

  /// Adds a tensor: its element type, its dimensions and the bits of its elements.
  package mutating func add(_ tensor: Tensor) {
    add(tensor.element.name)
    add(UInt64(tensor.dimensions.count))
    for extent in tensor.dimensions { add(UInt64(extent)) }
    switch tensor.storage {
    case .float32(let values): for value in values { add(UInt64(value.bitPattern)) }
    case .float64(let values): for value in values { add(value.bitPattern) }
    case .int32(let values): for value in values { add(UInt64(UInt32(bitPattern: value))) }
    case .bool(let values): for value in values { add(value ? 1 : 0) }
    }
  }

  /// Sixteen hexadecimal digits.
  package var text: String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

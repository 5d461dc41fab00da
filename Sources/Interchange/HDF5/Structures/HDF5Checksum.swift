internal import Foundation

/// The checksums of HDF5 files.
enum HDF5Checksum {
  /// Bob Jenkins's hash of 2006, which guards structures from HDF5 1.8 on.
  static func lookup3(_ bytes: some Collection<UInt8>) -> UInt32 {
    let bytes = Array(bytes)
    let start = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var (a, b, c) = (start, start, start)
    // What is beyond the end counts as zeros.
    func byte(_ place: Int) -> UInt32 { place < bytes.count ? UInt32(bytes[place]) : 0 }
    func word(_ place: Int) -> UInt32 {
      byte(place) | byte(place + 1) << 8 | byte(place + 2) << 16 | byte(place + 3) << 24
    }
    func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }
    var place = 0
    while bytes.count - place > 12 {
      a &+= word(place)
      b &+= word(place + 4)
      c &+= word(place + 8)
      a = (a &- c) ^ rotated(c, 4)
      c &+= b
      b = (b &- a) ^ rotated(a, 6)
      a &+= c
      c = (c &- b) ^ rotated(b, 8)
      b &+= a
      a = (a &- c) ^ rotated(c, 16)
      c &+= b
      b = (b &- a) ^ rotated(a, 19)
      a &+= c
      c = (c &- b) ^ rotated(b, 4)
      b &+= a
      place += 12
    }
    guard place < bytes.count else { return c }
    a &+= word(place)
    b &+= word(place + 4)
    c &+= word(place + 8)
    c = (c ^ b) &- rotated(b, 14)
    a = (a ^ c) &- rotated(c, 11)
    b = (b ^ a) &- rotated(a, 25)
    c = (c ^ b) &- rotated(b, 16)
    a = (a ^ c) &- rotated(c, 4)
    b = (b ^ a) &- rotated(a, 14)
    c = (c ^ b) &- rotated(b, 24)
    return c
  }

  /// The checksum of the filter fletcher32: two sums of big-endian words, modulo 2¹⁶ − 1.
  static func fletcher32(_ bytes: [UInt8]) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (0, 0)
    func folded(_ sum: UInt32) -> UInt32 { sum & 0xFFFF + sum >> 16 }
    for place in stride(from: 0, to: bytes.count, by: 2) {
      let low = place + 1 < bytes.count ? UInt32(bytes[place + 1]) : 0
      first = folded(first + (UInt32(bytes[place]) << 8 | low))
      second = folded(second + first)
    }
    return folded(second) << 16 | folded(first)
  }

  /// The checksum of zlib's streams (RFC 1950): two sums of bytes, modulo 65521.
  static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      first = (first + UInt32(byte)) % 65521
      second = (second + first) % 65521
    }
    return second << 16 | first
  }
}

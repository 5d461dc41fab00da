/// The cyclic redundancy check of Castagnoli's polynomial (RFC 3720, appendix B.4), which guards the records of event
/// files.
enum CRC32C {
  /// The polynomial x³² + x²⁸ + x²⁷ + … + 1, its lowest bit first.
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// The result of eight division steps for each byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  /// The sum as records hold it: rotated right by 15 bits, plus a constant, because a sum over data that contain sums
  /// is weak.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}

internal import Foundation

/// A cyclic redundancy check of 32 bits, the lowest bit of each byte first.
struct CyclicCheck {
  /// That of ISO 3309, which guards the members of zip archives.
  static let zip = CyclicCheck(polynomial: 0xEDB8_8320)
  /// Castagnoli's (RFC 3720, appendix B.4), which guards the records of event files: x³² + x²⁸ + x²⁷ + … + 1.
  static let castagnoli = CyclicCheck(polynomial: 0x82F6_3B78)

  /// The remainder of each byte on division by the polynomial.
  private let remainders: [UInt32]

  /// - Parameter polynomial: Its coefficients, the lowest bit first.
  private init(polynomial: UInt32) {
    remainders = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ polynomial : rest >> 1 }
    }
  }

  func sum(of bytes: some Sequence<UInt8>) -> UInt32 {
    var rest = UInt32.max
    for byte in bytes { rest = rest >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] }
    return ~rest
  }

  /// The same of bytes in memory, without copying them.
  func sum(of bytes: Data) -> UInt32 { unsafe bytes.withUnsafeBytes { unsafe sum(of: $0) } }
}

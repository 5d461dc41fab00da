internal import EbbReport

/// A number of bytes as people write it: `1048576`, `64MB`, `512MiB`, `1.5 G`.
///
/// kB, MB, GB and TB are powers of 1000 (SI), KiB, MiB, GiB and TiB of 1024 (IEC 80000-13); a single letter, as in
/// `1G`, is a power of 1024, as in GNU tools.
struct ByteCount: Hashable {
  var count: Int

  static let wording = "a number of bytes, such as 1048576, 64MB (10⁶ each), 512MiB or 512M (2²⁰ each)"

  /// Nil if it is not a number of bytes, negative, or larger than an address.
  init?(_ text: String) {
    let text = text.trimmingPrefix(while: \.isWhitespace)
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." || $0 == "_" }
    let unit = text[digits.endIndex...].lowercased().filter { !$0.isWhitespace }
    guard let number = Double(digits.filter { $0 != "_" }), let factor = Self.factor(unit) else { return nil }
    let bytes = (number * factor).rounded(.up)
    guard let count = Int(exactly: bytes) else { return nil }
    self.count = count
  }

  private static func factor(_ unit: String) -> Double? {
    if ["", "b", "byte", "bytes"].contains(unit) { return 1 }
    guard let letter = unit.first, let power = Array("kmgt").firstIndex(of: letter) else { return nil }
    let base: Double
    switch unit.dropFirst() {
    case "", "i", "ib": base = 1024
    case "b": base = 1000
    default: return nil
    }
    return (0...power).reduce(1) { product, _ in product * base }
  }
}

extension ByteCount: CustomStringConvertible {
  /// In powers of 1024, to three digits: `1.95 GiB`.
  var description: String { Self.text(Double(count)) }

  /// This many bytes, possibly more than an integer holds.
  static func text(_ bytes: Double) -> String {
    var (value, unit) = (bytes, "bytes")
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] where value >= 1000 { (value, unit) = (value / 1024, next) }
    return "\(readableNumber(value, digits: 3)) \(unit)"
  }
}

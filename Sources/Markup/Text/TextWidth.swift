/// About how wide the characters of a sans-serif face are, in em. No font is available at layout, so the estimates are
/// on the wide side.
package struct TextFace: Sendable {
  /// The capital letters A to Z.
  let capital: Double
  /// Other characters of ASCII.
  let plain: Double
  /// Characters beyond ASCII, and those that take two columns of a terminal.
  let foreign: Double
  let double: Double
  /// Characters with widths of their own.
  let special: [Character: Double]

  /// Words and numbers in charts.
  package static let chart = TextFace(
    capital: 0.7, plain: 0.58, foreign: 0.58, double: 1.05,
    special: narrow("'!⁻¹").merging(wide("—")) { $1 }.merging(raised) { $1 })
  /// Formulas in boxes, whose signs beyond ASCII are mostly as wide as capitals.
  package static let formula = TextFace(
    capital: 0.72, plain: 0.6, foreign: 0.72, double: 0.72, special: narrow("'{}·").merging(wide("…")) { $1 })

  private static func narrow(_ more: String) -> [Character: Double] { widths("ijltfrI.,:;|()[] " + more, 0.36) }
  private static func wide(_ more: String) -> [Character: Double] { widths("mwMW@%" + more, 0.92) }
  private static let raised = widths("⁰²³⁴⁵⁶⁷⁸⁹₀₁₂ₜₛ", 0.42)

  private static func widths(_ characters: String, _ width: Double) -> [Character: Double] {
    Dictionary(uniqueKeysWithValues: characters.map { ($0, width) })
  }

  fileprivate func width(_ character: Character) -> Double {
    if let width = special[character] { return width }
    if ("A"..."Z").contains(character) { return capital }
    if character.isASCII { return plain }
    return displayWidth(character) == 2 ? double : foreign
  }
}

/// About how wide `text` is at the given size, in the same unit.
package func textWidth(_ text: String, size: Double, in face: TextFace = .chart) -> Double {
  text.reduce(0) { $0 + face.width($1) } * size
}

/// `text` cut to about `width`, with an ellipsis if anything was cut.
package func fitted(_ text: String, width: Double, size: Double) -> String {
  guard textWidth(text, size: size) > width else { return text }
  var short = text
  while !short.isEmpty && textWidth(short + "…", size: size) > width { short.removeLast() }
  return short + "…"
}

/// Scalars that take two columns of a terminal, and none.
private let wide: [ClosedRange<UInt32>] = [
  0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
  0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
]
private let invisible: [ClosedRange<UInt32>] = [0...0x1F, 0x7F...0x9F, 0x300...0x36F, 0x200B...0x200F]

/// How many columns of a terminal a character takes.
package func displayWidth(_ character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  let value = scalar.value
  let isWide = wide.contains { $0.contains(value) }
  return isWide ? 2 : invisible.contains { $0.contains(value) } ? 0 : 1
}

/// How many columns of a terminal a text takes.
package func displayWidth(_ text: String) -> Int {
  text.reduce(0) { $0 + displayWidth($1) }
}

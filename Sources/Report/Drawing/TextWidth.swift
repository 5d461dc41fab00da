/// About how wide `text` is in a sans-serif face of the given size. No font is at hand when a chart is laid out, so
/// this errs on the wide side.
func textWidth(_ text: String, size: Double) -> Double {
  var ems = 0.0
  for character in text {
    switch character {
    case "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "[", "]", "⁻", "¹":
      ems += 0.36
    case "m", "w", "M", "W", "@", "%", "—": ems += 0.92
    case "⁰", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "₀", "₁", "₂", "ₜ", "ₛ": ems += 0.42
    case "A"..."Z": ems += 0.7
    default: ems += displayWidth(character) == 2 ? 1.05 : 0.58
    }
  }
  return ems * size
}

/// `text` cut to about `width`, with an ellipsis where something is missing.
func fitted(_ text: String, width: Double, size: Double) -> String {
  guard textWidth(text, size: size) > width else { return text }
  var short = text
  while !short.isEmpty && textWidth(short + "…", size: size) > width { short.removeLast() }
  return short + "…"
}

/// How many columns of a terminal a character takes.
package func displayWidth(_ character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  switch scalar.value {
  case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
    0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  case 0...0x1F, 0x7F...0x9F, 0x300...0x36F, 0x200B...0x200F: return 0
  default: return 1
  }
}

package func displayWidth(_ text: String) -> Int {
  text.reduce(0) { $0 + displayWidth($1) }
}

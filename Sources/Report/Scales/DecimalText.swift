import Foundation

/// How a number's characters are chosen.
package enum NumeralStyle: Sendable {
  /// For pages: a true minus sign and powers of ten, −1.5×10⁻⁷.
  case typographic
  /// For terminals and files: -1.5e-7.
  case ascii
}

/// significand × 10^exponent: a decimal number, so that a tick at 0.3 is never labelled 0.30000000000000004.
package struct DecimalText: Sendable, Hashable {
  package let significand: Int
  package let exponent: Int

  package var value: Double {
    // One correctly rounded operation while both parts are exact, so that 3 × 10⁻¹ is the double 0.3.
    if exponent >= 0 && exponent <= 22 { return Double(significand) * Foundation.pow(10, Double(exponent)) }
    if exponent < 0 && exponent >= -22 { return Double(significand) / Foundation.pow(10, Double(-exponent)) }
    return Double("\(significand)e\(exponent)") ?? 0
  }

  /// The same number without trailing zeros in the significand.
  package var normalized: DecimalText {
    guard significand != 0 else { return DecimalText(significand: 0, exponent: 0) }
    var significand = significand
    var exponent = exponent
    while significand.isMultiple(of: 10) {
      significand /= 10
      exponent += 1
    }
    return DecimalText(significand: significand, exponent: exponent)
  }

  /// The power of ten of the first digit.
  var magnitude: Int { exponent + String(significand.magnitude).count - 1 }

  /// Whether a power of ten is more readable than many zeros.
  var isScientific: Bool { significand != 0 && (magnitude < -4 || magnitude > 5) }

  /// Plain decimals with exactly the digits of the significand.
  func fixed(_ style: NumeralStyle, fractionDigits: Int? = nil) -> String {
    let places = max(0, fractionDigits ?? max(0, -exponent))
    var digits = String(significand.magnitude)
    if significand != 0 && exponent + places > 0 { digits += String(repeating: "0", count: exponent + places) }
    if digits.count <= places { digits = String(repeating: "0", count: places - digits.count + 1) + digits }
    let whole = digits.dropLast(places)
    let text = places == 0 ? String(whole) : whole + "." + digits.suffix(places)
    return significand < 0 ? style.minus + text : text
  }

  /// One digit before the decimal point and a power of ten.
  func scientific(_ style: NumeralStyle) -> String {
    let digits = String(significand.magnitude)
    let fraction = digits.dropFirst()
    let sign = significand < 0 ? style.minus : ""
    let mantissa = sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
    switch style {
    case .ascii: return "\(mantissa)e\(magnitude)"
    case .typographic:
      let power = "10" + superscript(magnitude)
      return significand.magnitude == 1 ? sign + power : "\(mantissa)×\(power)"
    }
  }

  func text(_ style: NumeralStyle) -> String {
    let short = normalized
    return short.isScientific ? short.scientific(style) : short.fixed(style)
  }
}

extension NumeralStyle {
  var minus: String {
    switch self {
    case .typographic: "−"
    case .ascii: "-"
    }
  }

  /// The text of a value that cannot be plotted.
  func nonFinite(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    switch self {
    case .typographic: return value < 0 ? "−∞" : "∞"
    case .ascii: return value < 0 ? "-inf" : "inf"
    }
  }

  /// A measured value with at most `digits` significant digits.
  package func text(_ value: Double, digits: Int = 4) -> String {
    DecimalText(value, digits: digits)?.text(self) ?? nonFinite(value)
  }
}

/// An integer in raised digits.
func superscript(_ number: Int) -> String {
  let raised = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
  return String(String(number).map { character in character.wholeNumberValue.map { raised[$0] } ?? "⁻" })
}

extension DecimalText {
  /// The nearest number of `digits` significant digits; `nil` for NaN and infinities.
  init?(_ value: Double, digits: Int) {
    guard value.isFinite else { return nil }
    let scientific = String(format: "%.*e", max(0, min(17, digits) - 1), value)
    let parts = scientific.split(separator: "e")
    guard parts.count == 2, let power = Int(parts[1]) else {
      preconditionFailure("'\(scientific)' is not in scientific notation")
    }
    let mantissa = parts[0].filter { $0 != "." }
    guard let significand = Int(mantissa) else {
      preconditionFailure("the mantissa of '\(scientific)' is not a number")
    }
    let fractionDigits = parts[0].split(separator: ".").dropFirst().first?.count ?? 0
    self.init(significand: significand, exponent: power - fractionDigits)
  }

  /// The number rounded to `places` decimals, half away from zero.
  func rounded(toPlaces places: Int) -> DecimalText {
    var significand = significand
    var exponent = exponent
    while exponent < -places {
      let isLastCut = exponent + 1 == -places
      let sign = significand < 0 ? -1 : 1
      significand = isLastCut ? (significand + 5 * sign) / 10 : significand / 10
      exponent += 1
    }
    return DecimalText(significand: significand, exponent: exponent)
  }
}

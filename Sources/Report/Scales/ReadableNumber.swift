/// A number with at most so many significant digits, as a sentence or a message holds it: `0.0123`, `1.5e-7`, `12500`.
public func readableNumber(_ value: Double, digits: Int = 3) -> String {
  NumeralStyle.ascii.text(value, digits: digits)
}

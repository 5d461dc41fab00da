/// A number with at most this many significant digits, for sentences and messages: `0.0123`, `1.5e-7`, `12500`.
public func readableNumber(_ value: Double, digits: Int = 3) -> String {
  NumeralStyle.ascii.text(value, digits: digits)
}

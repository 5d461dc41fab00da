internal import Foundation

/// The number nearest to `value` that has so many significant decimal digits, so that it is short on a command line.
func rounded(_ value: Double, digits: Int) -> Double {
  guard value != 0, value.isFinite else { return value }
  return Double(String(format: "%.\(digits - 1)e", value)) ?? value
}

/// bᵉ, so that only this file imports the C library.
func pow(_ base: Double, _ exponent: Double) -> Double { Foundation.pow(base, exponent) }

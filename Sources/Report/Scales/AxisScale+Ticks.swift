import Foundation

/// A mark on an axis.
package struct Tick: Sendable, Hashable {
  /// Its place between 0 and 1.
  package let fraction: Double
  /// Its number; `nil` for a small mark without one.
  package let number: DecimalText?
  /// Whether the axis writes its numbers as powers of ten.
  let asPower: Bool
  /// The words of a date; nil for a number.
  var date: String?

  package func label(_ style: NumeralStyle) -> String? {
    if let date { return date }
    guard let number else { return nil }
    if number.significand == 0 { return asPower ? "0" : number.fixed(style) }
    return asPower ? number.normalized.scientific(style) : number.fixed(style)
  }
}

extension AxisScale {
  /// Round numbers inside the axis, about `count` of them, ascending.
  ///
  /// - Parameter wholeNumbers: whether to omit fractions, for axes that count steps.
  package func ticks(_ count: Int, wholeNumbers: Bool = false) -> [Tick] {
    switch kind {
    case .linear: linearTicks(count, wholeNumbers: wholeNumbers)
    case .log10: logarithmicTicks(count)
    case .time: timeTicks(count)
    }
  }

  /// Multiples of 1, 2 or 5 × 10ᵏ.
  private func linearTicks(_ count: Int, wholeNumbers: Bool) -> [Tick] {
    let numbers = roundNumbers(count, wholeNumbers: wholeNumbers)
    let largest = numbers.map(\.magnitude).max() ?? 0
    let smallestExponent = numbers.map(\.exponent).min() ?? 0
    let asPower = largest > 5 || smallestExponent < -5
    return numbers.compactMap { number in
      fraction(of: number.value).map { place in
        Tick(fraction: place, number: number, asPower: asPower)
      }
    }
  }

  private func roundNumbers(_ count: Int, wholeNumbers: Bool) -> [DecimalText] {
    // Halves keep the difference finite; their step is half the step.
    let wanted = (high / 2 - low / 2) / Double(max(1, count))
    guard wanted.isNormal else { return [] }
    var exponent = Int(Foundation.floor(Foundation.log10(wanted) + Foundation.log10(2)))
    // The smallest step that is not finer than wanted, with half a step of tolerance.
    let mantissa = (2 * (wanted / Foundation.pow(10, Double(exponent))))
    var step = mantissa <= 1.4 ? 1 : mantissa <= 3 ? 2 : mantissa <= 7 ? 5 : 10
    if exponent == 308 { step = 1 }
    if step == 10 { (step, exponent) = (1, exponent + 1) }
    if wholeNumbers && exponent < 0 { (step, exponent) = (1, 0) }
    let unit = DecimalText(significand: step, exponent: exponent).value
    guard unit.isNormal else { return [] }
    let first = (low / unit - 1e-9).rounded(.up)
    let last = (high / unit + 1e-9).rounded(.down)
    guard first.magnitude < 1e15, last.magnitude < 1e15, first <= last else { return [] }
    return (Int(first)...Int(last)).map { DecimalText(significand: $0 * step, exponent: exponent) }
  }

  private func logarithmicTicks(_ count: Int) -> [Tick] {
    let first = Int((lowPower - 1e-9).rounded(.up))
    let last = Int((highPower + 1e-9).rounded(.down))
    guard last > first else { return ticksWithinDecade(count) }
    // Powers of ten; if there are many, every second, third, fifth …
    let strides = [1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 500]
    let powers = last - first + 1
    let stride = strides.first { powers / $0 <= max(2, count) } ?? powers
    let asPower = first < -3 || last > 4
    var ticks: [Tick] = []
    for power in (first - 1)...(last) {
      if power >= first {
        let labelled = power.isMultiple(of: stride)
        // Small marks for hundreds of decades would merge.
        guard labelled || powers <= 40 else { continue }
        let number = labelled ? DecimalText(significand: 1, exponent: power) : nil
        if let tick = tick(at: Double(power), number, asPower) { ticks.append(tick) }
      }
      if stride == 1 {
        for multiple in 2...9 {
          if let tick = tick(at: Double(power) + Foundation.log10(Double(multiple)), nil, asPower) {
            ticks.append(tick)
          }
        }
      }
    }
    return ticks
  }

  /// An axis of about one decade or less: 1, 2 and 5 times powers of ten, and below that round numbers.
  private func ticksWithinDecade(_ count: Int) -> [Tick] {
    var numbers: [DecimalText] = []
    for power in Int(lowPower.rounded(.down))...Int(highPower.rounded(.up)) {
      numbers += [1, 2, 5].map { DecimalText(significand: $0, exponent: power) }
    }
    numbers = numbers.filter { $0.value >= low && $0.value <= high }
    if numbers.count < 3 { numbers = roundNumbers(count, wholeNumbers: false).filter { $0.significand > 0 } }
    let asPower = numbers.contains { $0.normalized.isScientific }
    return numbers.compactMap { number in
      fraction(of: number.value).map { Tick(fraction: $0, number: number, asPower: asPower) }
    }
  }

  private func tick(at power: Double, _ number: DecimalText?, _ asPower: Bool) -> Tick? {
    let place = (power - lowPower) / (highPower - lowPower)
    guard place >= -1e-9, place <= 1 + 1e-9 else { return nil }
    return Tick(fraction: max(0, min(1, place)), number: number, asPower: asPower)
  }
}

/// Whether all finite values are whole numbers, as timesteps are.
func areWholeNumbers(_ values: some Sequence<Double>) -> Bool {
  values.allSatisfy { !$0.isFinite || $0 == $0.rounded() }
}

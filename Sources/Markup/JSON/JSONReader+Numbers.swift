extension JSONReader {
  /// A nonnegative whole number, written without a fraction or exponent and no larger than an `Int`.
  package mutating func wholeNumber() throws(JSONError) -> Int {
    let start = position
    guard let next, isDigit(next) else { throw error("\(described) where a whole number of at least 0 is expected") }
    try digits()
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw error("a number begins with 0", at: start)
    }
    guard let value = Int(text(from: start)) else { throw error("a number is too large", at: start) }
    return value
  }

  /// A number: an integer where it is written as one and an `Int` holds it, else the nearest double.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    var isWhole = true
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") {
      isWhole = false
      try digits()
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      try digits()
    }
    if let next, isDigit(next) { throw error("a number begins with 0", at: start) }
    let text = text(from: start)
    if isWhole, text != "-0", let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw error("the number \(text) is too large for a double", at: start)
    }
    return .number(double)
  }

  private func text(from start: Int) -> String { String(decoding: bytes[start..<position], as: UTF8.self) }

  private mutating func digits() throws(JSONError) {
    guard let first = next, isDigit(first) else { throw error("\(described) where a digit is expected") }
    while let digit = next, isDigit(digit) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

/// A canonical code: the lengths of the symbols' codes determine it (RFC 1951, section 3.2.2).
struct HuffmanCode {
  /// The number of codes of each length; none has length 0.
  let counts: [Int]
  /// The symbols in the order of their codes: by length, then by value.
  let symbols: [Int]

  /// The code with these lengths of the symbols' codes, 0 for no code; nil if there is no such code.
  ///
  /// Σ 2^−length must be 1: above that, codes would be ambiguous; less is allowed only with at most one symbol.
  init?(_ lengths: [Int]) {
    var counts = [Int](repeating: 0, count: Inflate.longestCode + 1)
    for length in lengths where length > 0 { counts[length] += 1 }
    let used = counts.reduce(0, +)
    let space = 1 << Inflate.longestCode
    let taken = counts.indices.dropFirst().reduce(0) { $0 + counts[$1] * (space >> $1) }
    guard taken == space || (used <= 1 && taken <= space / 2) else { return nil }
    self.counts = counts
    symbols = (1...Inflate.longestCode).flatMap { length in lengths.indices.filter { lengths[$0] == length } }
  }
}

extension Inflate {
  /// The code of blocks without their own: 9 bits for literals from 144, 7 for the end and most lengths, 8 for others.
  static let fixedLiterals = fixed((0..<288).map { $0 < 144 || $0 >= 280 ? 8 : $0 < 256 ? 9 : 7 })
  static let fixedDistances = fixed([Int](repeating: 5, count: 32))

  private static func fixed(_ lengths: [Int]) -> HuffmanCode {
    guard let code = HuffmanCode(lengths) else { preconditionFailure("a fixed code is not complete") }
    return code
  }

  /// The lengths of copies, from 3, by symbols from 257: eight for single values, then four each for ranges of 2, 4, …
  /// 32 values, and one for 258.
  static let lengths = ranges(from: 3, bits: [0] + Array(0...5), symbols: 4) + [(base: 258, bits: 0)]
  /// The distances of copies, from 1: four symbols for single values, then two each for ranges of 2, 4, … 8192 values.
  static let distances = ranges(from: 1, bits: [0] + Array(0...13), symbols: 2)
  /// The order in which the code lengths of the code lengths are stored.
  static let orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// Consecutive ranges, `symbols` for each number of bits.
  private static func ranges(from start: Int, bits: [Int], symbols: Int) -> [(base: Int, bits: Int)] {
    var base = start
    return bits.flatMap { bits in
      (0..<symbols).map { _ in
        defer { base += 1 << bits }
        return (base, bits)
      }
    }
  }
}

/// A canonical code: which symbol has a code of which length says it all (RFC 1951, section 3.2.2).
struct HuffmanCode {
  /// How many codes have each length; none has the length 0.
  let counts: [Int]
  /// The symbols in the order of their codes: by length, then by number.
  let symbols: [Int]

  /// The code in which each symbol's code has this length, 0 for none; nil if there is no such code.
  ///
  /// Σ 2^−length is 1: with more, codes would be ambiguous; less is only allowed where there is one symbol or none.
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
  /// The code of blocks that bring none: 9 bits for most literals from 144 on, 7 for the end and lengths, 8 for others.
  static let fixedLiterals = fixed((0..<288).map { $0 < 144 || $0 >= 280 ? 8 : $0 < 256 ? 9 : 7 })
  static let fixedDistances = fixed([Int](repeating: 5, count: 32))

  private static func fixed(_ lengths: [Int]) -> HuffmanCode {
    guard let code = HuffmanCode(lengths) else { preconditionFailure("a fixed code is not complete") }
    return code
  }

  /// The lengths of copies from 3 on, by symbols from 257 on: eight of one value, then four each for ranges of 2, 4, …
  /// 32 values, and 258 by itself.
  static let lengths = ranges(from: 3, bits: [0] + Array(0...5), symbols: 4) + [(base: 258, bits: 0)]
  /// The distances of copies from 1 on: four of one value, then two each for ranges of 2, 4, … 8192 values.
  static let distances = ranges(from: 1, bits: [0] + Array(0...13), symbols: 2)
  /// The order in which the lengths of the lengths' codes are written.
  static let orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// For each number of bits so many ranges, one after the other.
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

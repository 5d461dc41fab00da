package import EbbFiles

/// Expands data compressed with method 8 of zip archives (DEFLATE, RFC 1951): literal bytes, and copies of bytes up to
/// 32 KiB back, all in Huffman codes.
///
/// The result grows as data are decoded: nothing is allocated on the word of a file. A bit stands for at most 129 bytes
/// (a pair of one-bit codes copies 258), so a file never expands to more than 1032 times its size.
package struct Inflate {
  /// The maximum number of bytes that one compressed byte can stand for.
  static let largestRatio = 1032
  /// The longest code, in bits.
  static let longestCode = 15

  private let bytes: [UInt8]
  private let limit: Int
  private let source: String
  /// The next byte, and the remaining bits of the last one, the next bit lowest.
  private var position = 0
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var result: [UInt8] = []

  private init(_ bytes: [UInt8], limit: Int, source: String) {
    self.bytes = bytes
    self.limit = limit
    self.source = source
  }

  /// The expanded bytes. There must be `count` of them, and they must use up the input.
  package static func expand(_ bytes: [UInt8], count: Int, source: String) throws(FileError) -> [UInt8] {
    var stream = Inflate(bytes, limit: count, source: source)
    guard count <= bytes.count * largestRatio else {
      throw stream.failure("\(bytes.count) compressed bytes cannot stand for \(count)")
    }
    while try stream.block() {}
    guard stream.position == bytes.count else { throw stream.failure("there is more after its last block") }
    guard stream.result.count == count else {
      throw stream.failure("it expands to \(stream.result.count) bytes, and must to \(count)")
    }
    return stream.result
  }

  // MARK: Blocks

  /// Expands a block; false if it was the last one.
  private mutating func block() throws(FileError) -> Bool {
    let isLast = try take(1) == 1
    switch try take(2) {
    case 0: try stored()
    case 1: try coded(literals: Self.fixedLiterals, distances: Self.fixedDistances)
    case 2:
      let (literals, distances) = try codes()
      try coded(literals: literals, distances: distances)
    default: throw failure("there is no kind 3 of blocks")
    }
    return !isLast
  }

  /// Literal bytes from the next whole byte: their number, its complement, the bytes.
  private mutating func stored() throws(FileError) {
    (bits, bitCount) = (0, 0)
    let count = try take(16)
    guard try take(16) == count ^ 0xFFFF else { throw failure("the length of a stored block contradicts itself") }
    guard count <= bytes.count - position else { throw failure("is cut off") }
    try grow(by: count)
    result += bytes[position..<position + count]
    position += count
  }

  /// Literals, and copies as lengths and distances, up to the end-of-block symbol.
  private mutating func coded(literals: HuffmanCode, distances: HuffmanCode) throws(FileError) {
    while true {
      let symbol = try decode(literals)
      if symbol < 256 {
        try grow(by: 1)
        result.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < Self.lengths.count else { throw failure("there is no length \(symbol)") }
      let length = try number(Self.lengths[symbol - 257])
      let code = try decode(distances)
      guard code < Self.distances.count else { throw failure("there is no distance \(code)") }
      let distance = try number(Self.distances[code])
      guard distance <= result.count else { throw failure("a copy is of what is before the beginning") }
      try grow(by: length)
      // A copy may overlap itself: each byte exists when it is read.
      for _ in 0..<length { result.append(result[result.count - distance]) }
    }
  }

  /// The codes of a block with its own: their code lengths, encoded in a code whose lengths come first.
  private mutating func codes() throws(FileError) -> (literals: HuffmanCode, distances: HuffmanCode) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    var meta = [Int](repeating: 0, count: Self.orderOfLengths.count)
    for place in Self.orderOfLengths.prefix(try take(4) + 4) { meta[place] = try take(3) }
    let metaCode = try code(meta, "the lengths")
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try decode(metaCode)
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw failure("a length is repeated before there is one") }
        lengths += [Int](repeating: last, count: try take(2) + 3)
      case 17: lengths += [Int](repeating: 0, count: try take(3) + 3)
      case 18: lengths += [Int](repeating: 0, count: try take(7) + 11)
      default: lengths.append(symbol)
      }
    }
    guard lengths.count == literalCount + distanceCount else { throw failure("there are more codes than said") }
    guard lengths[256] > 0 else { throw failure("a block has no code for its end") }
    return (
      try code(Array(lengths[..<literalCount]), "the literals"),
      try code(Array(lengths[literalCount...]), "the distances")
    )
  }

  private func code(_ lengths: [Int], _ what: String) throws(FileError) -> HuffmanCode {
    guard let code = HuffmanCode(lengths) else { throw failure("the code of \(what) is none") }
    return code
  }

  // MARK: Bits

  /// The next bits as a number, lowest bit first.
  private mutating func take(_ count: Int) throws(FileError) -> Int {
    while bitCount < count {
      guard position < bytes.count else { throw failure("is cut off") }
      bits |= UInt32(bytes[position]) << UInt32(bitCount)
      position += 1
      bitCount += 8
    }
    defer {
      bits >>= UInt32(count)
      bitCount -= count
    }
    return Int(bits & (1 << UInt32(count) - 1))
  }

  /// The next symbol. Codes of one length are consecutive numbers, highest bit first, so bits are a code of this length
  /// if they are less than the first such code plus the number of such codes.
  private mutating func decode(_ code: HuffmanCode) throws(FileError) -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1...Self.longestCode {
      value |= try take(1)
      let count = code.counts[length]
      if value - first < count { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw failure("a code stands for nothing")
  }

  /// A base plus a number from additional bits.
  private mutating func number(_ entry: (base: Int, bits: Int)) throws(FileError) -> Int {
    entry.base + (try take(entry.bits))
  }

  private func grow(by count: Int) throws(FileError) {
    guard count <= limit - result.count else { throw failure("it expands to more than \(limit) bytes") }
  }

  private func failure(_ message: String) -> FileError {
    FileError(source, "the compressed bytes, at byte \(position): \(message)")
  }
}

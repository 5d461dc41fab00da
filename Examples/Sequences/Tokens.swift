import Ebb
import EbbApplications

/// Words and their numbers. Number 0 ends a sequence and precedes its first word.
struct Vocabulary: Sendable {
  static let end = 0
  let words: [String]
  private let numbers: [String: Int]

  init(_ words: [String]) {
    self.words = ["·"] + words
    numbers = Dictionary(uniqueKeysWithValues: self.words.enumerated().map { ($0.element, $0.offset) })
  }

  var count: Int { words.count }
  subscript(word: String) -> Int {
    guard let number = numbers[word] else { preconditionFailure("\(word) is in no vocabulary") }
    return number
  }
  func text(_ tokens: [Int], separator: String = " ") -> String {
    tokens.map { words[$0] }.joined(separator: separator)
  }
}

extension Tensor {
  /// Sequences of different lengths as one batch [longest, count]: time first, with zeros after a sequence's end.
  init(sequences rows: [[Int]]) {
    let longest = rows.map(\.count).max() ?? 0
    let numbers = (0..<longest).flatMap { time in rows.map { Int32(time < $0.count ? $0[time] : 0) } }
    self.init([longest, rows.count], numbers)
  }

  /// The lengths of these sequences.
  init(lengthsOf rows: [[Int]]) { self.init([rows.count], rows.map { Int32($0.count) }) }
}

extension Sequence<Int> {
  /// The part before the end token.
  var untilEnd: [Int] { Array(prefix { $0 != Vocabulary.end }) }
}

/// Random numbers that are the same on every machine (SplitMix64, Steele, Lea & Flood 2014).
struct Dice: RandomNumberGenerator {
  private var state: UInt64
  /// Consecutive seeds start at unrelated states.
  init(_ seed: Int) {
    state = UInt64(bitPattern: Int64(seed))
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A standard normal number, approximately: the sum of twelve uniform ones minus six.
  mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) } }
}

/// A name with what belongs to it: `W_f`, `h̃`, `b^{fg}`. Time does not.
struct Name: Hashable, Sendable {
  /// The letter or word, with its marks.
  var base: String
  /// What stands below the line, time left out; empty for nothing.
  var below = ""
  /// What stands above the line, if it is neither time nor a power nor a transpose; empty for nothing.
  var above = ""

  /// The name as Unicode text.
  var text: String { base + (below.isEmpty ? "" : "_" + below) + (above.isEmpty ? "" : "^" + above) }

  /// The name in a recording, in which letters, digits, `_`, `-` and `.` can be in a name.
  var identifier: String {
    let parts = [base, below, above].filter { !$0.isEmpty }.joined(separator: "_")
    return String(parts.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" ? $0 : "-" })
  }

  /// Whether it begins with a capital, as matrices do.
  var isCapital: Bool { base.first?.isUppercase == true || base.hasPrefix("cal") }
  /// Whether it is a small Greek letter (or a difference, `Δt`), as numbers are.
  var isGreek: Bool { base.unicodeScalars.first.map { ("α"..."ω").contains($0) || $0 == "Δ" } == true }
}

/// A name at a step: `h_{t-1}`, `W_f`, `h'`.
struct Reference: Hashable, Sendable {
  var name: Name
  /// The steps after t: −1 for `h_{t-1}`; nil if the text gives none.
  var step: Int?
  /// The number of primes.
  var primes = 0
  /// Whether the step stands above the line, where a number has its power.
  var isRaised = false
  /// A letter of the past among its indices: h_i, whose step is then that of h when i is t; with a step t beside it the
  /// value is one for each step of the past, a_{t,i} (`isPair`).
  var past: PastIndex?
  var isPair = false

  /// The same with an index of the past, or none.
  func with(_ past: PastIndex?) -> Reference {
    var result = self
    result.past = past
    return result
  }
}

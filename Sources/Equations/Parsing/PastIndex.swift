/// A letter that counts the steps of the past, by what stands below a sum or a softmax: `∑_{i<t}`, `∑_{i=1}^{t-1}`.
///
///     i < t, i = 0 … t − 1     what is there before step t, with the value at the start
///     i = 1 … t − 1            without it
///     i ≤ t, i = 1 … t         what is there after step t
struct PastIndex: Hashable, Sendable {
  var letter: String
  /// Whether step t is one of them. Else h_i is the value before the step of which i is the number.
  var includesPresent: Bool
  /// Whether the start is left out, which is none of a value's own steps.
  var skipsStart: Bool
  /// The steps after i: −1 for h_{i-1}.
  var shift = 0

  /// The step that h_i has when t is i: 0, or −1 where the last i is t − 1.
  var step: Int { shift - (includesPresent ? 0 : 1) }

  /// The letter with its shift, as an index.
  var text: String { shift == 0 ? letter : shift < 0 ? "\(letter)-\(-shift)" : "\(letter)+\(shift)" }

  /// What stands below and above the sign of a sum.
  var bounds: (below: String, above: String) {
    includesPresent ? (letter + "≤t", "") : skipsStart ? (letter + "=1", "t-1") : (letter + "<t", "")
  }
}

extension TimeLetters {
  /// The letters that count the past in a text.
  ///
  /// - Throws: `EquationError` if a letter has two ranges.
  static func pasts(in tokens: [Token], _ source: EquationText) throws(EquationError) -> [String: PastIndex] {
    let times = TimeLetters(tokens)
    var result: [String: PastIndex] = [:]
    for place in tokens.indices.dropLast() where tokens[place + 1].kind == .symbol(.underscore) {
      guard case .name(let word) = tokens[place].kind, ["∑", "sum", "softmax"].contains(word) else { continue }
      var parser = Parser(source, Array(tokens[(place + 1)...]), times)
      let (below, above) = try parser.bounds()
      guard let found = try times.past(below, above, source) else { continue }
      if let known = result[found.letter], known != found {
        throw source.error(
          at: below[0].range.lowerBound,
          "\(found.letter) runs over other steps in another sum; choose another letter for one of them")
      }
      result[found.letter] = found
    }
    return result
  }

  /// The index that these bounds describe; nil if they are not those of a past.
  func past(
    _ below: [Token], _ above: [Token], _ source: EquationText
  ) throws(EquationError) -> PastIndex? {
    guard below.count > 2, case .name(let letter) = below[0].kind, letter.count == 1 else { return nil }
    let rest = Array(below.dropFirst(2))
    switch below[1].kind {
    case .symbol(.less) where step(rest) == 0 && above.isEmpty:
      return PastIndex(letter: letter, includesPresent: false, skipsStart: false)
    case .symbol(.lessOrEqual) where step(rest) == 0 && above.isEmpty:
      return PastIndex(letter: letter, includesPresent: true, skipsStart: false)
    case .symbol(.lessOrEqual) where step(rest) == -1 && above.isEmpty:
      return PastIndex(letter: letter, includesPresent: false, skipsStart: false)
    case .symbol(.equals):
      guard let last = step(above) else { return nil }
      guard rest.count == 1, case .number(let first) = rest[0].kind, first == 0 || first == 1 else {
        throw source.error(
          at: rest[0].range.lowerBound,
          "a sum over the past begins at 0, the start, or at 1; a window of it is written with a letter for the delay, as "
            + "in ∑_{k=1}^{3} h_{t-k}")
      }
      if last == -1 { return PastIndex(letter: letter, includesPresent: false, skipsStart: first == 1) }
      guard last == 0, first == 1 else {
        throw source.error(
          at: above[0].range.lowerBound,
          last > 0
            ? "an equation of step t reads no later ones"
            : "a sum over the past ends at t-1, or from 1 on at t; an earlier end is written with a shift, as in "
              + "∑_{i=1}^{t-1} h_{i-1}")
      }
      return PastIndex(letter: letter, includesPresent: true, skipsStart: false)
    case .symbol(.less), .symbol(.lessOrEqual):
      throw source.error(at: below[1].range.lowerBound, "the past of step t is \(letter) < t or \(letter) ≤ t")
    case .number, .name, .accent, .symbol, .fraction, .newline, .rowBreak: return nil
    }
  }

  /// What an index says of the past, `i` or `i-1`; nil if it has no such letter.
  func past(_ index: [Token]) -> PastIndex? {
    guard case .name(let letter) = index.first?.kind, var past = pasts[letter] else { return nil }
    if index.count == 1 { return past }
    guard index.count == 3, case .number(let steps) = index[2].kind, let count = Int(exactly: steps),
      count <= Self.longest
    else { return nil }
    if index[1].kind == .symbol(.plus) {
      past.shift = count
    } else if index[1].kind == .symbol(.minus) {
      past.shift = -count
    } else {
      return nil
    }
    return past
  }

  /// The past of an index with time and a letter of the past side by side, as in a_{ti}; nil for any other.
  func pair(_ index: [Token]) -> PastIndex? {
    var letters = index.compactMap { token in if case .name(let name) = token.kind { name } else { String?.none } }
    if index.count == 1, let word = letters.first, word.count == 2 { letters = word.map(String.init) }
    guard letters.count == 2, letters.count == index.count || index.count == 1 else { return nil }
    let (times, pasts) = (letters.filter(self.letters.contains), letters.compactMap { self.pasts[$0] })
    return times.count == 1 && pasts.count == 1 ? pasts[0] : nil
  }
}

/// A number of features: known, to be found, or the sum of others, as in `[h, x]`.
indirect enum Dimension: Hashable, Sendable {
  case number(Int)
  case unknown(Int)
  case sum(Dimension, Dimension)
}

/// Finds the dimensions that make all equations fit, by unification.
struct DimensionSolver {
  private var values: [Dimension?] = []
  /// Equalities of sums with several unknowns, tried again when more is known.
  private var postponed: [(Dimension, Dimension)] = []

  mutating func unknown() -> Dimension {
    values.append(nil)
    return .unknown(values.count - 1)
  }

  /// A dimension as a number and the unknowns that are added to it.
  private func terms(_ dimension: Dimension) -> (number: Int, unknowns: [Int]) {
    switch dimension {
    case .number(let number): return (number, [])
    case .unknown(let index):
      if let value = values[index] { return terms(value) }
      return (0, [index])
    case .sum(let a, let b):
      let (left, right) = (terms(a), terms(b))
      return (left.number + right.number, left.unknowns + right.unknowns)
    }
  }

  /// The number, if it is known.
  func number(_ dimension: Dimension) -> Int? {
    let (number, unknowns) = terms(dimension)
    return unknowns.isEmpty ? number : nil
  }

  /// Makes two dimensions equal; false if they cannot be.
  mutating func equate(_ a: Dimension, _ b: Dimension) -> Bool {
    var (left, right) = (terms(a), terms(b))
    for unknown in left.unknowns {
      guard let place = right.unknowns.firstIndex(of: unknown), let own = left.unknowns.firstIndex(of: unknown) else {
        continue
      }
      right.unknowns.remove(at: place)
      left.unknowns.remove(at: own)
    }
    let difference = right.number - left.number
    switch (left.unknowns.count, right.unknowns.count) {
    case (0, 0): return difference == 0
    case (1, 0): return bind(left.unknowns[0], .number(difference))
    case (0, 1): return bind(right.unknowns[0], .number(-difference))
    case (1, 1) where difference == 0: return bind(left.unknowns[0], .unknown(right.unknowns[0]))
    case (1, _) where difference >= 0: return bind(left.unknowns[0], total(right.unknowns, difference))
    case (_, 1) where difference <= 0: return bind(right.unknowns[0], total(left.unknowns, -difference))
    case (_, _):
      postponed.append((a, b))
      return true
    }
  }

  private mutating func bind(_ unknown: Int, _ value: Dimension) -> Bool {
    if case .number(let number) = value, number < 1 { return false }
    values[unknown] = value
    return true
  }

  private func total(_ unknowns: [Int], _ number: Int) -> Dimension {
    let first: Dimension? = number == 0 ? nil : .number(number)
    let all = unknowns.reduce(first) { sum, next in sum.map { .sum($0, .unknown(next)) } ?? .unknown(next) }
    return all ?? .number(number)
  }

  /// Tries the postponed equalities again; false if one cannot hold.
  mutating func settle() -> Bool {
    let again = postponed
    postponed = []
    for (a, b) in again where !equate(a, b) { return false }
    return true
  }

  /// What an open dimension is called in a message.
  private func letter(_ unknown: Int) -> String {
    let letters = ["n", "m", "k", "l", "p", "q"]
    return letters[unknown % letters.count]
  }

  /// The dimension for a message: `units`, `inputs`, a number, or a sum.
  func text(_ dimension: Dimension, names: [(Dimension, String)]) -> String {
    if let name = names.first(where: { terms($0.0) == terms(dimension) }) { return name.1 }
    switch dimension {
    case .number(let number): return "\(number)"
    case .unknown(let index): return values[index].map { text($0, names: names) } ?? letter(index)
    case .sum(let a, let b): return text(a, names: names) + " + " + text(b, names: names)
    }
  }
}

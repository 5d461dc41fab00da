internal import EbbRecording
internal import Foundation

/// How a formula is set on the page, before it is spelled in LaTeX, plain text or MathML.
indirect enum MathLayout {
  case number(Double)
  case name(Reference)
  /// A function's name, upright, and that of one over the past.
  case function(NamedFunction)
  case functionOverPast(NamedFunction, PastIndex)
  case sign(Sign)
  /// Side by side.
  case row([MathLayout])
  /// One above the other.
  case fraction(MathLayout, MathLayout)
  case raised(MathLayout, to: MathLayout)
  case lowered(MathLayout, by: MathLayout)
  case root(MathLayout)
  /// Between brackets, with commas.
  case fenced(Fence, [MathLayout])

  enum Sign: Hashable {
    case plus, minus, negative, dot, hadamard, slash, colon, equals, transpose
    /// Before an exponent: of the entries of a matrix.
    case entries
    /// Σ over the steps.
    case sumOverSteps
    /// Σ over the steps of a past.
    case sumOverPast(PastIndex)
    /// Between factors that need no sign.
    case thinSpace
    /// ∂L and dL, above a fraction line; ∂ and d, below one.
    case partialLoss, totalLoss, partial, total
  }

  enum Fence: Hashable { case parentheses, brackets, bars, doubleBars }
}

extension MathLayout {
  /// How tightly the parts of a formula hold together, from the loosest; a part that is looser than its place allows
  /// stands in parentheses.
  enum Tightness: Int, Comparable {
    case sum, entries, dotted, row, raised, primary
    static func < (left: Tightness, right: Tightness) -> Bool { left.rawValue < right.rawValue }
  }

  /// - Parameters:
  ///   - place: The least tightness that needs no parentheses.
  ///   - stacked: Whether fractions have a line.
  init(_ expression: Expression, at place: Tightness = .sum, stacked: Bool) {
    func part(_ inner: Expression, _ place: Tightness) -> MathLayout { Self(inner, at: place, stacked: stacked) }
    func joined(_ factors: [Expression], _ sign: Sign, _ place: Tightness) -> MathLayout {
      .row(factors.enumerated().flatMap { ($0 == 0 ? [] : [.sign(sign)]) + [part($1, place)] })
    }
    func bracketed(_ inner: Expression, _ isBracketed: Bool) -> MathLayout {
      isBracketed ? .fenced(.parentheses, [part(inner, .sum)]) : part(inner, .sum)
    }
    let (own, layout): (Tightness, MathLayout)
    switch expression.kind {
    case .number(let number) where number < 0:
      (own, layout) = (.sum, .row([.sign(.negative), .number(-number)]))
    case .number(let number): (own, layout) = (Self.tightness(of: number), .number(number))
    case .reference(let reference): (own, layout) = (.primary, Self.name(reference, stacked))
    case .negative(let a): (own, layout) = (.sum, .row([.sign(.negative), part(a, .entries)]))
    case .sum(let a, let b):
      (own, layout) = (.sum, .row([part(a, .sum), .sign(.plus), part(b, b.isLaterGroup(after: a) ? .sum : .entries)]))
    case .difference(let a, let b):
      (own, layout) = (.sum, .row([part(a, .sum), .sign(.minus), part(b, .entries)]))
    case .product(let factors, .hadamard): (own, layout) = (.entries, joined(factors, .hadamard, .dotted))
    case .product(let factors, .dot): (own, layout) = (.dotted, joined(factors, .dot, .row))
    case .product(let factors, .juxtaposed): (own, layout) = (.row, joined(factors, .thinSpace, .raised))
    case .quotient(let a, let b):
      (own, layout) =
        stacked
        ? (.primary, .fraction(part(a, .sum), part(b, .sum)))
        : (.dotted, .row([part(a, .dotted), .sign(.slash), part(b, .raised)]))
    case .power(let a, let b): (own, layout) = (.raised, .raised(part(a, .primary).asBase, to: part(b, .sum)))
    case .transpose(let a): (own, layout) = (.raised, .raised(part(a, .primary).asBase, to: .sign(.transpose)))
    case .join(let parts):
      // Between square brackets ‖ joins, so a norm stands in parentheses there.
      (own, layout) = (
        .primary,
        .fenced(
          .brackets,
          parts.map { bracketed($0, $0.readsNorm) })
      )
    // Bars within bars of their kind would close them.
    case .magnitude(let a): (own, layout) = (.primary, .fenced(.bars, [bracketed(a, a.readsMagnitude)]))
    case .length(let a): (own, layout) = (.primary, .fenced(.doubleBars, [bracketed(a, a.readsNorm)]))
    case .part(let a, let place, let names):
      (own, layout) = (.primary, .lowered(.fenced(.brackets, [part(a, .sum)]), by: .name(names[place])))
    case .call(let reference, let arguments):
      switch NamedFunction(rawValue: reference.name.base) {
      case .sumOverPast:
        let sign = reference.past.map { Sign.sumOverPast($0) } ?? .sumOverSteps
        (own, layout) = (.entries, .row([.sign(sign), part(arguments[0], .entries)]))
      case .softmaxOverPast:
        let function = reference.past.map { MathLayout.functionOverPast(.softmax, $0) } ?? .function(.softmax)
        (own, layout) = (.primary, .row([function, .fenced(.parentheses, arguments.map { part($0, .sum) })]))
      case .sumOverSteps: (own, layout) = (.entries, .row([.sign(.sumOverSteps), part(arguments[0], .entries)]))
      case .range:
        let indices = arguments.dropFirst().map { part($0, .sum) }
        (own, layout) = (
          .primary,
          .lowered(.fenced(.brackets, [part(arguments[0], .sum)]), by: .row([indices[0], .sign(.colon), indices[1]]))
        )
      case .entryPower:
        (own, layout) = (
          .raised,
          .raised(part(arguments[0], .primary).asBase, to: .row([.sign(.entries), part(arguments[1], .sum)]))
        )
      case .spike:
        let surrogate = SurrogateGradient(numbers: arguments.dropFirst().compactMap(\.number)).words.map { words in
          let word = MathLayout.name(Reference(name: Name(base: words.word)))
          return words.slope.map { .row([word, .fenced(.parentheses, [.number($0)])]) } ?? word
        }
        (own, layout) = (
          .primary,
          .row([
            .function(.spike), .fenced(.parentheses, [part(arguments[0], .sum)] + [surrogate].compactMap { $0 }),
          ])
        )
      case .sqrt where stacked: (own, layout) = (.primary, .root(part(arguments[0], .sum)))
      case .some(let function):
        (own, layout) = (
          .primary, .row([.function(function), .fenced(.parentheses, arguments.map { part($0, .sum) })])
        )
      case nil:
        (own, layout) = (.primary, .row([.name(reference), .fenced(.parentheses, arguments.map { part($0, .sum) })]))
      }
    }
    self = own < place ? .fenced(.parentheses, [layout]) : layout
  }

  /// What stands below an exponent: a fraction in brackets.
  private var asBase: MathLayout {
    if case .fraction = self { .fenced(.parentheses, [self]) } else { self }
  }

  /// A derivative is a fraction where those have a line: ∂L/∂h.
  private static func name(_ reference: Reference, _ stacked: Bool) -> MathLayout {
    guard stacked, let mark = DerivativeMark(reference.name) else { return .name(reference) }
    var variable = reference
    variable.name = reference.name.variable
    switch mark {
    case .partial: return .fraction(.sign(.partialLoss), .row([.sign(.partial), .name(variable)]))
    case .total: return .fraction(.sign(.totalLoss), .row([.sign(.total), .name(variable)]))
    }
  }

  /// A number with an exponent is a product, m · 10ⁿ.
  private static func tightness(of number: Double) -> Tightness {
    switch NumberText(number) {
    case .plain: .primary
    case .scaled(let factor, _): factor == "1" ? .raised : .dotted
    }
  }
}

/// A derivative of the loss as a name: `∂L/∂h`, by direct uses alone, and `dL/dW`, by all.
enum DerivativeMark: CaseIterable {
  case partial, total

  var prefix: String {
    switch self {
    case .partial: "∂L/∂"
    case .total: "dL/d"
    }
  }

  var sign: String {
    switch self {
    case .partial: "∂"
    case .total: "d"
    }
  }

  /// The mark that a name has; nil if it is no derivative.
  init?(_ name: Name) {
    guard let mark = Self.allCases.first(where: { name.base.hasPrefix($0.prefix) }) else { return nil }
    self = mark
  }

  /// The derivative by a variable.
  func callAsFunction(by name: Name) -> Name {
    var name = name
    name.base = prefix + name.base
    return name
  }
}

extension Name {
  /// What a derivative is taken by; the name itself if it is no derivative.
  var variable: Name {
    guard let mark = DerivativeMark(self) else { return self }
    var name = self
    name.base.removeFirst(mark.prefix.count)
    return name
  }
}

/// A number in digits, or as a factor times a power of ten.
enum NumberText {
  case plain(String)
  case scaled(String, Int)

  init(_ number: Double) {
    let text = "\(number)"
    guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
      self = .plain(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
      return
    }
    let factor = text[..<mark]
    // A reader multiplies; where that rounds, the digits stay together.
    guard let plain = Double(factor), plain * pow(10, Double(exponent)) == number else {
      self = .plain(text)
      return
    }
    self = .scaled(factor.hasSuffix(".0") ? String(factor.dropLast(2)) : String(factor), exponent)
  }
}

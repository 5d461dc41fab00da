internal import EbbGraph
internal import EbbTensors

extension Expression {
  /// An expression that stands in no text.
  init(_ kind: Kind) { self.init(kind: kind, range: 0..<0) }

  static func call(_ function: NamedFunction, _ arguments: [Expression]) -> Expression {
    Expression(.call(Reference(name: Name(base: function.rawValue)), arguments))
  }

  /// Factors side by side: a matrix and what it is applied to.
  static func row(_ factors: [Expression]) -> Expression { Expression(.product(factors, .juxtaposed)) }

  /// a ∘ b ∘ c, read from the left.
  static func chain(_ x: Expression, _ y: Expression, _ sign: Multiplication) -> Expression {
    // What is read at the next step as a whole stays together.
    if sign == .hadamard, !x.isLater() || y.isLater(), case .product(let factors, .hadamard) = x.kind {
      return Expression(.product(factors + [y], sign))
    }
    return Expression(.product([x, y], sign))
  }

  /// The same with another letter for the past, where no sum inside has its own.
  func counted(by past: PastIndex) -> Expression {
    switch kind {
    case .reference(let reference) where reference.past != nil:
      return Expression(kind: .reference(reference.with(past)), range: range)
    case .call(let function, _) where function.name.base == NamedFunction.sumOverPast.rawValue: return self
    case .number, .reference, .negative, .sum, .difference, .product, .quotient, .power, .transpose, .call, .join,
      .magnitude, .length, .part:
      return replacingParts { $0.counted(by: past) }
    }
  }

  /// The letter of the past that no sum inside ends.
  var openPast: PastIndex? {
    switch kind {
    case .reference(let reference): return reference.past
    case .call(let function, let arguments):
      if function.name.base == NamedFunction.sumOverPast.rawValue { return nil }
      return function.past ?? arguments.lazy.compactMap(\.openPast).first
    case .number, .negative, .sum, .difference, .product, .quotient, .power, .transpose, .join, .magnitude, .length,
      .part:
      return parts.lazy.compactMap(\.openPast).first
    }
  }

  /// The transpose; that of a transpose is the value itself.
  var transposed: Expression {
    if case .transpose(let inner) = kind { inner } else { Expression(.transpose(self)) }
  }

  /// Whether it needs brackets as a factor.
  var isSum: Bool {
    switch kind {
    case .sum, .difference, .negative: true
    case .number, .reference, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length, .part: false
    }
  }

  /// Whether it reads variables at the next step and at no other.
  ///
  /// - Parameter fixed: Variables that are the same at every step and do not count.
  func isLater(beside fixed: Set<Name> = []) -> Bool {
    var steps: Set<Int> = []
    forEachReference { reference, _ in
      if let step = reference.step, !fixed.contains(reference.name) { steps.insert(step) }
    }
    return steps == [1]
  }

  /// Whether a sum at the next step may follow a term without brackets: it is read as one value of the next step.
  func isLaterGroup(after term: Expression) -> Bool {
    guard isLater() else { return false }
    let last: Expression =
      switch term.kind {
      case .sum(_, let b), .difference(_, let b): b
      case .number, .reference, .negative, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length,
        .part:
        term
      }
    if last.isLater() { return false }
    return !beginsWithMinus && isSum
  }

  /// Whether it has a norm in it.
  var readsNorm: Bool {
    if case .length = kind { return true }
    return parts.contains(where: \.readsNorm)
  }

  var readsMagnitude: Bool {
    if case .magnitude = kind { return true }
    return parts.contains(where: \.readsMagnitude)
  }

  private var beginsWithMinus: Bool {
    switch kind {
    case .sum(let a, _), .difference(let a, _): a.beginsWithMinus
    case .negative: true
    case .number(let number): number < 0
    case .reference, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length, .part: false
    }
  }
}

extension Graph {
  /// The diagonal of a diagonal matrix that scales the rows or columns of another, as equations record it.
  func diagonal(_ node: NodeID) -> (entries: NodeID, scalesRows: Bool)? {
    guard type(node).shape.rank == 2, case .broadcast(let dimension, _) = operation(node),
      type(operand(node, 0)).shape.rank == 1
    else { return nil }
    return (operand(node, 0), dimension == 1)
  }

  /// For a value that counts the steps, as equations record it, the number of the first step.
  func firstStep(_ node: NodeID, _ time: Axis) -> Int? {
    guard operation(node) == .binary(.add), case .convert = operation(operand(node, 0)),
      operation(operand(operand(node, 0), 0)) == .axisIndex(time),
      case .constant(let first) = operation(operand(node, 1)), first == 0 || first == 1
    else { return nil }
    return Int(first)
  }

  /// Whether a value is the sum, the mean or the largest of each row of a matrix.
  func reducesRows(_ node: NodeID, by reduction: FeatureReduction) -> Bool {
    operation(node) == .reduceFeatures(reduction, dimension: 1) && type(operand(node, 0)).shape.rank == 2
  }

  /// Whether a second name is that of the state which keeps several steps of a value, `h.8` of h.
  private func isDelayName(_ node: NodeID, of value: NodeID) -> Bool {
    guard let state = name(node), let own = name(value), state.hasPrefix(own + ".") else { return false }
    return Int(state.dropFirst(own.count + 1)) != nil
  }

  /// The value that a second name for a value stands for; a state that keeps the input stands for the input.
  func alias(_ node: NodeID) -> NodeID {
    var node = node
    while case .reshape = operation(node), type(node) == type(operand(node, 0)),
      name(node) == nil || operation(operand(node, 0)) == .input || isDelayName(node, of: operand(node, 0))
    {
      node = operand(node, 0)
    }
    return node
  }
}

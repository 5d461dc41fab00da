/// Tells which indices that count the past belong to values: h_i is one of the earlier values of h, and W_i with the same
/// letter a name.
///
/// A value that is defined with such an index, a_{t,i} or a_i, is one for each step of the past; a sum over the letter
/// ends that.
struct PastIndices {
  private let source: EquationText
  /// What has a value at each step: what is defined or read at one, and the input.
  private var variables: Set<Name> = [Name(base: "x"), Name(base: "X")]
  /// What has one for each step of the past as well, with the range of its letter.
  private var pairs: [Name: PastIndex] = [:]
  private(set) var equations: [Equation]

  init(_ equations: [Equation], _ source: EquationText) throws(EquationError) {
    (self.equations, self.source) = (equations, source)
    for equation in equations {
      if let past = equation.left.past { pairs[equation.left.name] = past }
      variables.insert(equation.left.name)
      for side in equation.sides {
        side.forEachReference { reference, _ in
          if reference.step != nil, reference.past == nil { variables.insert(reference.name) }
        }
      }
    }
    for index in equations.indices { try read(index) }
  }

  private mutating func read(_ index: Int) throws(EquationError) {
    var equation = equations[index]
    guard equation.readsPast else { return }
    if equation.left.past != nil { (equation.left.step, equation.left.isPair) = (0, true) }
    if let step = equation.left.step, step != 0 {
      throw source.error(
        at: equation.range.lowerBound, "an equation that reads the past is one of step t, and this is of another step")
    }
    equation.sides = equation.sides.map { side in side.mapped { mended($0) } }
    for side in equation.sides.indices { equation.sides[side] = try withIndices(equation.sides[side]) }
    for side in equation.sides {
      if let free = try free(in: side), equation.left.past == nil {
        throw source.error(
          at: free.place,
          "\(free.past.letter) counts the past, and no sum goes over it here: ∑_{\(free.past.bounds.below)}")
      }
    }
    equation.left.past = nil
    equations[index] = equation
  }

  /// The reference with its index as what it is.
  private func mended(_ expression: Expression) -> Expression {
    guard case .reference(var reference) = expression.kind, let past = reference.past else { return expression }
    if pairs[reference.name] != nil {
      (reference.step, reference.isPair) = (0, true)
    } else if !reference.isPair, !variables.contains(reference.name) {
      reference.name.below += past.text
      (reference.past, reference.step) = (nil, nil)
    }
    return Expression(kind: .reference(reference), range: expression.range)
  }

  /// softmax(a_{t,i}) goes over i, as softmax_{i<t} does, unless a is a vector.
  private func withIndices(_ expression: Expression) throws(EquationError) -> Expression {
    var problem: EquationError?
    let result = expression.mapped { part in
      guard case .call(var function, let arguments) = part.kind, function.name == Name(base: "softmax"),
        function.past == nil, arguments.count == 1
      else { return part }
      do throws(EquationError) {
        function.past = try free(in: arguments[0])?.past
      } catch {
        problem = problem ?? error
      }
      return Expression(kind: .call(function, arguments), range: part.range)
    }
    if let problem { throw problem }
    return result
  }

  /// The letter of the past that an expression leaves open.
  private func free(in expression: Expression) throws(EquationError) -> (past: PastIndex, place: Int)? {
    var found: (past: PastIndex, place: Int)?
    if case .reference(let reference) = expression.kind, let past = reference.past {
      let place = expression.range.lowerBound
      if let defined = pairs[reference.name], defined.includesPresent != past.includesPresent || past.shift != 0 {
        throw source.error(
          at: place,
          "\(reference.name.text) is defined for \(defined.bounds.below), and is read with \(past.text) for "
            + past.bounds.below)
      }
      if reference.isPair, pairs[reference.name] == nil {
        throw source.error(at: place, "\(reference.name.text) has no equation for each step of the past")
      }
      return (past, place)
    }
    for part in expression.parts {
      guard let next = try free(in: part) else { continue }
      if let known = found, known.past.range != next.past.range {
        throw source.error(
          at: next.place,
          "\(next.past.letter) and \(known.past.letter) count over other steps; a value has one index of the past")
      }
      found = found ?? next
    }
    if case .call(let function, _) = expression.kind, let past = function.past {
      guard let inner = found else {
        throw source.error(
          at: expression.range.lowerBound,
          "nothing here has the index \(past.letter), which counts the steps of the past: a value of each is h_\(past.letter)"
        )
      }
      if inner.past.range.includesPresent != past.includesPresent {
        throw source.error(
          at: inner.place, "\(inner.past.letter) goes over other steps than the sum, which is for \(past.bounds.below)")
      }
      if function.name.base == NamedFunction.sumOverPast.rawValue { return nil }
    }
    return found
  }
}

extension PastIndex {
  /// The steps that it goes over, whatever its letter.
  fileprivate var range: PastIndex { PastIndex(letter: "", includesPresent: includesPresent, skipsStart: skipsStart) }
}

extension Equation {
  /// Whether it has an index of the past.
  fileprivate var readsPast: Bool {
    var found = left.past != nil
    for side in sides { found = found || side.readsPast }
    return found
  }
}

extension Expression {
  var readsPast: Bool {
    switch kind {
    case .reference(let reference), .call(let reference, _): if reference.past != nil { return true }
    case .number, .negative, .sum, .difference, .product, .quotient, .power, .transpose, .join, .magnitude, .length,
      .part:
      break
    }
    return parts.contains(where: \.readsPast)
  }
}

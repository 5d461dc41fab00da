internal import EbbGraph
internal import EbbRecording
internal import Foundation

/// Functions of square matrices, and powers, of which those of a matrix are products.
extension Evaluator {
  /// Each entry to a power.
  mutating func entryPower(_ x: EquationValue, _ exponent: Expression) throws(EquationError) -> EquationValue {
    let y = try number(exponent)
    guard case .scalar = y.shape else {
      throw misfit(
        exponent.range, "an exponent is a number, and this is \(text(y.shape)); a^b of entries is exp(b ⊙ log(a))")
    }
    let x = upright(x)
    var result = x
    result.isFixed = x.isFixed && y.isFixed
    if case .number(let n) = y.form {
      if case .number(let value) = x.form {
        result.form = .number(pow(value, n))
      } else {
        result.form = scope == nil ? .none : .signal(signal(x).raised(to: n))
      }
    } else {
      result.form = scope == nil ? .none : .signal(power(signal(x), signal(y)))
    }
    return result
  }

  /// Aⁿ as the product of A with itself, or of its inverse.
  mutating func matrixPower(
    _ x: EquationValue, _ exponent: Expression, _ whole: Expression
  ) throws(EquationError) -> EquationValue {
    let y = try number(exponent)
    let (entries, longest) = ("; of its entries it is written with ⊙, as in A^{⊙2}", 64)
    guard case .number(let number) = y.form, let n = Int(exactly: number), n != 0, abs(n) <= longest else {
      throw misfit(
        exponent.range, "the power of a matrix is a whole number from 1 to \(longest), or its inverse, A^{-1}" + entries
      )
    }
    let base = n < 0 ? try ofSquare(x, .inverse, whole) : x
    if n == 1 || n == -1 { return base }
    guard isSquare(x) else {
      throw misfit(whole.range, "only a square matrix has powers, and this is \(text(x.shape))" + entries)
    }
    note(whole, "the power \(n) of a matrix is a product of matrices" + entries)
    var result = base
    for _ in 1..<abs(n) { result = try contract(result, base, whole) }
    return result
  }

  /// A matrix that changes with the step as often as its power says, S_t S_t of S_t²: applied one after the other they need
  /// no product of matrices. Nil for anything else.
  mutating func copies(of factor: Expression) throws(EquationError) -> [EquationValue]? {
    guard case .power(let base, let exponent) = factor.kind, let n = exponent.number.flatMap({ Int(exactly: $0) }),
      (2...8).contains(n), case .reference(let reference) = base.kind, reference.step != nil
    else { return nil }
    let x = try number(base)
    guard x.shape.isMatrix, !x.isFixed else { return nil }
    note(
      factor, "the power \(n) of a matrix is a product of matrices; of its entries it is written with ⊙, as in A^{⊙2}")
    return [EquationValue](repeating: x, count: n)
  }

  private mutating func isSquare(_ x: EquationValue) -> Bool {
    guard case .matrix(let rows, let columns) = x.shape else { return false }
    return solver.equate(rows, columns)
  }

  /// The inverse or the exponential of a matrix; either is stored as the matrix is.
  mutating func ofSquare(
    _ x: EquationValue, _ function: NamedFunction, _ whole: Expression
  ) throws(EquationError) -> EquationValue {
    guard isSquare(x) else {
      let cure = x.shape.isMatrix ? "" : "; of entries it is \(function == .inverse ? "1 / a" : "exp(a)")"
      let what = function == .inverse ? "an inverse" : "an exponential"
      throw misfit(whole.range, "only a square matrix has \(what), and this is \(text(x.shape))" + cure)
    }
    var result = x
    guard scope != nil else { return result }
    switch (x.form, function) {
    case (.identity, .inverse): break
    case (.diagonal(let entries), .inverse): result.form = .diagonal(reciprocal(entries))
    case (_, .inverse) where x.isFixed: result.form = .signal(inverse(signal(x)))
    case (_, .inverse): (result.form, result.isTurned) = (.inverse(signal(x, turned: false)), false)
    case (_, _): result.form = .signal(matrixExponential(signal(x)))
    }
    return result
  }

  /// solve(A, b): x with A x = b.
  mutating func solved(_ arguments: [Expression], _ whole: Expression) throws(EquationError) -> EquationValue {
    let (a, b) = (try number(arguments[0]), try number(arguments[1]))
    guard isSquare(a), case .matrix(let count, _) = a.shape, let entries = b.shape.dimensions.first,
      solver.equate(count, entries)
    else {
      throw misfit(
        whole.range,
        "solve(A, b) takes a square matrix and a vector or matrix of as many rows, and these are \(text(a.shape)) and "
          + text(b.shape))
    }
    let form =
      scope == nil
      ? EquationValue.Form.none : .signal(solve(signal(a, turned: false), signal(b, turned: false)))
    let shape: ValueShape = if case .row = b.shape { .vector(entries) } else { b.shape }
    return EquationValue(shape: shape, form: form, isFixed: a.isFixed && b.isFixed)
  }

  /// Where two sizes of a vector do not fit, what has to be alike.
  func width(_ own: ValueShape, _ found: ValueShape) -> String? {
    guard case .vector = own, case .vector = found else { return nil }
    return
      "; the value of a name has one size wherever it is read, and a matrix has as many rows as its product entries"
  }

  /// What to declare of a name that is taken for a vector and stands beside a matrix: one of the expression, or a capital
  /// among what its values are computed from.
  func cure(_ expression: Expression, beside other: ValueShape) -> String? {
    guard other.isMatrix else { return nil }
    var (pending, seen, isDirect) = ([expression], Set<Name>(), true)
    while !pending.isEmpty {
      var further: [Expression] = []
      var found: Reference?
      for next in pending {
        next.forEachReference { reference, _ in
          let name = reference.name
          let isParameter = reference.step == nil && system.parameters.contains(name)
          let isState = isDirect && system.delays.contains { $0.name == name }
          if case .vector = shapes[name], isParameter && (isDirect || name.isCapital) || isState {
            found = found ?? Reference(name: name, step: isParameter ? nil : 0)
          } else if seen.insert(name).inserted {
            further += system.definitions.filter { $0.name == name }.map(\.value)
          }
        }
      }
      if let found {
        return
          "; \(found.name.text) is taken for a vector, and --let '\(found.plainText): [units, units]' makes it a matrix"
      }
      (pending, isDirect) = (further, false)
    }
    return nil
  }
}

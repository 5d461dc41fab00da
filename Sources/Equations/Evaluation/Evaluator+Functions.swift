internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// The functions that only some shapes or times have.
extension Evaluator {
  /// select(condition, a, b).
  mutating func selected(_ arguments: [Expression], _ whole: Expression) throws(EquationError) -> EquationValue {
    let parts = (try value(arguments[0]), try number(arguments[1]), try number(arguments[2]))
    guard parts.0.isCondition else {
      throw misfit(
        arguments[0].range,
        "select takes a condition first, as in select(greater(a, b), a, b); this is \(text(parts.0.shape))")
    }
    guard equate(parts.1.shape, parts.2.shape), equate(parts.0.shape, parts.1.shape) else {
      throw misfit(whole.range, "the values to select from must be alike")
    }
    let shape = [parts.0, parts.1, parts.2].map(\.shape).first { $0 != .scalar } ?? .scalar
    let isFixed = parts.0.isFixed && parts.1.isFixed && parts.2.isFixed
    guard scope != nil else { return EquationValue(shape: shape, form: .none, isFixed: isFixed) }
    return EquationValue(
      shape: shape, form: .signal(select(signal(parts.0), signal(parts.1), signal(parts.2))),
      isTurned: parts.1.isTurned, isFixed: isFixed)
  }

  /// Σ over all steps of all samples; of a column beside a row in one product: Σ δ xᵀ.
  mutating func summedOverSteps(_ inner: Expression, _ whole: Expression) throws(EquationError) -> EquationValue {
    let over = steps
    if case .product(let factors, let sign) = inner.kind, sign == .juxtaposed, factors.count == 2 {
      let (a, b) = (try value(factors[0]), try value(factors[1]))
      if case .vector(let rows) = a.shape, case .row(let columns) = b.shape {
        // Stored transposed, as the matrix is whose gradient it is.
        let form =
          scope == nil
          ? EquationValue.Form.none : .signal(EbbRecording.contract(signal(b), signal(a), .outer, over: over))
        return EquationValue(shape: .matrix(rows, columns), form: form, isTurned: true, isFixed: true)
      }
      if a.shape == .scalar || b.shape == .scalar, !a.shape.isMatrix, !b.shape.isMatrix {
        let form =
          scope == nil
          ? EquationValue.Form.none : .signal(EbbRecording.contract(signal(b), signal(a), .outer, over: over))
        return EquationValue(shape: a.shape == .scalar ? b.shape : a.shape, form: form, isFixed: true)
      }
    }
    if case .product(let factors, .juxtaposed) = inner.kind, factors.count == 2,
      let product = try productOverSteps(factors)
    {
      return product
    }
    let x = try number(inner)
    guard scope != nil else { return EquationValue(shape: x.shape, form: .none, isFixed: true) }
    return EquationValue(
      shape: x.shape, form: .signal(sum(signal(x, turned: false), over: over)), isFixed: true)
  }

  /// Σ A B of matrices that change, or of one beside a vector: one product over the steps; nil for other factors.
  private mutating func productOverSteps(_ factors: [Expression]) throws(EquationError) -> EquationValue? {
    let (a, b) = (try number(factors[0]), try number(factors[1]))
    let shape: ValueShape
    let inner: (Dimension, Dimension)
    switch (a.shape, b.shape) {
    case (.matrix(let m, let n), .matrix(let k, let p)): (shape, inner) = (.matrix(m, p), (n, k))
    case (.matrix(let m, let n), .vector(let k)): (shape, inner) = (.vector(m), (n, k))
    case (.row(let n), .matrix(let k, let p)): (shape, inner) = (.vector(p), (n, k))
    case (.row(let n), .vector(let k)): (shape, inner) = (.scalar, (n, k))
    case (_, _): return nil
    }
    guard !a.isFixed, !b.isFixed, solver.equate(inner.0, inner.1) else { return nil }
    guard scope != nil else { return EquationValue(shape: shape, form: .none, isTurned: true, isFixed: true) }
    // The stored dimension of a's columns and of b's rows.
    let columns = a.shape.isMatrix && !a.isTurned ? 1 : 0
    let rows = b.shape.isMatrix && b.isTurned ? 1 : 0
    // The gradient of a matrix is stored transposed, as the matrix is.
    let result =
      shape.isMatrix
      ? EbbRecording.contract(signal(b), signal(a), .dimensions(rows, columns), over: steps)
      : EbbRecording.contract(signal(a), signal(b), .dimensions(columns, rows), over: steps)
    return EquationValue(shape: shape, form: .signal(result), isTurned: true, isFixed: true)
  }

  /// Entries m to n of a vector, or a number n times.
  mutating func resized(
    _ x: EquationValue, _ function: NamedFunction, _ arguments: [Expression], _ whole: Expression
  ) throws(EquationError) -> EquationValue {
    let bounds = arguments.dropFirst().map(\.number).map { $0.flatMap { Int(exactly: $0) } ?? 0 }
    if function == .ones {
      guard case .scalar = x.shape, let count = bounds.first, count > 0 else {
        throw misfit(whole.range, "ones(s, n) is the number s as each of n entries")
      }
      let form = scope == nil ? EquationValue.Form.none : .signal(broadcast(signal(x), to: [count]))
      return EquationValue(shape: .vector(.number(count)), form: form, isFixed: x.isFixed)
    }
    if function == .rows || function == .columns {
      guard x.shape.dimensions.count == 1, let count = bounds.first, count > 0 else {
        throw misfit(
          whole.range,
          "\(function.word)(v, 4) is a matrix of 4 \(function.word) that are v, and this is \(text(x.shape))")
      }
      let (own, other) = (x.shape.dimensions[0], Dimension.number(count))
      let isOfRows = function == .rows
      return EquationValue(
        shape: isOfRows ? .matrix(other, own) : .matrix(own, other),
        form: scope == nil ? .none : .signal(EbbRecording.repeated(signal(x), count, dimension: isOfRows ? 0 : 1)))
    }
    guard x.shape.dimensions.count == 1, bounds.count == 2, bounds[0] >= 1, bounds[1] >= bounds[0] else {
      throw misfit(whole.range, "a range of entries is that of a vector, [v]_{1:3}, and this is \(text(x.shape))")
    }
    let count = bounds[1] - bounds[0] + 1
    if let all = solver.number(x.shape.dimensions[0]), bounds[1] > all {
      throw misfit(whole.range, "entry \(bounds[1]) of a vector of \(all)")
    }
    let form =
      scope == nil
      ? EquationValue.Form.none : .signal(slice(signal(x), bounds[0] - 1..<bounds[1]))
    return EquationValue(shape: .vector(.number(count)), form: form, isFixed: x.isFixed)
  }
}

extension NamedFunction {
  /// The comparison that it is: both have the word of the operation.
  var comparison: Comparison? { Comparison.allCases.first { Operation.compare($0).keyword == rawValue } }
}

extension Comparison {
  /// The comparison with its sides exchanged.
  var mirrored: Comparison {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

extension Signal {
  /// xⁿ: a square and a reciprocal have operations of their own.
  func raised(to exponent: Double) -> Signal {
    exponent == 2 ? square(self) : exponent == -1 ? reciprocal(self) : power(self, exponent)
  }
}

internal import EbbGraph
internal import EbbRecording

extension Evaluator {
  /// [a, b, …] as one vector; numbers count as one entry.
  mutating func joined(_ parts: [Expression], _ whole: Expression) throws(EquationError) -> EquationValue {
    var length: Dimension?
    var signals: [Signal] = []
    for part in parts {
      let next = try number(part)
      let count: Dimension
      switch next.shape {
      case .scalar: count = .number(1)
      case .vector(let n), .row(let n): count = n
      case .matrix: throw misfit(part.range, "only vectors are joined, and this is \(text(next.shape))")
      }
      length = length.map { .sum($0, count) } ?? count
      if scope != nil { signals.append(signal(next)) }
    }
    guard let length else { throw misfit(whole.range, "there is nothing between the brackets") }
    return EquationValue(shape: .vector(length), form: scope == nil ? .none : .parts(signals))
  }

  /// The part of a vector that belongs to one of the names that share it, in their order.
  mutating func part(_ whole: Expression, _ index: Int, _ names: [Name]) throws(EquationError) -> EquationValue {
    let x = try value(whole)
    let counts = names.map { shapes[$0]?.dimensions.first ?? .number(1) }
    let total = counts.dropFirst().reduce(counts[0]) { .sum($0, $1) }
    guard case .vector(let found) = x.shape, solver.equate(found, total) else {
      let all = names.map(\.text).joined(separator: ", ")
      throw misfit(
        whole.range, "\(all) share \(text(x.shape)), and together they are \(text(.vector(total)))")
    }
    let shape = shapes[names[index]] ?? .scalar
    guard scope != nil else { return EquationValue(shape: shape, form: .none) }
    let sizes = counts.map { solver.number($0) ?? 0 }
    let start = sizes[..<index].reduce(0, +)
    let entries = slice(signal(x), start..<start + sizes[index])
    return EquationValue(shape: shape, form: .signal(shape == .scalar ? reshape(entries, []) : entries))
  }

  mutating func transposed(_ inner: Expression) throws(EquationError) -> EquationValue {
    let x = try value(inner)
    var result = x
    result.shape = x.shape.transposed
    guard case .matrix = x.shape, scope != nil else { return result }
    if case .diagonal = x.form { return x }
    if case .inverse = x.form { result.form = .signal(signal(x)) }
    // The same numbers, read the other way.
    result.isTurned.toggle()
    if case .weight = x.form { result.form = .signal(signal(x)) }
    return result
  }

  /// A row of factors. Matrices are applied to the factor that follows them, innermost first; what then stands side by
  /// side is multiplied entry by entry, a column beside a row to a matrix, a row beside a column to a number.
  mutating func product(
    _ factors: [Expression], _ sign: Expression.Multiplication, _ whole: Expression
  ) throws(EquationError) -> EquationValue {
    var result: EquationValue?
    var matrices: [EquationValue] = []
    for factor in factors {
      if sign != .hadamard, let repeated = try copies(of: factor) {
        matrices += repeated
        continue
      }
      var next = try number(factor)
      if sign != .hadamard, case .matrix = next.shape {
        matrices.append(next)
        continue
      }
      while let matrix = matrices.popLast() { next = try contract(matrix, next, factor) }
      result = try result.map { left throws(EquationError) in try multiply(left, next, sign, factor) } ?? next
    }
    // x W: a matrix after a vector.
    for matrix in matrices {
      result = try result.map { left throws(EquationError) in try contract(left, matrix, whole) } ?? matrix
    }
    guard let result else { throw misfit(whole.range, "a product needs factors") }
    return result
  }

  private mutating func multiply(
    _ a: EquationValue, _ b: EquationValue, _ sign: Expression.Multiplication, _ place: Expression
  ) throws(EquationError) -> EquationValue {
    if sign != .hadamard {
      var (left, right) = (a.shape, b.shape)
      // Where vectors are rows, a transposed one stands.
      if uses.hasRows, left.dimensions.count == 1, right.dimensions.count == 1 {
        (left, right) = (left.transposed, right.transposed)
      }
      if case .row = left, case .vector = right {
        let (row, column) = (
          EquationValue(shape: left, form: a.form, isFixed: a.isFixed),
          EquationValue(shape: right, form: b.form, isFixed: b.isFixed)
        )
        return try contract(row, column, place)
      }
      if case .matrix = a.shape { return try contract(a, b, place) }
      if case .matrix = b.shape, a.shape != .scalar { return try contract(a, b, place) }
      if case .vector(let rows) = left, case .row(let columns) = right {
        // What stays the same is stored as weights are.
        let isFixed = a.isFixed && b.isFixed
        let form =
          scope == nil
          ? EquationValue.Form.none
          : .signal(isFixed ? outer(signal(b), signal(a)) : outer(signal(a), signal(b)))
        return EquationValue(shape: .matrix(rows, columns), form: form, isTurned: isFixed, isFixed: isFixed)
      }
    }
    guard equate(a.shape, b.shape) else {
      throw misfit(
        place.range, "\(text(a.shape)) is multiplied by \(text(b.shape)); entry by entry they must be alike")
    }
    return elementwise(a, b, { $0 * $1 }, { $0 * $1 }, { $0 * $1 }, { $0 * $1 })
  }

  /// A product that sums over the last dimension of the left and the first of the right.
  mutating func contract(
    _ a: EquationValue, _ b: EquationValue, _ place: Expression
  ) throws(EquationError) -> EquationValue {
    let (shape, inner): (ValueShape, (Dimension, Dimension))
    switch (a.shape, b.shape) {
    case (.matrix(let m, let n), .vector(let k)): (shape, inner) = (.vector(m), (n, k))
    case (.matrix(let m, let n), .matrix(let k, let p)): (shape, inner) = (.matrix(m, p), (n, k))
    case (.row(let n), .matrix(let k, let p)): (shape, inner) = (.row(p), (n, k))
    case (.vector(let n), .matrix(let k, let p)): (shape, inner) = (.vector(p), (n, k))
    case (.row(let n), .vector(let k)): (shape, inner) = (.scalar, (n, k))
    case (.scalar, _), (_, .scalar): return elementwise(a, b, { $0 * $1 }, { $0 * $1 }, { $0 * $1 }, { $0 * $1 })
    case (.matrix, .row), (.row, .row), (.vector, .vector), (.vector, .row):
      throw misfit(place.range, "\(text(a.shape)) cannot be applied to \(text(b.shape))")
    }
    guard solver.equate(inner.0, inner.1) else {
      throw misfit(
        place.range,
        "\(text(a.shape)) is applied to \(text(b.shape)); the columns of the one must be the entries of the other"
          + (a.shape.isMatrix ? "; a declaration, W: [units, inputs], gives a matrix its rows and columns" : ""))
    }
    let isFixed = a.isFixed && b.isFixed
    let isRow = if case .weight = a.form { false } else { a.shape.dimensions.count == 1 }
    if isRow, case .weight(let name) = b.form, scope == nil { timesAfter[name, default: 0] += 1 }
    guard let scope else { return EquationValue(shape: shape, form: .none, isFixed: isFixed) }
    // W h_i: each value of the past is multiplied once, when it is new.
    if case .past(let each, _) = a.form, b.isFixed {
      return try ofEachStep(contract(EquationValue(shape: a.shape, form: .signal(each)), b, place))
    }
    if case .past(let each, _) = b.form, a.isFixed {
      return try ofEachStep(contract(a, EquationValue(shape: b.shape, form: .signal(each)), place))
    }
    if case .identity = a.form {
      return EquationValue(shape: shape, form: b.form, isTurned: b.isTurned, isFixed: b.isFixed)
    }
    if case .inverse(let matrix) = a.form {
      return EquationValue(shape: shape, form: .signal(solve(matrix, signal(b, turned: false))))
    }
    if let scaled = scaled(a, b, numbers(shape)) {
      return EquationValue(
        shape: shape, form: .signal(scaled), isTurned: shape.isMatrix && (a.isTurned || b.isTurned), isFixed: isFixed)
    }
    // W [h, x]: one product with weights that begin as those of a recurrence.
    if case .weight(let name) = a.form, case .vector = b.shape {
      return EquationValue(shape: shape, form: .signal(product(name, b, shape, scope)), isFixed: isFixed)
    }
    if isRow, case .weight(let name) = b.form, timesAfter[name] == uses.count[name] {
      return EquationValue(shape: shape, form: .signal(product(name, a, shape, scope)), isFixed: isFixed)
    }
    return EquationValue(
      shape: shape, form: .signal(contracted(a, b, isFixed)), isTurned: shape.isMatrix && isFixed, isFixed: isFixed)
  }

  private func ofEachStep(_ value: EquationValue) -> EquationValue {
    var result = value
    result.form = .past(signal(value), nil)
    return result
  }

  /// Σ over the columns of the left and the rows of the right, wherever each is stored.
  private func contracted(_ a: EquationValue, _ b: EquationValue, _ isFixed: Bool) -> Signal {
    let (left, right) = (signal(a), signal(b))
    // The stored dimension of a's columns and of b's rows.
    let columns = a.shape.isMatrix && !a.isTurned ? 1 : 0
    let rows = b.shape.isMatrix && b.isTurned ? 1 : 0
    // A fixed matrix comes second, as weights do: x · W. Two of them give the transpose of their product.
    let isSecond = a.shape.isMatrix && (b.shape.isMatrix ? isFixed : a.isFixed)
    return isSecond
      ? EbbRecording.contract(right, left, .dimensions(rows, columns))
      : EbbRecording.contract(left, right, .dimensions(columns, rows))
  }

  /// The product of a diagonal matrix and another value, entry by entry.
  private func scaled(_ a: EquationValue, _ b: EquationValue, _ shape: [Int]) -> Signal? {
    /// The entries beside each column, or below each row, of a matrix as it is stored.
    func spread(_ entries: Signal, alongRows: Bool, of matrix: EquationValue) -> Signal {
      let stored = matrix.isTurned ? shape.reversed() : shape
      let dimension = alongRows != matrix.isTurned ? 1 : 0
      return repeated(entries, stored[dimension], dimension: dimension)
    }
    if case .diagonal(let entries) = a.form {
      return shape.count == 1 ? entries * signal(b) : spread(entries, alongRows: true, of: b) * signal(b)
    }
    guard case .diagonal(let entries) = b.form else { return nil }
    return shape.count == 1 ? signal(a) * entries : signal(a) * spread(entries, alongRows: false, of: a)
  }

  private func product(_ weight: Name, _ vector: EquationValue, _ shape: ValueShape, _ scope: Scope) -> Signal {
    let operands: [Signal] = if case .parts(let parts) = vector.form { parts } else { [signal(vector)] }
    let given = system.settings.starts[weight].map { [Initializer](repeating: $0, count: operands.count) } ?? []
    return scope.product(weight.identifier, operands, numbers(shape)[0], weights: given)
  }
}

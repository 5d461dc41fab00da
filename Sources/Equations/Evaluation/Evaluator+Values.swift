internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import Foundation

extension Evaluator {
  /// The value of an expression, and what it asks of the shapes of its parts.
  mutating func value(_ expression: Expression) throws(EquationError) -> EquationValue {
    switch expression.kind {
    case .number(let number): return EquationValue(shape: .scalar, form: .number(number), isFixed: true)
    case .reference(let reference): return try value(of: reference, expression.range)
    case .negative(let a): return map(try number(a), { -$0 }, { -$0 })
    case .sum(let a, let b): return try combine(a, b, expression, { $0 + $1 }, { $0 + $1 }, { $0 + $1 }, { $0 + $1 })
    case .difference(let a, let b):
      return try combine(a, b, expression, { $0 - $1 }, { $0 - $1 }, { $0 - $1 }, { $0 - $1 })
    case .quotient(let a, let b):
      return try combine(a, b, expression, { $0 / $1 }, { $0 / $1 }, { $0 / $1 }, { $0 / $1 })
    case .power(let base, let exponent):
      let x = try number(base)
      return x.shape.isMatrix ? try matrixPower(x, exponent, expression) : try entryPower(x, exponent)
    case .transpose(let a): return try transposed(a)
    case .magnitude(let a):
      let x = try number(a)
      if x.shape.isMatrix { note(expression, "|…| of a matrix is that of each entry, and no determinant") }
      return map(x, { Swift.abs($0) }, { abs($0) })
    case .length(let a):
      let x = try number(a)
      return EquationValue(shape: .scalar, form: scope == nil ? .none : .signal(norm(signal(x))))
    case .join(let parts): return try joined(parts, expression)
    case .part(let whole, let index, let names): return try part(whole, index, names.map(\.name))
    case .product(let factors, let sign): return try product(factors, sign, expression)
    case .call(let function, let arguments):
      if let named = NamedFunction(rawValue: function.name.base), named.isOverPast || function.past != nil {
        return try overPast(named, function.past, arguments[0])
      }
      return try call(function.name.base, arguments, expression)
    }
  }

  /// The value of an expression that must be a number, or numbers.
  mutating func number(_ expression: Expression) throws(EquationError) -> EquationValue {
    let result = try value(expression)
    if result.isCondition { throw misfit(expression.range, Self.notANumber) }
    return result
  }

  static let notANumber =
    "this is true or false, and no number: spike(a - b) or 1[a > b] is 1 or 0 with a surrogate gradient, "
    + "select(greater(a, b), 1, 0) without a gradient"

  /// Tells which of two readings is taken.
  mutating func note(_ place: Expression, _ message: String) {
    guard scope == nil else { return }
    let line = "line \(misfit(place.range, "").line): \(message)"
    if !notes.contains(line) { notes.append(line) }
  }

  private mutating func value(of reference: Reference, _ range: Range<Int>) throws(EquationError) -> EquationValue {
    if let known = values[reference] { return known }
    if reference.past != nil {
      var each = try value(of: reference.with(nil), range)
      if scope != nil { each.form = .past(signal(each), reference.with(nil)) }
      return each
    }
    if reference.step == nil, let number = system.settings.constants[reference.name] {
      return EquationValue(shape: .scalar, form: .number(number), isFixed: true)
    }
    if system.settings.isIdentity(reference.name), shapes[reference.name] == nil {
      let count = identities[range.lowerBound] ?? solver.unknown()
      identities[range.lowerBound] = count
      return EquationValue(
        shape: .matrix(count, count), form: scope == nil ? .none : .identity, isTurned: true, isFixed: true)
    }
    guard let shape = shapes[reference.name] else {
      throw misfit(range, "\(reference.name.text) has no equation and no shape")
    }
    guard reference.step == nil else {
      return EquationValue(shape: shape, form: .none, isCondition: conditions.contains(reference.name))
    }
    if case .matrix = shape {
      return EquationValue(shape: shape, form: .weight(reference.name), isTurned: true, isFixed: true)
    }
    if scope == nil { return EquationValue(shape: shape, form: .none, isFixed: true) }
    return EquationValue(shape: shape, form: .signal(parameter(reference.name, numbers(shape))), isFixed: true)
  }

  // MARK: Signals

  /// The signal of a value; recorded now if it was waiting for its use.
  func signal(_ value: EquationValue) -> Signal {
    guard let scope else { preconditionFailure("a value is recorded only in a scope") }
    switch value.form {
    case .signal(let signal): return signal
    case .number(let number): return scope.constant(number)
    case .past(let each, let reference): return recordedPast.history(of: each, reference, in: scope)
    case .parts(let parts): return parts.count == 1 ? parts[0] : concatenate(parts)
    case .weight(let name): return parameter(name, numbers(value.shape.transposed))
    case .identity: return scope.identityMatrix(numbers(value.shape)[0])
    case .inverse(let matrix): return inverse(matrix)
    case .diagonal(let entries): return diagonal(entries)
    case .none: preconditionFailure("a value without a signal in a scope")
    }
  }

  /// The signal of a value, a matrix stored in this way.
  func signal(_ value: EquationValue, turned: Bool) -> Signal {
    guard case .matrix = value.shape, value.isTurned != turned else { return signal(value) }
    if case .identity = value.form { return signal(value) }
    return transpose(signal(value))
  }

  /// A trained value; its initial values are those that the text asks for.
  func parameter(_ name: Name, _ dimensions: [Int]) -> Signal {
    guard let scope else { preconditionFailure("a parameter is recorded only in a scope") }
    return scope.parameter(name.identifier, dimensions, initializer(name, dimensions))
  }

  /// Matrices begin as Glorot's, what multiplies a state's entries within ±1 / √units, other factors at 1, the rest at 0.
  func initializer(_ name: Name, _ dimensions: [Int]) -> Initializer {
    if let given = system.settings.starts[name] { return given }
    if dimensions.count == 2 { return .glorotUniform }
    if uses.scalesState.contains(name), let count = dimensions.first {
      return .uniform(limit: 1 / Double(count).squareRoot())
    }
    return uses.scales.contains(name) || uses.applied.contains(name) || dimensions.isEmpty ? .constant(1) : .zeros
  }

  // MARK: Entry by entry

  private func map(
    _ x: EquationValue, _ number: (Double) -> Double, _ signals: (Signal) -> Signal
  ) -> EquationValue {
    var result = upright(x)
    if case .number(let value) = x.form {
      result.form = .number(number(value))
    } else {
      result.form = scope == nil ? .none : .signal(signals(signal(result)))
    }
    return result
  }

  /// A matrix that changes with the step is stored as it is written, so that xᵀ is one where its entries are computed with.
  func upright(_ x: EquationValue) -> EquationValue {
    guard x.shape.isMatrix, x.isTurned, !x.isFixed else { return x }
    var result = x
    result.isTurned = false
    if scope != nil { result.form = .signal(signal(x, turned: false)) }
    return result
  }

  private mutating func combine(
    _ a: Expression, _ b: Expression, _ whole: Expression, _ numbers: (Double, Double) -> Double,
    _ signals: (Signal, Signal) -> Signal, _ right: (Signal, Double) -> Signal, _ left: (Double, Signal) -> Signal
  ) throws(EquationError) -> EquationValue {
    let (x, y) = (try number(a), try number(b))
    guard equate(x.shape, y.shape) else {
      throw misfit(
        whole.range,
        "this is \(text(x.shape)) beside \(text(y.shape)); entry by entry they must be alike"
          + (cure(a, beside: y.shape) ?? cure(b, beside: x.shape) ?? ""))
    }
    return elementwise(x, y, numbers, signals, right, left)
  }

  /// Two values entry by entry, in the shape of the larger.
  func elementwise(
    _ x: EquationValue, _ y: EquationValue, _ numbers: (Double, Double) -> Double,
    _ signals: (Signal, Signal) -> Signal, _ right: (Signal, Double) -> Signal, _ left: (Double, Signal) -> Signal
  ) -> EquationValue {
    var result = EquationValue(
      shape: x.shape == .scalar ? y.shape : x.shape, form: .none, isTurned: isTurned(x, y),
      isFixed: x.isFixed && y.isFixed)
    func part(_ value: EquationValue) -> Signal { signal(value, turned: result.isTurned) }
    switch (x.form, y.form) {
    case (.number(let a), .number(let b)): result.form = .number(numbers(a, b))
    case (_, _) where scope == nil: break
    case (.number(let a), _): result.form = .signal(left(a, part(y)))
    case (_, .number(let b)): result.form = .signal(right(part(x), b))
    case (_, _): result.form = .signal(signals(part(x), part(y)))
    }
    return result
  }

  /// How a matrix of two is stored: as both are, or else as weights are if neither changes with the step.
  private func isTurned(_ x: EquationValue, _ y: EquationValue) -> Bool {
    // What changes is stored as it is written.
    if [x, y].contains(where: { $0.shape.isMatrix && !$0.isFixed }) { return false }
    let ways = [x, y].filter { if case .matrix = $0.shape { true } else { false } }.map(\.isTurned)
    guard let first = ways.first else { return false }
    return ways.allSatisfy { $0 == first } ? first : x.isFixed && y.isFixed
  }

  // MARK: Functions

  private mutating func call(
    _ name: String, _ arguments: [Expression], _ whole: Expression
  ) throws(EquationError) -> EquationValue {
    guard let function = NamedFunction(rawValue: name) else { throw misfit(whole.range, "\(name) is no function") }
    if function == .maximum {
      return try combine(arguments[0], arguments[1], whole, max, maximum, maximum, { maximum($1, $0) })
    }
    if function == .minimum {
      return try combine(arguments[0], arguments[1], whole, min, minimum, minimum, { minimum($1, $0) })
    }
    if let comparison = function.comparison {
      var result = try combine(
        arguments[0], arguments[1], whole, { comparison($0, $1) ? 1 : 0 }, { $0.compared($1, comparison) },
        { $0.compared($1, comparison) }, { $1.compared($0, comparison.mirrored) })
      // Of two numbers it is a number.
      if case .number = result.form { return result }
      result.isCondition = true
      return result
    }
    if function == .select { return try selected(arguments, whole) }
    if function == .sumOverSteps { return try summedOverSteps(arguments[0], whole) }
    if function == .solve { return try solved(arguments, whole) }
    let x = try number(arguments[0])
    if function == .entryPower { return try entryPower(x, arguments[1]) }
    if function == .spike {
      let surrogate = SurrogateGradient(numbers: arguments.dropFirst().compactMap(\.number))
      return map(x, { $0 > 0 ? 1 : 0 }, { spike($0, surrogate) })
    }
    if function == .inverse || function == .expm { return try ofSquare(x, function, whole) }
    if function == .cumsum || function == .cumprod, x.shape.dimensions.count != 1 {
      throw misfit(whole.range, "\(name) is of a vector's entries, and this is \(text(x.shape))")
    }
    if x.shape.isMatrix, [.exp, .log, .sqrt].contains(function) {
      note(
        whole,
        "\(name) of a matrix is that of each entry" + (function == .exp ? "; the matrix exponential is expm(…)" : ""))
    }
    if [.range, .ones, .rows, .columns].contains(function) { return try resized(x, function, arguments, whole) }
    // The root of a number is a number: √d.
    if function == .sqrt, case .number(let number) = x.form {
      return EquationValue(shape: .scalar, form: .number(number.squareRoot()))
    }
    if function == .rowSums || function == .columnSums {
      guard case .matrix(let rows, let columns) = x.shape else {
        throw misfit(
          whole.range, "\(name) is of a matrix, and this is \(text(x.shape)); the sum of a vector's entries is sum(…)")
      }
      let isOfRows = function == .rowSums
      let form =
        scope == nil
        ? EquationValue.Form.none
        : .signal(sumOverFeatures(signal(x, turned: false), dimension: isOfRows ? 1 : 0))
      return EquationValue(shape: .vector(isOfRows ? rows : columns), form: form, isFixed: x.isFixed)
    }
    if function == .diagonal {
      guard case .vector(let count) = x.shape else {
        let cure = x.shape.isMatrix ? "; the diagonal of a matrix A is rowSums(I ⊙ A)" : ""
        throw misfit(whole.range, "diag makes a matrix of a vector, and this is \(text(x.shape))" + cure)
      }
      return EquationValue(
        shape: .matrix(count, count), form: scope == nil ? .none : .diagonal(signal(x)), isTurned: x.isFixed,
        isFixed: x.isFixed)
    }
    var result = upright(x)
    if function == .isFinite { result.isCondition = true }
    if function.isReduction { result.shape = .scalar }
    if function == .softmax, x.shape.isMatrix {
      // Of each row, however the matrix is stored.
      result.isTurned = false
      result.form = scope == nil ? .none : .signal(softmax(signal(x, turned: false)))
      return result
    }
    result.form = scope == nil ? .none : .signal(function.applied(to: signal(result)))
    return result
  }
}

extension NamedFunction {
  /// The function of one argument as equations of a recording.
  func applied(to x: Signal) -> Signal {
    switch self {
    case .tanh: EbbRecording.tanh(x)
    case .sigmoid: EbbRecording.sigmoid(x)
    case .relu: EbbRecording.relu(x)
    case .softplus: EbbRecording.softplus(x)
    case .silu: x * EbbRecording.sigmoid(x)
    case .exp: EbbRecording.exp(x)
    case .log: EbbRecording.log(x)
    case .sqrt: EbbRecording.sqrt(x)
    case .sin: EbbRecording.sin(x)
    case .cos: EbbRecording.cos(x)
    case .erf: EbbRecording.erf(x)
    case .abs: EbbRecording.abs(x)
    case .sign: EbbRecording.sign(x)
    case .softmax: EbbRecording.softmax(x)
    case .identity: x
    case .square: EbbRecording.square(x)
    case .norm: EbbRecording.norm(x)
    case .layerNorm: EbbRecording.layerNorm(x)
    case .elu: EbbRecording.relu(x) + EbbRecording.expm1(EbbRecording.minimum(x, 0))
    case .gelu: x * (EbbRecording.erf(x / 2.0.squareRoot()) + 1) * 0.5
    case .logsigmoid: -EbbRecording.softplus(-x)
    case .relu6: EbbRecording.minimum(EbbRecording.relu(x), 6)
    case .hardtanh: EbbRecording.minimum(EbbRecording.maximum(x, -1), 1)
    case .round: EbbRecording.round(x)
    case .cumsum: cumulativeSum(x)
    case .cumprod: cumulativeProduct(x)
    case .diagonal: preconditionFailure("a diagonal matrix is no function of the entries")
    case .expm1: EbbRecording.expm1(x)
    case .log1p: EbbRecording.log1p(x)
    case .log2: EbbRecording.log2(x)
    case .floor: EbbRecording.floor(x)
    case .mean: x.shape.rank == 2 ? meanOverFeatures(meanOverFeatures(x, dimension: 1)) : meanOverFeatures(x)
    case .sum:
      x.shape.rank == 2 ? sumOverFeatures(sumOverFeatures(x, dimension: 1)) : sumOverFeatures(x)
    case .largest: x.shape.rank == 2 ? maxOverFeatures(maxOverFeatures(x, dimension: 1)) : maxOverFeatures(x)
    case .isFinite: EbbRecording.isFinite(x)
    case .stop: stopGradient(x)
    case .rowSums, .columnSums: preconditionFailure("\(rawValue) takes a matrix")
    case .maximum, .minimum, .ones, .rows, .columns, .select, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal,
      .notEqual,
      .sumOverSteps, .range, .sumOverPast, .softmaxOverPast, .entryPower, .clip, .spike, .inverse, .expm, .solve:
      preconditionFailure("\(rawValue) is no function of one value")
    }
  }
}

internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension SwiftWriter {
  /// A piece of Swift, and what it stands for.
  struct Code {
    var text: String
    var strength = Strength.primary
    var shape: Shape
    /// Whether a matrix is stored transposed, as those are that stay the same at every step.
    var isTurned = false
    /// Whether it is the same at every step.
    var isFixed = false
    /// A text of the transpose, if it is as short.
    var transpose: String?
    /// Whether it is the diagonal of a matrix.
    var isDiagonal = false

    enum Shape { case number, scalar, vector, row, matrix }
  }

  enum Strength: Int, Comparable {
    case sum, product, primary
    static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
  }

  func code(_ expression: Expression) -> Code {
    switch expression.kind {
    case .number(let number): return Code(text: number.swift, shape: .number, isFixed: true)
    case .reference(let reference): return code(reference)
    case .negative(let a):
      let x = settled(code(a))
      return Code(
        text: "-" + within(x, .primary), strength: .product, shape: x.shape, isTurned: x.isTurned, isFixed: x.isFixed)
    case .sum(let a, let b):
      if let affine = affine(a, b) { return affine }
      return infix(code(a), "+", code(b), .sum, .product)
    case .difference(let a, let b): return infix(code(a), "-", code(b), .sum, .product)
    case .quotient(let a, let b): return infix(code(a), "/", code(b), .product, .primary)
    case .product(let factors, let sign): return product(factors, sign)
    case .power(let a, let b) where code(a).shape == .matrix && b.number == -1:
      let x = code(a)
      return Code(text: "inverse(\(x.text))", shape: .matrix, isTurned: x.isTurned, isFixed: x.isFixed)
    case .power(let a, let b):
      return power(code(a), b)
    case .transpose(let a):
      var x = code(a)
      switch x.shape {
      case .vector: x.shape = .row
      case .row: x.shape = .vector
      // The same numbers, read the other way.
      case .matrix: x.isTurned.toggle()
      case .number, .scalar: break
      }
      return x
    case .join(let parts):
      return Code(text: "concatenate([\(parts.map { code($0).text }.joined(separator: ", "))])", shape: .vector)
    case .magnitude(let a):
      let x = settled(code(a))
      return Code(text: "abs(\(x.text))", shape: x.shape, isTurned: x.isTurned, isFixed: x.isFixed)
    case .length(let a): return Code(text: "norm(\(code(a).text))", shape: .scalar)
    case .part(let a, _, _): return code(a)
    case .call(let reference, let arguments):
      if let past = reference.past { return overPast(reference.name.base, past, arguments[0]) }
      return call(reference.name.base, arguments)
    }
  }

  /// A power of each entry.
  private func power(_ base: Code, _ exponent: Expression) -> Code {
    let x = settled(base)
    let text =
      switch exponent.number {
      case 2: "square(\(x.text))"
      case -1: "reciprocal(\(x.text))"
      case .some(let number): "power(\(x.text), \(number.swift))"
      case nil: "power(\(signal(x)), \(code(exponent).text))"
      }
    return Code(text: text, shape: x.shape, isTurned: x.isTurned, isFixed: x.isFixed)
  }

  /// ∑_{i<t} and softmax_{i<t}.
  private func overPast(_ name: String, _ past: PastIndex, _ argument: Expression) -> Code {
    let x = code(argument)
    let isSum = name == NamedFunction.sumOverPast.rawValue
    let own = past.skipsStart ? "select(scope.index(of: past) .>= 1, \(x.text), \(isSum ? "0" : "-.infinity"))" : x.text
    return Code(text: "\(isSum ? "sum" : "softmax")(\(own), over: [past])", shape: x.shape)
  }

  /// A value at the steps of the past: that of the value at each step.
  private func history(_ code: Code) -> Code {
    Code(text: within(code, .primary) + ".history(along: past)", shape: code.shape)
  }

  private func within(_ code: Code, _ place: Strength) -> String {
    code.strength < place ? "(\(code.text))" : code.text
  }

  /// A value that must be a signal.
  private func signal(_ code: Code) -> String {
    code.shape == .number ? "scope.constant(\(code.text))" : code.text
  }

  private func infix(_ a: Code, _ sign: String, _ b: Code, _ strength: Strength, _ right: Strength) -> Code {
    let (x, y) = aligned(settled(a), settled(b))
    let shape = x.shape == .number || x.shape == .scalar && y.shape != .number ? y.shape : x.shape
    return Code(
      text: within(x, strength) + " \(sign) " + within(y, right), strength: strength, shape: shape,
      isTurned: x.shape == .matrix ? x.isTurned : y.isTurned, isFixed: x.isFixed && y.isFixed)
  }

  /// A matrix that changes with the step is computed with as it is read.
  private func settled(_ x: Code) -> Code { x.isFixed ? x : upright(x) }

  /// Matrices side by side are stored the same way.
  private func aligned(_ a: Code, _ b: Code) -> (Code, Code) {
    guard a.shape == .matrix, b.shape == .matrix, a.isTurned != b.isTurned else { return (a, b) }
    return a.isFixed && b.isFixed ? (turned(a), turned(b)) : (upright(a), upright(b))
  }

  /// A matrix as it is read.
  func upright(_ x: Code) -> Code {
    x.shape == .matrix && x.isTurned
      ? Code(text: x.transpose ?? "transpose(\(x.text))", shape: .matrix, isFixed: x.isFixed) : x
  }

  /// A matrix as those are stored that stay the same.
  func turned(_ x: Code) -> Code {
    x.shape == .matrix && !x.isTurned
      ? Code(text: x.transpose ?? "transpose(\(x.text))", shape: .matrix, isTurned: true, isFixed: x.isFixed) : x
  }

  private func code(_ reference: Reference) -> Code {
    let name = reference.name
    if name.base == "I", node(name) == nil { return identity }
    if name == EquationSystem.stepNumber, node(name) == nil {
      let count = "scope.axis.map { convert(scope.index(of: $0), to: scope.element) + \(network.firstStep) }"
      return Code(text: "(\(count) ?? scope.constant(0))", shape: .scalar)
    }
    let shape: Code.Shape = [.scalar, .vector, .matrix][min(rank(name), 2)]
    if let parameter = node(name).flatMap(parameter) {
      return Code(text: parameter, shape: shape, isTurned: true, isFixed: true)
    }
    let value = Code(text: variable(reference), shape: shape, isTurned: isFixed(name), isFixed: isFixed(name))
    return reference.past == nil || reference.isPair ? value : history(value)
  }

  private var identity: Code {
    let rows = dimension(network.units)
    return Code(text: "scope.identityMatrix(\(rows))", shape: .matrix, isTurned: true, isFixed: true)
  }

  // MARK: Products

  private func product(_ factors: [Expression], _ sign: Expression.Multiplication) -> Code {
    // W h_i: each value of the past is multiplied once.
    if sign == .juxtaposed, factors.count == 2, case .reference(let reference) = factors[1].kind, reference.past != nil,
      !reference.isPair, code(factors[0]).isFixed, code(factors[0]).shape == .matrix
    {
      return history(product([factors[0], Expression(.reference(reference.with(nil)))], sign))
    }
    var rest = factors.map { ($0, code($0)) }
    // Matrices are applied to what follows them, the last one first.
    if sign != .hadamard {
      for index in rest.indices.dropLast().reversed() where rest[index].1.shape == .matrix && index + 1 < rest.count {
        let applied = applied(rest[index].0, rest[index].1, to: rest[index + 1].0, rest[index + 1].1)
        rest.replaceSubrange(index...index + 1, with: [(rest[index].0, applied)])
      }
    }
    var result = rest[0].1
    for (_, next) in rest.dropFirst() {
      switch (result.shape, next.shape) {
      case (.row, .vector) where sign != .hadamard:
        result = Code(text: "matmul(\(result.text), \(next.text))", shape: .scalar)
      case (.vector, .row) where sign != .hadamard:
        let (a, b) = (result.text, next.text)
        result = Code(text: "outer(\(a), \(b))", shape: .matrix, transpose: "outer(\(b), \(a))")
      case (.row, .matrix), (.vector, .matrix):
        result = Code(text: "matmul(\(result.text), \(upright(next).text))", shape: .row)
      case (_, _): result = infix(result, "*", next, .product, .primary)
      }
    }
    return result
  }

  private func applied(_ left: Expression, _ a: Code, to right: Expression, _ b: Code) -> Code {
    if b.shape == .number || b.shape == .scalar { return infix(a, "*", b, .product, .primary) }
    if a.isDiagonal || b.isDiagonal {
      // The diagonal beside each column, or below each row.
      func spread(_ entries: Code, _ matrix: Code) -> String {
        if b.shape == .vector { return entries.text }
        let dimension = a.isDiagonal == matrix.isTurned ? 0 : 1
        return "repeated(\(entries.text), \(within(matrix, .primary)).shape[\(dimension)], dimension: \(dimension))"
      }
      let (x, y) = (
        a.isDiagonal ? spread(a, b) : within(a, .product), b.isDiagonal ? spread(b, a) : within(b, .primary)
      )
      return Code(
        text: x + " * " + y, strength: .product, shape: b.shape == .vector ? .vector : .matrix,
        isTurned: b.shape != .vector && (a.isDiagonal ? b : a).isTurned)
    }
    // W [h, x]
    if case .reference(let reference) = left.kind, let node = node(reference.name), graph.operation(node) == .parameter,
      b.shape == .vector, let name = graph.name(node)
    {
      let operands = operands(right)
      let weights = explicitWeights(name, operands.count)
      return Code(
        text: "scope.product(\"\(name)\", [\(operands.joined(separator: ", "))], \(columns(node))\(weights))",
        shape: .vector)
    }
    if a.isTurned, b.shape == .vector { return Code(text: "matmul(\(b.text), \(a.text))", shape: .vector) }
    if a.isTurned, b.shape == .matrix, b.isTurned {
      return Code(text: "matmul(\(b.text), \(a.text))", shape: .matrix, isTurned: true)
    }
    return Code(
      text: "matmul(\(upright(a).text), \(upright(b).text))", shape: b.shape == .matrix ? .matrix : .vector)
  }

  private func operands(_ vector: Expression) -> [String] {
    if case .join(let parts) = vector.kind { return parts.map { code($0).text } }
    return [code(vector).text]
  }

  /// W [h, x] + b with the names of one layer: `scope.affine`.
  private func affine(_ product: Expression, _ bias: Expression) -> Code? {
    guard case .product(let factors, .juxtaposed) = product.kind, factors.count == 2,
      case .reference(let weight) = factors[0].kind, case .reference(let vector) = bias.kind,
      let weightName = node(weight.name).flatMap({ graph.name($0) }), weightName.hasSuffix(".weight"),
      let biasNode = node(vector.name), let biasName = graph.name(biasNode),
      biasName == weightName.dropLast(".weight".count) + ".bias", let node = node(weight.name)
    else { return nil }
    let operands = operands(factors[1])
    var arguments =
      "\"\(weightName.dropLast(".weight".count))\", [\(operands.joined(separator: ", "))], \(columns(node))"
    arguments += explicitWeights(weightName, operands.count)
    if let start = starts[biasName], start != .zeros { arguments += ", bias: \(start.code(dimension))" }
    return Code(text: "scope.affine(\(arguments))", shape: .vector)
  }

  // MARK: Functions

  private func call(_ name: String, _ arguments: [Expression]) -> Code {
    guard let function = NamedFunction(rawValue: name) else { return Code(text: name, shape: .vector) }
    var codes = arguments.map { settled(code($0)) }
    let matrices = codes.filter { $0.shape == .matrix }
    if Set(matrices.map(\.isTurned)).count > 1 { codes = codes.map(upright) }
    let x = codes[0]
    let largest = codes.map(\.shape).first { $0 != .number && $0 != .scalar } ?? .scalar
    func result(_ text: String, _ shape: Code.Shape? = nil) -> Code {
      let isTurned = codes.first { $0.shape == .matrix }?.isTurned ?? false
      return Code(text: text, shape: shape ?? x.shape, isTurned: isTurned, isFixed: codes.allSatisfy(\.isFixed))
    }
    if let comparison = function.comparison {
      return Code(
        text: within(x.shape == .number ? Code(text: signal(x), shape: .scalar) : x, .primary)
          + " .\(comparison.asciiSign) "
          + within(codes[1], .primary), strength: .sum, shape: largest)
    }
    switch function {
    case .entryPower: return power(x, arguments[1])
    case .spike:
      let surrogate = SurrogateGradient(numbers: arguments.dropFirst().compactMap(\.number))
      return result("spike(\(x.text), .\(surrogate.code))")
    case .logsigmoid: return result("-softplus(-\(within(x, .primary)))")
    case .relu6: return result("minimum(relu(\(x.text)), 6)")
    case .hardtanh: return result("minimum(maximum(\(x.text), -1), 1)")
    case .clip: return result("minimum(maximum(\(x.text), \(codes[1].text)), \(codes[2].text))")
    case .cumsum: return result("cumulativeSum(\(x.text))")
    case .cumprod: return result("cumulativeProduct(\(x.text))")
    case .inverse: return result("inverse(\(x.text))")
    case .expm: return result("matrixExponential(\(x.text))")
    case .solve:
      return Code(
        text: "solve(\(upright(code(arguments[0])).text), \(upright(code(arguments[1])).text))", shape: codes[1].shape,
        isFixed: codes.allSatisfy(\.isFixed))
    case .rows, .columns:
      let count = dimension(Int(arguments[1].number ?? 1))
      return Code(
        text: "repeated(\(x.text), \(count), dimension: \(function == .rows ? 0 : 1))", shape: .matrix)
    case .maximum, .minimum: return result("\(name)(\(signal(x)), \(codes[1].text))", largest)
    case .select:
      let both = codes[1].shape == .number && codes[2].shape == .number
      return result("select(\(x.text), \(both ? signal(codes[1]) : codes[1].text), \(codes[2].text))", largest)
    case .mean: return result("meanOverFeatures(\(x.text))", .scalar)
    case .sum:
      return result(
        x.shape == .matrix
          ? "sumOverFeatures(sumOverFeatures(\(x.text), dimension: 1))" : "sumOverFeatures(\(x.text))", .scalar)
    case .largest: return result("maxOverFeatures(\(x.text))", .scalar)
    case .norm: return result("norm(\(x.text))", .scalar)
    case .ones: return result("broadcast(\(signal(x)), to: [\(dimension(Int(arguments[1].number ?? 1)))])", .vector)
    case .range:
      let (first, last) = (Int(arguments[1].number ?? 1), Int(arguments[2].number ?? 1))
      return result("slice(\(x.text), \(dimension(first - 1))..<\(dimension(last)))")
    case .elu: return result("relu(\(x.text)) + expm1(minimum(\(x.text), 0))")
    case .gelu: return result("\(within(x, .primary)) * (erf(\(x.text) / 2.0.squareRoot()) + 1) * 0.5")
    case .diagonal:
      return Code(text: x.text, shape: .matrix, isDiagonal: true)
    case .rowSums: return result("sumOverFeatures(\(x.text), dimension: \(x.isTurned ? 0 : 1))", .vector)
    case .columnSums: return result("sumOverFeatures(\(x.text), dimension: \(x.isTurned ? 1 : 0))", .vector)
    case .stop: return result("stopGradient(\(x.text))")
    case .silu: return result("\(within(x, .primary)) * sigmoid(\(x.text))")
    case .identity: return x
    case .tanh, .sigmoid, .relu, .softplus, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax, .square,
      .layerNorm, .expm1, .log1p, .log2, .floor, .round, .isFinite:
      return result("\(name)(\(x.text))")
    case .sumOverPast, .softmaxOverPast: preconditionFailure("\(name) has an index of the past")
    case .sumOverSteps:
      return Code(
        text: "sum(\(turned(x).text), over: x.domain)", shape: x.shape, isTurned: x.shape == .matrix, isFixed: true)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      preconditionFailure("a step has no \(name) here")
    }
  }
}

extension Comparison {
  /// The operator of Swift, after its point.
  fileprivate var asciiSign: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    }
  }
}

extension SurrogateGradient {
  /// The case with its slope.
  fileprivate var code: String {
    switch self {
    case .straightThrough: "straightThrough"
    case .fastSigmoid(let slope): "fastSigmoid(slope: \(slope.swift))"
    case .arctangent(let slope): "arctangent(slope: \(slope.swift))"
    }
  }
}

extension Double {
  /// The number as a literal.
  var swift: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

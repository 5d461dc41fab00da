internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension SwiftWriter {
  /// A piece of Swift, and what it stands for.
  struct Code {
    var text: String
    var strength = Strength.primary
    var shape: Shape
    /// Whether a matrix is the same at every step, and so is stored transposed.
    var isFixed = false
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
      let x = code(a)
      return Code(text: "-" + within(x, .primary), strength: .product, shape: x.shape, isFixed: x.isFixed)
    case .sum(let a, let b):
      if let affine = affine(a, b) { return affine }
      return infix(code(a), "+", code(b), .sum, .product)
    case .difference(let a, let b): return infix(code(a), "-", code(b), .sum, .product)
    case .quotient(let a, let b): return infix(code(a), "/", code(b), .product, .primary)
    case .product(let factors, let sign): return product(factors, sign)
    case .power(let a, let b):
      let x = code(a)
      let text =
        switch b.number {
        case 2: "square(\(x.text))"
        case -1: "reciprocal(\(x.text))"
        case .some(let number): "power(\(x.text), \(number.swift))"
        case nil: "power(\(signal(x)), \(code(b).text))"
        }
      return Code(text: text, shape: x.shape, isFixed: x.isFixed)
    case .transpose(let a):
      var x = code(a)
      switch x.shape {
      case .vector: x.shape = .row
      case .row: x.shape = .vector
      case .matrix: x = Code(text: "transpose(\(x.text))", shape: .matrix, isFixed: x.isFixed)
      case .number, .scalar: break
      }
      return x
    case .join(let parts):
      return Code(text: "concatenate([\(parts.map { code($0).text }.joined(separator: ", "))])", shape: .vector)
    case .magnitude(let a):
      let x = code(a)
      return Code(text: "abs(\(x.text))", shape: x.shape, isFixed: x.isFixed)
    case .length(let a): return Code(text: "norm(\(code(a).text))", shape: .scalar)
    case .part(let a, _, _): return code(a)
    case .call(let reference, let arguments): return call(reference.name.base, arguments)
    }
  }

  private func within(_ code: Code, _ place: Strength) -> String {
    code.strength < place ? "(\(code.text))" : code.text
  }

  /// A value that must be a signal.
  private func signal(_ code: Code) -> String {
    code.shape == .number ? "scope.constant(\(code.text))" : code.text
  }

  private func infix(_ a: Code, _ sign: String, _ b: Code, _ strength: Strength, _ right: Strength) -> Code {
    let (x, y) = aligned(a, b)
    let shape = x.shape == .number || x.shape == .scalar && y.shape != .number ? y.shape : x.shape
    return Code(
      text: within(x, strength) + " \(sign) " + within(y, right), strength: strength, shape: shape,
      isFixed: x.isFixed && y.isFixed)
  }

  /// A fixed matrix beside one that changes is transposed, as it is stored.
  private func aligned(_ a: Code, _ b: Code) -> (Code, Code) {
    guard a.shape == .matrix, b.shape == .matrix, a.isFixed != b.isFixed else { return (a, b) }
    func turned(_ x: Code) -> Code { Code(text: "transpose(\(x.text))", shape: .matrix) }
    return a.isFixed ? (turned(a), b) : (a, turned(b))
  }

  private func code(_ reference: Reference) -> Code {
    let name = reference.name
    if name.base == "I", node(name) == nil { return identity }
    if name == EquationSystem.stepNumber, node(name) == nil {
      let count = "scope.axis.map { convert(scope.index(of: $0), to: scope.element) + \(network.firstStep) }"
      return Code(text: "(\(count) ?? scope.constant(0))", shape: .scalar)
    }
    guard let node = node(name) else { return Code(text: "y", shape: .vector) }
    let shape: Code.Shape = [.scalar, .vector, .matrix][min(graph.type(node).shape.rank, 2)]
    if let parameter = parameter(node) { return Code(text: parameter, shape: shape, isFixed: true) }
    return Code(text: variable(reference), shape: shape, isFixed: reference.step == nil)
  }

  private var identity: Code {
    let n = dimension(network.units)
    let index = "scope.iota(\(n))"
    let rows = "broadcast(reshape(\(index), [\(n), 1]), to: [\(n), \(n)])"
    let columns = "broadcast(reshape(\(index), [1, \(n)]), to: [\(n), \(n)])"
    return Code(text: "convert(\(rows) .== \(columns), to: scope.element)", shape: .matrix, isFixed: true)
  }

  // MARK: Products

  private func product(_ factors: [Expression], _ sign: Expression.Multiplication) -> Code {
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
        result = Code(text: "outer(\(result.text), \(next.text))", shape: .matrix)
      case (.row, .matrix), (.vector, .matrix):
        let matrix = next.isFixed ? "transpose(\(next.text))" : next.text
        result = Code(text: "matmul(\(result.text), \(matrix))", shape: .row)
      case (_, _): result = infix(result, "*", next, .product, .primary)
      }
    }
    return result
  }

  private func applied(_ left: Expression, _ a: Code, to right: Expression, _ b: Code) -> Code {
    if a.isDiagonal || b.isDiagonal {
      // The diagonal beside each column, or below each row.
      func spread(_ entries: Code, _ matrix: Code) -> String {
        b.shape == .vector
          ? entries.text
          : "repeated(\(entries.text), \(within(matrix, .primary)).shape[\(a.isDiagonal ? 1 : 0)], dimension: "
            + "\(a.isDiagonal ? 1 : 0))"
      }
      let (x, y) = (
        a.isDiagonal ? spread(a, b) : within(a, .product), b.isDiagonal ? spread(b, a) : within(b, .primary)
      )
      return Code(text: x + " * " + y, strength: .product, shape: b.shape == .vector ? .vector : .matrix)
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
    if a.isFixed, b.shape == .vector { return Code(text: "matmul(\(b.text), \(a.text))", shape: .vector) }
    if a.isFixed, b.shape == .matrix, b.isFixed {
      return Code(text: "matmul(\(b.text), \(a.text))", shape: .matrix, isFixed: true)
    }
    let matrix = a.isFixed ? "transpose(\(a.text))" : a.text
    return Code(text: "matmul(\(matrix), \(b.text))", shape: b.shape == .matrix ? .matrix : .vector)
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
    if let start = starts[biasName], start != .zeros { arguments += ", bias: \(start.code)" }
    return Code(text: "scope.affine(\(arguments))", shape: .vector)
  }

  // MARK: Functions

  private func call(_ name: String, _ arguments: [Expression]) -> Code {
    guard let function = NamedFunction(rawValue: name) else { return Code(text: name, shape: .vector) }
    let codes = arguments.map(code)
    let x = codes[0]
    let largest = codes.map(\.shape).first { $0 != .number && $0 != .scalar } ?? .scalar
    func result(_ text: String, _ shape: Code.Shape? = nil) -> Code {
      Code(text: text, shape: shape ?? x.shape, isFixed: codes.allSatisfy(\.isFixed))
    }
    if let comparison = function.comparison {
      return Code(
        text: within(x.shape == .number ? Code(text: signal(x), shape: .scalar) : x, .primary)
          + " .\(comparison.asciiSign) "
          + within(codes[1], .primary), strength: .sum, shape: largest)
    }
    switch function {
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
    case .ones: return result("broadcast(\(signal(x)), to: [\(codes[1].text)])", .vector)
    case .range:
      let first = Int(arguments[1].number ?? 1) - 1
      return result("slice(\(x.text), \(first)..<\(codes[2].text))")
    case .elu: return result("relu(\(x.text)) + expm1(minimum(\(x.text), 0))")
    case .gelu: return result("\(within(x, .primary)) * (erf(\(x.text) / 2.0.squareRoot()) + 1) * 0.5")
    case .diagonal:
      return Code(text: x.text, shape: .matrix, isFixed: x.isFixed, isDiagonal: true)
    case .rowSums: return result("sumOverFeatures(\(x.text), dimension: 1)", .vector)
    case .columnSums: return result("sumOverFeatures(\(x.text), dimension: 0)", .vector)
    case .stop: return result("stopGradient(\(x.text))")
    case .silu: return result("\(within(x, .primary)) * sigmoid(\(x.text))")
    case .identity: return x
    case .tanh, .sigmoid, .relu, .softplus, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax, .square,
      .layerNorm, .expm1, .log1p, .log2, .floor, .isFinite:
      return result("\(name)(\(x.text))")
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .sumOverSteps:
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

extension Double {
  /// The number as a literal.
  var swift: String {
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

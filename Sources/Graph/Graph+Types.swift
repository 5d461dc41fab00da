internal import EbbTensors

/// The type rules: one arm per operation, and one message for each way in which operands can fail to fit.
extension Graph {
  /// The type of `operation(operands)`; leaves carry their own type.
  ///
  /// While a recurrence is still open, the domains on its cycle are not known yet: `settled: false` leaves out the
  /// checks that need them. `verify` makes them all.
  public func inferType(
    _ operation: Operation, _ operands: [NodeType], settled: Bool = true
  ) throws(GraphProblem) -> NodeType {
    func fail(_ message: String) -> GraphProblem {
      let found = operands.map { "\($0.element.name) \($0.shape)" }.joined(separator: ", ")
      return GraphProblem("\(operation.keyword)(\(found)): \(message)")
    }
    func axis(_ axis: Axis, in type: NodeType) throws(GraphProblem) {
      guard !settled || type.domain.contains(axis) else {
        throw fail("the operand has no axis \(axes[axis.index].name); its axes are \(names(of: type.domain))")
      }
    }
    func dimension(_ dimension: Int, of type: NodeType) throws(GraphProblem) {
      guard dimension >= 0, dimension < type.shape.rank else {
        throw fail("there is no feature dimension \(dimension) in \(type.shape)")
      }
    }
    func float(_ type: NodeType) throws(GraphProblem) {
      guard type.element.isFloat else { throw fail("expected a float, found \(type.element.name)") }
    }

    if let arity = operation.traits.arity, arity != operands.count {
      let noun = arity == 1 ? "operand" : "operands"
      throw GraphProblem("\(operation.keyword) takes \(arity) \(noun), not \(operands.count)")
    }
    switch operation {
    case .parameter, .input, .constant, .literal, .random:
      preconditionFailure("\(operation.keyword) carries its own type")
    case .axisIndex(let axis):
      return NodeType(.int32, [axis])
    case .axisLength(let axis):
      return NodeType(.int32, lengthsDomain(of: [axis]))
    case .iota(let n):
      guard n >= 1 else { throw fail("iota needs at least one entry") }
      return NodeType(.int32, .empty, [n])

    case .unary(let function):
      let x = operands[0]
      let traits = function.traits
      guard traits.domain.contains(x.element) else {
        switch traits.domain {
        case .truths: throw fail("expected bool")
        case .floats: throw fail("expected a float, found \(x.element.name)")
        case .integers: throw fail("expected i32, found \(x.element.name)")
        case .numbers: throw fail("expected a number, found \(x.element.name)")
        }
      }
      return NodeType(traits.yieldsTruth ? .bool : x.element, x.domain, x.shape)
    case .binary(let function):
      guard let shape = commonShape(operands) else { throw fail(Self.shapeAdvice) }
      let (x, y) = (operands[0], operands[1])
      guard x.element == y.element else { throw fail("the element types differ; convert one of them") }
      guard function.traits.domain.contains(x.element) else {
        throw fail("the function is not defined on \(x.element.name)")
      }
      return NodeType(x.element, x.domain.union(y.domain), shape)
    case .compare:
      guard let shape = commonShape(operands) else { throw fail(Self.shapeAdvice) }
      guard operands[0].element == operands[1].element else {
        throw fail("the element types differ; convert one of them")
      }
      return NodeType(.bool, operands[0].domain.union(operands[1].domain), shape)
    case .select:
      guard let shape = commonShape(operands) else { throw fail(Self.shapeAdvice) }
      guard operands[0].element == .bool else { throw fail("the condition must be bool") }
      guard operands[1].element == operands[2].element else { throw fail("the two sides' element types differ") }
      return NodeType(operands[1].element, union(operands), shape)
    case .convert(let element):
      return NodeType(element, operands[0].domain, operands[0].shape)

    case .product(let contraction, let over):
      let (x, y) = (operands[0], operands[1])
      try float(x)
      guard x.element == y.element else { throw fail("the element types differ; convert one of them") }
      let domain = try reduced(union(operands), over: over, settled, fail)
      switch contraction {
      case .outer:
        guard x.shape.rank <= 1, y.shape.rank <= 1 else { throw fail("an outer product takes vectors") }
        return NodeType(x.element, domain, Shape(x.shape.array + y.shape.array))
      case .dimensions(let i, let j):
        guard x.shape.rank <= 2, y.shape.rank <= 2 else { throw fail("a product takes vectors and matrices") }
        try dimension(i, of: x)
        try dimension(j, of: y)
        guard x.shape[i] == y.shape[j] else {
          throw fail("dimension \(i) of the left has \(x.shape[i]) entries, dimension \(j) of the right \(y.shape[j])")
        }
        return NodeType(x.element, domain, Shape(x.shape.removing(i).array + y.shape.removing(j).array))
      }

    case .transpose(let i, let j):
      try dimension(i, of: operands[0])
      try dimension(j, of: operands[0])
      let shape = operands[0].shape
      return operands[0].with(shape.replacing(i, with: shape[j]).replacing(j, with: shape[i]))
    case .reshape(let shape):
      guard shape.count == operands[0].shape.count else {
        throw fail("\(operands[0].shape) has \(operands[0].shape.count) entries, \(shape) has \(shape.count)")
      }
      return operands[0].with(shape)
    case .broadcast(let dimension, let n):
      let shape = operands[0].shape
      guard n >= 1, n <= Int32.max, dimension >= 0, dimension <= shape.rank, shape.rank < Shape.maximumRank else {
        throw fail("cannot insert \(n) entries at dimension \(dimension)")
      }
      return operands[0].with(shape.inserting(n, at: dimension))
    case .concatenate(let joined):
      guard let first = operands.first else { throw fail("there is nothing to join") }
      var total = 0
      for operand in operands {
        try dimension(joined, of: operand)
        guard operand.element == first.element else { throw fail("the element types differ") }
        guard operand.shape.replacing(joined, with: 1) == first.shape.replacing(joined, with: 1) else {
          throw fail("the shapes differ outside dimension \(joined)")
        }
        total += operand.shape[joined]
      }
      guard total <= Int32.max else { throw fail("dimension \(joined) would have \(total) entries") }
      return NodeType(first.element, union(operands), first.shape.replacing(joined, with: total))
    case .slice(let cut, let start, let n):
      try dimension(cut, of: operands[0])
      guard start >= 0, n >= 1, start + n <= operands[0].shape[cut] else {
        throw fail("entries \(start) ..< \(start + n) are outside dimension \(cut)")
      }
      return operands[0].with(operands[0].shape.replacing(cut, with: n))
    case .pad(let padded, let before, let after):
      try dimension(padded, of: operands[0])
      guard before >= 0, after >= 0 else { throw fail("padding cannot be negative") }
      guard before <= Int32.max, after <= Int32.max else { throw fail("padding is at most \(Int32.max) zeros") }
      let total = before + operands[0].shape[padded] + after
      guard total <= Int32.max else { throw fail("dimension \(padded) would have \(total) entries") }
      return operands[0].with(operands[0].shape.replacing(padded, with: total))
    case .gather:
      guard operands[0].shape.rank >= 1 else { throw fail("the table needs a dimension of rows") }
      try id(operands[1], fail)
      return NodeType(operands[0].element, union(operands), operands[0].shape.removing(0))
    case .scatterAdd(let rows, let over):
      try id(operands[0], fail)
      try float(operands[1])
      guard rows >= 1, operands[1].shape.rank < Shape.maximumRank else { throw fail("the table's shape is impossible") }
      return NodeType(
        operands[1].element, try reduced(union(operands), over: over, settled, fail),
        operands[1].shape.inserting(rows, at: 0))
    case .reduceFeatures(let reduction, let reducedDimension):
      switch reduction {
      case .sum, .max: guard operands[0].element != .bool else { throw fail("expected numbers") }
      case .mean, .norm: try float(operands[0])
      }
      try dimension(reducedDimension, of: operands[0])
      return operands[0].with(operands[0].shape.removing(reducedDimension))
    case .argmaxFeatures(let reducedDimension):
      guard operands[0].element != .bool else { throw fail("expected numbers") }
      try dimension(reducedDimension, of: operands[0])
      return NodeType(.int32, operands[0].domain, operands[0].shape.removing(reducedDimension))
    case .argsortFeatures(let sorted, _):
      guard operands[0].element != .bool else { throw fail("expected numbers") }
      try dimension(sorted, of: operands[0])
      return NodeType(.int32, operands[0].domain, operands[0].shape)
    case .gatherFeatures(let read):
      try dimension(read, of: operands[0])
      try indices(operands[1], of: operands[0], along: read, fail)
      return NodeType(operands[0].element, union(operands), operands[1].shape)
    case .scatterFeatures(let written, let n):
      try float(operands[1])
      try dimension(written, of: operands[1])
      try indices(operands[0], of: operands[1], along: written, fail)
      guard operands[0].shape == operands[1].shape else { throw fail("each value has an index of its own") }
      guard n >= 1, n <= Int32.max else { throw fail("dimension \(written) would have \(n) entries") }
      return NodeType(operands[1].element, union(operands), operands[1].shape.replacing(written, with: n))
    case .accumulate(let along, _):
      let (a, b) = (operands[0], operands[1])
      guard a.element == b.element else { throw fail("the element types differ; convert one of them") }
      guard b.element != .bool else { throw fail("expected numbers") }
      try dimension(along, of: b)
      guard a.shape == .scalar || a.shape == b.shape else { throw fail("the factors have the terms' shape, or []") }
      return NodeType(b.element, union(operands), b.shape)
    case .matrix(let function):
      return try matrix(function, operands, fail)

    case .reduceAxes(_, let over):
      guard operands[0].element != .bool else { throw fail("expected numbers") }
      return operands[0].with(domain: try reduced(operands[0].domain, over: over, settled, fail))
    case .argmaxAxis(let reducedAxis):
      guard operands[0].element != .bool else { throw fail("expected numbers") }
      return NodeType(.int32, try reduced(operands[0].domain, over: [reducedAxis], settled, fail), operands[0].shape)
    case .pick(let picked, let position):
      try axis(picked, in: operands[0])
      var domain = try reduced(operands[0].domain, over: [picked], settled, fail)
      if position == .at { domain = domain.union(try index(operands[1], excluding: picked, fail)) }
      return operands[0].with(domain: domain)
    case .place(let placed, let position):
      guard !operands[0].domain.contains(placed) else { throw fail("the operand already has this axis") }
      var domain = operands[0].domain.inserting(placed).union(lengthsDomain(of: [placed]))
      if position == .at { domain = domain.union(try index(operands[1], excluding: placed, fail)) }
      return operands[0].with(domain: domain)
    case .spread(let added):
      guard operands[0].domain.isDisjoint(with: added) else {
        throw fail("the operand already has some of the axes \(names(of: added))")
      }
      return operands[0].with(domain: operands[0].domain.union(added).union(lengthsDomain(of: added)))
    case .axisToFeature(let moved):
      try axis(moved, in: operands[0])
      guard let length = axes[moved.index].length, axes[moved.index].lengths == nil else {
        throw fail("only an axis of fixed length can become features, and \(axes[moved.index].name) has none")
      }
      guard operands[0].shape.rank < Shape.maximumRank else { throw fail("there are four feature dimensions already") }
      return NodeType(
        operands[0].element, operands[0].domain.removing(moved), operands[0].shape.inserting(length, at: 0))
    case .featureToAxis(let moved):
      guard !operands[0].domain.contains(moved) else { throw fail("the operand already has this axis") }
      try dimension(0, of: operands[0])
      guard axes[moved.index].length == operands[0].shape[0], axes[moved.index].lengths == nil else {
        throw fail("axis \(axes[moved.index].name) must have the fixed length \(operands[0].shape[0])")
      }
      return NodeType(operands[0].element, operands[0].domain.inserting(moved), operands[0].shape.removing(0))

    case .delay(_, _, let truncation):
      guard truncation >= 0 else { throw fail("truncation is every k ≥ 1 steps, or 0 for none") }
      return try shift(operation, carried: operands[0], boundary: operands[1])
    case .advance:
      return try shift(operation, carried: operands[0], boundary: operands[1])

    case .history, .historySum:
      return try history(operation, operands[0], settled, fail)

    case .stopGradient, .clipGradient:
      try float(operands[0])
      if case .clipGradient(let clip) = operation {
        switch clip {
        case .norm(let limit, let epsilon):
          guard limit > 0 else { throw fail("a gradient is clipped at a positive number, not \(limit)") }
          guard epsilon >= 0, epsilon.isFinite else {
            throw fail("the ε beside a norm is a finite number from 0 on, not \(epsilon)")
          }
        case .value(let limit):
          guard limit >= 0 else { throw fail("a gradient is clipped at a number from 0 on, not \(limit)") }
        }
      }
      return operands[0]
    case .incomingAdjoint:
      try float(operands[0])
      return operands[0]
    case .declaredGradient:
      guard operands.count >= 4, operands.count % 2 == 0 else {
        throw fail("takes a value, its adjoint, and two operands for each input")
      }
      let (value, adjoint) = (operands[0], operands[1])
      try float(value)
      guard adjoint.element == value.element, adjoint.shape == value.shape else {
        throw fail("the adjoint has the type of the value")
      }
      for position in stride(from: 2, to: operands.count, by: 2) {
        let (input, gradient) = (operands[position], operands[position + 1])
        try float(input)
        let further = gradient.domain.subtracting(value.domain)
        guard !settled || further.isEmpty else {
          throw fail("the gradient of input \(position / 2) varies over \(names(of: further)), and the value does not")
        }
        let isRepeated = gradient.shape == .scalar || input.shape == .scalar && gradient.shape == value.shape
        guard gradient.element == input.element, gradient.shape == input.shape || isRepeated else {
          throw fail(
            "the gradient of input \(position / 2) is \(gradient.element.name) \(gradient.shape), and must be that of the "
              + "input, \(input.element.name) \(input.shape)")
        }
      }
      return value
    }
  }

  /// The type of an open delay or advance, as far as its boundary (initial or final) determines it.
  func inferShift(_ operation: Operation, boundary: NodeType) throws(GraphProblem) -> NodeType {
    guard let (axis, by, _) = operation.shift else { preconditionFailure("\(operation.keyword) carries nothing") }
    guard by >= 1 else { throw GraphProblem("\(operation.keyword) moves by at least one step, not \(by)") }
    guard axes[axis.index].kind == .time else {
      throw GraphProblem("\(operation.keyword) runs along a time axis, and \(axes[axis.index].name) is not ordered")
    }
    guard !boundary.domain.contains(axis) else {
      throw GraphProblem(
        "\(operation.keyword): the boundary value must not depend on the axis \(axes[axis.index].name)")
    }
    var shape = boundary.shape
    if by > 1 {
      guard shape.rank >= 1, shape[0] == by else {
        throw GraphProblem(
          "\(operation.keyword) by \(by): the boundary needs a leading dimension of \(by), found \(shape)")
      }
      shape = shape.removing(0)
    }
    let domain = boundary.domain.inserting(axis).union(lengthsDomain(of: [axis]))
    return NodeType(boundary.element, domain, shape)
  }

  private func shift(
    _ operation: Operation, carried: NodeType, boundary: NodeType
  ) throws(GraphProblem) -> NodeType {
    let type = try inferShift(operation, boundary: boundary)
    guard carried.element == type.element, carried.shape == type.shape else {
      throw GraphProblem(
        "\(operation.keyword): the carried value is \(carried.element.name) \(carried.shape), "
          + "its boundary implies \(type.element.name) \(type.shape)")
    }
    return type.with(domain: type.domain.union(carried.domain))
  }

  private static let shapeAdvice = "the feature shapes differ; they must be equal, or [] which is repeated"

  /// The shape on which elementwise operands agree: their common shape, where operands of shape `[]` are broadcast.
  private func commonShape(_ operands: [NodeType]) -> Shape? {
    var result = Shape.scalar
    for operand in operands where operand.shape != .scalar {
      guard result == .scalar || result == operand.shape else { return nil }
      result = operand.shape
    }
    return result
  }

  private func union(_ operands: [NodeType]) -> Domain {
    operands.reduce(Domain.empty) { $0.union($1.domain) }
  }

  /// The domain that a sum over axes leaves: without them, but with the axes that index ragged lengths.
  private func reduced(
    _ domain: Domain, over: Domain, _ settled: Bool, _ fail: (String) -> GraphProblem
  ) throws(GraphProblem) -> Domain {
    guard !settled || over.isSubset(of: domain) else {
      throw fail(
        "cannot reduce over \(names(of: over.subtracting(domain))), which no operand has; the axes are "
          + names(of: domain))
    }
    return domain.union(lengthsDomain(of: over)).subtracting(over)
  }

  private func id(_ type: NodeType, _ fail: (String) -> GraphProblem) throws(GraphProblem) {
    guard type.element == .int32, type.shape == .scalar else { throw fail("an id is an i32 scalar") }
  }

  /// Checks indices of entries along a feature dimension.
  private func indices(
    _ indices: NodeType, of x: NodeType, along dimension: Int, _ fail: (String) -> GraphProblem
  ) throws(GraphProblem) {
    guard indices.element == .int32 else { throw fail("indices are i32, not \(indices.element.name)") }
    guard indices.shape.rank == x.shape.rank,
      indices.shape.replacing(dimension, with: 1) == x.shape.replacing(dimension, with: 1)
    else { throw fail("the shapes differ outside dimension \(dimension)") }
  }

  private func index(
    _ type: NodeType, excluding axis: Axis, _ fail: (String) -> GraphProblem
  ) throws(GraphProblem) -> Domain {
    try id(type, fail)
    guard !type.domain.contains(axis) else { throw fail("the index must not depend on the axis that it indexes") }
    return type.domain
  }

  /// The axes' names, as `{t, b}`, each as short as is unambiguous.
  public func names(of domain: Domain) -> String {
    "{" + domain.map { shortName(of: $0) }.joined(separator: ", ") + "}"
  }

  /// The name of an axis without the path of its scope, if no other axis has the same without its own: `heads` for
  /// `layer0.heads`.
  public func shortName(of axis: Axis) -> String {
    func last(_ name: String) -> Substring { name.split(separator: ".").last ?? "" }
    let name = axes[axis.index].name
    return axes.count { last($0.name) == last(name) } == 1 && !last(name).isEmpty ? String(last(name)) : name
  }
}

extension NodeType {
  func with(_ shape: Shape) -> NodeType { NodeType(element, domain, shape) }
  func with(domain: Domain) -> NodeType { NodeType(element, domain, shape) }
}

internal import EbbGraph
internal import EbbTensors

/// The adjoint rules: for y = operation(operands) and ȳ = dL/dy, the contribution to x̄ = dL/dx of each operand x.
///
/// `add` sums over the axes and features over which x was broadcast, so the rules need not mention them.
extension ReverseMode {
  /// Sends the complete adjoint ȳ of node y back to its operands.
  mutating func pullBack(_ y: NodeID, _ adjoint: NodeID) {
    let operation = forward.operation(y)
    let operands = Array(forward.operands(y))
    let wanted = operands.indices.filter { receives(operands[$0], from: y, at: $0) }
    guard let position = wanted.first else { return }
    let x = operands[position]
    // All terms of a sum over axes have the same adjoint; only rows of ragged axes have to be summed.
    let ȳ = summed(adjoint, over: domain(adjoint).intersection(operation.mixedAxes).subtracting(forward.type(y).domain))

    switch operation {
    case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .compare, .argmaxFeatures,
      .argsortFeatures, .argmaxAxis, .stopGradient, .incomingAdjoint:
      preconditionFailure("\(operation.keyword) sends no adjoint")

    // MARK: Elementwise
    // x̄ += ȳ · f′(x)
    case .unary(let function):
      add(derivative(function, at: x, value: y, times: ȳ), to: x)
    // ā += ȳ · ∂f/∂a,  b̄ += ȳ · ∂f/∂b
    case .binary(let function):
      let both = (operands[0], operands[1])
      for each in wanted { add(partialDerivative(function, each, at: both, value: y, times: ȳ), to: operands[each]) }
    // ā += ȳ where the condition holds,  b̄ += ȳ where it does not
    case .select:
      for each in wanted {
        add(each == 1 ? keep(ȳ, where: operands[0]) : drop(ȳ, where: operands[0]), to: operands[each])
      }
    // x̄ += ȳ
    case .convert:
      add(graph.append(.convert(element(x)), [ȳ]), to: x)

    // MARK: Products
    case .product(let contraction, _):
      for each in wanted { pullBackProduct(contraction, ȳ, operands, to: each) }

    // MARK: Features
    // x̄ += ȳᵀ
    case .transpose:
      add(graph.append(operation, [ȳ]), to: x)
    // x̄ += ȳ in the shape of x
    case .reshape:
      add(reshaped(ȳ, to: shape(x)), to: x)
    // x̄ᵢ += Σⱼ ȳᵢⱼ
    case .broadcast(let dimension, _):
      add(graph.append(.reduceFeatures(.sum, dimension: dimension), [ȳ]), to: x)
    // each operand receives its entries of ȳ
    case .concatenate(let dimension):
      var start = 0
      for (position, operand) in operands.enumerated() {
        let count = shape(operand)[dimension]
        if wanted.contains(position) {
          add(graph.append(.slice(dimension: dimension, start: start, count: count), [ȳ]), to: operand)
        }
        start += count
      }
    // x̄[start ..< start + count] += ȳ
    case .slice(let dimension, let start, _):
      add(ȳ, to: x, dimension: dimension, start: start)
    // x̄ += the entries of ȳ between the zeros
    case .pad(let dimension, let before, _):
      add(graph.append(.slice(dimension: dimension, start: before, count: shape(x)[dimension]), [ȳ]), to: x)
    // table̅ᵥ += Σ ȳ where id = v
    case .gather:
      let over = domain(ȳ).subtracting(adjointDomain(x))
      add(graph.append(.scatterAdd(count: shape(x)[0], over: over), [operands[1], ȳ]), to: x)
    // value̅ += ȳ at its id
    case .scatterAdd:
      add(graph.append(.gather, [ȳ, operands[0]]), to: x)
    // x̄ᵢⱼ += ȳᵢ for a sum, ȳᵢ / n for a mean, ȳᵢ xᵢⱼ / ‖xᵢ‖ for a norm; for a maximum ȳᵢ only where xᵢⱼ is the first of the
    // largest
    case .reduceFeatures(let reduction, let dimension):
      let count = shape(x)[dimension]
      let each = Operation.broadcast(dimension: dimension, count: count)
      switch reduction {
      case .sum: add(graph.append(each, [ȳ]), to: x)
      case .mean: add(graph.append(each, [divide(ȳ, constant(Double(count), like: ȳ))]), to: x)
      case .max: add(keep(graph.append(each, [ȳ]), where: isFirstMaximum(x, alongFeature: dimension)), to: x)
      case .norm:
        let kept = keep(ȳ, where: compare(.notEqual, y, constant(0, like: y)))
        add(multiply(graph.append(each, [kept]), direction(of: x, norm: y, alongFeature: dimension)), to: x)
      }
    // x̄ᵢ += Σ ȳ where the index is i
    case .gatherFeatures(let dimension):
      let count = shape(x)[dimension]
      add(graph.append(.scatterFeatures(dimension: dimension, count: count), [operands[1], ȳ]), to: x)
    // value̅ += ȳ at its index
    case .scatterFeatures(let dimension, _):
      add(graph.append(.gatherFeatures(dimension: dimension), [ȳ, operands[0]]), to: x)
    case .accumulate(let dimension, let isReversed):
      pullBackAccumulation(y, ȳ, operands, wanted, dimension, isReversed)
    case .matrix(let function):
      pullBackMatrix(function, y, ȳ, operands, wanted)

    // MARK: Axes
    // x̄ₜ += ȳ for a sum; for a maximum only where xₜ is the first of the largest
    case .reduceAxes(let reduction, let over):
      switch reduction {
      case .sum: add(ȳ, to: x)
      case .max: add(keep(ȳ, whereFirstMaximumOf: x, over: over), to: x)
      }
    // x̄ₜ += ȳ at the picked index, 0 elsewhere
    case .pick(let axis, let place):
      add(graph.append(.place(axis, place), [ȳ] + operands.dropFirst()), to: x)
    // x̄ += ȳ at the placed index
    case .place(let axis, let place):
      if forward.closed(domain(ȳ).removing(axis)).contains(axis) {
        add(keep(ȳ, where: isPlaced(axis, place, at: operands.dropFirst().first)), to: x)
      } else {
        add(graph.append(.pick(axis, place), [ȳ] + operands.dropFirst()), to: x)
      }
    // x̄ += Σ ȳ over the axes
    case .spread:
      add(ȳ, to: x)
    // each of the two is the other's adjoint
    case .axisToFeature(let axis):
      add(graph.append(.featureToAxis(axis), [ȳ]), to: x)
    case .featureToAxis(let axis):
      if forward.closed(domain(ȳ).removing(axis)).contains(axis) {
        add(keptAtOwnFeature(ȳ, axis, shape: shape(x)), to: x)
      } else {
        add(graph.append(.axisToFeature(axis), [ȳ]), to: x)
      }

    // MARK: Recurrence
    // delay by k:    x̄ₜ += ȳₜ₊ₖ where that exists,  initialⱼ̅ += ȳⱼ for j < min(k, T)
    // advance by k:  x̄ₜ += ȳₜ₋ₖ for t ≥ k,          finalⱼ̅ += ȳ at T − k + j
    case .delay, .advance:
      if wanted.contains(0), !isOpened(y) {
        let boundary = zeroBoundary(of: y)
        add(truncated(graph.append(mirrored(y), [ȳ, boundary]), y), to: operands[0])
      }
      if wanted.contains(1) { add(boundaryAdjoint(ȳ, y), to: operands[1]) }

    // x̄ₛ += Σ ȳₜₛ over the steps t that remember s; each of the two is the other's adjoint
    case .history(let axis, let along, let isBackward):
      add(graph.append(.historySum(axis, along: along, isBackward: isBackward), [ȳ]), to: x)
    case .historySum(let axis, let along, let isBackward):
      add(graph.append(.history(axis, along: along, isBackward: isBackward), [ȳ]), to: x)

    // MARK: Clipping
    // x̄ += ȳ, which is already clipped
    case .clipGradient:
      add(ȳ, to: x)

    // MARK: Declared gradients
    // x̄ += its declared equations, read at ȳ
    case .declaredGradient:
      var equations = DeclaredGradient(of: y, in: forward, at: ȳ)
      for each in wanted { add(equations.append(operands[each + 1], to: &self), to: operands[each]) }
    }
  }

  /// The adjoint of one operand of y = Σ left · right.
  ///
  /// y has the free dimension of the left operand (if any), then the free dimension of the right one. The adjoint of an
  /// operand sums ȳ times the other operand over the other's free dimension, and over the axes that the operand lacks:
  /// all in one product, with its operands in an order that needs no transposition.
  private mutating func pullBackProduct(
    _ contraction: Contraction, _ ȳ: NodeID, _ operands: [NodeID], to position: Int
  ) {
    let (x, other) = (operands[position], operands[1 - position])
    let over = domain(ȳ).union(domain(other)).subtracting(adjointDomain(x))
    let isLeft = position == 0
    // The summed dimension of each; the other dimension, if any, is free.
    let (summedOfX, summedOfOther): (Int?, Int?) =
      switch contraction {
      case .outer: (nil, nil)
      case .dimensions(let left, let right): isLeft ? (left, right) : (right, left)
      }
    let freeOfX = shape(x).rank - (summedOfX == nil ? 0 : 1)
    let freeOfOther = shape(other).rank - (summedOfOther == nil ? 0 : 1)
    // The other operand's free dimension, in ȳ and in the operand itself; none if it is a vector and was contracted.
    let freeInAdjoint = isLeft ? freeOfX : 0
    let freeInOther = summedOfOther == 0 ? 1 : 0
    // x̄ has x's free dimension where x has it: ȳ comes first if that is x's first dimension.
    let isȳFirst = freeOfX == 0 || summedOfX != 0
    let contraction: Contraction =
      freeOfOther == 0
      ? .outer : isȳFirst ? .dimensions(freeInAdjoint, freeInOther) : .dimensions(freeInOther, freeInAdjoint)
    add(graph.append(.product(contraction, over: over), isȳFirst ? [ȳ, other] : [other, ȳ]), to: x)
  }

  // MARK: Axes that index the rows of a ragged axis
  // Picking one row of ȳ would leave a ragged time axis without its rows, so that sums over it become impossible. Each
  // row keeps its own share instead.

  /// Whether the index along the axis is the one at which `place` places its operand.
  private mutating func isPlaced(_ axis: Axis, _ place: Position, at given: NodeID?) -> NodeID {
    let index = graph.append(.axisIndex(axis), [])
    switch (place, given) {
    case (.at, let position?): return compare(.equal, index, position)
    case (.last, _): return compare(.equal, add(index, integer(1)), graph.append(.axisLength(axis), []))
    case (.first, _), (.at, nil): return compare(.equal, index, integer(0))
    }
  }

  /// ȳ at the feature that equals the index along the axis, 0 at the others.
  private mutating func keptAtOwnFeature(_ ȳ: NodeID, _ axis: Axis, shape: Shape) -> NodeID {
    let repeated = graph.append(.broadcast(dimension: 0, count: shape[0]), [ȳ])
    let isOwn = compare(.equal, entryNumbers(shape, along: 0), graph.append(.axisIndex(axis), []))
    return keep(repeated, where: isOwn)
  }

  // MARK: Delays and advances

  /// The operation that carries the adjoint of a delay or an advance: an advance or a delay by the same number of
  /// steps.
  func mirrored(_ shift: NodeID) -> Operation {
    guard let (axis, by, isAdvance) = forward.operation(shift).shift else {
      preconditionFailure("\(forward.operation(shift).keyword) carries nothing")
    }
    return isAdvance ? .delay(axis, by: by, truncation: 0) : .advance(axis, by: by)
  }

  /// No adjoint comes from beyond the ends of the sequence.
  mutating func zeroBoundary(of shift: NodeID) -> NodeID {
    let by = forward.operation(shift).shift?.by ?? 1
    let shape = self.shape(shift)
    return constant(0, element(shift), by == 1 ? shape : shape.inserting(by, at: 0))
  }

  /// The adjoint x̄ₜ that a delay by n with truncation propagates back, cut where ⌊(t + n) / k⌋ ≠ ⌊t / k⌋.
  mutating func truncated(_ sent: NodeID, _ shift: NodeID) -> NodeID {
    guard case .delay(let axis, let by, let truncation) = forward.operation(shift), truncation > 0 else {
      return sent
    }
    let index = graph.append(.axisIndex(axis), [])
    let length = integer(truncation)
    let window = binary(.floorDivide, index, length)
    let reader = binary(.floorDivide, add(index, integer(by)), length)
    return keep(sent, where: compare(.equal, window, reader))
  }

  /// The adjoint of the initial value of a delay, or of the final value of an advance.
  private mutating func boundaryAdjoint(_ ȳ: NodeID, _ shift: NodeID) -> NodeID {
    guard let (axis, by, isAdvance) = forward.operation(shift).shift else {
      preconditionFailure("\(forward.operation(shift).keyword) has no boundary")
    }
    guard by > 1 else { return graph.append(.pick(axis, isAdvance ? .last : .first), [ȳ]) }
    let entries = (0..<by).map { entry in
      // Outside the axis, that is for a sequence shorter than k steps, `pick` reads 0.
      let index =
        isAdvance ? add(graph.append(.axisLength(axis), []), integer(entry - by)) : integer(entry)
      let picked = graph.append(.pick(axis, .at), [ȳ, index])
      return graph.append(.broadcast(dimension: 0, count: 1), [picked])
    }
    return graph.append(.concatenate(dimension: 0), entries)
  }

  // MARK: Clipping

  /// clip(ȳ): by norm ȳ · min(1, c / (‖ȳ‖₂ + ε)), by value min(max(ȳ, −c), c).
  mutating func clipped(_ ȳ: NodeID, _ clip: GradientClip, node: NodeID) -> ClipRecord {
    let norm = graph.appendNorm(of: ȳ)
    switch clip {
    case .norm(let limit, let epsilon):
      let c = constant(limit, like: ȳ)
      let one = constant(1, like: ȳ)
      let ε = constant(epsilon, like: ȳ)
      let length = epsilon == 0 ? norm : add(norm, ε)
      let exceeds = compare(.greater, length, c)
      // The divisor is 1 where nothing is clipped, which avoids 0 / 0, also in derivatives.
      let factor = select(exceeds, divide(c, select(exceeds, length, one)), one)
      // (s ȳ) · (c / (‖s ȳ‖ + s ε)), where s is 1, or a small power of two if ‖ȳ‖ is so large that c / ‖ȳ‖ would lose
      // precision, or has overflowed.
      let range = extremes(of: element(ȳ))
      let isExtreme = compare(.greater, norm, constant(min(max(limit * range.large, 1), range.large), like: ȳ))
      let scale = select(binary(.and, exceeds, isExtreme), constant(1 / range.large, like: ȳ), one)
      let scaled = multiply(ȳ, scale)
      var scaledLength = graph.appendNorm(of: scaled)
      if epsilon != 0 { scaledLength = add(scaledLength, multiply(scale, ε)) }
      let divisor = select(exceeds, scaledLength, one)
      // If the limit is so small that the quotient would lose precision, compute a multiple of it first.
      let (multiple, part) = limit < range.small ? (range.large, range.small) : (1, 1)
      let quotient = divide(constant(limit * multiple, like: ȳ), divisor)
      var after = multiply(scaled, select(exceeds, quotient, constant(multiple, like: ȳ)))
      if part < 1 { after = multiply(after, constant(part, like: ȳ)) }
      return ClipRecord(node: node, before: ȳ, after: after, normBefore: norm, factor: factor)
    case .value(let limit):
      let clamped = binary(.minimum, binary(.maximum, ȳ, constant(-limit, like: ȳ)), constant(limit, like: ȳ))
      return ClipRecord(node: node, before: ȳ, after: clamped, normBefore: norm, factor: nil)
    }
  }
}

internal import EbbGraph
internal import EbbTensors

/// The form of each operation at one step of the unrolled axis.
extension Unroller {
  /// The equation of a node's copy: at a step if the node has the axis.
  mutating func equation(_ node: NodeID, at step: Int?) -> NodeID {
    let operation = source.operation(node)
    let operands = Array(source.operands(node))
    switch operation {
    case .parameter, .input:
      preconditionFailure("parameters and inputs were split before")
    case .constant(let value):
      let type = source.type(node)
      return constant(value, type.element, type.shape)
    case .literal:
      return graph.appendLeaf(operation, source.type(node))
    case .random:
      return random(node, at: step)
    case .axisIndex(let indexed):
      return indexed == axis ? integer(required(step)) : graph.append(operation, [])
    case .axisLength(let measured):
      guard measured == axis else { return graph.append(operation, []) }
      return source.description(of: axis).lengths.map { copy($0, nil) } ?? integer(steps)

    case .iota, .unary, .binary, .compare, .select, .convert, .transpose, .reshape, .broadcast, .concatenate, .slice,
      .pad, .gather, .reduceFeatures, .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate,
      .matrix, .stopGradient, .clipGradient, .declaredGradient,
      .incomingAdjoint:
      return graph.append(operation, operands.map { copy($0, step) })
    // The copy lacks the axes that `spread` adds; they are added once its domain is settled.
    case .spread:
      return copy(operands[0], step)

    // Both factors are masked, since 0 · NaN is not 0.
    case .product(let contraction, let over):
      return summed(over, step) {
        .product(contraction, over: $0)
      } of: { unroller, step in
        operands.map { unroller.term($0, at: step, over, 0) }
      }
    // Neither an id outside the table nor a zero adds anything, so masking the operand that has the axis is enough.
    case .scatterAdd(let count, let over):
      return summed(over, step) {
        .scatterAdd(count: count, over: $0)
      } of: { unroller, step in
        [unroller.term(operands[0], at: step, over, -1), unroller.term(operands[1], at: step, over, 0)]
      }
    case .reduceAxes(let reduction, let over):
      switch reduction {
      case .sum:
        return summed(over, step) {
          .reduceAxes(.sum, over: $0)
        } of: { unroller, step in
          [unroller.term(operands[0], at: step, over, 0)]
        }
      case .max: return maximum(operands[0], over, step)
      }

    case .argmaxAxis(let searched):
      guard searched == axis else {
        let operand = term(operands[0], at: step, [searched], lowest(source.type(operands[0]).element))
        return graph.append(operation, [operand])
      }
      return argmax(operands[0])
    case .pick(let picked, let position):
      guard picked == axis else {
        let value = term(operands[0], at: step, [picked], 0)
        return graph.append(operation, [value] + operands.dropFirst().map { copy($0, step) })
      }
      return pick(operands, position)
    case .place(let placed, let position):
      guard placed == axis else { return graph.append(operation, operands.map { copy($0, step) }) }
      return place(operands, position, at: required(step))
    case .axisToFeature(let moved):
      guard moved == axis else { return graph.append(operation, [term(operands[0], at: step, [moved], 0)]) }
      let entries = (0..<steps).map { graph.append(.broadcast(dimension: 0, count: 1), [copy(operands[0], $0)]) }
      return graph.append(.concatenate(dimension: 0), entries)
    case .featureToAxis(let moved):
      guard moved == axis else { return graph.append(operation, [copy(operands[0], step)]) }
      return entry(required(step), of: copy(operands[0], nil))

    case .delay(let delayed, let by, let truncation):
      guard delayed == axis else { return shift(node, at: step) }
      return delay(operands, by, truncation, at: required(step))
    case .advance(let advanced, let by):
      guard advanced == axis else { return shift(node, at: step) }
      return advance(operands, by, at: required(step))
    case .history(let time, let along, let isBackward):
      guard time == axis else { return graph.append(operation, [copy(operands[0], step)]) }
      return history(operands[0], along, isBackward, at: required(step))
    case .historySum(let time, let along, let isBackward):
      guard time == axis else { return graph.append(operation, [copy(operands[0], step)]) }
      return historySum(operands[0], along, isBackward, at: required(step))
    }
  }

  private func required(_ step: Int?) -> Int {
    guard let step else { preconditionFailure("an operation along the axis has no step") }
    return step
  }

  // MARK: Sums and maxima

  /// A value at a step as a term of an operation that mixes these axes; rows without the step hold `neutral`.
  private mutating func term(_ operand: NodeID, at step: Int?, _ mixed: Domain, _ neutral: Double) -> NodeID {
    let value = copy(operand, step)
    guard let step, hasAxis(operand), !mixed.isDisjoint(with: rows.inserting(axis)) else { return value }
    return masked(value, at: step, with: neutral)
  }

  /// Σ over some axes of an operation: over the unrolled axis a chain of additions in ascending order.
  private mutating func summed(
    _ over: Domain, _ step: Int?, _ operation: (Domain) -> Operation, of terms: (inout Unroller, Int?) -> [NodeID]
  ) -> NodeID {
    guard over.contains(axis) else { return graph.append(operation(over), terms(&self, step)) }
    var sum: NodeID?
    for step in 0..<steps {
      let operands = terms(&self, step)
      let remaining = over.removing(axis)
      let isPlain = remaining.isEmpty && operation(over) == .reduceAxes(.sum, over: over)
      let term = isPlain ? operands[0] : graph.append(operation(remaining), operands)
      sum = sum.map { add($0, term) } ?? term
    }
    guard let sum else { preconditionFailure("a sum over no step") }
    return sum
  }

  private mutating func maximum(_ x: NodeID, _ over: Domain, _ step: Int?) -> NodeID {
    let lowest = lowest(source.type(x).element)
    guard over.contains(axis) else {
      return graph.append(.reduceAxes(.max, over: over), [term(x, at: step, over, lowest)])
    }
    var largest: NodeID?
    for step in 0..<steps {
      var value = term(x, at: step, over, lowest)
      let remaining = over.removing(axis)
      if !remaining.isEmpty { value = graph.append(.reduceAxes(.max, over: remaining), [value]) }
      largest = largest.map { binary(.maximum, $0, value) } ?? value
    }
    guard let largest else { preconditionFailure("a maximum over no step") }
    return largest
  }

  /// The lowest value, a neutral element for maxima.
  private func lowest(_ element: ElementType) -> Double {
    element.isFloat ? -.infinity : Double(Int32.min)
  }

  /// The first step at which x is largest; a NaN counts as the largest.
  private mutating func argmax(_ x: NodeID) -> NodeID {
    var best = copy(x, 0)
    var index = repeated(integer(0), to: source.type(x).shape)
    for step in 1..<max(steps, 1) {
      let value = copy(x, step)
      var isLarger = compare(.greater, value, best)
      if element(value).isFloat {
        let isFirstNaN = binary(.and, compare(.notEqual, value, value), compare(.equal, best, best))
        isLarger = binary(.or, isLarger, isFirstNaN)
      }
      if let exists = exists(step) { isLarger = binary(.and, exists, isLarger) }
      best = select(isLarger, value, best)
      index = select(isLarger, integer(step), index)
    }
    return index
  }

  // MARK: Positions

  /// The copy at a position; if the position is known only in the run, it is selected from all copies.
  private mutating func pick(_ operands: [NodeID], _ position: Position) -> NodeID {
    let x = operands[0]
    switch position {
    case .first:
      return copy(x, 0)
    case .last:
      guard !rows.isEmpty else { return copy(x, steps - 1) }
      var last = copy(x, 0)
      for step in 1..<max(steps, 1) {
        if let exists = exists(step) { last = select(exists, copy(x, step), last) }
      }
      return last
    case .at:
      if let index = constantIndex(operands[1]) {
        guard index >= 0, index < steps else { return zeros(typeOfCopy(x)) }
        return masked(copy(x, index), at: index, with: 0)
      }
      let index = copy(operands[1], nil)
      var result = constant(0, like: copy(x, 0))
      for step in 0..<steps {
        var isHere = compare(.equal, index, integer(step))
        if let exists = exists(step) { isHere = binary(.and, isHere, exists) }
        result = select(isHere, copy(x, step), result)
      }
      return result
    }
  }

  /// The value at its position, 0 at the other steps.
  private mutating func place(_ operands: [NodeID], _ position: Position, at step: Int) -> NodeID {
    let value = copy(operands[0], nil)
    let zero = zeros(typeOfCopy(operands[0]))
    switch position {
    case .first:
      return step == 0 ? value : zero
    case .last:
      guard let lengths = source.description(of: axis).lengths else { return step == steps - 1 ? value : zero }
      return keep(value, where: compare(.equal, copy(lengths, nil), integer(step + 1)))
    case .at:
      if let index = constantIndex(operands[1]) { return step == index ? value : zero }
      return keep(value, where: compare(.equal, copy(operands[1], nil), integer(step)))
    }
  }

  /// The value of an index that the graph fixes.
  private func constantIndex(_ node: NodeID) -> Int? {
    guard case .constant(let value) = source.operation(node) else { return nil }
    return Int(value)
  }

  private func typeOfCopy(_ node: NodeID) -> NodeType {
    let type = source.type(node)
    return NodeType(type.element, copyDomain(node), type.shape)
  }

  // MARK: Recurrence

  /// x at t − k, or the initial value at t. Where ⌊t / window⌋ changes, the tangent passes but no adjoint does.
  private mutating func delay(_ operands: [NodeID], _ by: Int, _ window: Int, at step: Int) -> NodeID {
    guard step >= by else { return boundary(operands[1], by, entry: step) }
    let value = copy(operands[0], step - by)
    guard window > 0, step / window != (step - by) / window, element(value).isFloat else { return value }
    return graph.append(.clipGradient(.value(0)), [value])
  }

  /// x at t + k, or the final value at t + k − length; of a ragged axis each row has its own length.
  private mutating func advance(_ operands: [NodeID], _ by: Int, at step: Int) -> NodeID {
    let later = step + by
    guard let lengths = source.description(of: axis).lengths else {
      return later < steps ? copy(operands[0], later) : boundary(operands[1], by, entry: later - steps)
    }
    var final = copy(operands[1], nil)
    if by > 1 { final = graph.append(.gather, [final, subtract(integer(later), copy(lengths, nil))]) }
    guard later < steps, let exists = exists(later) else { return final }
    return select(exists, copy(operands[0], later), final)
  }

  /// The steps that a history remembers at a step.
  private func remembered(_ isBackward: Bool, at step: Int) -> Range<Int> { isBackward ? step..<steps : 0..<step + 1 }

  /// x at each step that is remembered, at its place along the history's axis, and 0 at the others.
  private mutating func history(_ x: NodeID, _ along: Axis, _ isBackward: Bool, at step: Int) -> NodeID {
    let place = graph.append(.axisIndex(along), [])
    var result = constant(0, like: copy(x, step))
    for other in remembered(isBackward, at: step) {
      // A row that runs back begins at its own last step.
      let value = isBackward ? masked(copy(x, other), at: other, with: 0) : copy(x, other)
      result = select(compare(.equal, place, integer(other)), value, result)
    }
    return result
  }

  /// Σ over the steps that remember a step of what they hold in its place.
  private mutating func historySum(_ y: NodeID, _ along: Axis, _ isBackward: Bool, at step: Int) -> NodeID {
    let terms = remembered(!isBackward, at: step).map { other in
      let value = graph.append(.pick(along, .at), [copy(y, other), integer(step)])
      return masked(value, at: other, with: 0)
    }
    return sum(of: isBackward ? terms : terms.reversed())
  }

  /// One entry of a boundary value, whose leading dimension is the number of steps unless that is 1.
  private mutating func boundary(_ node: NodeID, _ by: Int, entry index: Int) -> NodeID {
    let value = copy(node, nil)
    return by == 1 ? value : entry(index, of: value)
  }

  /// The value at one index of the first feature dimension.
  private mutating func entry(_ index: Int, of value: NodeID) -> NodeID {
    let slice = graph.append(.slice(dimension: 0, start: index, count: 1), [value])
    return graph.append(.reshape(shape(value).removing(0)), [slice])
  }
}

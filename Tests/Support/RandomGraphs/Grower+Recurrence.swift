internal import EbbGraph
internal import EbbTensors

extension Grower {
  private func steps() -> Int { random.chance(0.65) ? 1 : random.integer(in: 2...3) }

  private func truncation() -> Int {
    options.allowsGradientCuts && random.chance(0.25) ? random.integer(in: 1...4) : 0
  }

  /// A value without this axis for the steps before the first or after the last.
  private mutating func boundary(_ type: NodeType, by: Int, along axis: Axis) -> Entry {
    let shape = by == 1 ? type.shape : type.shape.inserting(by, at: 0)
    let candidates = floats + integers + masks
    let given = draw(candidates) { entry in
      let found = graph.type(entry.node)
      return found.element == type.element && found.shape == shape && !found.domain.contains(axis) && mayExtend(entry)
    }
    if let given, random.chance(0.7) { return given }
    if type.element == element, random.chance(0.5) { return parameter(shape) }
    var zero = constant(0, type.element)
    for (dimension, count) in shape.array.enumerated() {
      zero = must(.broadcast(dimension: dimension, count: count), [zero], bound: 0)
    }
    return zero
  }

  /// A delay or an advance of a value that is known: no recurrence by itself.
  mutating func appendShift() {
    guard let x = drawAny(where: { shape($0).rank <= 2 }) else { return }
    var axis = random.choice(of: axes.filter { graph.description(of: $0).kind == .time }) ?? axes[0]
    var isAdvance = random.chance(0.4)
    if x.isCarried, let sweeps = recurrence?.sweeps {
      let sweep = sweeps.count > 1 ? random.choice(of: sweeps) ?? sweeps[0] : sweeps[0]
      (axis, isAdvance) = (sweep.axis, sweep.isBackward)
    }
    let by = steps()
    guard shape(x).count * by <= Self.largestWidth else { return }
    let boundary = boundary(type(x), by: by, along: axis)
    let operation = isAdvance ? Operation.advance(axis, by: by) : .delay(axis, by: by, truncation: truncation())
    offer(append(operation, [x, boundary], bound: max(x.bound, boundary.bound)))
  }

  /// States whose next values follow from random operations on them and on what there is.
  mutating func appendRecurrence() {
    let times = axes.filter { graph.description(of: $0).kind == .time }
    guard let axis = random.choice(of: times) else { return }
    let isAdvance = random.chance(0.3)
    appendRecurrence(along: axis, isAdvance: isAdvance, isSettled: random.chance(0.4))
  }

  /// - Parameter shape: That of the states; nil draws one for each.
  mutating func appendRecurrence(along axis: Axis, isAdvance: Bool, isSettled: Bool, shape: Shape? = nil) {
    let states = (0..<random.integer(in: 1...3)).map { _ in
      openState(axis, isAdvance: isAdvance, isSettled: isSettled, shape)
    }
    var sweeps = [SweepDirection(axis: axis, isBackward: isAdvance)]
    let times = axes.filter { graph.description(of: $0).kind == .time && $0 != axis }
    if options.allowsGrids, let further = random.choice(of: times) {
      sweeps.append(SweepDirection(axis: further, isBackward: random.chance(0.4)))
    }
    // What each state was along the further axes; some of them one of two states only.
    let neighbours = states.map { state in
      sweeps.dropFirst().compactMap { sweep in
        random.chance(0.8) ? open(type(state), along: sweep, isSettled: isSettled) : nil
      }
    }
    recurrence = Recurrence(sweeps: sweeps, isSettled: isSettled)
    for state in states + neighbours.joined() { offerCarried(state) }
    grow()
    for (state, neighbours) in zip(states, neighbours) { close(state, neighbours) }
    recurrence = nil
    for index in floats.indices { floats[index].isCarried = false }
    for index in integers.indices { integers[index].isCarried = false }
    for index in masks.indices { masks[index].isCarried = false }
    do {
      try graph.inferDomains()
    } catch {
      preconditionFailure("the generator built a recurrence without domains: \(error.message)")
    }
  }

  private mutating func offerCarried(_ state: Entry) {
    if type(state).element == .int32 { integers.append(state) } else { floats.append(state) }
  }

  private mutating func openState(_ axis: Axis, isAdvance: Bool, isSettled: Bool, _ shape: Shape?) -> Entry {
    let isCounter = random.chance(0.1)
    let by = steps()
    let type = isCounter ? NodeType(.int32) : NodeType(element, .empty, shape ?? someShape())
    let fitting = NodeType(type.element, .empty, stateShape(type.shape, by: by))
    return open(fitting, by: by, along: SweepDirection(axis: axis, isBackward: isAdvance), isSettled: isSettled)
  }

  /// A delay or an advance of a value of this type, which is given later.
  private mutating func open(
    _ type: NodeType, by steps: Int = 1, along sweep: SweepDirection, isSettled: Bool
  ) -> Entry {
    let (axis, isCounter) = (sweep.axis, type.element == .int32)
    var start = boundary(NodeType(type.element, .empty, type.shape), by: steps, along: axis)
    if !isCounter && start.bound > 1 { start = scaled(start, by: 1 / start.bound) }
    let missing = Domain(axes).removing(axis).subtracting(domain(start))
    if isSettled && !missing.isEmpty { start = must(.spread(missing), [start], bound: start.bound) }
    let operation =
      sweep.isBackward ? Operation.advance(axis, by: steps) : .delay(axis, by: steps, truncation: truncation())
    do {
      let node = try graph.appendOpen(operation, boundary: start.node)
      return Entry(node: node, bound: isCounter ? 10 : 1, isCarried: true)
    } catch {
      preconditionFailure("the generator built an ill-typed state: \(error.message)")
    }
  }

  /// A shape that leaves room for the leading dimension of a boundary.
  private func stateShape(_ shape: Shape, by: Int) -> Shape {
    shape.count * by <= Self.largestWidth ? shape : [shape[0]]
  }

  /// Gives a state its next value: of its shape, and of the order of one at most.
  private mutating func close(_ state: Entry, _ neighbours: [Entry]) {
    let next: Entry
    if type(state).element == .int32 {
      let sum = must(.binary(.add), [state, constant(Double(random.integer(in: 1...2)), .int32)], bound: 20)
      next = must(.binary(.remainder), [sum, constant(5, .int32)], bound: 5)
      integers.append(next)
    } else {
      next = nextFloat(state)
      floats.append(next)
    }
    do {
      for shift in [state] + neighbours { try graph.close(shift.node, with: next.node) }
    } catch {
      preconditionFailure("the generator closed a state wrongly: \(error.message)")
    }
  }

  private mutating func nextFloat(_ state: Entry) -> Entry {
    let wanted = shape(state)
    let latest = draw(floats) { shape($0) == wanted && $0.isCarried } ?? state
    let input = draw(floats) { shape($0) == wanted || shape($0) == .scalar } ?? latest
    switch random.integer(in: 0...3) {
    case 0:
      // h′ = tanh(h · W + v)
      guard wanted.rank == 1 else { fallthrough }
      let weight = parameter([wanted[0], wanted[0]])
      let product = must(.product(.dimensions(0, 0), over: .empty), [state, weight], bound: 2)
      let sum = must(.binary(.add), [product, input], bound: 2 + input.bound)
      return must(.unary(.tanh), [sum], bound: 1)
    case 1:
      // h′ = f ⊙ h + (1 − f) ⊙ g
      let gate = must(.unary(.sigmoid), [latest], bound: 1)
      let candidate = must(.unary(.tanh), [input], bound: 1)
      let kept = must(.binary(.multiply), [gate, state], bound: 1)
      let rest = must(.binary(.subtract), [constant(1), gate], bound: 1)
      return must(.binary(.add), [kept, must(.binary(.multiply), [rest, candidate], bound: 1)], bound: 1)
    case 2:
      // h′ = (h + v) / 2
      let sum = must(.binary(.add), [tamed(latest, to: 1), tamed(input, to: 1)], bound: 2)
      return scaled(sum, by: 0.5)
    default:
      return tamed(latest, to: 1)
    }
  }
}

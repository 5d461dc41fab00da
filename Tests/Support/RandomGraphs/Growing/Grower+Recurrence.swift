internal import EbbGraph
internal import EbbTensors

extension Grower {
  private func truncation() -> Int {
    options.allowsGradientCuts && random.chance(0.25) ? random.integer(in: 1...4) : 0
  }

  private func steps() -> Int { random.chance(0.65) ? 1 : random.integer(in: 2...3) }

  /// A value without this axis for the steps before the first or after the last, over no other axes than these.
  private mutating func boundary(_ type: NodeType, by: Int, along axis: Axis, within: Domain? = nil) -> Entry {
    let shape = by == 1 ? type.shape : type.shape.inserting(by, at: 0)
    let candidates = floats + integers + masks
    let given = draw(candidates) { entry in
      let found = graph.type(entry.node)
      return found.element == type.element && found.shape == shape && !found.domain.contains(axis) && mayExtend(entry)
        && within.map { found.domain.isSubset(of: $0) } ?? true
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
    let settlement = random.choice(of: Settlement.allCases) ?? .all
    appendRecurrence(along: axis, isAdvance: isAdvance, settlement: settlement)
  }

  /// Which axes states have from the start.
  enum Settlement: CaseIterable {
    /// Those of their initial values and of what the recurrence reads.
    case growing
    /// All.
    case all
    /// Some, and a step may have further ones inside.
    case some
  }

  /// - Parameter shape: That of the states; nil draws one for each.
  mutating func appendRecurrence(along axis: Axis, isAdvance: Bool, settlement: Settlement, shape: Shape? = nil) {
    var sweeps = [SweepDirection(axis: axis, isBackward: isAdvance)]
    let times = axes.filter { graph.description(of: $0).kind == .time && $0 != axis }
    if options.allowsGrids, let further = random.choice(of: times) {
      sweeps.append(SweepDirection(axis: further, isBackward: random.chance(0.4)))
    }
    let settled = settledAxes(settlement, of: sweeps)
    let states = (0..<random.integer(in: 1...3)).map { _ in openState(sweeps[0], settled, shape) }
    // What each state was along the further axes; some of them one of two states only.
    let neighbours = states.map { state in
      sweeps.dropFirst().compactMap { sweep in
        random.chance(0.8) ? open(type(state), along: sweep, settled) : nil
      }
    }
    recurrence = Recurrence(sweeps: sweeps, settled: settled)
    for state in states + neighbours.joined() { offerCarried(state) }
    grow()
    closeAll(states, neighbours)
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

  private func settledAxes(_ settlement: Settlement, of sweeps: [SweepDirection]) -> Domain? {
    switch settlement {
    case .growing: return nil
    case .all: return Domain(axes)
    case .some:
      let some = subset(Domain(axes), chance: 0.3).union(Domain(sweeps.map(\.axis)))
      return some.union(graph.lengthsDomain(of: some))
    }
  }

  private mutating func offerCarried(_ state: Entry) {
    if type(state).element == .int32 { integers.append(state) } else { floats.append(state) }
  }

  private mutating func openState(_ sweep: SweepDirection, _ settled: Domain?, _ shape: Shape?) -> Entry {
    let isCounter = random.chance(0.15)
    let by = steps()
    let type = isCounter ? NodeType(.int32) : NodeType(element, .empty, shape ?? someShape())
    let fitting = NodeType(type.element, .empty, stateShape(type.shape, by: by))
    return open(fitting, by: by, along: sweep, settled)
  }

  /// A delay or an advance of a value of this type, which is given later.
  private mutating func open(
    _ type: NodeType, by steps: Int = 1, along sweep: SweepDirection, _ settled: Domain?
  ) -> Entry {
    let (axis, isCounter) = (sweep.axis, type.element == .int32)
    let wanted = NodeType(type.element, .empty, type.shape)
    var start = boundary(wanted, by: steps, along: axis, within: settled)
    if !isCounter && start.bound > 1 { start = scaled(start, by: 1 / start.bound) }
    let missing = (settled ?? .empty).removing(axis).subtracting(domain(start))
    if !missing.isEmpty { start = must(.spread(missing), [start], bound: start.bound) }
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
}

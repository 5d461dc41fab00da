internal import EbbGraph
internal import EbbTensors

/// The next values of states.
extension Grower {
  /// Gives the states of the open recurrence their next values: of their shape and axes, and of the order of one at
  /// most.
  mutating func closeAll(_ states: [Entry], _ neighbours: [[Entry]]) {
    var ends = unreadCarried()
    for (index, (state, neighbours)) in zip(states, neighbours).enumerated() {
      // What the step computed and nothing reads goes into one of the states, so that it lies on a cycle; some of it
      // does not, and is only read from outside.
      let own = ends.filter { _ in random.chance(index == states.count - 1 ? 0.8 : 0.4) }
      ends.removeAll { end in own.contains { $0.node == end.node } }
      close(state, neighbours, own)
    }
  }

  /// The values of the open recurrence that nothing reads.
  private func unreadCarried() -> [Entry] {
    let read = Set(graph.nodes.flatMap { Array(graph.operands($0)) })
    return (floats + integers + masks).filter { $0.isCarried && !read.contains($0.node) }
  }

  private mutating func close(_ state: Entry, _ neighbours: [Entry], _ ends: [Entry]) {
    let next: Entry
    if type(state).element == .int32 {
      var sum = must(.binary(.add), [state, constant(Double(random.integer(in: 1...2)), .int32)], bound: 20)
      for end in ends where type(end).element == .int32 && shape(end) == .scalar && isWithin(end) {
        sum = must(.binary(.add), [sum, end], bound: sum.bound + end.bound)
      }
      next = must(.binary(.remainder), [sum, constant(5, .int32)], bound: 5)
      integers.append(next)
    } else {
      next = ends.reduce(nextFloat(state)) { joined($0, $1) }
      floats.append(next)
    }
    do {
      for shift in [state] + neighbours { try graph.close(shift.node, with: next.node) }
    } catch {
      preconditionFailure("the generator closed a state wrongly: \(error.message)")
    }
  }

  /// Whether a state may read the value without getting further axes.
  private func isWithin(_ entry: Entry) -> Bool {
    recurrence?.settled.map { domain(entry).isSubset(of: $0) } ?? true
  }

  private mutating func nextFloat(_ state: Entry) -> Entry {
    let wanted = shape(state)
    let latest = draw(floats) { shape($0) == wanted && $0.isCarried && isWithin($0) } ?? state
    let input = draw(floats) { (shape($0) == wanted || shape($0) == .scalar) && isWithin($0) } ?? latest
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

  /// h′ = 0.7 h + 0.3 v, where v is made of a value of any type, shape and axes.
  private mutating func joined(_ next: Entry, _ end: Entry) -> Entry {
    var v = type(end).element == element ? end : must(.convert(element), [end], bound: end.bound)
    if shape(v) != .scalar && shape(v) != shape(next) {
      let count = shape(v).count
      let flat = shape(v).rank == 1 ? v : must(.reshape([count]), [v], bound: v.bound)
      v = must(
        .product(.dimensions(0, 0), over: .empty), [flat, parameter([count])],
        bound: v.bound * Double(count).squareRoot())
    }
    while let settled = recurrence?.settled, case let further = domain(v).subtracting(settled), !further.isEmpty {
      v = must(.reduceAxes(.sum, over: further), [v], bound: v.bound * count(further))
    }
    let kept = scaled(next, by: 0.7)
    return must(.binary(.add), [kept, scaled(tamed(v, to: 1), by: 0.3)], bound: 1)
  }
}

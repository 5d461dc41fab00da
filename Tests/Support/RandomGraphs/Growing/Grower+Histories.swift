import EbbGraph
import EbbTensors

extension Grower {
  /// What is made of the own past of a value at once, so that its axis does not spread.
  private enum PastUse: CaseIterable {
    case sum, maximum, pick, weighted
  }

  /// The own past of a value, reduced again to one value for each step; or the adjoint of one.
  mutating func appendHistory() {
    let times = axes.filter { graph.description(of: $0).kind == .time }
    guard var axis = random.choice(of: times), graph.axes.count < 20,
      let x = draw(floats, where: { shape($0).rank <= 2 && ($0.isCarried || domain($0).contains(axis)) })
    else { return }
    var isBackward = random.chance(0.4)
    if x.isCarried, let sweeps = recurrence?.sweeps {
      guard sweeps.count == 1 else { return }
      (axis, isBackward) = (sweeps[0].axis, sweeps[0].isBackward)
    }
    let past = graph.addAxis(AxisDescription(name: "past\(graph.axes.count)", kind: .time, steps: axis))
    lengths[past] = lengths[axis]
    let length = Double(lengths[axis] ?? 1)
    if random.chance(0.25) {
      // Σ x_t′ ⊙ sin(t + c) over the steps t′ from t on, or up to it.
      let now = must(.convert(element), [Entry(node: graph.append(.axisIndex(past), []), bound: 6)], bound: 6)
      let moved = must(.binary(.add), [now, constant(random.number(in: 0.5...1.5))], bound: 7.5)
      let sent = must(.binary(.multiply), [x, must(.unary(.sin), [moved], bound: 1)], bound: x.bound)
      offer(append(.historySum(axis, along: past, isBackward: !isBackward), [sent], bound: x.bound * length))
      return
    }
    guard let history = append(.history(axis, along: past, isBackward: isBackward), [x], bound: x.bound) else { return }
    switch random.choice(of: PastUse.allCases) ?? .sum {
    case .sum:
      offer(append(.reduceAxes(.sum, over: [past]), [history], bound: x.bound * length))
    case .maximum:
      guard options.allowsKinks else { return }
      offer(append(.reduceAxes(.max, over: [past]), [history], bound: x.bound))
    case .pick:
      let index = draw(integers) { shape($0) == .scalar && mayExtend($0) }
      let place = index ?? constant(Double(random.integer(in: -1...6)), .int32)
      // Such a pick has no gradient.
      if graph.lengthsDomain(of: domain(place).subtracting(domain(history))).contains(axis) { return }
      offer(append(.pick(past, .at), [history, place], bound: x.bound))
    case .weighted:
      // Σ tanh(x_s) ⊙ x_t
      let bounded = must(.unary(.tanh), [history], bound: 1)
      let product = must(.binary(.multiply), [bounded, x], bound: x.bound)
      offer(append(.reduceAxes(.sum, over: [past]), [product], bound: x.bound * length))
    }
  }
}

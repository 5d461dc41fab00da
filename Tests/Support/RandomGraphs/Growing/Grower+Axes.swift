internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// Whether there is a largest number over these axes at each remaining index: not over the rows of a ragged axis
  /// that stays, where late steps may have no row at all.
  private func hasLargest(_ entry: Entry, over: Domain) -> Bool {
    !domain(entry).subtracting(over).contains { axis in
      !graph.lengthsDomain(of: [axis]).isDisjoint(with: over)
    }
  }

  mutating func appendReduceAxes() {
    guard let x = drawAny(where: { type($0).element != .bool && !domain($0).isEmpty }) else { return }
    let over = summedAxes([x], chance: 0.6)
    let isMax =
      random.chance(0.35) && (options.allowsKinks || type(x).element == .int32) && hasLargest(x, over: over)
    offer(
      append(.reduceAxes(isMax ? .max : .sum, over: over), [x], bound: isMax ? x.bound : x.bound * count(over)))
  }

  mutating func appendArgmaxAxis() {
    guard let x = random.chance(0.7) && options.allowsKinks ? draw(floats) : draw(integers),
      let axis = random.choice(of: Array(summedAxes([x], chance: 1)))
    else { return }
    offer(append(.argmaxAxis(axis), [x], bound: 6))
  }

  /// Where along an axis to look; the index may lie outside.
  private mutating func position(along axis: Axis) -> (Position, [Entry])? {
    switch random.integer(in: 0...2) {
    case 0: return (.first, [])
    case 1: return (.last, [])
    default:
      let index = draw(integers) { shape($0) == .scalar && !domain($0).contains(axis) && mayExtend($0) }
      return (.at, [index ?? constant(Double(random.integer(in: -1...6)), .int32)])
    }
  }

  mutating func appendPick() {
    guard let x = drawAny(), let axis = random.choice(of: Array(summedAxes([x], chance: 1))),
      let (position, index) = position(along: axis)
    else { return }
    // Such a pick has no gradient.
    let added = (index.first.map { domain($0) } ?? []).subtracting(domain(x))
    if graph.lengthsDomain(of: added).contains(axis) { return }
    offer(append(.pick(axis, position), [x] + index, bound: x.bound))
  }

  /// An axis that an entry lacks, and keeps lacking.
  private func drawLacking() -> (Entry, Axis)? {
    guard let axis = random.choice(of: axes),
      let x = drawAny(where: { !domain($0).contains(axis) && mayExtend($0) })
    else { return nil }
    return (x, axis)
  }

  mutating func appendPlace() {
    guard let (x, axis) = drawLacking(), let (position, index) = position(along: axis) else { return }
    offer(append(.place(axis, position), [x] + index, bound: x.bound))
  }

  mutating func appendSpread() {
    guard let (x, axis) = drawLacking() else { return }
    let others = subset(Domain(axes).subtracting(domain(x)), chance: 0.4)
    offer(append(.spread(others.inserting(axis)), [x], bound: x.bound))
  }

  /// Whether an axis can become features and back.
  private func isFixed(_ axis: Axis) -> Bool {
    graph.description(of: axis).length != nil && graph.description(of: axis).lengths == nil
  }

  mutating func appendAxisToFeature() {
    guard let axis = random.choice(of: axes.filter { isFixed($0) }),
      let x = drawAny(where: { domain($0).contains(axis) && mayMix(axis, $0) && shape($0).rank <= 3 })
    else { return }
    offer(append(.axisToFeature(axis), [x], bound: x.bound))
  }

  mutating func appendFeatureToAxis() {
    guard let axis = random.choice(of: axes.filter { isFixed($0) }), let length = lengths[axis] else {
      return
    }
    let given = drawAny { x in
      !domain(x).contains(axis) && mayExtend(x) && shape(x).rank >= 1 && shape(x)[0] == length
    }
    let other = drawAny { x in
      type(x).element.isFloat && !domain(x).contains(axis) && mayExtend(x) && shape(x).rank <= 1
    }
    let x = given ?? other.map { spanned($0, length) } ?? parameter([length, random.integer(in: 1...4)])
    offer(append(.featureToAxis(axis), [x], bound: x.bound))
  }

  /// A product of a number or a vector that has this many entries.
  private mutating func spanned(_ x: Entry, _ count: Int) -> Entry {
    let features = shape(x).rank == 0 ? 1 : shape(x)[0]
    let vector = shape(x).rank == 0 ? must(.reshape([1]), [x], bound: x.bound) : x
    return must(
      .product(.dimensions(0, 0), over: .empty), [vector, parameter([features, count])],
      bound: x.bound * Double(features))
  }
}

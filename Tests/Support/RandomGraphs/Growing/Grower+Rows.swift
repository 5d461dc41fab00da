internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// One row of a value that every row of a ragged axis shares: a pick, or a sum of what lies in one row alone, reads 0 at
  /// the steps that the row does not have, and the shared value everywhere else.
  mutating func appendRowOfShared() {
    let ragged = axes.filter { graph.description(of: $0).lengths != nil }
    guard let time = random.choice(of: ragged),
      let rows = graph.lengthsDomain(of: [time]).first(where: { _ in true })
    else { return }
    let shared = sharedAlong(time, without: rows)
    let position: Position = random.chance(0.5) ? .first : .last
    switch random.integer(in: 0...3) {
    case 0, 1:
      let repeated = must(.spread([rows]), [shared], bound: shared.bound)
      offer(append(.pick(rows, position), [repeated], bound: shared.bound))
    case 2:
      let placed = must(.place(rows, position), [shared], bound: shared.bound)
      offer(append(.pick(rows, position), [placed], bound: shared.bound))
    default:
      let placed = must(.place(rows, position), [shared], bound: shared.bound)
      offer(append(.reduceAxes(.sum, over: [rows]), [placed], bound: shared.bound))
    }
  }

  /// A value over a ragged axis that lacks its rows: one that there is, or a function of the index.
  private mutating func sharedAlong(_ time: Axis, without rows: Axis) -> Entry {
    let known = draw(floats) {
      domain($0).contains(time) && !domain($0).contains(rows) && mayMix(rows, $0) && mayExtend($0)
    }
    if let known, random.chance(0.7) { return known }
    let index = Entry(node: graph.append(.axisIndex(time), []), bound: 6)
    let number = must(.convert(element), [index], bound: 6)
    let shifted = must(.binary(.add), [number, constant(random.number(in: 0.5...1.5))], bound: 7.5)
    return must(.unary(.sin), [shifted], bound: 1)
  }
}

internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// Recurrences side by side: each draws its operands from what there was before all of them. What they compute is
  /// multiplied, and the products are summed over all indices.
  mutating func appendBranches(_ count: Int) {
    guard let axis = random.choice(of: axes.filter { graph.description(of: $0).kind == .time }) else { return }
    let isAdvance = random.chance(0.6)
    let shape: Shape = [random.integer(in: 2...4)]
    let before = (floats, integers, masks)
    var after = before
    var branches: [[Entry]] = []
    for _ in 0..<count {
      (floats, integers, masks) = before
      appendRecurrence(along: axis, isAdvance: isAdvance, settlement: .all, shape: shape)
      branches.append(floats[before.0.count...].filter { self.shape($0) == shape })
      after.0 += floats[before.0.count...]
      after.1 += integers[before.1.count...]
      after.2 += masks[before.2.count...]
    }
    (floats, integers, masks) = after
    for (left, right) in zip(branches, branches.dropFirst()) {
      guard let a = random.choice(of: left), let b = random.choice(of: right) else { continue }
      let product = must(.binary(.multiply), [a, b], bound: a.bound * b.bound)
      let sum = must(
        .reduceAxes(.sum, over: domain(product)), [product], bound: product.bound * self.count(domain(product)))
      offer(random.chance(0.5) ? sum : scaled(sum, by: 0.25))
    }
  }
}

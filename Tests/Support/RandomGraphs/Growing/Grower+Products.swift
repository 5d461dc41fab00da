internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// How large a product becomes when its terms are about independent: by the root of their number.
  private func bound(_ x: Entry, _ y: Entry, terms: Int, over: Domain) -> Double {
    1.5 * x.bound * y.bound * (Double(terms) * count(over)).squareRoot()
  }

  private mutating func appendProduct(_ x: Entry, _ y: Entry, _ contraction: Contraction, terms: Int, chance: Double) {
    let over = summedAxes([x, y], chance: chance)
    offer(
      append(.product(contraction, over: over), [x, y], bound: bound(x, y, terms: terms, over: over)))
  }

  /// A product of any two values that fit, in any of the ways in which they do.
  mutating func appendProduct() {
    guard let x = draw(floats, where: { shape($0).rank <= 2 }), let y = draw(floats, where: { shape($0).rank <= 2 })
    else { return }
    let (left, right) = (shape(x), shape(y))
    var ways: [(Contraction, Int)] = []
    if left.rank <= 1 && right.rank <= 1 { ways.append((.outer, 1)) }
    for i in 0..<left.rank {
      for j in 0..<right.rank where left[i] == right[j] { ways.append((.dimensions(i, j), left[i])) }
    }
    guard let (contraction, terms) = random.choice(of: ways) else { return }
    appendProduct(x, y, contraction, terms: terms, chance: random.chance(0.5) ? 0.5 : 0)
  }

  /// A value times a new weight, on either side and contracted with either dimension of it, sometimes plus a bias.
  mutating func appendAffine() {
    guard let x = draw(floats, where: { 1...2 ~= shape($0).rank }) else { return }
    let contracted = random.integer(in: 0...shape(x).rank - 1)
    let inputs = shape(x)[contracted]
    let units = extent()
    let isTransposed = random.chance(0.3)
    let weight = parameter(isTransposed ? [units, inputs] : [inputs, units])
    let dimension = isTransposed ? 1 : 0
    let bound = bound(x, weight, terms: inputs, over: .empty)
    let y =
      random.chance(0.8)
      ? append(.product(.dimensions(contracted, dimension), over: .empty), [x, weight], bound: bound)
      : append(.product(.dimensions(dimension, contracted), over: .empty), [weight, x], bound: bound)
    guard let y, random.chance(0.5) else { return offer(y) }
    offer(append(.binary(.add), [y, parameter(shape(y))], bound: bound + 1))
  }

  /// Σ over axes of an outer product, as in the gradient of a weight.
  mutating func appendWeightGradient() {
    guard let x = draw(floats, where: { shape($0).rank <= 1 }), let y = draw(floats, where: { shape($0).rank <= 1 })
    else { return }
    appendProduct(x, y, .outer, terms: 1, chance: 0.8)
  }

  mutating func appendGather() {
    guard let id = draw(integers, where: { shape($0) == .scalar }) else { return }
    let table = random.chance(0.5) ? draw(floats, where: { shape($0).rank >= 1 }) : parameter([extent(), extent()])
    guard let table else { return }
    offer(append(.gather, [table, id], bound: table.bound))
  }

  mutating func appendScatterAdd() {
    guard let id = draw(integers, where: { shape($0) == .scalar }),
      let values = draw(floats, where: { shape($0).rank <= 2 })
    else { return }
    let over = summedAxes([id, values], chance: 0.5)
    offer(append(.scatterAdd(count: extent(), over: over), [id, values], bound: values.bound * count(over)))
  }
}

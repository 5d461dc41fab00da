internal import EbbGraph
internal import EbbTensors

extension Grower {
  mutating func appendTranspose() {
    guard let x = drawAny(where: { shape($0).rank >= 2 }) else { return }
    let last = shape(x).rank - 1
    offer(append(.transpose(random.integer(in: 0...last), random.integer(in: 0...last)), [x], bound: x.bound))
  }

  mutating func appendReshape() {
    guard let x = drawAny() else { return }
    let count = shape(x).count
    let divisors = (1...count).filter { count % $0 == 0 }
    let rows = random.choice(of: divisors) ?? 1
    let shapes: [Shape] = [[count], [rows, count / rows], [rows, 1, count / rows]]
    offer(append(.reshape(random.choice(of: shapes) ?? [count]), [x], bound: x.bound))
  }

  mutating func appendBroadcast() {
    guard let x = drawAny(where: { shape($0).rank <= 2 }) else { return }
    let dimension = random.integer(in: 0...shape(x).rank)
    offer(append(.broadcast(dimension: dimension, count: random.integer(in: 1...4)), [x], bound: x.bound))
  }

  mutating func appendConcatenate() {
    guard let x = drawAny(where: { shape($0).rank >= 1 }) else { return }
    let joined = random.integer(in: 0...shape(x).rank - 1)
    let rest = shape(x).replacing(joined, with: 1)
    let element = type(x).element
    let same = (floats + integers + masks).filter {
      type($0).element == element && shape($0).rank == rest.rank && shape($0).replacing(joined, with: 1) == rest
    }
    var operands = [x]
    for _ in 0..<random.integer(in: 0...2) { if let next = draw(same) { operands.append(next) } }
    operands = random.shuffled(operands)
    offer(append(.concatenate(dimension: joined), operands, bound: operands.map(\.bound).max() ?? 1))
  }

  mutating func appendSlice() {
    guard let x = drawAny(where: { shape($0).rank >= 1 }) else { return }
    let cut = random.integer(in: 0...shape(x).rank - 1)
    let start = random.integer(in: 0...shape(x)[cut] - 1)
    let count = random.integer(in: 1...shape(x)[cut] - start)
    offer(append(.slice(dimension: cut, start: start, count: count), [x], bound: x.bound))
  }

  mutating func appendPad() {
    guard let x = drawAny(where: { shape($0).rank >= 1 }) else { return }
    let padded = random.integer(in: 0...shape(x).rank - 1)
    let (before, after) = (random.integer(in: 0...2), random.integer(in: 0...2))
    offer(append(.pad(dimension: padded, before: before, after: after), [x], bound: x.bound))
  }

  mutating func appendReduceFeatures() {
    guard let drawn = drawAny(where: { shape($0).rank >= 1 && type($0).element != .bool }) else { return }
    let x = options.reducesProducts && graph.count % 3 > 0 ? multiplied(drawn) : drawn
    let dimension = random.integer(in: 0...shape(x).rank - 1)
    let isMax = random.chance(0.3) && (options.allowsKinks || type(x).element == .int32)
    let count = Double(shape(x)[dimension])
    // Of floats the mean and, with its kink at 0, the norm take their turns with the sum.
    let turn = type(x).element.isFloat ? graph.count % 4 : 0
    let (reduction, bound): (FeatureReduction, Double) =
      isMax
      ? (.max, x.bound)
      : turn == 2
        ? (.mean, x.bound)
        : turn == 3 && options.allowsKinks ? (.norm, x.bound * count.squareRoot()) : (.sum, x.bound * count)
    offer(append(.reduceFeatures(reduction, dimension: dimension), [x], bound: bound))
  }

  /// A product that nothing but its reduction reads: of a float and itself, or another of its shape or of one number.
  private mutating func multiplied(_ x: Entry) -> Entry {
    guard type(x).element.isFloat else { return x }
    let mates = floats.filter { shape($0) == shape(x) || shape($0) == .scalar }
    let y = mates[graph.count % mates.count]
    return x.node == y.node
      ? must(.unary(.square), [x], bound: x.bound * x.bound)
      : must(.binary(.multiply), [x, y], bound: x.bound * y.bound)
  }

  mutating func appendArgmaxFeatures() {
    guard let x = random.chance(0.7) && options.allowsKinks ? draw(floats) : draw(integers), shape(x).rank >= 1
    else { return }
    let dimension = random.integer(in: 0...shape(x).rank - 1)
    offer(append(.argmaxFeatures(dimension: dimension), [x], bound: 5))
  }

  mutating func appendAccumulate() {
    guard let b = draw(floats, where: { shape($0).rank >= 1 }) else { return }
    let dimension = random.integer(in: 0...shape(b).rank - 1)
    let factors = draw(floats) { shape($0) == shape(b) || shape($0) == .scalar }
    let a = random.chance(0.3) ? constant(1) : factors.map { tamed($0, to: 1) } ?? constant(-0.5)
    let operation = Operation.accumulate(dimension: dimension, reversed: random.chance(0.4))
    offer(append(operation, [a, b], bound: b.bound * Double(shape(b)[dimension])))
  }

  /// The entries in order, and of integers their places too: those of floats may differ by rounding.
  mutating func appendSort() {
    guard let x = options.allowsKinks && random.chance(0.7) ? draw(floats) : draw(integers), shape(x).rank >= 1
    else { return }
    let dimension = random.integer(in: 0...shape(x).rank - 1)
    let operation = Operation.argsortFeatures(dimension: dimension, descending: random.chance(0.5))
    guard let order = append(operation, [x], bound: 5) else { return }
    if type(x).element == .int32 { offer(order) }
    offer(append(.gatherFeatures(dimension: dimension), [x, order], bound: x.bound))
  }

  mutating func appendGatherFeatures() {
    guard let x = drawAny(where: { (1...2).contains(shape($0).rank) }) else { return }
    let dimension = random.integer(in: 0...shape(x).rank - 1)
    let indices = places(shape(x).replacing(dimension, with: extent()))
    offer(append(.gatherFeatures(dimension: dimension), [x, indices], bound: x.bound))
  }

  mutating func appendScatterFeatures() {
    guard let x = draw(floats, where: { (1...2).contains(shape($0).rank) }) else { return }
    let dimension = random.integer(in: 0...shape(x).rank - 1)
    let known = draw(integers) { shape($0) == shape(x) }
    let operation = Operation.scatterFeatures(dimension: dimension, count: extent())
    offer(append(operation, [known ?? places(shape(x)), x], bound: x.bound * Double(shape(x)[dimension])))
  }

  /// Literal places from −1 to 5: some lie outside.
  private mutating func places(_ shape: Shape) -> Entry {
    let numbers = (0..<shape.count).map { _ in Double(random.integer(in: -1...5)) }
    return Entry(node: graph.appendLeaf(.literal(Literal(numbers)), NodeType(.int32, .empty, shape)), bound: 5)
  }

  /// A function of a matrix that is far from singular: of weights, or of what varies over samples and steps.
  mutating func appendMatrix() {
    let n = random.integer(in: 1...3)
    let varying = options.allowsVaryingMatrices ? floats : []
    let entries = draw(varying) { shape($0).count >= n * n && ($0.isCarried || random.chance(0.5)) }
    let given = entries.map { square(of: $0, n) } ?? parameter([n, n])
    let small = scaled(given, by: 0.3 / max(1, given.bound))
    let diagonal = literal((0..<n * n).map { $0 % (n + 1) == 0 ? 2 : 0 }, [n, n])
    let regular = must(.binary(.add), [small, diagonal], bound: 2.3)
    switch random.choice(of: MatrixFunction.allCases) ?? .solve {
    case .solve:
      let right = draw(varying) { (1...2).contains(shape($0).rank) && shape($0)[0] == n && random.chance(0.6) }
      let b = right ?? parameter(random.chance(0.5) ? [n] : [n, 2])
      offer(append(.matrix(.solve), [regular, b], bound: b.bound))
    case .matrixExponential: offer(append(.matrix(.matrixExponential), [small], bound: 3))
    case .orthonormalFactor:
      let columns = random.integer(in: 1...n)
      let tall = must(.slice(dimension: 1, start: 0, count: columns), [regular], bound: 2.3)
      offer(append(.matrix(.orthonormalFactor), [columns == n ? regular : tall], bound: 1))
    }
  }

  /// The first numbers of a value as a square matrix.
  private mutating func square(of x: Entry, _ n: Int) -> Entry {
    if shape(x) == [n, n] { return x }
    let flat = shape(x).rank == 1 ? x : must(.reshape([shape(x).count]), [x], bound: x.bound)
    let first = must(.slice(dimension: 0, start: 0, count: n * n), [flat], bound: x.bound)
    return must(.reshape([n, n]), [first], bound: x.bound)
  }

  /// Numbers that belong to the graph.
  mutating func literal(_ numbers: [Double], _ shape: Shape) -> Entry {
    let node = graph.appendLeaf(.literal(Literal(numbers)), NodeType(element, .empty, shape))
    return Entry(node: node, bound: numbers.reduce(0) { max($0, abs($1)) })
  }
}

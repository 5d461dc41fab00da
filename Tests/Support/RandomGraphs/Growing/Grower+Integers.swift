internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// A leaf without a name: an index, a length, numbers in a row, given numbers, or another parameter.
  mutating func appendLeaf() {
    guard let axis = random.choice(of: axes) else { return }
    switch random.integer(in: 0...4) {
    case 0: integers.append(Entry(node: graph.append(.axisIndex(axis), []), bound: 6))
    case 1: integers.append(Entry(node: graph.append(.axisLength(axis), []), bound: 6))
    case 2: integers.append(Entry(node: graph.append(.iota(extent()), []), bound: 5))
    case 3:
      let shape = someShape()
      offer(literal((0..<shape.count).map { _ in random.number(in: -1...1) }, shape))
    default: offer(parameter(someShape()))
    }
  }

  /// Within a recurrence: an integer and a truth value that depend on it, unless there are some.
  private mutating func appendCarriedChoices() {
    guard recurrence != nil else { return }
    if !integers.contains(where: \.isCarried) { random.chance(0.5) ? appendConversion() : appendArgmaxFeatures() }
    if !masks.contains(where: \.isCarried) { appendComparison() }
  }

  /// A float, cut off to an integer.
  private mutating func appendConversion() {
    guard options.allowsKinks, let x = draw(floats) else { return }
    let moved = must(.binary(.add), [x, constant(random.number(in: -0.4...0.4))], bound: x.bound + 1)
    let wide = must(.binary(.multiply), [moved, constant(random.number(in: 1.5...2.5))], bound: moved.bound * 3)
    offer(append(.convert(.int32), [wide], bound: wide.bound))
  }

  /// Arithmetic of integers, and conversions to and from them.
  mutating func appendIntegers() {
    appendCarriedChoices()
    switch random.integer(in: 0...5) {
    case 0:
      guard let x = draw(integers) else { return }
      let functions: [(UnaryFunction, Double)] = [
        (.negate, x.bound), (.absolute, x.bound), (.sign, 1), (.square, x.bound * x.bound),
      ]
      guard let (function, bound) = random.choice(of: functions) else { return }
      offer(append(.unary(function), [x], bound: bound))
    case 1, 2, 3:
      guard let x = draw(integers), let mate = mate(of: x, in: integers) else { return }
      let y = random.chance(0.3) ? constant(Double(random.integer(in: -3...3)), .int32) : mate
      let functions: [(BinaryFunction, Double)] = [
        (.add, x.bound + y.bound), (.subtract, x.bound + y.bound), (.multiply, x.bound * y.bound),
        (.maximum, max(x.bound, y.bound)), (.minimum, max(x.bound, y.bound)), (.floorDivide, x.bound),
        (.remainder, y.bound),
      ]
      guard let (function, bound) = random.choice(of: functions) else { return }
      offer(append(.binary(function), [x, y], bound: bound))
    case 4:
      guard let x = random.chance(0.5) ? draw(integers) : draw(masks) else { return }
      offer(append(.convert(element), [x], bound: x.bound))
    default: appendConversion()
    }
  }

  mutating func appendComparison() {
    guard let comparison = random.choice(of: Comparison.allCases) else { return }
    if options.allowsKinks, random.chance(0.5) {
      // With a number that is met by chance only: rounding does not decide.
      guard comparison != .equal, comparison != .notEqual, let x = draw(floats) else { return }
      offer(append(.compare(comparison), [x, constant(random.number(in: -0.4...0.4))], bound: 1))
    } else {
      guard let x = draw(integers), let y = mate(of: x, in: integers) else { return }
      offer(append(.compare(comparison), [x, y], bound: 1))
    }
  }

  mutating func appendLogic() {
    appendCarriedChoices()
    switch random.integer(in: 0...3) {
    case 0:
      guard let x = draw(masks) else { return }
      offer(append(.unary(.not), [x], bound: 1))
    case 1:
      guard let x = draw(floats) else { return }
      offer(append(.unary(.isFinite), [x], bound: 1))
    case 2:
      guard let x = draw(integers) else { return }
      offer(append(.convert(.bool), [x], bound: 1))
    default:
      guard let x = draw(masks), let y = mate(of: x, in: masks),
        let function = random.choice(of: [BinaryFunction.and, .or, .xor])
      else { return }
      offer(append(.binary(function), [x, y], bound: 1))
    }
  }
}

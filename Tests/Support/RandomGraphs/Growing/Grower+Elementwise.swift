internal import EbbGraph
internal import EbbTensors
internal import Foundation

extension Grower {
  /// An operand for an elementwise operation with this one: of equal shape, or one of the two is a scalar.
  func mate(of entry: Entry, in entries: [Entry]) -> Entry? {
    let shape = shape(entry)
    return draw(entries) { other in
      let type = graph.type(other.node)
      return type.element == graph.type(entry.node).element
        && (type.shape == shape || type.shape == .scalar || shape == .scalar)
    }
  }

  /// A smooth function of any number.
  mutating func appendSmooth() {
    guard let x = draw(floats) else { return }
    guard let function = random.choice(of: Self.smooth.filter { $0.isOfAllNumbers }.map(\.function)) else { return }
    offer(append(.unary(function), [x], bound: Self.bound(of: function, over: -x.bound...x.bound)))
  }

  /// The smooth functions, and whether they are defined for all numbers.
  private static let smooth: [(function: UnaryFunction, isOfAllNumbers: Bool)] =
    UnaryFunction.allCases.compactMap { function in
      guard let reference = function.reference(Double.self), reference.isSmooth else { return nil }
      return reference.interval.map { (function, $0.lowerBound < -1) }
    }

  /// About the largest magnitude of a function.
  private static func bound(of function: UnaryFunction, over interval: ClosedRange<Double>) -> Double {
    let reference = function.reference(Double.self)
    let step = (interval.upperBound - interval.lowerBound) / 16
    return (0...16).reduce(0.1) { max($0, reference?.value(interval.lowerBound + Double($1) * step).magnitude ?? 0) }
  }

  /// c + x² with c > 0.
  private mutating func positive(_ x: Entry) -> (entry: Entry, least: Double) {
    let c = random.number(in: 0.5...1.5)
    let square = must(.unary(.square), [x], bound: x.bound * x.bound)
    return (must(.binary(.add), [constant(c), square], bound: c + square.bound), c)
  }

  mutating func appendFunctionOfPositive() {
    guard let x = draw(floats) else { return }
    let (y, least) = positive(x)
    let functions = Self.smooth.filter { !$0.isOfAllNumbers }.map(\.function)
    if random.chance(0.8), let function = random.choice(of: functions) {
      offer(append(.unary(function), [y], bound: Self.bound(of: function, over: least...y.bound)))
    } else if let other = mate(of: y, in: floats) {
      let exponent = must(.unary(.sin), [other], bound: 1)
      offer(append(.binary(.power), [y, exponent], bound: max(y.bound, 1 / least)))
    }
  }

  /// A function with kinks or jumps. Jumps are put at odd places, where rounding does not decide.
  mutating func appendKinked() {
    guard options.allowsKinks, let x = draw(floats) else { return }
    switch random.integer(in: 0...5) {
    case 0: offer(append(.unary(.absolute), [x], bound: x.bound))
    case 1: offer(append(.unary(.relu), [x], bound: x.bound))
    case 2, 3:
      let shifted = must(.binary(.subtract), [x, constant(random.number(in: -0.4...0.4))], bound: x.bound + 0.4)
      let function = random.chance(0.5) ? UnaryFunction.sign : .floor
      offer(append(.unary(function), [shifted], bound: function == .sign ? 1 : x.bound + 2))
    default:
      guard let y = mate(of: x, in: floats) else { return }
      offer(append(.binary(random.chance(0.5) ? .maximum : .minimum), [x, y], bound: max(x.bound, y.bound)))
    }
  }

  mutating func appendArithmetic() {
    guard let x = draw(floats), let y = mate(of: x, in: floats) else { return }
    let functions: [(BinaryFunction, Double)] = [
      (.add, x.bound + y.bound), (.subtract, x.bound + y.bound), (.multiply, x.bound * y.bound),
    ]
    guard let (function, bound) = random.choice(of: functions) else { return }
    offer(append(.binary(function), random.chance(0.5) ? [x, y] : [y, x], bound: bound))
  }

  mutating func appendQuotient() {
    guard let x = draw(floats), let y = mate(of: x, in: floats) else { return }
    let (divisor, least) = positive(y)
    // Where x > 0 the angle is smooth.
    if random.chance(0.3) { return offer(append(.binary(.atan2), [x, divisor], bound: .pi / 2)) }
    offer(append(.binary(.divide), [x, divisor], bound: x.bound / least))
  }

  mutating func appendSelect() {
    guard let condition = draw(masks), let x = drawAny() else { return }
    let wanted = shape(condition)
    guard wanted == .scalar || shape(x) == .scalar || wanted == shape(x) else { return }
    let same: [Entry]
    switch type(x).element {
    case .float32, .float64: same = floats
    case .int32: same = integers
    case .bool: same = masks
    }
    let limit = shape(x) == .scalar ? wanted : shape(x)
    guard let y = draw(same, where: { shape($0) == .scalar || limit == .scalar || shape($0) == limit }) else { return }
    offer(append(.select, [condition, x, y], bound: max(x.bound, y.bound)))
  }

  /// A detour over Float64.
  mutating func appendPrecision() {
    guard element == .float32, let x = draw(floats) else { return }
    let wide = must(.convert(.float64), [x], bound: x.bound)
    let y = must(.unary(.tanh), [wide], bound: 1)
    offer(append(.convert(.float32), [y], bound: 1))
  }

  mutating func appendIdentity() {
    guard options.allowsGradientCuts, let x = draw(floats) else { return }
    let limit = random.number(in: 0.05...1)
    switch random.integer(in: 0...3) {
    case 0: if options.allowsStops { offer(append(.stopGradient, [x], bound: x.bound)) }
    case 1: if options.allowsStops { appendDeclaredGradient() }
    case 2: offer(append(.clipGradient(.norm(limit)), [x], bound: x.bound))
    default: offer(append(.clipGradient(.value(limit)), [x], bound: x.bound))
    }
  }

  /// y = x with the gradient x̄ = ȳ / (1 + z²), where z is another value: a factor of the adjoint.
  private mutating func appendDeclaredGradient() {
    guard let x = draw(floats) else { return }
    let domain = type(x).domain
    // A carried value may get further axes, which the gradient must not have without its value.
    let z = draw(floats) {
      (shape($0) == .scalar || shape($0) == shape(x)) && type($0).domain.isSubset(of: domain) && mayExtend($0)
    }
    let (divisor, _) = positive(z ?? x)
    let adjoint = must(.incomingAdjoint, [x], bound: 1)
    let gradient = must(.binary(.divide), [adjoint, divisor], bound: 1)
    offer(append(.declaredGradient, [x, adjoint, x, gradient], bound: x.bound))
  }
}

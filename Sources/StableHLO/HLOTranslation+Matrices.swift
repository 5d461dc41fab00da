internal import EbbGraph

/// Functions of whole matrices, written out: a module has no operators for them.
///
/// Each round of a loop takes one column of all matrices at once.
extension HLOTranslation {
  mutating func matrix(_ function: MatrixFunction, _ operands: [HLOValue], _ name: String?) -> HLOValue {
    let axes = operands.reduce(Domain.empty) { $0.union($1.axes) }
    let whole = operands.map { writer.expanded($0, to: axes) }
    let result: HLOValue
    switch function {
    case .solve: result = solution(whole[0], whole[1])
    case .matrixExponential: result = exponential(whole[0])
    case .orthonormalFactor: result = orthonormalFactor(whole[0])
    }
    // An infinite or NaN entry makes every entry NaN.
    var isFinite: HLOValue?
    for operand in whole {
      let places = Array(axes.count..<operand.dims.count)
      let all = writer.reduce(
        "and", writer.isFinite(operand), places, from: writer.number(1, .i1), axes: axes, named: "isFinite")
      isFinite = isFinite.map { writer.apply("and", $0, all) } ?? all
    }
    guard let isFinite else { return result }
    return writer.select(isFinite, result, writer.number(.nan, result.element), named: name ?? "\(function)")
  }

  // MARK: Parts of matrices

  /// The matrix product of the last two dimensions.
  private mutating func times(_ x: HLOValue, _ y: HLOValue) -> HLOValue {
    let axes = x.axes
    let count = axes.count
    return writer.dot(
      x, y, paired: (0..<count).map { ($0, $0) }, contracted: [(x.dims.count - 1, count)]
    ).with(axes: axes)
  }

  /// A vector for each index as the rows of a matrix of this shape, all the same, or as its columns.
  private mutating func spread(_ x: HLOValue, _ shape: [Int], alongColumns: Bool) -> HLOValue {
    writer.broadcast(x, x.axes, shape, features: [alongColumns ? 0 : 1])
  }

  private mutating func outer(_ x: HLOValue, _ y: HLOValue, _ shape: [Int]) -> HLOValue {
    writer.apply("multiply", spread(x, shape, alongColumns: true), spread(y, shape, alongColumns: false))
  }

  private mutating func identity(_ n: Int, _ axes: Domain, _ element: HLOElement) -> HLOValue {
    let rows = writer.indices([n, n], along: 0, .empty)
    let isDiagonal = writer.compare("EQ", rows, writer.indices([n, n], along: 1, .empty))
    return writer.broadcast(writer.convert(isDiagonal, element), axes, [n, n])
  }

  // MARK: Functions

  /// x with A x = b, by Gauss and Jordan's elimination with row exchanges; NaN if a pivot is 0.
  private mutating func solution(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let (axes, n, isVector) = (a.axes, a.shape[0], b.shape.count == 1)
    let right = isVector ? writer.reshaped(b, axes, writer.dims(axes, [n, 1])) : b
    let joined = writer.joined([a, right], axes.count + 1)
    let (shape, row, column) = (joined.shape, axes.count, axes.count + 1)
    let solved = loop(n, named: "solution", [("rows", joined)]) { translation, step, carried in
      let rows = carried[0]
      // The row with the largest entry in this column, among those that are left.
      let entries = translation.writer.entry(rows, column, at: step, axes: axes)
      let places = translation.writer.indices([n], along: 0, .empty)
      let size = translation.writer.apply("abs", entries)
      let isLeft = translation.writer.compare("GE", places, step)
      let left = translation.writer.select(isLeft, size, translation.writer.number(-1, size.element))
      let best = translation.firstLargest(left, axes.count, axes: axes, nil)
      let own = translation.writer.entry(rows, row, at: step, axes: axes)
      let other = translation.taken(rows, row, at: best)
      // Exchanged, divided by the pivot, and subtracted from all others.
      let isBest = translation.writer.compare("EQ", places, best)
      let isOwn = translation.writer.compare("EQ", places, step)
      let pivot = translation.writer.entry(other, axes.count, at: step, axes: axes)
      let isZero = translation.writer.compare("EQ", pivot, translation.writer.number(0, pivot.element))
      let divisor = translation.writer.select(isZero, translation.writer.number(.nan, pivot.element), pivot)
      let scaled = translation.writer.apply("divide", other, divisor)
      let bestRows = translation.spread(isBest, shape, alongColumns: true)
      let exchanged = translation.writer.select(bestRows, translation.spread(own, shape, alongColumns: false), rows)
      let factors = translation.writer.entry(exchanged, column, at: step, axes: axes)
      let change = translation.outer(factors, scaled, shape)
      let reduced = translation.writer.apply("subtract", exchanged, change)
      let ownRows = translation.spread(isOwn, shape, alongColumns: true)
      return [translation.writer.select(ownRows, translation.spread(scaled, shape, alongColumns: false), reduced)]
    }
    let x = writer.sliced(solved[0], column, n..<shape[1])
    return isVector ? writer.reshaped(x, axes, b.dims) : x
  }

  /// e^A = (e^(A/2ˢ))^(2ˢ), the inner one by Padé's approximant of degree 13 (Higham, "The scaling and squaring method
  /// for the matrix exponential revisited", SIAM J. Matrix Anal. Appl. 26, 2005).
  private mutating func exponential(_ a: HLOValue) -> HLOValue {
    let (axes, n, element) = (a.axes, a.shape[0], a.element)
    let sums = writer.sum(writer.apply("abs", a), [axes.count], axes: axes)
    let norm = writer.reduce("maximum", sums, [axes.count], from: writer.number(0, element), axes: axes, named: "norm")
    // s = max(0, ⌈log₂(‖A‖₁ / 5.37)⌉)
    let ratio = writer.apply("log", writer.apply("divide", norm, writer.number(5.371920351148152, element)))
    let exponent = writer.apply(
      "ceil", writer.apply("divide", ratio, writer.number(0.6931471805599453, element)))
    let isSmall = writer.compare("LT", exponent, writer.number(1024, element))
    let positive = writer.apply("maximum", exponent, writer.number(0, element))
    let scalings = writer.select(isSmall, positive, writer.number(0, element))
    let factor = writer.apply("power", writer.number(0.5, element), scalings)
    let scaled = writer.apply("multiply", a, writer.broadcast(factor, axes, a.shape, features: []))
    let unit = identity(n, axes, element)
    let second = times(scaled, scaled)
    let fourth = times(second, second)
    let sixth = times(fourth, second)
    func sum(_ translation: inout HLOTranslation, _ parts: [(HLOValue, Int)]) -> HLOValue {
      var result: HLOValue?
      for (matrix, power) in parts {
        let coefficient = translation.writer.number(Self.coefficients[power] / Self.coefficients[0], element)
        let part = translation.writer.apply("multiply", matrix, coefficient)
        result = result.map { translation.writer.apply("add", $0, part) } ?? part
      }
      return result ?? unit
    }
    let high = times(sixth, sum(&self, [(sixth, 13), (fourth, 11), (second, 9)]))
    let odd = writer.apply("add", high, sum(&self, [(sixth, 7), (fourth, 5), (second, 3), (unit, 1)]))
    let u = times(scaled, odd)
    let upper = times(sixth, sum(&self, [(sixth, 12), (fourth, 10), (second, 8)]))
    let v = writer.apply("add", upper, sum(&self, [(sixth, 6), (fourth, 4), (second, 2), (unit, 0)]))
    let start = solution(writer.apply("subtract", v, u), writer.apply("add", v, u))
    let rounds = writer.convert(
      writer.reduce("maximum", scalings, Array(0..<axes.count), from: writer.number(0, element), axes: .empty), .i32)
    let powers = loop(rounds, named: "squared", [("power", start)]) { translation, step, carried in
      let squared = translation.times(carried[0], carried[0])
      let isLeft = translation.writer.compare("LT", translation.writer.convert(step, element), scalings)
      return [translation.writer.select(isLeft, squared, carried[0])]
    }
    return powers[0]
  }

  /// Of Padé's approximant of degree 13, from the lowest power.
  private static let coefficients: [Double] = [
    64_764_752_532_480_000, 32_382_376_266_240_000, 7_771_770_303_897_600, 1_187_353_796_428_800, 129_060_195_264_000,
    10_559_470_521_600, 670_442_572_800, 33_522_128_640, 1_323_241_920, 40_840_800, 960_960, 16_380, 182, 1,
  ]

  /// Q of A = Q R by Householder's reflections, with numbers from 0 on along the diagonal of R.
  private mutating func orthonormalFactor(_ a: HLOValue) -> HLOValue {
    let (axes, m, n, element) = (a.axes, a.shape[0], a.shape[1], a.element)
    let factors = loop(n, named: "factored", [("r", a), ("q", identity(m, axes, element))]) {
      translation, step, carried in
      let (r, q) = (carried[0], carried[1])
      let (zero, one) = (translation.writer.number(0, element), translation.writer.number(1, element))
      let places = translation.writer.indices([m], along: 0, .empty)
      let column = translation.writer.entry(r, axes.count + 1, at: step, axes: axes)
      let isLeft = translation.writer.compare("GE", places, step)
      let x = translation.writer.select(isLeft, column, zero)
      let norm = translation.norm(x, [axes.count], axes: axes, nil)
      // v = x / ‖x‖ ± e, away from 0; without a reflection where x is 0.
      let isZero = translation.writer.compare("EQ", norm, zero)
      let divisor = translation.writer.select(isZero, one, norm)
      let direction = translation.writer.apply(
        "divide", x, translation.writer.broadcast(divisor, axes, [m], features: []))
      let own = translation.writer.entry(direction, axes.count, at: step, axes: axes)
      let isPositive = translation.writer.compare("GE", own, zero)
      let sign = translation.writer.select(isPositive, one, translation.writer.number(-1, element))
      let isOwn = translation.writer.compare("EQ", places, step)
      let v = translation.writer.apply("add", direction, translation.writer.select(isOwn, sign, zero))
      let length = translation.writer.sum(translation.writer.apply("multiply", v, v), [axes.count], axes: axes)
      let ordinary = translation.writer.apply("divide", translation.writer.number(2, element), length)
      let scale = translation.writer.select(isZero, zero, ordinary)
      let scaled = translation.writer.apply("multiply", v, translation.writer.broadcast(scale, axes, [m], features: []))
      let pairs = (0..<axes.count).map { ($0, $0) }
      let across = translation.writer.dot(v, r, paired: pairs, contracted: [(axes.count, axes.count)]).with(axes: axes)
      let along = translation.writer.dot(q, v, paired: pairs, contracted: [(axes.count + 1, axes.count)]).with(
        axes: axes)
      let fromR = translation.outer(scaled, across, [m, n])
      let fromQ = translation.outer(along, scaled, [m, m])
      return [translation.writer.apply("subtract", r, fromR), translation.writer.apply("subtract", q, fromQ)]
    }
    let (r, q) = (factors[0], writer.sliced(factors[1], axes.count + 1, 0..<n))
    let diagonal = writer.sum(
      writer.apply("multiply", writer.sliced(r, axes.count, 0..<n), identity(n, axes, element)), [axes.count],
      axes: axes)
    let isNegative = writer.compare("LT", diagonal, writer.number(0, element))
    let signs = writer.select(isNegative, writer.number(-1, element), writer.number(1, element))
    return writer.apply("multiply", q, spread(signs, [m, n], alongColumns: false))
  }
}

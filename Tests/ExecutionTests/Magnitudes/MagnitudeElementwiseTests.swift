import EbbGraph
import EbbTensors
import Testing

/// Every elementwise function of floats and its first derivatives, from the smallest denormal number to the largest finite
/// one.
@Suite struct MagnitudeElementwiseTests {
  @Test(arguments: UnaryFunction.allCases)
  func unary(_ function: UnaryFunction) throws {
    try check(function, MagnitudeSample<Float, Double>(element: .float32))
    #if arch(x86_64) && !os(Windows)
      try check(function, MagnitudeSample<Double, Float80>(element: .float64))
    #endif
  }

  @Test(arguments: BinaryFunction.allCases)
  func binary(_ function: BinaryFunction) throws {
    try check(function, MagnitudeSample<Float, Double>(element: .float32))
    #if arch(x86_64) && !os(Windows)
      try check(function, MagnitudeSample<Double, Float80>(element: .float64))
    #endif
  }

  private func check<S, W>(_ function: UnaryFunction, _ sample: MagnitudeSample<S, W>) throws {
    guard let reference = reference(function, W.self) else { return }
    let numbers = sample.numbers
    let outcomes = try sample.run([numbers], differentiates: reference.derivative != nil, .unary(function))
    for outcome in outcomes {
      for (index, x) in numbers.enumerated() {
        let value = reference.value(W(x))
        #expect(
          sample.agrees(outcome.value[index], value),
          "\(outcome.computer): \(function)(\(x)) = \(outcome.value[index]), not \(value)")
        guard let derivative = reference.derivative?(W(x)) else { continue }
        // A derivative that is written in the function's value has that one's absolute error.
        let allowance = reference.isWrittenInValue ? 2 * W(S.ulpOfOne) : 0
        #expect(
          sample.agrees(outcome.gradients[0][index], derivative, allowance: allowance),
          "\(outcome.computer): \(function)′(\(x)) = \(outcome.gradients[0][index]), not \(derivative)")
      }
    }
  }

  private struct Reference<W: Wide> {
    var value: (W) -> W
    var derivative: ((W) -> W)?
    var isWrittenInValue = false
  }

  /// Nil for functions of no float.
  private func reference<W: Wide>(_ function: UnaryFunction, _: W.Type) -> Reference<W>? {
    switch function {
    case .negate: Reference(value: { -$0 }, derivative: { _ in -1 })
    case .absolute: Reference(value: { $0.magnitude }, derivative: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    case .sign: Reference(value: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 })
    case .relu: Reference(value: { max($0, 0) }, derivative: { $0 > 0 ? 1 : 0 })
    case .exp: Reference(value: { W.exponential($0) }, derivative: { W.exponential($0) })
    case .expm1:
      Reference(
        value: { W.exponentialMinusOne($0) }, derivative: { W.exponential($0) }, isWrittenInValue: true)
    case .log: Reference(value: { W.logarithm($0) }, derivative: { 1 / $0 })
    case .log1p: Reference(value: { W.logarithmOfOnePlus($0) }, derivative: { 1 / (1 + $0) })
    case .sqrt: Reference(value: { $0.squareRoot() }, derivative: { 1 / (2 * $0.squareRoot()) })
    case .reciprocal: Reference(value: { 1 / $0 }, derivative: { -1 / ($0 * $0) })
    case .tanh:
      Reference(
        value: { W.hyperbolicTangent($0) },
        derivative: { x in
          let e = W.exponential(-x.magnitude)
          return 4 * e * e / ((1 + e * e) * (1 + e * e))
        }, isWrittenInValue: true)
    case .sigmoid:
      Reference(
        value: { W.sigmoid($0) }, derivative: { W.sigmoid($0) * W.sigmoid(-$0) }, isWrittenInValue: true)
    case .softplus: Reference(value: { W.softplus($0) }, derivative: { W.sigmoid($0) })
    case .sin: Reference(value: { W.sine($0) }, derivative: { W.cosine($0) })
    case .cos: Reference(value: { W.cosine($0) }, derivative: { -W.sine($0) })
    case .erf:
      Reference(
        value: { W.errorFunction($0) }, derivative: { 2 / W.pi.squareRoot() * W.exponential(-$0 * $0) },
        isWrittenInValue: true)
    case .floor: Reference(value: { $0.rounded(.down) })
    case .square: Reference(value: { $0 * $0 }, derivative: { 2 * $0 })
    case .isFinite: Reference(value: { _ in 1 })
    case .not: nil
    }
  }

  private func check<S, W>(_ function: BinaryFunction, _ sample: MagnitudeSample<S, W>) throws {
    // Every third number of each sign with every third one, or exponents that are not too large.
    let left = sample.numbers.enumerated().filter { $0.offset % 3 == 1 || $0.element == 0 }.map(\.element)
    let right = function == .power ? [-3, -1, -0.5, 0, 0.5, 1, 2, 3.75].map { S($0) } : left
    var (a, b): ([S], [S]) = ([], [])
    for x in left where function != .power || x >= 0 {
      for y in right {
        a.append(x)
        b.append(y)
      }
    }
    guard let reference = reference(function, W.self) else { return }
    for outcome in try sample.run([a, b], differentiates: true, .binary(function)) {
      for index in a.indices {
        let (x, y) = (W(a[index]), W(b[index]))
        let found = [outcome.value[index], outcome.gradients[0][index], outcome.gradients[1][index]]
        // A derivative that is written in the function's value multiplies the absolute error of that one.
        let unit = W(S.leastNonzeroMagnitude)
        let allowance: W = function == .divide ? unit / y.magnitude : function == .power ? 2000 * unit : 0
        for (found, expected) in zip(found, reference(x, y)) {
          #expect(
            sample.agrees(found, expected, allowance: allowance.isFinite ? allowance : 0),
            "\(outcome.computer): \(function)(\(x), \(y)) gave \(found), not \(expected) of \(reference(x, y))")
        }
      }
    }
  }

  /// The value and both derivatives; nil for functions of no float.
  private func reference<W: Wide>(_ function: BinaryFunction, _: W.Type) -> ((W, W) -> [W])? {
    switch function {
    case .add: { [$0 + $1, 1, 1] }
    case .subtract: { [$0 - $1, 1, -1] }
    case .multiply: { [$0 * $1, $1, $0] }
    case .divide: { [$0 / $1, 1 / $1, -($0 / $1) / $1] }
    case .maximum: { [max($0, $1), $0 >= $1 ? 1 : 0, $0 >= $1 ? 0 : 1] }
    case .minimum: { [min($0, $1), $0 <= $1 ? 1 : 0, $0 <= $1 ? 0 : 1] }
    case .power:
      { x, y in
        // d(x⁰)/dx is 0 for every x, and xʸ ln x is taken as 0 at x = 0.
        let slope: W = y == 0 ? 0 : y * W.power(x, y - 1)
        return [W.power(x, y), slope, x == 0 ? W.power(x, y) * 0 : W.power(x, y) * W.logarithm(x)]
      }
    case .floorDivide, .remainder, .and, .or, .xor: nil
    }
  }
}

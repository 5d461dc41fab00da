import EbbGraph
import EbbTensors
import EbbTestSupport
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
    guard let reference = function.reference(W.self) else { return }
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
    guard let reference = function.reference(W.self) else { return }
    for outcome in try sample.run([a, b], differentiates: true, .binary(function)) {
      for index in a.indices {
        let (x, y) = (W(a[index]), W(b[index]))
        let found = [outcome.value[index], outcome.gradients[0][index], outcome.gradients[1][index]]
        // A derivative that is written in the function's value multiplies the absolute error of that one.
        let unit = W(S.leastNonzeroMagnitude)
        // That of atan2 is x / r² = (x / m) / (r² / m²) / m with m = max(|x|, |y|), where x / m may be denormal.
        let allowances: [BinaryFunction: W] = [
          .divide: unit / y.magnitude, .power: 2000 * unit, .atan2: unit / max(x.magnitude, y.magnitude),
        ]
        let allowance = allowances[function] ?? 0
        for (found, expected) in zip(found, reference(x, y)) {
          #expect(
            sample.agrees(found, expected, allowance: allowance.isFinite ? allowance : 0),
            "\(outcome.computer): \(function)(\(x), \(y)) gave \(found), not \(expected) of \(reference(x, y))")
        }
      }
    }
  }
}

import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

/// Reductions, norms, normalisation, the softmax family and losses of vectors, from the smallest denormal number to the
/// largest finite one.
@Suite struct MagnitudeVectorTests {
  /// Directions: with zeros, with equal entries, with one that stands out, and of more numbers than a panel has.
  static let shapes: [[Double]] = [
    [1, -0.5, 0.25, 0, -1], [1, 1, 1, -1, 1], [1, 0x1p-20, 0, 0, 0x1p-40],
    (0..<37).map { 1 - Double($0 * $0 % 29) / 16 },
  ]

  @Test(arguments: VectorFunction.allCases)
  func valuesAndFirstDerivatives(_ function: VectorFunction) throws {
    for setting in function.settings {
      try check(function, setting, MagnitudeSample<Float, Double>(element: .float32, ulps: 32))
      #if arch(x86_64) && !os(Windows)
        try check(function, setting, MagnitudeSample<Double, Float80>(element: .float64, ulps: 32))
      #endif
    }
  }

  private func check<S, W>(_ function: VectorFunction, _ setting: Double, _ sample: MagnitudeSample<S, W>) throws {
    let rule = function.rule(setting, sample)
    for shape in Self.shapes {
      let weights = rule.isWeighted ? shape.indices.map { 0.25 * Double($0 * 7 % 9) - 1 } : nil
      let vectors = sample.magnitudes.map { magnitude in shape.map { magnitude * S($0) } }
      // Alone, every ninth will do.
      let runs =
        function.takesRows ? stride(from: 0, to: vectors.count, by: 9).map { [vectors[$0]] } : [vectors]
      for vectors in runs {
        let outcomes = try sample.run(
          rows: vectors.count, [vectors.flatMap { $0 }], weights: weights, isAlone: function.takesRows
        ) { rule.equation($0, $1[0]) }
        for outcome in outcomes {
          for (row, vector) in vectors.enumerated() {
            let expected = rule.expected(vector.map { W($0) }, (weights ?? [1]).map { W($0) })
            for (found, expected, allowance) in [
              (outcome.value, expected.value, expected.allowance ?? 0),
              (outcome.gradients[0], expected.gradient, rule.allowance),
            ] {
              let scale = expected.reduce(0) { max($0, $1.magnitude) }
              for (entry, expected) in expected.enumerated() {
                let number = found[row * (found.count / vectors.count) + entry]
                #expect(
                  sample.agrees(number, expected, scale: scale, allowance: allowance, denormals: rule.denormals),
                  "\(outcome.computer): \(function) of \(vector): \(number), not \(expected), at \(entry)")
              }
            }
          }
        }
      }
    }
  }
}

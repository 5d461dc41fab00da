import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// Norms, normalisation, the softmax family and losses of vectors, from the smallest denormal number to the largest finite
/// one.
@Suite struct MagnitudeNormTests {
  private static let single = MagnitudeSample<Float, Double>(element: .float32, ulps: 32)
  #if arch(x86_64) && !os(Windows)
    private static let double = MagnitudeSample<Double, Float80>(element: .float64, ulps: 32)
  #endif

  /// Directions: with zeros, with equal entries, with one that stands out, and of more numbers than a panel has.
  private static let shapes: [[Double]] = [
    [1, -0.5, 0.25, 0, -1], [1, 1, 1, -1, 1], [1, 0x1p-20, 0, 0, 0x1p-40],
    (0..<37).map { 1 - Double($0 * $0 % 29) / 16 },
  ]

  private func vectors<S, W>(_ shape: [Double], _ sample: MagnitudeSample<S, W>) -> [[S]] {
    sample.magnitudes.map { magnitude in shape.map { magnitude * S($0) } }
  }

  /// For each vector the value and the gradient of Σ weights · value that are expected.
  private typealias Expected<W> = (value: [W], gradient: [W])

  /// - Parameter allowance: For the gradient.
  private func check<S, W>(
    _ name: String, _ sample: MagnitudeSample<S, W>, weights: ((Int) -> [Double])? = nil,
    allowance: W = 0, denormals: Double = 2,
    _ equation: @escaping (Scope, Signal) -> Signal, _ expected: ([W], [W]) -> Expected<W>
  ) throws {
    for shape in Self.shapes {
      let vectors = vectors(shape, sample)
      let weights = weights?(shape.count)
      let outcomes = try sample.run(rows: vectors.count, [vectors.flatMap { $0 }], weights: weights) {
        equation($0, $1[0])
      }
      for outcome in outcomes {
        for (row, vector) in vectors.enumerated() {
          let expected = expected(vector.map { W($0) }, (weights ?? [1]).map { W($0) })
          for (found, expected, allowance) in [
            (outcome.value, expected.value, 0), (outcome.gradients[0], expected.gradient, allowance),
          ] {
            let width = expected.count
            let scale = expected.reduce(0) { max($0, $1.magnitude) }
            for entry in 0..<width {
              let number = found[row * width + entry]
              #expect(
                sample.agrees(number, expected[entry], scale: scale, allowance: allowance, denormals: denormals),
                "\(outcome.computer): \(name) of \(vector): \(number), not \(expected[entry]), at \(entry)")
            }
          }
        }
      }
    }
  }

  @Test func norms() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      try self.check("norm", sample, { norm($1) }) { x, _ in ([norm(x)], x.map { $0 / norm(x) }) }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  @Test func means() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      try self.check("mean", sample, { meanOverFeatures($1) }) { x, _ in ([mean(x)], x.map { _ in 1 / W(x.count) }) }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  /// x / ‖x‖ by division: for w · y the gradient is (w − (w · y) y) / ‖x‖.
  @Test func directions() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      // What lies in the denormal range has fewer digits, and so have quotients of it.
      let safe = { (x: [W]) in norm(x) > W(S.leastNormalMagnitude) * 256 && norm(x) < W(S.greatestFiniteMagnitude) / 256
      }
      try self.check("direction", sample, weights: weights, { $1 / norm($1) }) { x, w in
        let length = norm(x)
        let y = x.map { $0 / length }
        let along = zip(w, y).reduce(0) { $0 + $1.0 * $1.1 }
        return safe(x) ? (y, zip(w, y).map { ($0 - along * $1) / length }) : ([], [])
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  private func weights(_ count: Int) -> [Double] { (0..<count).map { 0.25 * Double($0 * 7 % 9) - 1 } }

  /// y = c / ρ with c = x − μ and ρ = √(σ² + ε): for w · y the gradient is (w − mean w − y mean(w y)) / ρ.
  @Test(arguments: [1e-5, 1e-3]) func layerNorms(_ epsilon: Double) throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      // The mean of denormal numbers is off by up to half the least of them, and is divided by √ε.
      try self.check(
        "layerNorm", sample, weights: weights, denormals: 2 / epsilon.squareRoot(), { layerNorm($1, epsilon: epsilon) }
      ) { x, w in
        let centre = mean(x)
        let c = x.map { $0 - centre }
        let ρ = (mean(c.map { $0 * $0 }) + W(S(epsilon))).squareRoot()
        let y = c.map { $0 / ρ }
        let (a, b) = (mean(w), mean(zip(w, y).map { $0 * $1 }))
        return (y, zip(w, y).map { ($0 - a - $1 * b) / ρ })
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  // MARK: The softmax family

  @Test func softmaxes() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      // Differences of numbers near 1 have their absolute error.
      let allowance = 2 * W(S.ulpOfOne)
      try self.check("softmax", sample, weights: weights, allowance: allowance, { softmax($1) }) { x, w in
        let y = softmax(x)
        let along = zip(w, y).reduce(0) { $0 + $1.0 * $1.1 }
        return (y, zip(w, y).map { $1 * ($0 - along) })
      }
      try self.check("logSoftmax", sample, weights: weights, allowance: allowance, { logSoftmax($1) }) { x, w in
        let total = w.reduce(0, +)
        return (logSoftmax(x), zip(w, softmax(x)).map { $0 - total * $1 })
      }
      try self.check("logSumExp", sample, { logSumExp($1) }) { x, _ in
        ([x[0] - logSoftmax(x)[0]], softmax(x))
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  // MARK: Losses

  /// Derivatives of the softmax are differences of numbers near 1 and have their absolute error.
  @Test(arguments: [0, 1, 4]) func crossEntropies(_ target: Int) throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      try self.check(
        "crossEntropy at \(target)", sample, allowance: 2 * W(S.ulpOfOne),
        { crossEntropy($1, $0.constant(Double(target), as: .int32), over: []) }
      ) { x, _ in
        ([-logSoftmax(x)[target]], softmax(x).enumerated().map { $1 - ($0 == target ? 1 : 0) })
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  @Test(arguments: [0, 0.25, 1]) func binaryCrossEntropies(_ target: Double) throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      try self.check(
        "binaryCrossEntropy of \(target)", sample, { binaryCrossEntropy($1, $0.constant(target), over: []) }
      ) { x, _ in
        let y = W(target)
        let n = W(x.count)
        return (
          [mean(x.map { y * W.softplus(-$0) + (1 - y) * W.softplus($0) })],
          x.map { ((1 - y) * W.sigmoid($0) - y * W.sigmoid(-$0)) / n }
        )
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  @Test func meanSquaredErrors() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      let most = W(S.greatestFiniteMagnitude)
      try self.check("meanSquaredError", sample, { meanSquaredError($1, $0.constant(0), over: []) }) { x, _ in
        // Squares that are beyond the range are infinite, though their mean might not be.
        let squares = x.map { $0 * $0 > most ? W.infinity : $0 * $0 }
        return ([mean(squares)], x.map { 2 * $0 / W(x.count) })
      }
    }
    try check(Self.single)
    #if arch(x86_64) && !os(Windows)
      try check(Self.double)
    #endif
  }

  // MARK: What was found wrong

  /// The largest logit is never added to a sum that has fewer digits than it.
  @Test func smallLossesOfLargeLogitsKeepTheirDigits() throws {
    func loss(_ logits: [Float]) throws -> [Double] {
      try Self.single.run(rows: 1, [logits]) { crossEntropy($1[0], $0.constant(0, as: .int32), over: []) }
        .map { $0.value[0] }
    }
    for value in try loss([20, 8, 8]) { #expect(abs(value / 1.2288347e-5 - 1) < 1e-6) }
    for value in try loss([1e8, 1e8, 0]) { #expect(abs(value - 0.693147181) < 1e-7) }
  }

  /// Of entries that are all −∞ log Σ eˣ is −∞, no class has a weight, and nothing moves.
  @Test func nothingToChooseFrom() throws {
    let empty = [Float](repeating: -.infinity, count: 3)
    for outcome in try Self.single.run(rows: 1, [empty], { logSumExp($1[0]) }) {
      #expect(outcome.value == [-.infinity])
      #expect(outcome.gradients[0] == [0, 0, 0])
    }
    for outcome in try Self.single.run(rows: 1, [empty], { softmax($1[0]) }) {
      #expect(outcome.value == [0, 0, 0])
      #expect(outcome.gradients[0] == [0, 0, 0])
    }
    for outcome in try Self.single.run(rows: 1, [[0, -.infinity, -.infinity] as [Float]], { logSumExp($1[0]) }) {
      #expect(outcome.value == [0])
      #expect(outcome.gradients[0] == [1, 0, 0])
    }
  }

  /// d(x⁰)/dx and its derivatives are 0 for every x, given as a number of the graph or as a value of the run.
  @Test(arguments: [Float(1e-40), 1e-30, 1e-10, 1, 1e30, 0]) func aPowerOfZeroIsFlat(_ x: Float) throws {
    for isGiven in [false, true] {
      var graph = Graph()
      let base = graph.appendLeaf(.input, NodeType(.float32), name: "x")
      let exponent =
        isGiven
        ? graph.appendLeaf(.input, NodeType(.float32), name: "y")
        : graph.appendLeaf(.constant(0), NodeType(.float32))
      let value = graph.append(.binary(.power), [base, exponent])
      graph.setOutput("first", try graph.gradient(of: value, withRespectTo: [base])[0])
      graph.setOutput("second", try graph.gradient(of: graph.output(named: "first")!, withRespectTo: [base])[0])
      var bindings = Bindings(["x": Tensor([], [x])])
      if isGiven { bindings.values["y"] = Tensor([], [Float(0)]) }
      let results = try Executable(Passes.optimized(graph)).run(bindings)
      #expect(results["first"] == Tensor([], [Float(0)]))
      #expect(results["second"] == Tensor([], [Float(0)]))
    }
  }
}

import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport

/// The functions of vectors that the library has, each with its value and its first derivative in wider arithmetic: those
/// that reduce, and those that are composed of several operations.
///
/// `MagnitudeCoverageTests` says for every operation and every public function which of these is about it.
enum VectorFunction: String, CaseIterable {
  case sumOverFeatures, meanOverFeatures, maxOverFeatures, norm, direction, layerNorm, cumulativeSum
  case matmul, outer
  case softmax, logSoftmax, logSumExp
  case crossEntropy, binaryCrossEntropy, meanSquaredError, huber
  // The entries as indices of an axis.
  case sumOverAxes, meanOverAxes, maxOverAxes, softmaxOverAxes
  // All that a signal has, of one vector at a time.
  case sumOfAll, meanOfAll

  /// The settings that each is tried with: ε, the target's class, the target, δ.
  var settings: [Double] {
    switch self {
    case .layerNorm: [1e-5, 1e-3, 1e-30, 1e-300, 0]
    case .crossEntropy: [0, 1, 4]
    case .binaryCrossEntropy: [0, 0.25, 1]
    case .huber: [1, 0.25]
    case .sumOverFeatures, .meanOverFeatures, .maxOverFeatures, .norm, .direction, .cumulativeSum, .matmul, .outer,
      .softmax, .logSoftmax,
      .logSumExp, .meanSquaredError, .sumOverAxes, .meanOverAxes, .maxOverAxes, .softmaxOverAxes, .sumOfAll, .meanOfAll:
      [0]
    }
  }

  /// Whether it takes the rows too, so that each vector is run alone.
  var takesRows: Bool { self == .sumOfAll || self == .meanOfAll }

  /// What is expected of one vector x. Where nothing is promised it is empty.
  struct Expected<W> {
    var value: [W] = []
    /// Of Σ w · value.
    var gradient: [W] = []
    /// How far off the value may be, beside some units in the last place of the result.
    var allowance: W?
  }

  struct Rule<W: Wide> {
    /// Whether the value is multiplied by weights w before its sum is differentiated.
    var isWeighted = false
    /// How far off a gradient may be.
    var allowance: W = 0
    /// How many of the least denormal number a result may be off.
    var denormals = 2.0
    var equation: (Scope, Signal) -> Signal
    var expected: (_ x: [W], _ w: [W]) -> Expected<W>
  }

  func rule<S, W>(_ setting: Double, _ sample: MagnitudeSample<S, W>) -> Rule<W> {
    let most = W(S.greatestFiniteMagnitude)
    let ulp = W(S.ulpOfOne)
    // Differences of numbers near 1 have their absolute error.
    let differences = 2 * ulp
    /// Sums round each term, and may be infinite where their terms together are beyond the range.
    func sum(_ terms: [W], _ gradient: [W], dividedBy count: W = 1) -> Expected<W> {
      let magnitude = terms.reduce(0) { $0 + $1.magnitude }
      guard magnitude < most else { return Expected() }
      return Expected(
        value: [terms.reduce(0, +) / count], gradient: gradient, allowance: W(terms.count) * ulp * magnitude / count)
    }
    func ones(_ x: [W], dividedBy count: W = 1) -> [W] { x.map { _ in 1 / count } }
    func largest(_ x: [W]) -> Expected<W> {
      let most = x.max() ?? 0
      let first = x.firstIndex(of: most)
      return Expected(value: [most], gradient: x.indices.map { $0 == first ? 1 : 0 })
    }
    func softmaxExpected(_ x: [W], _ w: [W]) -> Expected<W> {
      let y = EbbExecutionTests.softmax(x)
      let along = zip(w, y).reduce(0) { $0 + $1.0 * $1.1 }
      return Expected(value: y, gradient: zip(w, y).map { $1 * ($0 - along) })
    }
    /// The vector's entries along an axis.
    func alongAxis(_ scope: Scope, _ x: Signal, _ function: (Signal, Axis) -> Signal) -> Signal {
      let axis = scope.batch("entry", length: x.shape[0])
      return function(featureToAxis(x, axis), axis)
    }

    switch self {
    case .sumOverFeatures: return Rule(equation: { EbbRecording.sumOverFeatures($1) }) { x, _ in sum(x, ones(x)) }
    case .meanOverFeatures:
      return Rule(equation: { EbbRecording.meanOverFeatures($1) }) { x, _ in
        Expected(value: [mean(x)], gradient: ones(x, dividedBy: W(x.count)))
      }
    case .maxOverFeatures: return Rule(equation: { EbbRecording.maxOverFeatures($1) }) { x, _ in largest(x) }
    case .norm:
      return Rule(equation: { EbbRecording.norm($1) }) { x, _ in
        let length = EbbExecutionTests.norm(x)
        return Expected(value: [length], gradient: x.map { $0 / length })
      }
    case .direction:
      // x / ‖x‖ by division: for w · y the gradient is (w − (w · y) y) / ‖x‖.
      return Rule(isWeighted: true, equation: { $1 / EbbRecording.norm($1) }) { x, w in
        let length = EbbExecutionTests.norm(x)
        // What lies in the denormal range has fewer digits, and so have quotients of it.
        guard length > W(S.leastNormalMagnitude) * 256, length < most / 256 else { return Expected() }
        let y = x.map { $0 / length }
        let along = zip(w, y).reduce(0) { $0 + $1.0 * $1.1 }
        return Expected(value: y, gradient: zip(w, y).map { ($0 - along * $1) / length })
      }
    case .cumulativeSum:
      return Rule(equation: { EbbRecording.cumulativeSum($1) }) { x, _ in
        let magnitude = x.reduce(0) { $0 + $1.magnitude }
        guard magnitude < most else { return Expected() }
        return Expected(
          value: x.indices.map { x[...$0].reduce(0, +) }, gradient: x.indices.map { W(x.count - $0) },
          allowance: W(x.count) * ulp * magnitude)
      }
    case .layerNorm:
      // y = c / ρ with c = x − μ and ρ = √(σ² + ε): for w · y the gradient is (w − mean w − y mean(w y)) / ρ. The mean of
      // denormal numbers is off by up to half the least of them, and is divided by √ε, unless ε is so small that they are
      // enlarged first.
      return Rule(
        isWeighted: true, denormals: setting < (S.self == Double.self ? 1e-240 : 1e-24) ? 2 : 2 / setting.squareRoot(),
        equation: { EbbRecording.layerNorm($1, epsilon: setting) }
      ) { x, w in
        let centre = mean(x)
        let c = x.map { $0 - centre }
        let ρ = (mean(c.map { $0 * $0 }) + W(S(setting))).squareRoot()
        guard ρ > 0 else { return Expected() }
        let y = c.map { $0 / ρ }
        let (a, b) = (mean(w), mean(zip(w, y).map { $0 * $1 }))
        return Expected(value: y, gradient: zip(w, y).map { ($0 - a - $1 * b) / ρ })
      }
    case .matmul:
      // The product with weights of its own, which are small whole numbers.
      func own<N: BinaryFloatingPoint>(_ count: Int) -> [N] { (0..<count).map { N($0 % 5) - 2 } }
      return Rule(equation: { scope, x in
        let weights = (own(x.shape[0]) as [Double]).map { reshape(scope.constant($0), [1]) }
        return EbbRecording.matmul(x, concatenate(weights))
      }) { x, _ in sum(zip(x, own(x.count)).map { $0 * $1 }, own(x.count)) }
    case .outer:
      return Rule(
        isWeighted: true, equation: { reshape(EbbRecording.outer($1, reshape($0.constant(0.75), [1])), [$1.shape[0]]) }
      ) { x, w in Expected(value: x.map { $0 * 0.75 }, gradient: w.map { $0 * 0.75 }) }
    case .softmax:
      return Rule(
        isWeighted: true, allowance: differences, equation: { EbbRecording.softmax($1) }, expected: softmaxExpected)
    case .logSoftmax:
      return Rule(isWeighted: true, allowance: differences, equation: { EbbRecording.logSoftmax($1) }) { x, w in
        let total = w.reduce(0, +)
        return Expected(
          value: EbbExecutionTests.logSoftmax(x),
          gradient: zip(w, EbbExecutionTests.softmax(x)).map { $0 - total * $1 })
      }
    case .logSumExp:
      return Rule(equation: { EbbRecording.logSumExp($1) }) { x, _ in
        Expected(value: [x[0] - EbbExecutionTests.logSoftmax(x)[0]], gradient: EbbExecutionTests.softmax(x))
      }
    case .crossEntropy:
      let target = Int(setting)
      return Rule(
        allowance: differences,
        equation: { EbbRecording.crossEntropy($1, $0.constant(setting, as: .int32), over: []) }
      ) { x, _ in
        Expected(
          value: [-EbbExecutionTests.logSoftmax(x)[target]],
          gradient: EbbExecutionTests.softmax(x).enumerated().map { $1 - ($0 == target ? 1 : 0) })
      }
    case .binaryCrossEntropy:
      return Rule(equation: { EbbRecording.binaryCrossEntropy($1, $0.constant(setting), over: []) }) { x, _ in
        let y = W(setting)
        let n = W(x.count)
        return Expected(
          value: [mean(x.map { y * W.softplus(-$0) + (1 - y) * W.softplus($0) })],
          gradient: x.map { ((1 - y) * W.sigmoid($0) - y * W.sigmoid(-$0)) / n })
      }
    case .meanSquaredError:
      return Rule(equation: { EbbRecording.meanSquaredError($1, $0.constant(0), over: []) }) { x, _ in
        // Squares that are beyond the range are infinite, though their mean might not be.
        let squares = x.map { $0 * $0 > most ? W.infinity : $0 * $0 }
        return Expected(value: [mean(squares)], gradient: x.map { 2 * $0 / W(x.count) })
      }
    case .huber:
      return Rule(equation: { EbbRecording.huber($1, $0.constant(0), delta: setting, over: []) }) { x, _ in
        let delta = W(setting)
        let losses = x.map { x in
          let size = x.magnitude
          return size <= delta ? size * size / 2 : delta * (size - delta / 2)
        }
        return Expected(value: [mean(losses)], gradient: x.map { max(-delta, min($0, delta)) / W(x.count) })
      }
    case .sumOverAxes:
      return Rule(equation: { alongAxis($0, $1) { EbbRecording.sum($0, over: [$1]) } }) { x, _ in sum(x, ones(x)) }
    case .meanOverAxes:
      return Rule(equation: { alongAxis($0, $1) { EbbRecording.mean($0, over: [$1]) } }) { x, _ in
        sum(x, ones(x, dividedBy: W(x.count)), dividedBy: W(x.count))
      }
    case .maxOverAxes:
      return Rule(equation: { alongAxis($0, $1) { EbbRecording.max($0, over: [$1]) } }) { x, _ in largest(x) }
    case .softmaxOverAxes:
      return Rule(
        isWeighted: true, allowance: differences,
        equation: { alongAxis($0, $1) { axisToFeature(EbbRecording.softmax($0, over: [$1]), $1) } },
        expected: softmaxExpected)
    case .sumOfAll: return Rule(equation: { EbbRecording.sum($1) }) { x, _ in sum(x, ones(x)) }
    case .meanOfAll:
      return Rule(equation: { EbbRecording.mean($1) }) { x, _ in
        Expected(value: [mean(x)], gradient: ones(x, dividedBy: W(x.count)))
      }
    }
  }
}

import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation

/// a' = p · a + x, b' = q · b + a': two recurrences, of which the first sees its gradient only through the second.
struct Cascade: RecurrentCell {
  var first: Double
  var second: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let a = scope.state("a", 1)
    let b = scope.state("b", 1)
    let next = a.next(first * a + reshape(sumOverFeatures(x), [1]))
    return b.next(second * b + next)
  }
}

/// h' = w ⊙ h + v ⊙ x with h read two steps back: a state with a longer delay.
struct Skipping: RecurrentCell {
  var factor: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 1, steps: 2)
    return h.next(factor * h + reshape(sumOverFeatures(x), [1]))
  }
}

/// h' = w ⊙ h + x + b: a linear cell with parameters, for which every gradient is a formula.
struct Diagonal: RecurrentCell {
  var factor: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let w = scope.parameter("w", [1], .constant(factor))
    let b = scope.parameter("b", [1], .zeros)
    let h = scope.state("h", 1)
    return h.next((w * h).named("kept") + reshape(sumOverFeatures(x), [1]) + b)
  }
}

/// The ways in which a diagnostic's graph can be executed, which change nothing but rounding.
func runOptions() -> [RunOptions] {
  var plain = RunOptions(.init(threads: 1))
  plain.isOptimized = false
  return [
    RunOptions(.init(threads: 1)), RunOptions(.init(threads: 2)), plain,
    RunOptions(.init(threads: 1), isUnrolled: true),
  ]
}

extension Sequence<Double> {
  /// The largest difference to another sequence.
  func distance(to other: some Sequence<Double>) -> Double {
    zip(self, other).reduce(0) { Swift.max($0, $1.0 == $1.1 ? 0 : abs($1.0 - $1.1)) }
  }
}

/// A tanh network on plain arrays: h' = tanh(h W + x V + b), with the adjoint of each step as a product of Jacobians.
struct PlainTanhNetwork {
  let units: Int
  /// The rows of h, then those of x, of [h, x] · weight.
  let weight: [Double]
  let bias: [Double]
  let inputs: Int

  /// The states h₁ … h_T of a sequence.
  func states(_ x: [[Double]]) -> [[Double]] {
    var h = [Double](repeating: 0, count: units)
    return x.map { input in
      let joined = h + input
      h = (0..<units).map { column in
        tanh(bias[column] + joined.indices.reduce(0) { $0 + joined[$1] * weight[$1 * units + column] })
      }
      return h
    }
  }

  /// (∂h_{t+1}/∂h_t)ᵀ g, with h_{t+1} = `next`.
  func pulledBack(_ g: [Double], through next: [Double]) -> [Double] {
    (0..<units).map { row in
      (0..<units).reduce(0) { $0 + weight[row * units + $1] * (1 - next[$1] * next[$1]) * g[$1] }
    }
  }
}

extension PlainTanhNetwork {
  /// The network of a `SimpleRNN` in an experiment.
  init(_ bindings: Bindings, units: Int, inputs: Int) {
    let weights = bindings.values.filter { $0.key.hasSuffix(".weight") }.map(\.value)
    let biases = bindings.values.filter { $0.key.hasSuffix(".bias") }.map(\.value)
    self.init(units: units, weight: weights[0].doubles, bias: biases[0].doubles, inputs: inputs)
  }
}

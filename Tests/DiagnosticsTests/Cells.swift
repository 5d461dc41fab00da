import EbbGraph
import EbbRecording

/// h' = a ⊙ h + x, one feature: dL/dh_t = a^(T − t) dL/dh_T.
struct Leaky: RecurrentCell {
  var factor: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 1)
    return h.next(factor * h + sumOfFeatures(x))
  }

  private func sumOfFeatures(_ x: Signal) -> Signal { reshape(sumOverFeatures(x), [1]) }
}

/// c' = f · c + x, h' = c': two states, of which the output is the second.
struct Carried: RecurrentCell {
  var factor: Double
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let c = scope.state("c", 1)
    let h = scope.state("h", 1)
    let cell = c.next(factor * c + reshape(sumOverFeatures(x), [1]))
    return h.next(3 * cell + 0 * h)
  }
}

/// h' = tanh(W [stop(h), x] + b): its gradient is not the derivative.
struct Stopped: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 3)
    return h.next(tanh(scope.affine("recurrent", [stopGradient(h), x], 3)))
  }
}

/// Elman's network in another form than the library's: two products, and a state under another name.
struct Split: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let s = scope.state("s", units)
    let weights = [Initializer.orthogonal(gain: 1.2)]
    return s.next(tanh(scope.affine("fromInput", [x], units) + scope.affine("fromState", [s], units, weights: weights)))
  }
}

extension Sequence<Double> {
  /// Whether two sequences agree to a relative error.
  func isClose(to other: some Sequence<Double>, _ tolerance: Double = 1e-12) -> Bool {
    let (left, right) = (Array(self), Array(other))
    return left.count == right.count
      && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance * Swift.max(abs($0), abs($1)) }
  }
}

import EbbRecording

/// A state that solves an equation at each step (Bai, Kolter & Koltun 2019): z = tanh(W z + V [h, x] + b).
struct EquilibriumCell: RecurrentCell {
  var units: Int

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    // A contraction for any numbers that a check draws.
    let weights = 0.05 * tanh(scope.parameter("inner", [units, units], .normal(deviation: 1)))
    let drive = scope.affine("outer", [h, x], units)
    return h.next(fixedPoint(from: h, atMost: 16, tolerance: 1e-14) { tanh(matmul($0, weights) + drive) }.value)
  }
}

/// As many updates for each step of the sequence as its halting units ask for (Graves 2016, without the mean over updates).
struct AdaptiveCell: RecurrentCell {
  var units: Int

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let (values, _) = iterate([h, scope.constant(0)], atMost: 5, until: { $1[1] .>= 0.99 }) { z in
      let next = tanh(scope.affine("update", [z[0], x], units))
      return [next, z[1] + sigmoid(sumOverFeatures(scope.affine("halt", [next], 1)))]
    }
    return h.next(values[0])
  }
}

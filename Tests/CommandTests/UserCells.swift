import EbbGraph
import EbbRecording

/// h' = tanh(W [h, x] + b): a cell of a user.
struct Elman: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(tanh(scope.affine("recurrent", [h, x], units)))
  }
}

/// A cell whose gradient is not its derivative.
struct Stopped: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(tanh(scope.affine("recurrent", [stopGradient(h), x], units)))
  }
}

/// A cell with steps in its equation, of which no gradient knows.
struct Stepped: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let z = scope.affine("recurrent", [h, x], units)
    return h.next(tanh(z) + floor(1e5 * z))
  }
}

/// Rounds its state and passes the gradient as if it did not (Bengio, Léonard & Courville 2013); a gate in its place is
/// clipped to 0 … 1 the same way.
struct StraightThrough: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let z = tanh(scope.affine("recurrent", [h, x], units))
    let rounded = z + stopGradient(floor(10 * z) / 10 - z)
    let gate = sigmoid(scope.affine("gate", [h, x], units))
    let hard = gate + stopGradient(select(gate .> 0.5, gate * 0 + 1, gate * 0) - gate)
    return h.next(hard * rounded)
  }
}

/// A cell that rounds its state, with the gradient of one that does not.
struct Rounded: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(round(10 * tanh(scope.affine("recurrent", [h, x], units))) / 10)
  }
}

/// A cell with an even number of units, and as many features.
struct Halves: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let parts = split(h, into: 2)
    return h.next(tanh(concatenate([parts[1], parts[0]]) * scope.parameter("w", [units], .constant(0.5)) + x))
  }
}

/// A cell that clips the gradient of its state.
struct Clipped: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(clipGradient(tanh(scope.affine("recurrent", [h, x], units)), .norm(0.001)))
  }
}

/// A cell that cannot be recorded: its state has another size than its next value.
struct Misfit: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(tanh(scope.affine("recurrent", [h, x], units + 1)))
  }
}

/// A state that is a matrix, whose exponential is another one at each sample and step.
struct Varying: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let state = scope.state("S", shape: [units, units])
    let v = tanh(scope.affine("v", [x], units))
    return matmul(v, state.next(0.2 * matrixExponential(0.5 * state + outer(v, v)).named("written")))
  }
}

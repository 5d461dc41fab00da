public import EbbRecording
internal import EbbTensors

// The three best cells of a search through ten thousand mutations of the LSTM and the GRU (Jozefowicz, Zaremba &
// Sutskever, ICML 2015). In the first two the input is added without a weight to a vector of the state's size; if the
// sizes differ, P x replaces x there.

/// The first of the mutated cells of Jozefowicz, Zaremba & Sutskever (2015):
///
///     z  = σ(W_z x + b_z)               r = σ(W_r [h, x] + b_r)
///     h̃  = tanh(W_h (r ⊙ h) + tanh(x) + b_h)
///     h' = z ⊙ h̃ + (1 − z) ⊙ h
///
/// An input of a different size than the state is replaced by P x in the candidate.
public struct MUT1: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [x], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [h, x], units)).named("reset")
    let proposal = scope.affine("candidate", [reset * h], units) + tanh(scope.sized(x, units))
    let candidate = tanh(proposal).named("candidate")
    return h.next(update * candidate + (1 - update) * h)
  }
}

/// The second of the mutated cells of Jozefowicz, Zaremba & Sutskever (2015):
///
///     z  = σ(W_z [h, x] + b_z)          r = σ(x + W_r h + b_r)
///     h̃  = tanh(W_h [r ⊙ h, x] + b_h)
///     h' = z ⊙ h̃ + (1 − z) ⊙ h
///
/// An input of a different size than the state is replaced by P x in the reset gate.
public struct MUT2: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [h, x], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [h], units) + scope.sized(x, units)).named("reset")
    let candidate = tanh(scope.affine("candidate", [reset * h, x], units)).named("candidate")
    return h.next(update * candidate + (1 - update) * h)
  }
}

/// The third of the mutated cells of Jozefowicz, Zaremba & Sutskever (2015):
///
///     z  = σ(W_z [tanh(h), x] + b_z)    r = σ(W_r [h, x] + b_r)
///     h̃  = tanh(W_h [r ⊙ h, x] + b_h)
///     h' = z ⊙ h̃ + (1 − z) ⊙ h
public struct MUT3: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// A cell of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let update = sigmoid(scope.affine("update", [tanh(h), x], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [h, x], units)).named("reset")
    let candidate = tanh(scope.affine("candidate", [reset * h, x], units)).named("candidate")
    return h.next(update * candidate + (1 - update) * h)
  }
}

extension Scope {
  /// The input itself if it has as many features as the state, else P x.
  fileprivate func sized(_ x: Signal, _ units: Int) -> Signal {
    x.shape == [units] ? x : affine("projection", [x], units, bias: nil)
  }
}

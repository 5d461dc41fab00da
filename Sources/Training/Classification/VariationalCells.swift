internal import EbbGraph
internal import EbbRecording

// The library's cells with dropout where the state is read: h̃ = m ⊙ h / (1 − p), with one mask m for all steps (Gal &
// Ghahramani 2016, equation 7). The mask is drawn over the batch alone, so it is the same at each step. The weights have
// the names of the cells without dropout.

/// An LSTM with variational dropout of h; see `LSTM`.
struct VariationalLSTM: RecurrentCell {
  var units: Int
  var rate: Double
  var samples: Domain

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let state = scope.state("h", units)
    let c = scope.state("c", units)
    let h = scope.dropout(state, rate, over: samples)
    let input = sigmoid(scope.affine("input", [h, x], units))
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: .constant(1)))
    let candidate = tanh(scope.affine("candidate", [h, x], units))
    let output = sigmoid(scope.affine("output", [h, x], units))
    let cell = c.next(forget * c + input * candidate)
    return state.next(output * tanh(cell))
  }
}

/// A GRU with variational dropout of h where it is multiplied, not where it is carried on; see `GRU`.
struct VariationalGRU: RecurrentCell {
  var units: Int
  var rate: Double
  var samples: Domain

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let state = scope.state("h", units)
    let h = scope.dropout(state, rate, over: samples)
    let update = sigmoid(scope.affine("update", [h, x], units))
    let reset = sigmoid(scope.affine("reset", [h, x], units))
    let candidate = tanh(scope.affine("candidate", [reset * h, x], units))
    return state.next((1 - update) * state + update * candidate)
  }
}

extension ClassifierNetwork {
  /// One direction of a layer.
  func direction(over samples: Domain) -> any RecurrentCell {
    switch cell {
    case .lstm: VariationalLSTM(units: units, rate: recurrentDropout, samples: samples)
    case .gru: VariationalGRU(units: units, rate: recurrentDropout, samples: samples)
    }
  }
}

// How far back does the gradient of a loss at the last step reach through the states of a cell? Measures ‖dL/dhₜ‖ of a
// cell that the library does not have, draws it, and prints how fast it decays.
// Run it with: swift run -c release GradientFlow
import Ebb

/// An LSTM with only its forget gate (van der Westhuizen & Lasenby 2018, with β = 0):
///
///     f = σ(W_f [h, x] + b_f)      h' = f ⊙ h + (1 − f) ⊙ tanh(W_c [h, x] + b_c)
///
/// The forget gate's bias is initially 2, so it keeps most of the state, and the gradient reaches further back.
struct ForgetGateUnit: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let forget = sigmoid(scope.affine("forget", [h, x], units, bias: .constant(2)))
    let candidate = tanh(scope.affine("candidate", [h, x], units))
    return h.next(forget * h + (1 - forget) * candidate)
  }
}

let trial = try FlowExperiment(length: 100, batch: 8, seed: 1).trial(of: ForgetGateUnit(units: 32))
let flow = try Diagnostics.gradientFlow(of: trial)
print(flow.chart(title: "‖dL/dhₜ‖ of the forget-gate unit").terminal())
print(flow.table().terminal())
if let decay = flow["h"]?.total.decay {
  print("Each step back multiplies the gradient by \(readableNumber(decay.factor, digits: 4)).")
}

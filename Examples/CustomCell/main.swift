// A cell of your own with all the commands: study it, watch its gradient, check it, print its graph, time it. You only
// write the cell's equations; no name of the library's own cells is used.
// Run it with: swift run -c release CustomCell flow --length 100
import Ebb
import EbbCommand

/// The minimal gated unit (Zhou et al. 2016):
///
///     f  = σ(W_f [h, x] + b_f)
///     g  = tanh(W_g [f ⊙ h, x] + b_g)
///     h' = (1 − f) ⊙ h + f ⊙ g
struct MinimalGatedUnit: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let forget = sigmoid(scope.affine("forget", [h, x], units))
    let candidate = tanh(scope.affine("candidate", [forget * h, x], units))
    return h.next((1 - forget) * h + forget * candidate)
  }
}

EbbProgram.main(cells: ["mgu": MinimalGatedUnit.init])

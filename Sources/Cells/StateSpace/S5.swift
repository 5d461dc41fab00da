public import EbbRecording
internal import EbbTensors
internal import Foundation

/// S5, one diagonal state space that all features drive together (Smith, Warrington & Linderman, ICLR 2023), with the step
/// of a held input (zero-order hold):
///
///     s' = λ̄ ⊙ s + β̄ ⊙ B x              λ̄ = exp(λ Δ),  β̄ = (λ̄ − 1) / λ,  λ = −exp(α) + iω
///     y  = 2 Re(C s') + D x
///
/// s has `units` complex modes, each with a Δ of its own, and B and C are complex; they are kept as real and imaginary
/// parts. λ is initially −½ + iπn and Δ between 0.001 and 0.1, as in ``S4D``; the paper starts from the eigenvalues of the
/// normal part of the HiPPO matrix, which these approximate. Its activation after y is left to the next layer.
public struct S5: RecurrentCell {
  /// The complex modes of s; each stands for a conjugate pair.
  public var units: Int
  /// The features of y.
  public var outputs: Int

  /// A state space of `units` modes; `outputs` is `units` by default.
  public init(units: Int, outputs: Int? = nil) {
    self.units = units
    self.outputs = outputs ?? units
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let real = scope.state("real", units)
    let imaginary = scope.state("imaginary", units)
    let mode = convert(scope.iota(units), to: scope.element)
    let held = ZeroOrderHold(
      decay: exp(scope.parameter("decay", [units], .constant(log(0.5)))),
      frequency: Double.pi * mode + scope.parameter("frequency", [units], .zeros),
      step: exp(scope.parameter("step", [units], .between(log(0.001), log(0.1)))))
    let driveReal = scope.affine("inputReal", [x], units, bias: nil)
    let driveImaginary = scope.affine("inputImaginary", [x], units, bias: nil)
    let nextReal = real.next(
      held.real * real - held.imaginary * imaginary + held.inputReal * driveReal - held.inputImaginary * driveImaginary)
    let nextImaginary = imaginary.next(
      held.imaginary * real + held.real * imaginary + held.inputImaginary * driveReal + held.inputReal * driveImaginary)
    // The blocks 2 Re C, −2 Im C and D.
    return scope.affine("output", [nextReal, nextImaginary, x], outputs, bias: nil)
  }
}

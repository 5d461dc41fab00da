public import EbbRecording
internal import EbbTensors
internal import Foundation

/// S4D, the diagonal state space: each channel of the input drives `order` complex modes of its own (Gu, Gupta, Goel & Ré
/// 2022), here with the step of a held input (zero-order hold):
///
///     u  = V x + b                          s' = λ̄ ⊙ s + β̄ ⊙ u         for each of the modes of a channel
///     λ̄  = exp(λ Δ)                         β̄  = (λ̄ − 1) / λ           with λ = −exp(α) + iω
///     y  = 2 Re Σₙ Cₙ s'ₙ + D ⊙ u            the output W gelu(y) + c mixes the channels
///
/// The state is a matrix [units, order] of complex numbers, kept as two of real ones. λ is initially −½ + iπn for the modes
/// n = 0, 1, … (the initialisation S4D-Lin), and Δ between 0.001 and 0.1, uniform in its logarithm. ω is πn plus a
/// parameter that is 0 at first. The model trains C alone, since the input's weights would only multiply it.
public struct S4D: RecurrentCell {
  /// The channels: the features of u, y and the output.
  public var units: Int
  /// The complex modes of each channel; each stands for a conjugate pair.
  public var order: Int

  /// A layer of `units` channels with so many modes each.
  public init(units: Int, order: Int = 8) {
    self.units = units
    self.order = order
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let real = scope.state("real", shape: [units, order])
    let imaginary = scope.state("imaginary", shape: [units, order])
    func parameter(_ name: String, _ initializer: Initializer) -> Signal {
      scope.parameter(name, [units, order], initializer)
    }
    let mode = convert(scope.iota(order), to: scope.element)
    let step = exp(scope.parameter("step", [units], .between(log(0.001), log(0.1))))
    let held = ZeroOrderHold(
      decay: exp(parameter("decay", .constant(log(0.5)))),
      frequency: Double.pi * repeated(mode, units) + parameter("frequency", .zeros),
      step: repeated(step, order, dimension: 1))
    let u = scope.affine("input", [x], units)
    let drive = repeated(u, order, dimension: 1)
    let nextReal = real.next(held.real * real - held.imaginary * imaginary + held.inputReal * drive)
    let nextImaginary = imaginary.next(held.imaginary * real + held.real * imaginary + held.inputImaginary * drive)
    // C is a complex normal number of variance 1.
    let readReal = parameter("read.real", .normal(deviation: 0.5.squareRoot()))
    let readImaginary = parameter("read.imaginary", .normal(deviation: 0.5.squareRoot()))
    let read = sumOverFeatures(readReal * nextReal - readImaginary * nextImaginary, dimension: 1)
    let y = 2 * read + scope.parameter("skip", [units], .normal(deviation: 1)) * u
    return scope.affine("output", [Activation.gelu(y)], units)
  }
}

internal import EbbGraph

// Values whose gradient is declared and not derived.

/// The value of `forward` with a declared gradient: x̄ = `backward`(x, y, ȳ) for y = `forward`(x).
///
/// ```swift
/// let rounded = withGradient(x) { floor($0) } backward: { x, y, adjoint in adjoint }
/// ```
///
/// Both closures run once and record equations of one step and sample. `adjoint` is dL/dy, of the type of y; nothing
/// but the gradient that `backward` returns may be computed from it. The gradient has the shape of x; where x lacks an
/// axis or a feature of it, it is summed over them, as every adjoint is.
///
/// The declaration holds in every derivative, as `stopGradient` does. A derivative of the gradient is that of the equations
/// in `backward`, in which y reads the equations of `forward`. Forward mode (Jacobians, exponents) needs a gradient that
/// multiplies each feature of `adjoint` by a factor, which is then the factor of the tangent.
public func withGradient(
  _ x: Signal, fileID: String = #fileID, line: Int = #line, forward: (Signal) -> Signal,
  backward: (_ input: Signal, _ output: Signal, _ adjoint: Signal) -> Signal
) -> Signal {
  withGradient([x], fileID: fileID, line: line) {
    forward($0[0])
  } backward: { inputs, output, adjoint in
    [backward(inputs[0], output, adjoint)]
  }
}

/// The value of `forward` with a declared gradient by each of its inputs, which `backward` returns in their order.
///
/// ```swift
/// let y = withGradient([x, w]) { $0[0] * $0[1] } backward: { inputs, y, adjoint in
///   [adjoint * inputs[1], clamped(adjoint * inputs[0])]
/// }
/// ```
///
/// A gradient that is 0 is declared as `stopGradient(x) * 0` or left out of the inputs: what `forward` reads without being
/// given it is held fixed. For the rest see the function of one input.
public func withGradient(
  _ inputs: [Signal], fileID: String = #fileID, line: Int = #line, forward: ([Signal]) -> Signal,
  backward: (_ inputs: [Signal], _ output: Signal, _ adjoint: Signal) -> [Signal]
) -> Signal {
  precondition(!inputs.isEmpty, "a declared gradient is by at least one input")
  let recorder = inputs[0].noted("withGradient", fileID, line).recorder
  let output = forward(inputs)
  let adjoint = recorder.record(.incomingAdjoint, [output])
  let gradients = backward(inputs, output, adjoint)
  recorder.note("withGradient", fileID, line)
  guard gradients.count == inputs.count else {
    recorder.report("withGradient: there are \(inputs.count) inputs, and backward returns \(gradients.count) gradients")
    return recorder.signal(nil)
  }
  return recorder.record(.declaredGradient, [output, adjoint] + zip(inputs, gradients).flatMap { [$0, $1] })
}

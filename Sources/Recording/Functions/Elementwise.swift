public import EbbGraph
public import EbbTensors

// Functions of each feature on its own.

/// The hyperbolic tangent, in −1 … 1.
public func tanh(_ x: Signal) -> Signal { .unary(.tanh, x) }
/// σ(x) = 1 / (1 + e⁻ˣ)
public func sigmoid(_ x: Signal) -> Signal { .unary(.sigmoid, x) }
/// max(x, 0); its derivative at 0 is 0.
public func relu(_ x: Signal) -> Signal { .unary(.relu, x) }
/// log(1 + eˣ)
public func softplus(_ x: Signal) -> Signal { .unary(.softplus, x) }
/// eˣ
public func exp(_ x: Signal) -> Signal { .unary(.exp, x) }
/// eˣ − 1
public func expm1(_ x: Signal) -> Signal { .unary(.expm1, x) }
/// The natural logarithm: −∞ at 0, NaN below.
public func log(_ x: Signal) -> Signal { .unary(.log, x) }
/// The logarithm to the base 2: entropies and losses in bits.
public func log2(_ x: Signal) -> Signal { .unary(.log2, x) }
/// log(1 + x)
public func log1p(_ x: Signal) -> Signal { .unary(.log1p, x) }
/// √x: NaN below 0.
public func sqrt(_ x: Signal) -> Signal { .unary(.sqrt, x) }
/// x²
public func square(_ x: Signal) -> Signal { .unary(.square, x) }
/// 1 / x
public func reciprocal(_ x: Signal) -> Signal { .unary(.reciprocal, x) }
/// |x|; its derivative at 0 is 0.
public func abs(_ x: Signal) -> Signal { .unary(.absolute, x) }
/// −1, 0 or 1.
public func sign(_ x: Signal) -> Signal { .unary(.sign, x) }
/// The sine of x in radians.
public func sin(_ x: Signal) -> Signal { .unary(.sin, x) }
/// The cosine of x in radians.
public func cos(_ x: Signal) -> Signal { .unary(.cos, x) }
/// The error function, 2/√π ∫₀ˣ exp(−t²) dt.
public func erf(_ x: Signal) -> Signal { .unary(.erf, x) }
/// ⌊x⌋, the largest whole number that is at most x; its derivative is 0.
public func floor(_ x: Signal) -> Signal { .unary(.floor, x) }

/// The nearest value of another element type; float to Int32 truncates, to Bool tests ≠ 0.
public func convert(_ x: Signal, to element: ElementType) -> Signal {
  x.element == element ? x : x.recorder.record(.convert(element), [x])
}

/// The operand's value; neither adjoint nor tangent passes through.
public func stopGradient(_ x: Signal) -> Signal { x.recorder.record(.stopGradient, [x]) }

/// The operand's value; its adjoint is clipped in the backward pass, at each sample and step.
public func clipGradient(
  _ x: Signal, _ clip: GradientClip, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.recorder.note("clipGradient", fileID, line)
  return x.recorder.record(.clipGradient(clip), [x])
}

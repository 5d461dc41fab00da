internal import EbbRecording

/// Θ(v), which is 1 where v > 0 and else 0, with a declared derivative (a surrogate gradient):
///
///     z = Θ(v)          dz/dv := the slope given
///
/// The value is Θ to the bit, because v − v is 0. The slope is a constant to further derivatives.
func spike(_ v: Signal, slope: Signal) -> Signal {
  convert(v .> 0, to: v.element) + (v - stopGradient(v)) * stopGradient(slope)
}

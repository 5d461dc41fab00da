internal import EbbRecording

/// The exact step of length Δ of s˙ = λ s + u with complex λ = −a + iω, for an input u that is held during the step:
///
///     λ̄  = exp(λ Δ)                     s' = λ̄ s + β̄ u
///     β̄  = (λ̄ − 1) / λ
///
/// written with real numbers, feature by feature.
struct ZeroOrderHold {
  /// Re λ̄ and Im λ̄.
  let real: Signal, imaginary: Signal
  /// Re β̄ and Im β̄.
  let inputReal: Signal, inputImaginary: Signal

  /// - Parameters:
  ///   - decay: a, greater than 0.
  ///   - frequency: ω.
  ///   - step: Δ.
  init(decay: Signal, frequency: Signal, step: Signal) {
    let angle = frequency * step
    let size = exp(-decay * step)
    real = size * cos(angle)
    imaginary = size * sin(angle)
    // Re λ̄ − 1 = (e^(−aΔ) − 1) cos ωΔ − 2 sin²(ωΔ / 2), without cancellation for short steps
    let change = expm1(-decay * step) * cos(angle) - 2 * square(sin(0.5 * angle))
    // (p + iq) / (−a + iω) = (−a p + ω q − i (a q + ω p)) / (a² + ω²)
    let squared = square(decay) + square(frequency)
    inputReal = (frequency * imaginary - decay * change) / squared
    inputImaginary = -(decay * imaginary + frequency * change) / squared
  }
}

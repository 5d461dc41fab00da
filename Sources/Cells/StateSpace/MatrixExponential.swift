internal import EbbRecording
internal import EbbTensors

/// exp M of a square matrix by scaling and squaring:
///
///     exp M = T(M / 2ˢ)^(2ˢ)          T(X) = Σₖ Xᵏ / k!, k = 0 … 14
///
/// The remainder of T is below 3 · 10⁻¹⁷ where ‖M‖ ≤ 2ˢ⁻¹, with s the number of squarings.
func exponential(of matrix: Signal, _ squarings: Int, _ scope: Scope) -> Signal {
  let size = matrix.shape[0]
  let index = scope.iota(size)
  let identity = convert(repeated(index, size) .== repeated(index, size, dimension: 1), to: scope.element)
  let scaled = matrix * (1 / Double(1 << squarings))
  var result = identity
  // Horner's scheme: I + X (I + X/2 (I + X/3 (…)))
  for k in stride(from: 14, through: 1, by: -1) { result = identity + matmul(scaled, result) / Double(k) }
  for _ in 0..<squarings { result = matmul(result, result) }
  return result
}

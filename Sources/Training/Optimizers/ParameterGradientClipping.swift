public import EbbTensors

/// How the gradients of all parameters are limited before an update. (A `clipGradient` inside the recurrence, by
/// contrast, acts at every step of backpropagation through time.)
public enum ParameterGradientClipping: Hashable, Sendable {
  /// Not at all.
  case none
  /// g ← g · min(1, c / ‖g‖ₚ), with the norm over all parameters together (Pascanu, Mikolov & Bengio 2013, algorithm 1,
  /// with p = 2): ‖g‖ₚ = (Σ |gᵢ|ᵖ)^(1/p), p ≥ 1; with p = `.infinity` the largest |gᵢ|.
  ///
  /// PyTorch's `clip_grad_norm_(norm_type=p)` has c / (‖g‖ₚ + 10⁻⁶).
  case globalNorm(Double, p: Double = 2)
  /// g ← g · min(1, c / ‖g‖ₚ) for each parameter separately.
  case parameterNorm(Double, p: Double = 2)
  /// g ← min(max(g, −c), c) for each number.
  case value(Double)
  /// Adaptive gradient clipping (Brock, De, Smith & Simonyan 2021, equation 3): for each unit u
  ///
  ///     g_u ← g_u · min(1, c max(‖θ_u‖₂, ε) / ‖g_u‖₂)
  ///
  /// c is 0.01 in many of the paper's networks, and ε, which lets parameters at 0 move, is 10⁻³.
  ///
  /// A unit is a column of a weight [features, units], over which its inputs are summed. Of a parameter of more
  /// dimensions the first is summed; with four, all but the last. A parameter with one dimension longer than 1, such as
  /// a bias, is one unit. These are Optax's units (`adaptive_grad_clip`). The paper leaves the last layer unclipped,
  /// here it is clipped too.
  case adaptive(Double, epsilon: Double = 1e-3)

  /// The problem with the setting and what would be right; nil if there is none.
  var problem: String? {
    func ofLimit(_ limit: Double) -> String? {
      limit > 0 ? nil : "gradients are clipped to more than 0, not \(limit)"
    }
    switch self {
    case .none: return nil
    case .value(let limit): return ofLimit(limit)
    case .globalNorm(let limit, let p), .parameterNorm(let limit, let p):
      return ofLimit(limit) ?? (p >= 1 ? nil : "the p of a p-norm is at least 1, or infinity, not \(p)")
    case .adaptive(let limit, let epsilon):
      return ofLimit(limit)
        ?? (epsilon > 0
          ? nil : "the epsilon of adaptive clipping is more than 0, or parameters at 0 never move; not \(epsilon)")
    }
  }
}

extension ParameterGradientClipping {
  /// The effect of clipping on the gradients of one step.
  public struct Outcome: Hashable, Sendable {
    /// ‖g‖₂ over all parameters, before clipping.
    public var normBefore: Double
    /// ‖g‖₂ over all parameters, after clipping.
    public var normAfter: Double
    /// The smallest factor applied to a number; 1 if nothing was clipped.
    public var factor: Double

    /// Whether a number was changed.
    public var isClipped: Bool { factor < 1 }
  }

  /// Limits the gradients and returns the effect. Norms are computed in Float64, in the order of the parameters' names.
  ///
  /// - Parameters:
  ///   - gradients: By the names of their parameters.
  ///   - parameters: The parameters before the update, of which only `adaptive` needs the values: it traps if one is
  ///     missing or has other dimensions than its gradient.
  public func apply(to gradients: inout [String: Tensor], of parameters: [String: Tensor] = [:]) -> Outcome {
    let names = gradients.keys.sorted()
    let norm = euclideanNorm(names.compactMap { gradients[$0] })
    /// min(1, c / ‖g‖); 1 if the norm is 0 or NaN.
    func factor(_ limit: Double, _ norm: Double) -> Double { norm > limit ? limit / norm : 1 }
    func shrink(_ names: [String], norm: Double, to limit: Double) {
      let shrunk = names.compactMap { gradients[$0] }.shrunk(norm: norm, to: limit)
      for (name, gradient) in zip(names.filter { gradients[$0] != nil }, shrunk) { gradients[name] = gradient }
    }

    switch self {
    case .none:
      return Outcome(normBefore: norm, normAfter: norm, factor: 1)
    case .globalNorm(let limit, let p) where p != 2:
      let own = pNorm(names.compactMap { gradients[$0] }, p)
      let factor = factor(limit, own)
      guard factor < 1 else { return Outcome(normBefore: norm, normAfter: norm, factor: 1) }
      for name in names { gradients[name] = gradients[name]?.shrunk(pNorm: own, p, to: limit) }
      return Outcome(
        normBefore: norm, normAfter: euclideanNorm(names.compactMap { gradients[$0] }), factor: factor)
    case .parameterNorm(let limit, let p) where p != 2:
      var smallest = 1.0
      for name in names {
        guard let gradient = gradients[name] else { continue }
        let own = pNorm([gradient], p)
        guard factor(limit, own) < 1 else { continue }
        smallest = min(smallest, factor(limit, own))
        gradients[name] = gradient.shrunk(pNorm: own, p, to: limit)
      }
      let after = smallest < 1 ? euclideanNorm(names.compactMap { gradients[$0] }) : norm
      return Outcome(normBefore: norm, normAfter: after, factor: smallest)
    case .globalNorm(let limit, _):
      let factor = factor(limit, norm)
      guard factor < 1 else { return Outcome(normBefore: norm, normAfter: norm, factor: 1) }
      shrink(names, norm: norm, to: limit)
      return Outcome(normBefore: norm, normAfter: limit, factor: factor)
    case .parameterNorm(let limit, _):
      let norms = names.map { gradients[$0]?.norm ?? 0 }
      let factors = norms.map { factor(limit, $0) }
      for (name, norm) in zip(names, norms) where factor(limit, norm) < 1 { shrink([name], norm: norm, to: limit) }
      let after = euclideanNorm(norms.map { $0 > limit ? limit : $0 })
      return Outcome(normBefore: norm, normAfter: after, factor: factors.min() ?? 1)
    case .value(let limit):
      let largest = names.map { gradients[$0]?.largestMagnitude ?? 0 }.max() ?? 0
      guard largest > limit else { return Outcome(normBefore: norm, normAfter: norm, factor: 1) }
      for name in names { gradients[name] = gradients[name]?.clamped(to: limit) }
      let after = euclideanNorm(names.compactMap { gradients[$0] })
      return Outcome(normBefore: norm, normAfter: after, factor: limit / largest)
    case .adaptive(let limit, let epsilon):
      var smallest = 1.0
      for name in names {
        guard let gradient = gradients[name], let parameter = parameters[name] else {
          preconditionFailure("adaptive clipping needs the values of \(name)")
        }
        let (clipped, factor) = gradient.clippedByUnits(of: parameter, limit, epsilon)
        if factor < 1 { gradients[name] = clipped }
        smallest = min(smallest, factor)
      }
      let after = smallest < 1 ? euclideanNorm(names.compactMap { gradients[$0] }) : norm
      return Outcome(normBefore: norm, normAfter: after, factor: smallest)
    }
  }
}

extension ParameterGradientClipping {
  /// As `apply`, but a factor that all numbers share is returned and not applied, so that the update applies it where it
  /// reads them.
  func applyOrDefer(
    to gradients: inout [String: Tensor], of parameters: [String: Tensor]
  ) -> (outcome: Outcome, scale: Double) {
    if case .globalNorm(let limit, p: 2) = self {
      let norm = euclideanNorm(gradients.keys.sorted().compactMap { gradients[$0] })
      guard norm > limit else { return (Outcome(normBefore: norm, normAfter: norm, factor: 1), 1) }
      // What is denormal as a float is imprecise; `apply` knows how.
      let factor = limit / norm
      if factor >= Double(Float.leastNormalMagnitude) {
        return (Outcome(normBefore: norm, normAfter: limit, factor: factor), factor)
      }
    }
    return (apply(to: &gradients, of: parameters), 1)
  }
}

extension [Tensor] {
  /// g · c / ‖g‖ for tensors with this joint norm.
  ///
  /// If the norm overflows though every number is finite, or the quotient is imprecise, each number is first divided by
  /// the norm.
  fileprivate func shrunk(norm: Double, to limit: Double) -> [Tensor] {
    let factor = limit / norm
    if factor >= .leastNormalMagnitude { return map { $0.scaled(by: factor) } }
    let small = map { Tensor($0.dimensions, $0.doubles.map { $0 * 0x1p-600 }) }
    let scale = euclideanNorm(small)
    return zip(self, small).map { tensor, small in
      Tensor(tensor.dimensions, small.doubles.map { $0 / scale * limit }, as: tensor.element)
    }
  }
}

extension Tensor {
  func scaled(by factor: Double) -> Tensor {
    switch storage {
    case .float32(let values):
      // A factor that is denormal as a float, and so imprecise, is applied in Float64.
      guard factor == 0 || abs(factor) >= Double(Float.leastNormalMagnitude) else {
        return Tensor(dimensions, values.map { Float(Double($0) * factor) })
      }
      let factor = Float(factor)
      return Tensor(dimensions, values.map { $0 * factor })
    case .float64(let values): return Tensor(dimensions, values.map { $0 * factor })
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
    }
  }

  func adding(_ other: Tensor) -> Tensor {
    switch (storage, other.storage) {
    case (.float32(let x), .float32(let y)): return Tensor(dimensions, zip(x, y).map { $0 + $1 })
    case (.float64(let x), .float64(let y)): return Tensor(dimensions, zip(x, y).map { $0 + $1 })
    case (.float32, _), (.float64, _), (.int32, _), (.bool, _):
      preconditionFailure("gradients are floats of one type")
    }
  }

  func clamped(to limit: Double) -> Tensor {
    switch storage {
    case .float32(let values):
      let limit = Float(limit)
      return Tensor(dimensions, values.map { min(max($0, -limit), limit) })
    case .float64(let values): return Tensor(dimensions, values.map { min(max($0, -limit), limit) })
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
    }
  }
}

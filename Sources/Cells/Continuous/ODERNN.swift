public import EbbRecording
internal import EbbTensors

/// The ODE-RNN: between observations the state follows a differential equation, at each one a GRU updates it (Rubanova,
/// Chen & Duvenaud, NeurIPS 2019):
///
///     ĥ  = h + ∫ f(h(t)) dt over the interval Δ        f(h) = W₂ tanh(W₁ h + b₁) + b₂
///     h' = GRU(ĥ, x)
///
/// The integral is taken in `steps` equal steps of the classical Runge–Kutta method, with an error of order (Δ / steps)⁵ a
/// step:
///
///     k₁ = f(h), k₂ = f(h + ε/2 k₁), k₃ = f(h + ε/2 k₂), k₄ = f(h + ε k₃);  h + ε/6 (k₁ + 2 k₂ + 2 k₃ + k₄)
///
/// Δ is a number, or the last feature of the input. The weights of f are initially normal with a deviation of 0.1.
public struct ODERNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// The features within f.
  public var hidden: Int
  /// The steps of the integration in each interval.
  public var steps: Int
  /// Δ; nil if it is the last feature of the input, which is then no input of the GRU.
  public var interval: Double?

  /// A cell of `units` features; by default f has as many within.
  public init(units: Int, hidden: Int? = nil, steps: Int = 1, interval: Double? = 1) {
    self.units = units
    self.hidden = hidden ?? units
    self.steps = steps
    self.interval = interval
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard steps >= 1, interval != nil || (x.shape.rank == 1 && x.shape[0] >= 2) else {
      return x.refused(
        "ODERNN: there is at least one step, and the interval is the last feature of the input beside others; found "
          + "\(steps) steps and \(x.shape)")
    }
    let last = x.shape.count - 1
    let input = interval == nil ? x[0..<last] : x
    let length = interval.map { scope.constant($0) } ?? reshape(x[last..<last + 1], [])
    let h = scope.state("h", units)
    let evolved = integrated(h, over: length, scope).named("evolved")
    let update = sigmoid(scope.affine("update", [evolved, input], units)).named("update")
    let reset = sigmoid(scope.affine("reset", [evolved, input], units)).named("reset")
    let candidate = tanh(scope.affine("candidate", [reset * evolved, input], units)).named("candidate")
    return h.next((1 - update) * evolved + update * candidate)
  }

  private func integrated(_ start: Signal, over interval: Signal, _ scope: Scope) -> Signal {
    let small = [Initializer.normal(deviation: 0.1)]
    func flow(_ h: Signal) -> Signal {
      scope.affine("flow", [tanh(scope.affine("flow.hidden", [h], hidden, weights: small))], units, weights: small)
    }
    let step = interval / Double(steps)
    return (0..<steps).reduce(start) { h, _ in
      let first = flow(h)
      let second = flow(h + 0.5 * step * first)
      let third = flow(h + 0.5 * step * second)
      let fourth = flow(h + step * third)
      return h + step / 6 * (first + 2 * (second + third) + fourth)
    }
  }
}

public import EbbRecording
internal import EbbTensors
internal import Foundation

/// The time mixing of RWKV-4: a mean of all values, weighted by their keys and by how long ago they were (Peng et al.
/// 2023, section 3):
///
///     r  = W_r (μ_r ⊙ x + (1 − μ_r) ⊙ x₋₁)       k, v in the same way
///     o  = (a + e^(u + k) ⊙ v) / (b + e^(u + k))
///     a' = e^(−w) ⊙ a + eᵏ ⊙ v                   b' = e^(−w) ⊙ b + eᵏ
///     y  = W_o (σ(r) ⊙ o)
///
/// x₋₁ is the input of the step before and w = exp(ω). a and b are kept as a eᵖ and b eᵖ, so that no exponential
/// overflows; dL/dpₜ is 0 up to rounding. b is at least 0: a supplied initial state must be reachable by the cell.
///
/// μ is initially uniform on [0, 1), ω on [−5, 3), and u is log 0.3; the paper spaces them evenly over the channels. A
/// block is `Residual(Stack([LayerNormalization(), RWKVTimeMixing(units: n)]))`, then the same with
/// ``RWKVChannelMixing``.
public struct RWKVTimeMixing: RecurrentCell {
  /// The features of r, k, v and y.
  public var units: Int
  /// A layer of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let shift = TokenShift(x, scope)
    let receptance = sigmoid(shift.product("receptance", units)).named("receptance")
    let key = shift.product("key", units)
    let value = shift.product("value", units)
    let a = scope.state("a", units)
    let b = scope.state("b", units)
    let p = scope.state("p", units)
    let rate = exp(scope.parameter("decay", [units], .between(-5, 3)))
    let bonus = scope.parameter("bonus", [units], .constant(log(0.3)))
    // The larger exponent of what is kept and what is new; see `ScalarLSTM` for an empty past.
    func scale(_ kept: Signal, _ new: Signal) -> Signal { stopGradient(select(b .== 0, new, maximum(kept, new))) }
    let boosted = bonus + key
    let top = scale(p, boosted)
    let (past, now) = (exp(minimum(p - top, 80)), exp(boosted - top))
    let mean = (past * a + now * value) / (past * b + now)
    let next = p.next(scale(p - rate, key))
    let (keep, add) = (exp(minimum(p - rate - next, 80)), exp(key - next))
    a.next(keep * a + add * value)
    b.next(keep * b + add)
    return scope.affine("output", [receptance * mean], units, bias: nil)
  }
}

/// The channel mixing of RWKV-4, its feed-forward layer (Peng et al. 2023, section 3):
///
///     r  = W_r (μ_r ⊙ x + (1 − μ_r) ⊙ x₋₁)       k = W_k (μ_k ⊙ x + (1 − μ_k) ⊙ x₋₁)
///     y  = σ(r) ⊙ W_v max(k, 0)²
public struct RWKVChannelMixing: RecurrentCell {
  /// The features of r and y.
  public var units: Int
  /// The features of k.
  public var hidden: Int

  /// A layer of `units` features; four times as many hidden ones by default.
  public init(units: Int, hidden: Int? = nil) {
    self.units = units
    self.hidden = hidden ?? 4 * units
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let shift = TokenShift(x, scope)
    let receptance = sigmoid(shift.product("receptance", units)).named("receptance")
    let key = square(relu(shift.product("key", hidden))).named("key")
    return receptance * scope.affine("value", [key], units, bias: nil)
  }
}

/// Mixtures of the input and that of the step before.
private struct TokenShift {
  let x: Signal
  let before: Signal
  let scope: Scope

  init(_ x: Signal, _ scope: Scope) {
    (self.x, self.scope) = (x, scope)
    before = scope.state("before", x.shape.count)
    before.next(x)
  }

  /// W (μ ⊙ x + (1 − μ) ⊙ x₋₁), with the parameters `<name>.mix` and `<name>.weight`.
  func product(_ name: String, _ units: Int) -> Signal {
    let mix = scope.parameter(name + ".mix", [x.shape.count], .between(0, 1))
    return scope.affine(name, [mix * x + (1 - mix) * before], units, bias: nil)
  }
}

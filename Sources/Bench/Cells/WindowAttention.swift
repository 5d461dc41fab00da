public import EbbRecording

/// Attention over the last steps: each step attends to a window of the past, its own included (Vaswani et al. 2017,
/// equation 1, with a local window).
///
///     q, k, v = W_q x, W_k x, W_v x
///     K' = [K_2 … K_w, k]        V' = [V_2 … V_w, v]
///     y  = softmax(K' q / √d)ᵀ V'
///
/// The windows are states. They begin with zeros, which count as steps.
public struct WindowAttention: RecurrentCell {
  /// The features of a key, a value and the output.
  public var units: Int
  /// w, the steps of the window.
  public var window: Int

  /// Attention over `window` steps.
  public init(units: Int, window: Int = 16) {
    self.units = units
    self.window = window
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let query = scope.affine("query", [x], units, bias: nil) / Double(units).squareRoot()
    let keys = moved("keys", scope.affine("key", [x], units, bias: nil), scope)
    let values = moved("values", scope.affine("value", [x], units, bias: nil), scope)
    return matmul(softmax(matmul(keys, query)), values)
  }

  /// A window with one step more and its oldest one less.
  private func moved(_ name: String, _ row: Signal, _ scope: Scope) -> Signal {
    let window = scope.state(name, shape: [window, units])
    return window.next(concatenate([window[1..<self.window], reshape(row, [1, units])]))
  }
}

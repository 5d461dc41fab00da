public import EbbRecording

/// A function that a cell applies to each of its features.
public enum Activation: Hashable, Sendable, CaseIterable {
  /// g(x) = x; tanh x; max(x, 0); 1 / (1 + e⁻ˣ); log(1 + eˣ).
  case identity, tanh, relu, sigmoid, softplus

  /// The function of each feature.
  public func callAsFunction(_ x: Signal) -> Signal {
    switch self {
    case .identity: x
    case .tanh: EbbRecording.tanh(x)
    case .relu: EbbRecording.relu(x)
    case .sigmoid: EbbRecording.sigmoid(x)
    case .softplus: EbbRecording.softplus(x)
    }
  }
}

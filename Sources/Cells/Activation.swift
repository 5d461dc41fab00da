public import EbbRecording

/// A function that a cell applies to each of its features.
public enum Activation: Hashable, Sendable, CaseIterable {
  case identity, tanh, relu, sigmoid, softplus

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

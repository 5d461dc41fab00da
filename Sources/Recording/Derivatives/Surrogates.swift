internal import EbbGraph
internal import EbbTensors

/// The gradient that stands for the derivative of a step, which is 0 wherever it exists: x̄ = s(x) ȳ.
public enum SurrogateGradient: Hashable, Sendable {
  /// s(x) = 1: the gradient passes as if there were no step (Bengio, Léonard & Courville 2013).
  case straightThrough
  /// s(x) = 1 / (1 + k |x|)², the derivative of the fast sigmoid x / (1 + k |x|) (Zenke & Ganguli 2018).
  case fastSigmoid(slope: Double = 25)
  /// s(x) = (α / 2) / (1 + (π α x / 2)²), the derivative of arctan(π α x / 2) / π + ½ (Fang et al. 2021, where α = 2).
  case arctangent(slope: Double = 2)

  /// s(x) ȳ
  func times(_ adjoint: Signal, at x: Signal) -> Signal {
    switch self {
    case .straightThrough: adjoint
    case .fastSigmoid(let k): adjoint / (1 + k * abs(x)) / (1 + k * abs(x))
    case .arctangent(let α): adjoint * (α / 2) / (1 + square(.pi * α / 2 * x))
    }
  }
}

/// A spike: 1 where x > 0, else 0, with a surrogate gradient.
///
/// x is the distance from the threshold, as `u - 1` of a membrane potential u.
public func spike(
  _ x: Signal, _ surrogate: SurrogateGradient = .fastSigmoid(), fileID: String = #fileID, line: Int = #line
) -> Signal {
  withGradient(x, fileID: fileID, line: line) {
    convert($0 .> 0, to: $0.element)
  } backward: { x, _, adjoint in
    surrogate.times(adjoint, at: x)
  }
}

/// The nearest whole number, of two the larger, with the gradient of x (straight-through; Bengio, Léonard & Courville
/// 2013).
public func round(_ x: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  straightThrough(x, fileID: fileID, line: line) { x in
    let below = floor(x)
    return below + convert(x - below .>= 0.5, to: x.element)
  }
}

/// The value of `forward` with the gradient of x: x̄ = ȳ. The value has the shape of x.
///
/// ```swift
/// let gate = straightThrough(sigmoid(z)) { convert($0 .> 0.5, to: $0.element) }
/// ```
public func straightThrough(
  _ x: Signal, fileID: String = #fileID, line: Int = #line, forward: (Signal) -> Signal
) -> Signal {
  withGradient(x, fileID: fileID, line: line, forward: forward) { _, _, adjoint in adjoint }
}

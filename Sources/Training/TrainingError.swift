public import EbbFiles
public import EbbGraph
public import EbbRecording
public import EbbTransforms

/// Why training could not start or continue.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The network could not be recorded.
  case recording(RecordingError)
  /// The recording has no output with the loss's name.
  case unknownLoss(String, outputs: [String])
  /// The loss could not be differentiated.
  case differentiation(GraphError)
  /// A pass returned an invalid graph.
  case pass(PassError)
  /// A batch does not fit the network.
  case batch(BindingError)
  /// A value of a batch or of other data is invalid.
  case input(InputError)
  /// Values given for parameters, or a saved state, do not fit the network.
  case parameters(String)
  /// The loss, a regularizer's term or a gradient is not finite.
  case nonFinite(NonFiniteEvent)
  /// A file could not be read or written, or data are not as they should be.
  case file(FileError)
  /// An invalid setting, and what would be right.
  case setting(String)

  public var description: String {
    switch self {
    case .recording(let error): error.description
    case .unknownLoss(let name, let outputs):
      outputs.isEmpty
        ? "the recording has no outputs; declare the loss with scope.output(\"\(name)\", …)"
        : "the recording has no output named \(name); its outputs are \(outputs.joined(separator: ", "))"
    case .differentiation(let error): error.description
    case .pass(let error): error.description
    case .batch(let error): error.description
    case .input(let error): error.description
    case .parameters(let message), .setting(let message): message
    case .nonFinite(let event): event.description
    case .file(let error): error.description
    }
  }
}

/// A loss, a regularizer's term or a gradient that is infinite or NaN.
public struct NonFiniteEvent: Hashable, Sendable, CustomStringConvertible {
  /// The number of the step, from 0.
  public var step: Int
  /// The loss on the batch.
  public var loss: Double
  /// The regularizers whose terms are not finite, by name.
  public var regularizers: [String] = []
  /// The parameters whose gradient, and the buffers whose next value, is not finite, by name.
  public var parameters: [String]

  public var description: String {
    let terms = regularizers.isEmpty ? "" : "; not finite: the terms of " + regularizers.joined(separator: ", ")
    let gradients =
      parameters.isEmpty
      ? "all gradients are finite" : "not finite: the gradients of " + parameters.joined(separator: ", ")
    return "step \(step): the loss is \(loss)\(terms); \(gradients)"
  }
}

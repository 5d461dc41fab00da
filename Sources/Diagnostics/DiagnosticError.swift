public import EbbGraph
public import EbbRecording
public import EbbTraining
public import EbbTransforms

/// Why a diagnostic could not be made.
public enum DiagnosticError: Error, Sendable, CustomStringConvertible {
  /// The cell could not be recorded.
  case recording(RecordingError)
  /// The graph has no such derivative, or cannot be unrolled.
  case graph(GraphError)
  /// A pass broke the graph.
  case pass(PassError)
  /// The values do not fit the graph.
  case binding(BindingError)
  /// An input has an invalid value.
  case input(InputError)
  /// Training failed.
  case training(TrainingError)
  /// A setting is invalid: which one, and what would be right.
  case setting(String)

  public var description: String {
    switch self {
    case .recording(let error): "\(error)"
    case .graph(let error): "\(error)"
    case .pass(let error): "\(error)"
    case .binding(let error): "\(error)"
    case .input(let error): "\(error)"
    case .training(let error): "\(error)"
    case .setting(let message): message
    }
  }
}

/// Runs `body` and converts errors to the error of this module.
///
/// - Parameter recording: The recording whose graph the errors are about, possibly extended. Errors then include the
///   places of its nodes.
package func diagnosing<Result>(
  _ recording: Recording? = nil, _ body: () throws -> Result
) throws(DiagnosticError) -> Result {
  do {
    return try body()
  } catch let error as DiagnosticError {
    throw error
  } catch let error as RecordingError {
    throw .recording(error)
  } catch let error as GraphError {
    throw .graph(recording?.locating(error) ?? error)
  } catch let error as PassError {
    throw .pass(error)
  } catch let error as BindingError {
    throw .binding(error)
  } catch TrainingError.input(let error) {
    throw .input(error)
  } catch let error as TrainingError {
    throw .training(error)
  } catch {
    preconditionFailure("an error of another module: \(error)")
  }
}

extension Recording {
  /// Throws the first invalid input, such as a token outside its table: the graph reads 0 there, and the measurements
  /// would look sound.
  ///
  /// - Parameter isFinite: Whether floats must be finite.
  func checkInputs(_ bindings: Bindings, isFinite: Bool = true) throws(DiagnosticError) {
    try diagnosing { try InputRules(self).check(bindings.values, isFinite: isFinite) }
  }
}

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
  /// Training failed.
  case training(TrainingError)
  /// A setting has no meaning: which, and what would be right.
  case setting(String)
  /// Other frameworks could not be timed: why.
  case peers(String)
  /// What asked for it no longer wants it.
  case cancelled

  public var description: String {
    switch self {
    case .recording(let error): "\(error)"
    case .graph(let error): "\(error)"
    case .pass(let error): "\(error)"
    case .binding(let error): "\(error)"
    case .training(let error): "\(error)"
    case .setting(let message), .peers(let message): message
    case .cancelled: "it was ended before it had a result"
    }
  }
}

/// Runs `body` and turns what it throws into the error of this module.
func diagnosing<Result>(_ body: () throws -> Result) throws(DiagnosticError) -> Result {
  do {
    return try body()
  } catch let error as DiagnosticError {
    throw error
  } catch let error as RecordingError {
    throw .recording(error)
  } catch let error as GraphError {
    throw .graph(error)
  } catch let error as PassError {
    throw .pass(error)
  } catch let error as BindingError {
    throw .binding(error)
  } catch let error as TrainingError {
    throw .training(error)
  } catch {
    preconditionFailure("an error of another module: \(error)")
  }
}

public import EbbDiagnostics

/// Why other frameworks could not be timed alongside Ebb.
public enum BenchError: Error, Sendable, CustomStringConvertible {
  /// Ebb's own step could not be measured.
  case diagnostic(DiagnosticError)
  /// There is no interpreter or framework, or the script failed: why.
  case peers(String)
  /// The caller no longer wants it.
  case cancelled

  public var description: String {
    switch self {
    case .diagnostic(let error): "\(error)"
    case .peers(let message): message
    case .cancelled: "it was ended before it had a result"
    }
  }
}

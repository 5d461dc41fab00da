internal import EbbDiagnostics
public import EbbMarkup

extension CellReport {
  /// Every number but the flow's, for files and other programs.
  public var json: JSONValue {
    [
      "theory": theory?.json ?? .null, "gates": gates?.json ?? .null, "dynamics": dynamics?.json ?? .null,
      "credit": credit?.json ?? .null, "omissions": .strings(omissions),
    ]
  }
}

extension StepDynamics {
  var json: JSONValue { ["jacobian": jacobians?.json ?? .null, "lyapunov": lyapunov.json] }
}

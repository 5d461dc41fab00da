internal import EbbDiagnostics
public import EbbMarkup

extension CellReport {
  /// Every number but the profile's, for files and other programs.
  public var json: JSONValue {
    var object = JSONObject()
    object["theory"] = theory?.json ?? .null
    object["gates"] = gates?.json ?? .null
    object["dynamics"] = dynamics?.json ?? .null
    object["credit"] = credit?.json ?? .null
    object["omissions"] = .strings(omissions)
    return .object(object)
  }
}

extension StepDynamics {
  var json: JSONValue { ["jacobian": jacobians?.json ?? .null, "lyapunov": lyapunov.json] }
}

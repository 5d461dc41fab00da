internal import EbbLinearAlgebra
public import EbbReport

extension FlowPortrait {
  /// Every number but the profile's, for files and other programs.
  public var json: JSONValue {
    var object = JSONObject()
    object["theory"] = .array(
      theory.map { curve in
        [
          "state": .string(curve.state), "name": .string(curve.name), "explanation": .string(curve.explanation),
          "norms": .numbers(curve.norms),
        ]
      })
    object["gates"] = .array(gates.map(\.json))
    object["dynamics"] = dynamics?.json ?? .null
    object["credit"] = credit?.json ?? .null
    object["omissions"] = .strings(omissions)
    return .object(object)
  }
}

extension GateUse {
  var json: JSONValue {
    [
      "name": .string(name), "kind": .string(kind.rawValue), "lower": .number(saturation.lower),
      "upper": .number(saturation.upper), "lowerByStep": .numbers(saturationByStep.map(\.lower)),
      "upperByStep": .numbers(saturationByStep.map(\.upper)), "means": .numbers(means),
    ]
  }
}

extension StepDynamics {
  var json: JSONValue {
    [
      "dimension": .integer(dimension), "exponents": .numbers(lyapunov.exponents),
      "standardErrors": .numbers(lyapunov.standardErrors),
      "steps": .array(
        steps.map { step in
          [
            "step": .integer(step.step), "singularValues": .numbers(step.spectrum.singularValues),
            "eigenvaluesReal": .numbers(step.spectrum.eigenvalues.map(\.real)),
            "eigenvaluesImaginary": .numbers(step.spectrum.eigenvalues.map(\.imaginary)),
          ]
        }),
    ]
  }
}

public import EbbMarkup

extension GradientHistory {
  /// Every number, for files and other programs. Norms are in the order of time.
  public var json: JSONValue {
    var object = JSONObject()
    object["interval"] = .integer(interval)
    object["firstStep"] = .integer(firstStep + 1)
    object["alignedAtEnds"] = .bool(isRagged)
    object["losses"] = .numbers(losses)
    object["gradientNorms"] = .numbers(gradientNorms)
    object["clippedSteps"] = .array(clippedSteps.map(JSONValue.integer))
    object["nonFiniteSteps"] = .array(nonFiniteSteps.map(JSONValue.integer))
    object["measurements"] = .array(measurements.map(\.json))
    object["problem"] = problem.map(JSONValue.string) ?? .null
    return .object(object)
  }
}

extension GradientHistory.Measurement {
  var json: JSONValue {
    [
      "step": .integer(step), "loss": .number(loss),
      "states": .array(
        states.map { state in
          [
            "name": .string(state.name), "flowsBackward": .bool(state.total.flowsBackward),
            "norms": .numbers(state.total.means), "decay": state.total.decay?.json ?? .null,
            "directNorms": state.direct.map { .numbers($0.means) } ?? .null,
          ]
        }),
      "clips": .array(
        clips.map { clip in
          [
            "state": .string(clip.state), "clipped": .integer(clip.clipped), "places": .integer(clip.places),
            "largest": clip.largest.map(JSONValue.number) ?? .null,
          ]
        }),
      "gates": .array(
        gates.map { gate in
          [
            "name": .string(gate.name), "kind": .string(gate.kind.rawValue), "saturation": gate.saturation.json,
          ]
        }),
    ]
  }
}

internal import EbbGraph
internal import EbbPlanning
internal import EbbMarkup
internal import EbbTensors
internal import EbbTraining

extension Graph {
  /// The axes, every equation with its operands by their numbers, and the outputs.
  var json: JSONValue {
    var object = JSONObject()
    object["axes"] = .array(
      axes.map {
        [
          "name": .string($0.name), "kind": .string("\($0.kind)"), "length": $0.length.map { .integer($0) } ?? .null,
          "lengths": $0.lengths.map { .integer($0.index) } ?? .null,
        ]
      })
    object["nodes"] = .array(nodes.map(json))
    object["outputs"] = .array(outputs.map { ["name": .string($0.name), "node": .integer($0.node.index)] })
    return .object(object)
  }

  private func json(_ node: NodeID) -> JSONValue {
    let type = type(node)
    return [
      "node": .integer(node.index), "name": name(node).map { .string($0) } ?? .null,
      "operation": .string(operation(node).keyword), "operands": .array(operands(node).map { .integer($0.index) }),
      "element": .string(type.element.name), "axes": .strings(type.domain.map { axes[$0.index].name }),
      "shape": .array(type.shape.array.map { .integer($0) }), "equation": .string(line(node)),
    ]
  }
}

extension Plan {
  /// The graph that runs, and the stages of its nodes.
  var json: JSONValue {
    var object = graph.json.object ?? JSONObject()
    object["stages"] = .array(stages.map(json))
    object["values"] = .integer(values.count)
    object["packedWeights"] = .integer(weights.count)
    return .object(object)
  }

  private func json(_ stage: Stage) -> JSONValue {
    func name(_ axis: Axis?) -> JSONValue { axis.map { .string(graph.description(of: $0).name) } ?? .null }
    return [
      "level": .integer(stage.level), "along": name(stage.sweep?.axis),
      "isBackward": .bool(stage.sweep?.isBackward ?? false),
      "sliced": name(stage.sliced), "prologue": .integer(stage.prologue.count),
      "instructions": .integer(stage.instructions.count),
    ]
  }
}

extension ModelSummary {
  var json: JSONValue {
    [
      "layers": .array(
        rows.map {
          [
            "name": .string($0.name), "type": .string($0.type), "depth": .integer($0.depth),
            "output": $0.output.map { .strings($0) } ?? .null, "parameters": .integer($0.parameters),
          ]
        }),
      "parameters": .integer(parameters), "trained": .integer(trained), "frozen": .integer(frozen),
      "bytes": .integer(parameters * elementSize),
    ]
  }
}

internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension GradientDetail {
  /// A state or a named intermediate.
  struct MeasurableNode {
    var name: String
    var node: NodeID
    var isState: Bool
  }

  /// The outputs of a graph that hold the gradients of states and named intermediates.
  struct Outputs: Sendable {
    private struct Entry: Sendable {
      var name: String
      var isState: Bool
      var units: Int
      /// The dimension of the tensor that is time.
      var timeDimension: Int
    }
    private var entries: [Entry] = []
    private let flows: [GradientFlow]

    /// Appends the gradients to a graph and asks for them.
    init(
      in graph: inout Graph, of loss: NodeID, _ values: [MeasurableNode], over axis: Axis, direct: Bool
    ) throws(GraphError) {
      flows = direct ? [.total, .direct] : [.total]
      for flow in flows {
        let gradients = try graph.gradient(of: loss, withRespectTo: values.map(\.node), flow: flow)
        for (value, gradient) in zip(values, gradients) { graph.setOutput(Self.output(flow, value.name), gradient) }
      }
      for value in values {
        entries.append(
          Entry(
            name: value.name, isState: value.isState, units: graph.type(value.node).shape.count,
            timeDimension: graph.dimension(of: axis, in: value.node)))
      }
    }

    /// What the outputs of a run say.
    ///
    /// - Parameter scale: A factor on all gradients.
    func detail(_ outputs: [String: Tensor], scale: Double = 1) -> GradientDetail {
      func samples(_ flow: GradientFlow, _ entry: Entry) -> AdjointSamples {
        guard let tensor = outputs[Self.output(flow, entry.name)] else { preconditionFailure("a missing output") }
        let rows = tensor.rows(over: entry.timeDimension)
        return AdjointSamples(
          units: entry.units, steps: scale == 1 ? rows : rows.map { row in row.map { $0 * scale } })
      }
      return GradientDetail(
        values: entries.map { entry in
          Value(
            name: entry.name, isState: entry.isState, total: samples(.total, entry),
            direct: flows.contains(.direct) ? samples(.direct, entry) : nil)
        })
    }

    private static func output(_ flow: GradientFlow, _ name: String) -> String { "\(flow)/\(name)" }
  }
}

extension Recording {
  /// The states and the named float intermediates over time, or those of these names.
  func measurable(
    over axis: Axis, _ names: [String]?
  ) throws(DiagnosticError) -> [GradientDetail.MeasurableNode] {
    let named = intermediates.filter {
      graph.type($0.node).element.isFloat && graph.type($0.node).domain.contains(axis)
    }
    let all =
      states.map { GradientDetail.MeasurableNode(name: $0.name, node: $0.value, isState: true) }
      + named.map { GradientDetail.MeasurableNode(name: $0.name, node: $0.node, isState: false) }
    guard let names else { return all }
    return try names.map { name throws(DiagnosticError) in
      if let node = all.first(where: { $0.name == name }) { return node }
      throw .setting(
        "there is no state or named intermediate \(name); there are \(all.map(\.name).joined(separator: ", "))")
    }
  }
}

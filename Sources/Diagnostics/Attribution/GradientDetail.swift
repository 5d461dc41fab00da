internal import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The gradient of a loss to every state and named intermediate, at every step, sample and unit.
///
/// A gate is included if it has a name: `sigmoid(…).named("forget")`.
public struct GradientDetail: Sendable, Hashable {
  /// The gradients of one state or named intermediate.
  public struct Value: Sendable, Hashable {
    /// The name in the cell.
    public var name: String
    /// Whether this is a state rather than a named intermediate.
    public var isState: Bool
    /// dL/dh_t, over all uses now and later.
    public var total: AdjointSamples
    /// ∂L/∂h_t with the later states of the same recurrence held fixed; nil if it was not requested.
    public var direct: AdjointSamples?
  }
  /// The states in the order of their declaration, then the intermediates; or those that were asked for, in that order.
  public var values: [Value]
  /// The value with this name.
  public subscript(name: String) -> Value? { values.first { $0.name == name } }
}

extension Diagnostic where Result == GradientDetail {
  /// The gradient at every step, sample and unit of a recording's states and named intermediates over time.
  ///
  /// - Parameters:
  ///   - recording: A network with states over one time axis.
  ///   - loss: The name of an output that is a float scalar at each index; it is summed over them.
  ///   - names: The states and intermediates to measure, in this order; nil for all.
  ///   - direct: Whether to measure the direct gradients as well.
  /// - Throws: `DiagnosticError` if there is no such loss or value, or if no state runs along a time axis.
  ///
  /// For a state that is clipped inside the recurrence this is the gradient after clipping, which propagates further.
  public static func gradientDetail(
    of recording: Recording, loss: String = "loss", names: [String]? = nil, direct: Bool = true
  ) throws(DiagnosticError) -> Diagnostic {
    let axis = try recording.timeAxis()
    _ = try recording.output(named: loss)
    let values = try recording.measurable(over: axis, names)
    let flows: [Dependence] = direct ? [.total, .direct] : [.total]
    let name = "gradient detail of \(values.map(\.name).joined(separator: ", "))" + (direct ? ", direct too" : "")
    return try Diagnostic(name, of: recording, loss: loss) { graph, node throws(GraphError) in
      let coordinates = graph.coordinateAxes
      for flow in flows {
        let gradients = try graph.gradient(of: node, withRespectTo: values.map(\.node), dependence: flow)
        for (value, gradient) in zip(values, gradients) {
          graph.setOutput("\(flow)/\(value.name)", graph.appendCoordinates(of: gradient, along: coordinates))
        }
      }
      return { [graph] run in
        GradientDetail(
          values: values.map { value in
            func samples(_ flow: Dependence) -> AdjointSamples {
              let name = "\(flow)/\(value.name)"
              let tensor = run[name]
              return AdjointSamples(
                units: graph.coordinateCount(of: value.node, along: coordinates),
                steps: tensor.rows(over: graph.dimension(of: axis, in: graph.output(named: name) ?? value.node)),
                lengths: graph.sampleLengths(along: axis, in: value.node, sizes: tensor.dimensions, run.inputs))
            }
            return GradientDetail.Value(
              name: value.name, isState: value.isState, total: samples(.total), direct: direct ? samples(.direct) : nil)
          })
      }
    }
  }
}

extension Diagnostics {
  /// The gradient at every step, sample and unit of a network; see `Diagnostic.gradientDetail`.
  public static func gradientDetail(
    of trial: Trial, names: [String]? = nil, direct: Bool = true
  ) throws(DiagnosticError) -> GradientDetail {
    try Diagnostic.gradientDetail(of: trial.recording, loss: trial.loss, names: names, direct: direct)
      .run(trial.bindings, run: trial.run)
  }
}

extension GradientDetail {
  /// With a factor on all gradients.
  func scaled(by factor: Double) -> GradientDetail {
    guard factor != 1 else { return self }
    func scaled(_ samples: AdjointSamples) -> AdjointSamples {
      AdjointSamples(
        units: samples.units, steps: samples.steps.map { step in step.map { $0 * factor } }, lengths: samples.lengths)
    }
    return GradientDetail(
      values: values.map { value in
        Value(
          name: value.name, isState: value.isState, total: scaled(value.total), direct: value.direct.map(scaled))
      })
  }
}

/// A state or a named intermediate.
private struct MeasurableNode: Sendable {
  var name: String
  var node: NodeID
  var isState: Bool
}

extension Recording {
  /// The states and the named float intermediates over time, or those with these names.
  fileprivate func measurable(over axis: Axis, _ names: [String]?) throws(DiagnosticError) -> [MeasurableNode] {
    let named = intermediates.filter {
      graph.type($0.node).element.isFloat && graph.type($0.node).domain.contains(axis)
    }
    let all =
      states.map { MeasurableNode(name: $0.name, node: $0.value, isState: true) }
      + named.map { MeasurableNode(name: $0.name, node: $0.node, isState: false) }
    guard let names else { return all }
    return try names.map { name throws(DiagnosticError) in
      if let node = all.first(where: { $0.name == name }) { return node }
      throw .setting(
        "there is no state or named intermediate \(name); there are \(all.map(\.name).joined(separator: ", "))")
    }
  }
}

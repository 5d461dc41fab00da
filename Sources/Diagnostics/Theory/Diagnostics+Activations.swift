internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// The gates, activations and states of a recording, with their names.
struct ActivationNodes {
  struct Entry {
    var name: String
    var kind: ActivationRecord.Kind
    var node: NodeID
  }

  private(set) var entries: [Entry] = []

  /// Every sigmoid and tanh, every state and every named value, in the order of the equations.
  init(_ recording: Recording) {
    let graph = recording.graph
    let wording = NodeWording(graph, recording)
    let named = Set(recording.states.map(\.value) + recording.intermediates.map(\.node))
    var taken: Set<String> = []
    for node in graph.nodes where graph.type(node).element.isFloat {
      let kind = Self.kind(node, graph)
      guard kind != .value || named.contains(node) else { continue }
      let name =
        graph.name(node) ?? wording.affineName(graph.operand(node, 0)) ?? wording.expression(node)
      var unique = name
      var number = 2
      while !taken.insert(unique).inserted {
        unique = "\(name) #\(number)"
        number += 1
      }
      entries.append(Entry(name: unique, kind: kind, node: node))
    }
  }

  /// A named copy of a value has the kind of its original.
  private static func kind(_ node: NodeID, _ graph: Graph) -> ActivationRecord.Kind {
    if case .unary(.sigmoid) = graph.operation(node) { return .sigmoid }
    if case .unary(.tanh) = graph.operation(node) { return .tanh }
    return .value
  }
}

extension Diagnostics {
  /// The values of every sigmoid, tanh, state and named value of a network in a run.
  ///
  /// ```swift
  /// let records = try Diagnostics.activations(of: FlowExperiment(length: 100).trial(of: LSTM(units: 64)))
  /// let forget = records.first { $0.name == "forget" }!
  /// print(forget.saturation()!.upper, forget.timeConstants())
  /// ```
  ///
  /// All numbers are kept, at 8 bytes per step, sample and unit. Steps beyond a ragged sequence are left out.
  public static func activations(of trial: Trial) throws(DiagnosticError) -> [ActivationRecord] {
    try Diagnostic.activations(of: trial.recording).run(trial.bindings, run: trial.run)
  }
}

extension Diagnostic where Result == [ActivationRecord] {
  /// The values of every sigmoid, tanh, state and named value of a recording in a run.
  public static func activations(of recording: Recording) -> Diagnostic {
    let entries = ActivationNodes(recording).entries
    var graph = recording.graph
    graph.removeOutputs()
    for (index, entry) in entries.enumerated() { graph.setOutput("activation/\(index)", entry.node) }
    return Diagnostic("activations", of: recording, graph) { [graph] run in
      entries.enumerated().map { index, entry in
        ActivationRecord(
          name: entry.name, kind: entry.kind, units: graph.type(entry.node).shape.count,
          steps: graph.steps(of: run["activation/\(index)"], entry.node, run.inputs))
      }
    }
  }
}

extension Graph {
  /// A value's numbers by step, without the steps beyond a ragged sequence.
  fileprivate func steps(of tensor: Tensor, _ node: NodeID, _ inputs: [String: Tensor]) -> [[Double]] {
    let domain = Array(type(node).domain)
    guard let dimension = domain.firstIndex(where: { description(of: $0).kind == .time }) else {
      return [tensor.doubles]
    }
    let lengths = description(of: domain[dimension]).lengths.flatMap { name($0) }.flatMap { inputs[$0]?.doubles }
    return tensor.rows(over: dimension, within: lengths, features: type(node).shape.count).map { $0.compactMap { $0 } }
  }
}

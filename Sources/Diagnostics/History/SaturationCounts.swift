internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// The outputs of a graph that hold how many numbers of each gate are near the ends of its range, at each index.
struct SaturationCounts {
  private struct Entry {
    var name: String
    var kind: ActivationRecord.Kind
    /// The number of features at one index.
    var units: Int
    /// The dimension of the time axis, and the input with the lengths of its sequences; nil without.
    var time: (dimension: Int, lengths: String?)?
  }

  private var entries: [Entry] = []

  /// Appends the counts of the values whose range is bounded.
  init(in graph: inout Graph, _ values: [(name: String, kind: ActivationRecord.Kind, node: NodeID)]) {
    for (name, kind, node) in values {
      guard let limits = kind.limits() else { continue }
      let axes = Array(graph.type(node).domain)
      let time = axes.firstIndex { graph.description(of: $0).kind == .time }
      for (output, isNear) in [
        ("lower", graph.compare(.less, node, graph.constant(limits.lower, like: node))),
        ("upper", graph.compare(.greater, node, graph.constant(limits.upper, like: node))),
      ] {
        let one = graph.select(isNear, graph.constant(1, like: node), graph.constant(0, like: node))
        let count = graph.summedOverFeatures(one)
        graph.setOutput("saturation/\(output)/\(entries.count)", count)
      }
      entries.append(
        Entry(
          name: name, kind: kind, units: graph.type(node).shape.count,
          time: time.map { dimension in
            (dimension, graph.description(of: axes[dimension]).lengths.flatMap { graph.name($0) })
          }))
    }
  }

  /// The saturation in the outputs of a run.
  func gates(_ outputs: [String: Tensor], _ inputs: [String: Tensor]) -> [GradientHistory.Gate] {
    entries.enumerated().map { index, entry in
      func share(_ end: String) -> Double {
        guard let tensor = outputs["saturation/\(end)/\(index)"] else { preconditionFailure("the run has no count") }
        var counts = tensor.doubles
        if let (dimension, lengths) = entry.time {
          let known = lengths.flatMap { inputs[$0]?.doubles }
          counts = tensor.rows(over: dimension, within: known).flatMap { $0.compactMap { $0 } }
        }
        return counts.reduce(0, +) / Double(max(1, counts.count * entry.units))
      }
      return GradientHistory.Gate(
        name: entry.name, kind: entry.kind, saturation: Saturation(lower: share("lower"), upper: share("upper")))
    }
  }
}

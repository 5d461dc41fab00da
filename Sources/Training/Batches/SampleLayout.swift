internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// The order of the dimensions of the tensors that go into a trainer and come out of it.
public enum SampleLayout: Hashable, Sendable, CaseIterable {
  /// As the network declares its axes: [T, B, features] for x over time and batch, as everywhere else.
  case timeFirst
  /// Samples first: [B, T, features], as in Keras and with PyTorch's `batch_first=True`.
  case batchFirst
}

extension SampleLayout {
  /// The order in which a value over these axes lists them, as positions in the network's order.
  func order(_ axes: Domain, in graph: Graph) -> [Int] {
    let places = Array(0..<axes.count)
    switch self {
    case .timeFirst: return places
    case .batchFirst:
      let kinds = axes.map { graph.axes[$0.index].kind }
      return places.filter { kinds[$0] == .batch } + places.filter { kinds[$0] != .batch }
    }
  }
}

extension Trainer {
  /// A batch in the trainer's layout, in the network's order of dimensions.
  func arranged(_ batch: [String: Tensor]) -> [String: Tensor] { arranged(batch, from: layout) }

  /// A batch in the network's order of dimensions.
  func arranged(_ batch: [String: Tensor], from layout: SampleLayout) -> [String: Tensor] {
    guard layout != .timeFirst else { return batch }
    let graph = recording.graph
    var batch = batch
    for input in recording.inputs {
      let axes = graph.type(input.node).domain
      // Other ranks are reported by the run, with everything that it expects.
      guard let tensor = batch[input.name], tensor.dimensions.count >= axes.count else { continue }
      let given = layout.order(axes, in: graph)
      // Axis i of the network lies where the given order lists it.
      let order = given.indices.map { axis in given.firstIndex(of: axis) ?? axis }
      batch[input.name] = tensor.permuted(order + Array(axes.count..<tensor.dimensions.count))
    }
    return batch
  }

  /// Outputs in the layout of the trainer.
  func returned(_ outputs: [String: Tensor]) -> [String: Tensor] {
    guard layout != .timeFirst else { return outputs }
    let graph = recording.graph
    var outputs = outputs
    for (name, tensor) in outputs {
      guard let node = graph.output(named: name) else { continue }
      let axes = graph.type(node).domain
      outputs[name] = tensor.permuted(layout.order(axes, in: graph) + Array(axes.count..<tensor.dimensions.count))
    }
    return outputs
  }
}

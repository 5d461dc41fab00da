internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// A run of a network on drawn inputs, with which its run in another program can be compared.
struct ExportExample {
  /// The inputs as `input.NAME`, and the results as `output.NAME`.
  let tensors: [String: Tensor]

  /// - Parameters:
  ///   - recording: The network.
  ///   - parameters: Its parameters by name.
  ///   - outputs: The names of the outputs or values, as the exported model has them.
  ///   - length: The length of each axis of time.
  ///   - samples: The length of each axis of samples.
  ///   - seed: Draws floats from the standard normal distribution, whole numbers among the rows that they choose, and
  ///     lengths of sequences between 1 and `length`.
  init(
    _ recording: Recording, _ parameters: [String: Tensor], outputs: [String], length: Int, samples: Int, seed: UInt64
  ) throws {
    try self.init(
      recording.evaluationGraph, recording, parameters, outputs: outputs, length: length, samples: samples, seed: seed)
  }

  /// The same for other equations of the network, such as those with its gradients.
  init(
    _ equations: Graph, _ recording: Recording, _ parameters: [String: Tensor], outputs: [String], length: Int,
    samples: Int, seed: UInt64
  ) throws {
    var graph = equations
    for name in outputs where graph.output(named: name) == nil {
      if let node = graph.node(named: name) { graph.setOutput(name, node) }
    }
    graph.removeOutputs { !outputs.contains($0) }
    func size(_ axis: Axis) -> Int {
      let description = graph.description(of: axis)
      return description.length ?? (description.kind == .time ? length : samples)
    }
    var values: [String: Tensor] = [:]
    for (number, input) in recording.inputs.enumerated() {
      let type = graph.type(input.node)
      let dimensions = type.domain.map(size) + type.shape.array
      let draws = RandomStream(seed: seed, stream: UInt64(number))
      let limit = Self.limit(input.node, in: graph)
      let isLength = graph.axes.contains { $0.lengths == input.node }
      let numbers = (0..<dimensions.reduce(1, *)).map { index -> Double in
        let uniform = draws.value(.uniform, at: .zero, element: UInt32(index))
        if isLength { return (uniform * Double(length)).rounded(.down) + 1 }
        if type.element == .int32 { return (uniform * Double(limit)).rounded(.down) }
        // The same numbers in both precisions.
        return Double(Float(draws.value(.normal, at: .zero, element: UInt32(index))))
      }
      values[input.name] = Tensor(dimensions, numbers, as: type.element)
    }
    var bindings = Bindings(values.merging(parameters.filter { graph.node(named: $0.key) != nil }) { $1 })
    for axis in graph.axes where axis.length == nil && axis.kind == .time { bindings.lengths[axis.name] = length }
    let results = try Executable(compiling: graph).run(bindings)
    var tensors: [String: Tensor] = [:]
    for (name, tensor) in values { tensors["input.\(name)"] = tensor }
    for (name, tensor) in results { tensors["output.\(name)"] = tensor }
    self.tensors = tensors
  }

  /// The number of rows among which an input of whole numbers chooses.
  private static func limit(_ input: NodeID, in graph: Graph) -> Int {
    var limit = Int.max
    for node in graph.nodes where graph.operation(node) == .gather && graph.operand(node, 1) == input {
      limit = min(limit, graph.type(graph.operand(node, 0)).shape[0])
    }
    return limit == .max ? 2 : limit
  }
}

internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Layers that are one of ONNX's recurrent operators.
extension ONNXTranslation {
  mutating func translate(_ index: Int) throws(ExportError) {
    let layer = layers.layers[index]
    let operands = layers.operands(ofLayer: index, in: graph)
    let x = sequence(operands.prefix(layer.inputs.count).map { value($0) }, layer)
    let states = operands.dropFirst(layer.inputs.count).map { initialState($0, layer) }
    let prefix = layer.scope.isEmpty ? "" : layer.scope + "."
    func weight(_ tensor: Tensor, _ name: String) -> String {
      // A first dimension for the directions, of which there is one.
      builder.fixed(
        Tensor([1] + tensor.dimensions, tensor.storage), named: "\(prefix)\(name)"
      ).name
    }
    let lengths = graph.description(of: layer.axis).lengths.map { value($0).name } ?? ""
    var rest = [
      weight(layer.inputWeights, "W"), weight(layer.recurrentWeights, "R"), weight(layer.biases, "B"), lengths,
    ]
    rest += states.map { $0 ?? "" }
    if let peepholes = layer.peepholes { rest.append(weight(peepholes, "P")) }
    while rest.last == "" { rest.removeLast() }
    let name = builder.names.unique(prefix + layer.kind.operatorName)
    let results = layers.results(ofLayer: index, in: graph)
    func used(_ part: Int, _ suffix: String) -> String {
      results.contains { $0.part == part } ? builder.names.unique("\(name).\(suffix)") : ""
    }
    var outputs = [used(-1, "Y"), used(0, "Y_h")]
    if layer.initial.count > 1 { outputs.append(used(1, "Y_c")) }
    let all = outputs
    while outputs.last == "" { outputs.removeLast() }
    var node = ONNXNode(layer.kind.operatorName, [x.name] + rest, outputs, layer.kind.attributes)
    node.name = name
    node.attributes += [ONNXAttribute("hidden_size", .integer(layer.units))]
    if layer.isBackward { node.attributes.append(ONNXAttribute("direction", .text("reverse"))) }
    builder.append(node, inStep: false)
    for (result, part) in results {
      values[result] = self.result(all[part + 1], isSequence: part < 0, layer, prefix)
    }
  }

  /// The inputs side by side, as [time, samples, features].
  private mutating func sequence(_ parts: [ONNXOperand], _ layer: RecurrentLayer) -> ONNXOperand {
    let domain = Domain([layer.axis] + (layer.batch.map { [$0] } ?? []))
    let whole = parts.map { builder.expanded($0, to: domain) }
    let joined = whole.count == 1 ? whole[0] : concatenated(whole, 0, nil)
    guard let batch = layer.batch else { return builder.unsqueezed(joined, [1]) }
    return batch < layer.axis ? builder.permuted(joined, [1, 0, 2]) : joined
  }

  /// A state before the first step, as [1, samples, units]; nil for zeros, which are the operators' default.
  private mutating func initialState(_ node: NodeID, _ layer: RecurrentLayer) -> String? {
    if case .constant(0) = graph.operation(node) { return nil }
    let state = value(node)
    guard let batch = layer.batch else { return builder.unsqueezed(state, [0, 1]).name }
    return builder.unsqueezed(builder.expanded(state, to: [batch]), [0]).name
  }

  /// Without the dimension of the directions: [time, directions, samples, units], or [directions, samples, units].
  private mutating func result(
    _ name: String, isSequence: Bool, _ layer: RecurrentLayer, _ prefix: String
  ) -> ONNXOperand {
    let batch = Domain(layer.batch.map { [$0] } ?? [])
    let raw = ONNXOperand(name: name, element: .float32, axes: [], shape: [])
    var positions = isSequence ? [1] : [0]
    if layer.batch == nil { positions.append(isSequence ? 2 : 1) }
    let axes = isSequence ? batch.inserting(layer.axis) : batch
    let wanted = isSequence ? layer.sequenceName : nil
    let squeezed = builder.write(
      "Squeeze", [raw], [builder.positions(positions)],
      like: ONNXOperand(name: "", element: .float32, axes: axes, shape: [layer.units]),
      named: wanted ?? prefix + (isSequence ? "h" : "final"))
    guard isSequence, let batch = layer.batch, batch < layer.axis else { return squeezed }
    return builder.permuted(squeezed, [1, 0, 2])
  }
}

extension RecurrentLayer.Kind {
  /// The operator of ONNX.
  var operatorName: String {
    switch self {
    case .lstm: "LSTM"
    case .gru: "GRU"
    case .simple: "RNN"
    }
  }

  /// Settings other than the operators' defaults.
  fileprivate var attributes: [ONNXAttribute] {
    switch self {
    case .lstm: []
    case .gru(let resetsAfterProduct):
      resetsAfterProduct ? [ONNXAttribute("linear_before_reset", .integer(1))] : []
    case .simple(let function):
      function == .tanh
        ? [] : [ONNXAttribute("activations", .texts([function == .relu ? "Relu" : "Sigmoid"]))]
    }
  }
}

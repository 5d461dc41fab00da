internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Layers that are one of ONNX's recurrent operators.
extension ONNXTranslation {
  /// Writes the operator of a layer, or of both directions of one.
  mutating func translate(_ index: Int) throws(ExportError) {
    let group = layers.group(of: index)
    let members = group.map { layers.layers[$0] }
    let layer = members[0]
    let operands = group.map { layers.operands(ofLayer: $0, in: graph) }
    let x = sequence(operands[0].prefix(layer.inputs.count).map { value($0) }, layer)
    let prefix = commonScope(members.map(\.scope))
    func weight(_ tensors: [Tensor], _ name: String) -> String {
      // A first dimension for the directions.
      let numbers = tensors.flatMap(\.doubles)
      let tensor = Tensor([tensors.count] + tensors[0].dimensions, numbers, as: tensors[0].element)
      return builder.fixed(tensor, named: "\(prefix)\(name)").name
    }
    let lengths = graph.description(of: layer.axis).lengths.map { value($0).name } ?? ""
    var rest = [
      weight(members.map(\.inputWeights), "W"), weight(members.map(\.recurrentWeights), "R"),
      weight(members.map(\.biases), "B"), lengths,
    ]
    for state in layer.initial.indices {
      rest.append(initialState(operands.map { $0[layer.inputs.count + state] }, layer) ?? "")
    }
    if layer.peepholes != nil { rest.append(weight(members.compactMap(\.peepholes), "P")) }
    while rest.last == "" { rest.removeLast() }
    let name = builder.names.unique(prefix + layer.kind.operatorName)
    let results = group.map { layers.results(ofLayer: $0, in: graph) }
    func used(_ part: Int, _ suffix: String) -> String {
      results.joined().contains { $0.part == part } ? builder.names.unique("\(name).\(suffix)") : ""
    }
    var outputs = [used(-1, "Y"), used(0, "Y_h")]
    if layer.initial.count > 1 { outputs.append(used(1, "Y_c")) }
    let all = outputs
    while outputs.last == "" { outputs.removeLast() }
    var node = ONNXNode(
      layer.kind.operatorName, [x.name] + rest, outputs, layer.kind.attributes(directions: members.count))
    node.name = name
    node.attributes += [ONNXAttribute("hidden_size", .integer(layer.units))]
    let direction = members.count > 1 ? "bidirectional" : layer.isBackward ? "reverse" : nil
    if let direction { node.attributes.append(ONNXAttribute("direction", .text(direction))) }
    builder.append(node, inStep: false)
    for (place, member) in members.enumerated() {
      for (result, part) in results[place] {
        values[result] = self.result(
          all[part + 1], isSequence: part < 0, member, direction: members.count > 1 ? place : nil)
      }
    }
    guard members.count > 1 else { return }
    for (first, part) in results[0] {
      for (second, other) in results[1] where other == part {
        guard let left = values[first], let right = values[second] else { continue }
        directions[[left.name, right.name]] = (all[part + 1], part < 0, layer)
      }
    }
  }

  /// What the scopes have in common, with a point after it.
  private func commonScope(_ scopes: [String]) -> String {
    guard Set(scopes).count > 1 else { return scopes[0].isEmpty ? "" : scopes[0] + "." }
    let words = scopes.map { $0.split(separator: ".") }
    let count = zip(words[0], words[1]).prefix { $0 == $1 }.count
    return words[0].prefix(count).map { $0 + "." }.joined()
  }

  /// The inputs side by side, as [time, samples, features].
  private mutating func sequence(_ parts: [ONNXOperand], _ layer: RecurrentLayer) -> ONNXOperand {
    let domain = Domain([layer.axis] + (layer.batch.map { [$0] } ?? []))
    let whole = parts.map { builder.expanded($0, to: domain) }
    let joined = whole.count == 1 ? whole[0] : concatenated(whole, 0, nil)
    guard let batch = layer.batch else { return builder.unsqueezed(joined, [1]) }
    return batch < layer.axis ? builder.permuted(joined, [1, 0, 2]) : joined
  }

  /// A state of each direction before its first step, as [directions, samples, units]; nil for zeros, which are the
  /// operators' default.
  private mutating func initialState(_ nodes: [NodeID], _ layer: RecurrentLayer) -> String? {
    if nodes.allSatisfy({ graph.operation($0) == .constant(0) }) { return nil }
    let states = nodes.map { node -> String in
      let state = value(node)
      guard let batch = layer.batch else { return builder.unsqueezed(state, [0, 1]).name }
      return builder.unsqueezed(builder.expanded(state, to: [batch]), [0]).name
    }
    guard states.count > 1 else { return states[0] }
    let name = builder.names.unique("initial")
    builder.append(ONNXNode("Concat", states, [name], [ONNXAttribute("axis", .integer(0))]), inStep: false)
    return name
  }

  /// One direction, without the dimension of them: of [time, directions, samples, units] or [directions, samples, units].
  private mutating func result(
    _ name: String, isSequence: Bool, _ layer: RecurrentLayer, direction: Int?
  ) -> ONNXOperand {
    let batch = Domain(layer.batch.map { [$0] } ?? [])
    var raw = ONNXOperand(name: name, element: .float32, axes: [], shape: [])
    let axes = isSequence ? batch.inserting(layer.axis) : batch
    let squeezed = ONNXOperand(name: "", element: .float32, axes: axes, shape: [layer.units])
    let place = isSequence ? 1 : 0
    let wanted =
      (isSequence ? layer.sequenceName : nil) ?? commonScope([layer.scope]) + (isSequence ? "h" : "final")
    var positions = [place] + (layer.batch == nil ? [place + 1] : [])
    if let direction {
      // The number of a direction takes its dimension away.
      positions = layer.batch == nil ? [place] : []
      raw = builder.write(
        "Gather", [raw, builder.number(Double(direction), .int64)], [], [ONNXAttribute("axis", .integer(place))],
        like: squeezed, named: positions.isEmpty ? wanted : nil)
    }
    if !positions.isEmpty {
      raw = builder.write("Squeeze", [raw], [builder.positions(positions)], like: squeezed, named: wanted)
    }
    guard isSequence, let batch = layer.batch, batch < layer.axis else { return raw }
    return builder.permuted(raw, [1, 0, 2])
  }

  /// Both directions of an operator side by side, if these are what it returns.
  mutating func joinedDirections(_ parts: [ONNXOperand], _ name: String?) -> ONNXOperand? {
    guard let (raw, isSequence, layer) = directions[parts.map(\.name)] else { return nil }
    return builder.once("directions \(raw)") { builder in
      // [samples, directions, units], with the time before it or after the samples.
      let order = !isSequence ? [1, 0, 2] : parts[0].position(of: layer.axis) == 0 ? [0, 2, 1, 3] : [2, 0, 1, 3]
      let result = parts[0].with(name: "", shape: [2 * layer.units])
      let whole = builder.permuted(parts[0].with(name: raw), order)
      let lengths = builder.positions(result.axes.map { _ in 0 } + result.shape)
      return builder.write("Reshape", [whole], [lengths], like: result, named: name)
    }
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
  fileprivate func attributes(directions: Int) -> [ONNXAttribute] {
    switch self {
    case .lstm: []
    case .gru(let resetsAfterProduct):
      resetsAfterProduct ? [ONNXAttribute("linear_before_reset", .integer(1))] : []
    case .simple(.tanh): []
    case .simple(let function):
      // One for each direction.
      [
        ONNXAttribute(
          "activations", .texts([String](repeating: function == .relu ? "Relu" : "Sigmoid", count: directions)))
      ]
    }
  }
}

internal import EbbTensors

/// Operators that are layers.
extension ONNXTracer {
  // MARK: Embeddings and read-outs

  /// The rows of a table, or one position of a dimension.
  mutating func gathered(_ node: ONNXNode, _ index: Int) -> ONNXTrace {
    guard let table = trace(node, 0)?.tensor, let tokens = steps(node, 1) else { return picked(node) }
    let axis = node.integer("axis") ?? 0
    guard axis == 0 || axis == -2, table.dimensions.count == 2, tokens.layer == nil else { return unfollowed(node) }
    var result = tokens
    result.layer = layers.count
    result.dimensions.append([.feature])
    add(
      .embedding, node, index, ["data": table.stored], [table.name], source: words(tokens), width: table.dimensions[1])
    return .steps(result)
  }

  /// The product of the features with a matrix: MatMul(x, B), or Gemm(x, B, C).
  mutating func dense(_ node: ONNXNode, _ index: Int) -> ONNXTrace {
    let isGemm = node.type == "Gemm"
    let bias = isGemm ? trace(node, 2) : nil
    guard let x = steps(node), let matrix = trace(node, 1)?.tensor, matrix.dimensions.count == 2, x.endsWithFeatures,
      node.float("alpha") ?? 1 == 1, node.float("beta") ?? 1 == 1, node.integer("transA") ?? 0 == 0
    else { return unfollowed(node) }
    let isTransposed = node.integer("transB") ?? 0 != 0
    let width = matrix.dimensions[isTransposed ? 0 : 1]
    var operands = ["B": isTransposed ? turned(matrix) : matrix.stored]
    var names = [matrix.name]
    if isGemm, node.inputs.count > 2, !node.inputs[2].isEmpty {
      guard let vector = bias?.tensor.flatMap({ biases($0, width) }), let name = bias?.tensor?.name else {
        return unfollowed(node)
      }
      operands["C"] = vector
      names.append(name)
    }
    var result = x
    result.layer = layers.count
    add(.dense, node, index, operands, names, settings: ["activation": "linear"], source: words(x), width: width)
    if x.isFinal, let layer = layers.last {
      note(
        "\(layer.name): the model applies it to final states alone; here it follows each step, and that of the last one "
          + "counts")
    }
    return .steps(result)
  }

  /// The normalisation of the features of each step.
  mutating func normalized(_ node: ONNXNode, _ index: Int) -> ONNXTrace {
    guard let x = steps(node), let layer = x.layer, x.endsWithFeatures, let scale = trace(node, 1)?.tensor,
      [-1, x.dimensions.count - 1].contains(node.integer("axis") ?? -1), scale.dimensions == [layers[layer].width]
    else { return unfollowed(node) }
    var operands = ["Scale": scale.stored]
    var names = [scale.name]
    if node.inputs.count > 2, !node.inputs[2].isEmpty {
      guard let bias = trace(node, 2)?.tensor, bias.dimensions == scale.dimensions else { return unfollowed(node) }
      operands["B"] = bias.stored
      names.append(bias.name)
    }
    var result = x
    result.layer = layers.count
    add(
      .normalization, node, index, operands, names, settings: ["epsilon": "\(node.float("epsilon") ?? 1e-5)"],
      source: words(x), width: layers[layer].width)
    return .steps(result)
  }

  /// The sum of a product and its biases.
  mutating func biased(_ node: ONNXNode) -> ONNXTrace {
    for (place, other) in [(0, 1), (1, 0)] {
      guard let x = steps(node, place), let layer = x.layer, let tensor = trace(node, other)?.tensor else { continue }
      guard layers[layer].kind == .dense, layers[layer].operands["C"] == nil,
        layers[layer].settings["activation"] == "linear", let vector = biases(tensor, layers[layer].width)
      else { break }
      layers[layer].operands["C"] = vector
      use([tensor.name])
      return .steps(x)
    }
    return unfollowed(node)
  }

  /// The sum of a recurrent layer's output and what it reads; nil for another sum.
  mutating func residual(_ node: ONNXNode, _ index: Int) -> ONNXTrace? {
    for (place, other) in [(0, 1), (1, 0)] {
      guard let y = steps(node, place), let x = steps(node, other), let number = y.layer else { continue }
      let layer = layers[number]
      guard layer.kind == .recurrent, layer.source == words(x), x.dimensions == y.dimensions, !y.isFinal, !x.isFinal,
        y.direction == nil, y.endsWithFeatures, layer.operands["W"]?.dimensions.last == layer.width
      else { continue }
      var result = y
      result.layer = layers.count
      add(.sum, node, index, [:], [], source: layer.name, width: layer.width)
      return .steps(result)
    }
    return nil
  }

  /// A layer whose output is read in its sum alone is a residual one, and what reads the sum reads the layer.
  mutating func settleSums() {
    for sum in layers where sum.kind == .sum {
      guard layers.count(where: { $0.source == sum.source }) == 1,
        let place = layers.firstIndex(where: { $0.name == sum.source })
      else { continue }
      layers[place].settings[ONNXFile.residual] = "1"
      for reader in layers.indices where layers[reader].source == sum.name { layers[reader].source = sum.source }
    }
    layers.removeAll { $0.kind == .sum }
  }

  /// A vector of biases; nil if it is no such vector.
  private func biases(_ tensor: ONNXTensor, _ width: Int) -> StoredTensor? {
    guard tensor.dimensions.last == width, tensor.dimensions.dropLast().allSatisfy({ $0 == 1 }) else { return nil }
    switch tensor.stored {
    case .tensor(let values, let type): return .tensor(Tensor([width], values.storage), type: type)
    case .unread: return tensor.stored
    }
  }

  /// A table with its rows and columns exchanged, once for all layers that read it.
  private mutating func turned(_ matrix: ONNXTensor) -> StoredTensor {
    if let known = transposed[matrix.name] { return known }
    var result = matrix.stored
    let dimensions: [Int] = matrix.dimensions.reversed()
    switch result {
    case .tensor(let values, let type):
      result = .tensor(Tensor(dimensions, values.transposedNumbers, as: values.element), type: type)
    case .unread(var tensor):
      tensor.dimensions = dimensions
      result = .unread(tensor)
    }
    transposed[matrix.name] = result
    return result
  }

  /// A function of a read-out's sums; nil for another operator.
  mutating func activated(_ node: ONNXNode) -> ONNXTrace? {
    guard let x = steps(node), let layer = x.layer, layers[layer].kind == .dense,
      layers[layer].settings["activation"] == "linear", let name = node.activation
    else { return nil }
    layers[layer].settings["activation"] = name
    return .steps(x)
  }

  /// Zeros where a condition does not hold: for tokens outside of a table, or after the end of a sequence.
  mutating func masked(_ node: ONNXNode) -> ONNXTrace {
    guard let x = steps(node, 1), let layer = x.layer, trace(node, 2)?.isZero == true else { return unfollowed(node) }
    if layers[layer].kind != .embedding {
      note("\(Self.words(node)) sets values of \(layers[layer].name) to 0, and is not computed here")
    }
    return .steps(x)
  }

  /// The words for what a layer reads: the name of a layer, or the model's input.
  func words(_ x: ONNXSteps) -> String { x.layer.map { layers[$0].name } ?? "the input \(x.input)" }

  mutating func add(
    _ kind: ONNXLayer.Kind, _ node: ONNXNode, _ index: Int, _ operands: [String: StoredTensor], _ names: [String],
    settings: [String: String] = [:], source: String, width: Int
  ) {
    let name = layerName(node, index)
    use(names)
    layers.append(
      ONNXLayer(kind: kind, name: name, operands: operands, settings: settings, source: source, width: width))
  }
}

extension ONNXNode {
  func integer(_ name: String) -> Int? {
    guard case .integer(let value)? = attribute(name) else { return nil }
    return value
  }

  func integers(_ name: String) -> [Int]? {
    guard case .integers(let values)? = attribute(name) else { return nil }
    return values
  }

  func float(_ name: String) -> Float? {
    guard case .float(let value)? = attribute(name) else { return nil }
    return value
  }

  func text(_ name: String) -> String? {
    guard case .text(let value)? = attribute(name) else { return nil }
    return value
  }

  /// The word for a function of each number; nil for another operator.
  fileprivate var activation: String? {
    switch type {
    case "Relu", "Sigmoid", "Tanh", "Softsign", "Softplus": return type.lowercased()
    case "Exp": return "exponential"
    case "Elu": return "elu(\(float("alpha") ?? 1))"
    case "LeakyRelu": return "leaky_relu(\(float("alpha") ?? 0.01))"
    case "HardSigmoid":
      return float("beta") ?? 0.5 == 0.5 ? "hard_sigmoid(\(float("alpha") ?? 0.2))" : nil
    case "Gelu": return text("approximate") ?? "none" == "none" ? "gelu" : nil
    case _: return nil
    }
  }
}

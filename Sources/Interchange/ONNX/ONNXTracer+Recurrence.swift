internal import EbbTensors

/// LSTM, GRU and RNN.
extension ONNXTracer {
  mutating func recurrent(_ node: ONNXNode, _ index: Int) -> [ONNXTrace] {
    guard let layer = recurrentOperands(node) else {
      others.append(Self.words(node) + reason(node))
      return [unfollowed(node)]
    }
    let isTransposed = node.integer("layout") == 1
    let (time, samples) = isTransposed ? (1, 0) : (0, 1)
    var x = ONNXSteps(dimensions: [[.input(0)], [.input(1)], [.feature]], input: "")
    var source = "what is not known"
    switch trace(node, 0) {
    case .steps(let steps)?:
      let isSequence =
        steps.dimensions.count == 3 && steps.endsWithFeatures && !steps.isFinal && steps.direction == nil
        && (steps.time == nil || steps.time == steps.dimensions[time])
        && (steps.samples == nil || steps.samples == steps.dimensions[samples])
      if isSequence { x = steps }
      source = words(steps) + (isSequence ? "" : ", with its dimensions in another order")
    case .finals(let parts)?: source = "the final states of \(parts.first.map { words($0) } ?? "layers")"
    case .unknown(let words, _)?: source = words
    case .constant?, .zeros?, .shape?, nil: break
    }
    if x.input.isEmpty { x.input = source }
    (x.time, x.samples) = (x.dimensions[time], x.dimensions[samples])
    let (name, directions) = (layerName(node, index), layer.directions)
    tellStarts(node, name)
    use(layer.names)
    x.layer = layers.count
    layers.append(
      ONNXLayer(
        kind: .recurrent, name: name, operands: layer.operands, settings: settings(node, directions), source: source,
        width: directions * layer.units))
    let (feature, direction): ([ONNXSteps.Label], [ONNXSteps.Label]) =
      directions == 2 ? ([.half], [.directions]) : ([.feature], [])
    var (all, final) = (x, x)
    all.dimensions = isTransposed ? [x.samples ?? [], x.time ?? []] : [x.time ?? [], direction, x.samples ?? []]
    all.dimensions += isTransposed ? [direction, feature] : [feature]
    final.dimensions = isTransposed ? [x.samples ?? [], direction, feature] : [direction, x.samples ?? [], feature]
    final.isFinal = true
    return [.steps(all), .steps(final), .unknown("the state c of \(Self.words(node))", after: x.layer)]
  }

  private struct Operands {
    var operands: [String: StoredTensor]
    var names: [String]
    var directions: Int
    var units: Int
  }

  /// W, R, B and P, if they are fixed and have an operator's shapes.
  private func recurrentOperands(_ node: ONNXNode) -> Operands? {
    let gates = ["LSTM": 4, "GRU": 3, "RNN": 1][node.type] ?? 1
    guard let input = trace(node, 1)?.tensor, let hidden = trace(node, 2)?.tensor, hidden.dimensions.count == 3,
      input.dimensions.count == 3
    else { return nil }
    let (directions, units) = (hidden.dimensions[0], hidden.dimensions[2])
    let isBoth = (node.text("direction") ?? "forward") == "bidirectional"
    guard directions == (isBoth ? 2 : 1), units > 0, units <= Int(Int32.max),
      hidden.dimensions[1] == gates * units, input.dimensions[..<2] == hidden.dimensions[..<2],
      node.integer("hidden_size") ?? units == units
    else { return nil }
    var result = Operands(
      operands: ["W": input.stored, "R": hidden.stored], names: [input.name, hidden.name], directions: directions,
      units: units)
    for (place, letter, count) in [(3, "B", 2 * gates), (7, "P", 3)] where place < 7 || node.type == "LSTM" {
      guard node.inputs.indices.contains(place), !node.inputs[place].isEmpty else { continue }
      guard let tensor = trace(node, place)?.tensor, tensor.dimensions == [directions, count * units] else {
        return nil
      }
      result.operands[letter] = tensor.stored
      result.names.append(tensor.name)
    }
    return result
  }

  /// Why the weights are not known, where an operator is the reason: `, whose weights W are computed by /Mul (Mul)`.
  private func reason(_ node: ONNXNode) -> String {
    for (place, letter) in [(1, "W"), (2, "R"), (3, "B"), (7, "P")] {
      guard case .unknown(let words, _)? = trace(node, place) else { continue }
      return ", whose weights \(letter) are computed by \(words)"
    }
    return ""
  }

  /// Lengths, and states that do not begin at zeros, are not among the weights.
  private mutating func tellStarts(_ node: ONNXNode, _ name: String) {
    if node.inputs.indices.contains(4), !node.inputs[4].isEmpty {
      note("\(name): each sequence has its own length, from \(node.inputs[4]); give lengths with the data")
    }
    for (place, word) in [(5, "initial_h"), (6, "initial_c")] where place == 5 || node.type == "LSTM" {
      guard node.inputs.indices.contains(place), !node.inputs[place].isEmpty else { continue }
      if trace(node, place)?.isZero != true {
        note("\(name): \(word) comes from \(node.inputs[place]), and is zeros here")
      }
    }
  }

  /// The attributes, each with its default.
  private func settings(_ node: ONNXNode, _ directions: Int) -> [String: String] {
    let clip = node.float("clip").flatMap { $0 > 0 ? $0 : nil }
    var settings = [
      "direction": node.text("direction") ?? "forward", "clip": clip.map { "\($0)" } ?? "none",
    ]
    if node.type == "LSTM" { settings["input_forget"] = node.integer("input_forget") ?? 0 == 0 ? "0" : "1" }
    if node.type == "GRU" {
      settings["linear_before_reset"] = node.integer("linear_before_reset") ?? 0 == 0 ? "0" : "1"
    }
    let functions = functions(node, directions)
    let count = functions.count / directions
    settings["activations"] = functions[..<count].joined(separator: ", ")
    if directions == 2 { settings["activations_reverse"] = functions[count...].joined(separator: ", ") }
    return settings
  }

  /// The functions with their numbers. These stand in lists of their own, one for each function that needs one.
  private func functions(_ node: ONNXNode, _ directions: Int) -> [String] {
    var names = ["LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"]][node.type] ?? ["Tanh"]
    names += directions == 2 ? names : []
    if case .texts(let given)? = node.attribute("activations"), given.count == names.count { names = given }
    func numbers(_ name: String) -> [Float] {
      guard case .floats(let values)? = node.attribute(name) else { return [] }
      return values
    }
    var (alphas, betas) = (numbers("activation_alpha")[...], numbers("activation_beta")[...])
    return names.map { name in
      func number(_ list: inout ArraySlice<Float>, _ standard: Float) -> Float { list.popFirst() ?? standard }
      switch name.lowercased() {
      case "leakyrelu": return "\(name)(\(number(&alphas, 0.01)))"
      case "thresholdedrelu", "elu": return "\(name)(\(number(&alphas, 1)))"
      case "scaledtanh": return "\(name)(\(number(&alphas, 1)), \(number(&betas, 1)))"
      case "hardsigmoid":
        let (alpha, beta) = (number(&alphas, 0.2), number(&betas, 0.5))
        return beta == 0.5 ? "\(name)(\(alpha))" : "\(name)(\(alpha), \(beta))"
      case "affine":
        let (alpha, beta) = (number(&alphas, 1), number(&betas, 0))
        return beta == 0 ? "\(name)(\(alpha))" : "\(name)(\(alpha), \(beta))"
      case _: return name
      }
    }
  }

  /// Two operators over one sequence, forward and backward, as one layer in both directions; false if they are not.
  mutating func join(_ first: Int, _ second: Int) -> Bool {
    if layers[second].isJoined, layers[second].source == layers[first].name { return true }
    let (forward, backward) = (layers[first], layers[second])
    func shared(_ layer: ONNXLayer) -> [String: String] {
      layer.settings.filter { !["direction", "activations"].contains($0.key) }
    }
    guard forward.kind == .recurrent, backward.kind == .recurrent, !forward.isJoined, !backward.isJoined,
      forward.settings["direction"] == "forward", backward.settings["direction"] == "reverse",
      forward.source == backward.source, shared(forward) == shared(backward),
      forward.operands.mapValues(\.dimensions) == backward.operands.mapValues(\.dimensions)
    else { return false }
    var operands: [String: StoredTensor] = [:]
    for (letter, one) in forward.operands {
      guard case .tensor(let left, let type) = one, case .tensor(let right, _)? = backward.operands[letter] else {
        return false
      }
      operands[letter] = .tensor(
        Tensor([2] + left.dimensions.dropFirst(), left.doubles + right.doubles, as: left.element), type: type)
    }
    layers[first].operands = operands
    layers[first].settings["direction"] = "bidirectional"
    layers[first].settings["activations_reverse"] = backward.settings["activations"]
    layers[first].width *= 2
    layers[second].isJoined = true
    // What is left of it is the name of the layer that has its weights.
    layers[second].source = forward.name
    return true
  }
}

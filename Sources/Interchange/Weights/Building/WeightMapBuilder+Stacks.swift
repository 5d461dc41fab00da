internal import EbbCells
internal import EbbRecording

/// The layers of a stack, and the modules that they are in a framework.
extension WeightMapBuilder {
  mutating func addStack(
    _ layers: [any RecurrentCell], of cell: some RecurrentCell, _ features: Int, _ scope: String, _ module: Place
  ) -> Added? {
    guard let places = places(of: layers, features, scope, module) else { return nil }
    guard let added = addLayers(layers, at: places, features, scope) else { return nil }
    guard var stack = cell as? Stack else { return Added(features: added.features, cell: cell) }
    stack.layers = added.cells
    return Added(features: added.features, cell: stack)
  }

  private mutating func addLayers(
    _ layers: [any RecurrentCell], at places: [Place], _ features: Int, _ scope: String
  ) -> (features: Int, cells: [any RecurrentCell])? {
    var width = features
    var cells: [any RecurrentCell] = []
    for (index, layer) in layers.enumerated() {
      let inner = join(scope, "layer\(index)")
      guard let added = add(layer, features: width, scope: inner, module: places[index]) else { return nil }
      width = added.features
      cells.append(added.cell)
    }
    return (width, cells)
  }

  // MARK: Modules

  /// The place of each layer; nil, with a problem, if it cannot be known.
  private mutating func places(
    of layers: [any RecurrentCell], _ features: Int, _ scope: String, _ module: Place
  ) -> [Place]? {
    let weighted = layers.indices.filter { hasWeights(layers[$0]) }
    if !moduleNames.isEmpty { return namedPlaces(of: layers, weighted, scope, module) }
    // The module of a direction is its one layer.
    if module.isDirection, weighted.count == 1 { return layers.map { _ in module } }
    switch convention {
    case .pytorch:
      if isList(module) { return listPlaces(of: layers, weighted, module) }
      if isOneModule(weighted.map { layers[$0] }) {
        let places = layers.indices.map { layer in
          var place = module
          place.index += weighted.count { $0 < layer }
          return place
        }
        if fits(layers, places, features, scope) { return places }
        var attempt = self
        if let found = attempt.matchedPlaces(of: layers, weighted, features, scope, module) {
          self = attempt
          return found
        }
        return places
      }
      if file != nil { return matchedPlaces(of: layers, weighted, features, scope, module) }
      _ = report(
        scope,
        "the layers of one PyTorch module are recurrent and all alike; name the modules, as modules: [\"lstm\", "
          + "\"fc\"], or add the maps of several modules")
      return nil
    case .keras, .flax, .onnx:
      let places = layers.indices.map { layer in
        var place = module
        switch convention {
        case .keras: place.isNamed = false
        case .onnx: place.prefix += "layer\(layer)\(separator)"
        case .flax, .pytorch: place.prefix += "layers\(separator)\(layer)\(separator)"
        }
        return place
      }
      if fits(layers, places, features, scope) { return places }
      var attempt = self
      guard let found = attempt.matchedPlaces(of: layers, weighted, features, scope, module) else { return places }
      self = attempt
      return found
    }
  }

  /// Whether the file has everything that the layers need at these places; without a file, true.
  private func fits(_ layers: [any RecurrentCell], _ places: [Place], _ features: Int, _ scope: String) -> Bool {
    guard let file else { return true }
    var attempt = self
    attempt.map = WeightMap()
    guard attempt.addLayers(layers, at: places, features, scope) != nil else { return true }
    return file.has(attempt.map.tensorShapes)
  }

  private mutating func namedPlaces(
    of layers: [any RecurrentCell], _ weighted: [Int], _ scope: String, _ module: Place
  ) -> [Place]? {
    let names = moduleNames
    moduleNames = []
    var groups = weighted.map { [$0] }
    if names.count != groups.count, convention == .pytorch { groups = runs(of: layers, weighted) }
    guard names.count == groups.count else {
      _ = report(
        scope,
        "\(names.count) modules are named, \(names.joined(separator: ", ")), for \(weighted.count) layers with weights")
      return nil
    }
    return places(layers.count, groups, names.map { module.prefix + $0 + separator }, module)
  }

  /// The places of layers whose groups are modules with these prefixes.
  mutating func places(_ count: Int, _ groups: [[Int]], _ prefixes: [String], _ module: Place) -> [Place] {
    var places = [Place](repeating: module, count: count)
    for (group, prefix) in zip(groups, prefixes) {
      map.modules.insert(prefix)
      for (index, layer) in group.enumerated() {
        places[layer].prefix = prefix
        places[layer].index = index
        places[layer].isNamed = true
      }
    }
    return places
  }

  /// The modules of a list count all layers, or only those with weights.
  private func listPlaces(of layers: [any RecurrentCell], _ weighted: [Int], _ module: Place) -> [Place] {
    let countsAll = weighted.allSatisfy { layer in
      file?.names.contains { $0.hasPrefix("\(module.prefix)\(layer).") } == true
    }
    return layers.indices.map { layer in
      var place = module
      place.prefix += "\(countsAll ? layer : weighted.count { $0 < layer })."
      place.index = 0
      return place
    }
  }

  /// Consecutive layers that one PyTorch module can have, with or without dropout between them.
  func runs(of layers: [any RecurrentCell], _ weighted: [Int]) -> [[Int]] {
    var runs: [[Int]] = []
    for layer in weighted {
      if let last = runs.last?.last, isOneModule([layers[last], layers[layer]]),
        layers[last..<layer].dropFirst().allSatisfy({ !($0 is LastStep) })
      {
        runs[runs.count - 1].append(layer)
      } else {
        runs.append([layer])
      }
    }
    return runs
  }

  // MARK: Cells

  /// Whether the file's module is a list of numbered modules: `0.weight_ih_l0`, `1.weight_ih_l0`, ….
  private func isList(_ place: Place) -> Bool {
    file?.names.contains { $0.hasPrefix(place.prefix + "0.") } == true
  }

  /// Whether these can be the layers of one nn.RNN, nn.LSTM or nn.GRU: all of one kind, width and directionality.
  func isOneModule(_ layers: [any RecurrentCell]) -> Bool {
    let signatures = layers.map { signature($0) }
    return signatures.allSatisfy { $0 != nil && $0 == signatures[0] }
  }

  /// Whether this is one recurrent layer (or unknown, which is reported elsewhere).
  func isLayer(_ cell: any RecurrentCell) -> Bool {
    guard let form = (innermost(cell) as? any TransferableCell)?.weightForm else { return true }
    return LayerKind(form) != nil
  }

  /// The one recurrent layer that a cell is, or runs.
  func layerKind(_ cell: any RecurrentCell) -> LayerKind? {
    (innermost(cell) as? any TransferableCell).flatMap { LayerKind($0.weightForm) }
  }

  /// Whether a cell has parameters.
  func hasWeights(_ cell: any RecurrentCell) -> Bool {
    switch (cell as? any TransferableCell)?.weightForm {
    case .dropout, .lastStep: false
    case .stack(let layers): layers.contains { hasWeights($0) }
    case .reversed(let inner), .around(let inner), .residual(let inner), .learnedStart(let inner): hasWeights(inner)
    case .simple, .lstm, .projectedLSTM, .peepholeLSTM, .coupledLSTM, .gruResetBefore, .gruResetAfter,
      .minimalGatedUnit, .convLSTM, .dense, .embedding, .layerNormalization, .bidirectional, nil:
      true
    }
  }

  /// The cell within those that run one cell: a stack of one layer with weights, a learned start.
  private func innermost(_ cell: any RecurrentCell) -> any RecurrentCell {
    switch (cell as? any TransferableCell)?.weightForm {
    case .stack(let layers):
      let weighted = layers.filter { hasWeights($0) }
      return weighted.count == 1 ? innermost(weighted[0]) : cell
    case .around(let inner), .learnedStart(let inner): return innermost(inner)
    case .simple, .lstm, .projectedLSTM, .peepholeLSTM, .coupledLSTM, .gruResetBefore, .gruResetAfter,
      .minimalGatedUnit, .convLSTM, .dense, .embedding, .layerNormalization, .dropout, .lastStep, .bidirectional,
      .reversed, .residual, nil:
      return cell
    }
  }

  private func signature(_ cell: any RecurrentCell) -> String? {
    let layer = innermost(cell)
    // One setting is for all layers of a module.
    var biases = layer.hasBiases ? "" : " without biases"
    if convention == .onnx, let limit = (layer as? any LimitedCell)?.preactivationLimit { biases += " to ±\(limit)" }
    switch (layer as? any TransferableCell)?.weightForm {
    case .simple(let units, let activation): return "rnn \(activation) \(units)\(biases)"
    case .lstm(let units): return "lstm \(units)\(biases)"
    case .projectedLSTM(let units, let outputs): return "lstm \(units) to \(outputs)\(biases)"
    case .gruResetAfter(let units), .gruResetBefore(let units): return "gru \(units)\(biases)"
    case .dense, .embedding, .layerNormalization, .dropout, .lastStep, .stack, .residual, .learnedStart, .around:
      return nil
    case .bidirectional(let forward, let backward, _):
      guard let one = signature(forward), one == signature(backward) else { return nil }
      return "bidirectional " + one
    case .reversed(let inner): return signature(inner).map { "reversed " + $0 }
    case .peepholeLSTM(let units) where convention == .onnx: return "peephole \(units)\(biases)"
    case .coupledLSTM(let units, let gate, let hasPeepholes) where convention == .onnx:
      return "coupled \(units) \(gate) \(hasPeepholes)\(biases)"
    // A cell that cannot be converted is reported by its own name when it is added.
    case .peepholeLSTM, .coupledLSTM, .minimalGatedUnit, .convLSTM, nil: return "unknown"
    }
  }
}

internal import EbbRecording

// MARK: PyTorch

extension WeightMapBuilder {
  /// weight_ih_l{k}[_reverse] [GH, I], weight_hh_… [GH, H], bias_ih_… and bias_hh_… [GH]; for an LSTM with a projection
  /// to P features weight_hh_… [GH, P] and weight_hr_… [P, H]. A single cell has the same names without _l{k}.
  ///
  /// - Returns: The prefix of the layer's names.
  mutating func addPyTorch(_ layer: WeightMap.Layer, _ place: Place) -> String {
    let isCell = has(place.prefix + "weight_ih", otherwise: false)
    let suffix = isCell ? "" : "_l\(place.index)" + (place.isBackward ? "_reverse" : "")
    func name(_ part: String) -> String { place.prefix + part + suffix }
    let biases = [name("bias_ih"), name("bias_hh")]
    let hasBiases = hasBiases(biases, place.prefix, layer.scope)
    map.add(
      layer, convention, overInput: name("weight_ih"), overHidden: name("weight_hh"),
      biases: hasBiases ? .summed(overInput: biases[0], overHidden: biases[1]) : .none)
    if layer.kind.outputs != layer.kind.units {
      map.add(
        matrix: name("weight_hr"), isTransposed: true, layer.parameter("projection", "weight"), rows: layer.kind.units,
        columns: layer.kind.outputs)
    }
    return place.prefix
  }

  /// Whether the file's module is a list of numbered modules: `0.weight_ih_l0`, `1.weight_ih_l0`, ….
  func isList(_ place: Place) -> Bool { file?.names.contains { $0.hasPrefix(place.prefix + "0.") } == true }

  /// Whether these can be the layers of one nn.RNN, nn.LSTM or nn.GRU: all of one kind, width and directionality.
  func isOneModule(_ layers: [any RecurrentCell]) -> Bool {
    let signatures = layers.map { signature($0) }
    return signatures.allSatisfy { $0 != nil && $0 == signatures[0] }
  }

  /// Whether this is one recurrent layer (or unknown, which is reported elsewhere).
  func isLayer(_ cell: any RecurrentCell) -> Bool {
    guard let form = (cell as? any TransferableCell)?.weightForm else { return true }
    return LayerKind(form) != nil
  }

  private func signature(_ cell: any RecurrentCell) -> String? {
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple(let units, let activation): return "rnn \(activation) \(units)"
    case .lstm(let units): return "lstm \(units)"
    case .projectedLSTM(let units, let outputs): return "lstm \(units) to \(outputs)"
    case .gruResetAfter(let units), .gruResetBefore(let units): return "gru \(units)"
    case .dense, .embedding, .layerNormalization, .dropout, .stack: return nil
    case .bidirectional(let forward, let backward, _):
      guard let one = signature(forward), one == signature(backward) else { return nil }
      return "bidirectional " + one
    // A cell that cannot be converted is reported by its own name when it is added.
    case nil: return "unknown"
    }
  }
}

// MARK: Keras

extension WeightMapBuilder {
  /// kernel [I, GH], recurrent_kernel [H, GH], bias [GH], or [2, GH] if a GRU's reset comes after.
  ///
  /// - Returns: The prefix of the layer's names, without the cell's.
  mutating func addKeras(_ layer: WeightMap.Layer, _ place: Place) -> String {
    let base = layer.kind.family.rawValue
    let outer = kerasPrefix(place, base)
    // A single cell, such as keras.layers.LSTMCell, is not within a layer.
    let prefix = has(outer + "kernel", otherwise: false) ? outer : outer + base + "_cell/"
    let hasBiases = hasBiases([prefix + "bias"], outer, layer.scope)
    let bias: WeightMap.BiasPlace = layer.kind.isSplit ? .rows(prefix + "bias") : .vector(prefix + "bias")
    map.add(
      layer, convention, overInput: prefix + "kernel", overHidden: prefix + "recurrent_kernel",
      biases: hasBiases ? bias : .none)
    return outer
  }

  /// The module's own name, or the next one in Keras's count: `lstm/`, `lstm_1/`, … A module with a layer of that name
  /// in the file is the model around it.
  mutating func kerasPrefix(_ place: Place, _ base: String) -> String {
    let isAround = file?.names.contains { $0.hasPrefix(place.prefix + base + "/") } == true
    return place.isNamed && !isAround ? place.prefix : place.prefix + counted(base) + "/"
  }

  private mutating func counted(_ base: String) -> String {
    let count = counts[base, default: 0]
    counts[base] = count + 1
    return count == 0 ? base : "\(base)_\(count)"
  }

  /// Keras's word for a cell's layer.
  func baseName(_ cell: any RecurrentCell) -> String {
    (cell as? any TransferableCell).flatMap { LayerKind($0.weightForm)?.family.rawValue } ?? "layer"
  }
}

// MARK: Flax

extension WeightMapBuilder {
  /// dense_i.kernel [I, GH], dense_h.kernel [H, GH]; the bias [GH] belongs to dense_h in the LSTM and to dense_i in
  /// other cells. A single cell has no `cell.` before that.
  ///
  /// - Returns: The prefix of the layer's names, without the cell's.
  mutating func addFlax(_ layer: WeightMap.Layer, _ place: Place) -> String {
    let prefix = has(place.prefix + "dense_i.kernel", otherwise: false) ? place.prefix : place.prefix + "cell."
    let bias = prefix + (layer.kind.family == .lstm ? "dense_h.bias" : "dense_i.bias")
    let hasBiases = hasBiases([bias], place.prefix, layer.scope)
    map.add(
      layer, convention, overInput: prefix + "dense_i.kernel", overHidden: prefix + "dense_h.kernel",
      biases: hasBiases ? .vector(bias) : .none)
    return place.prefix
  }
}

// MARK: Parts

extension WeightMapBuilder {
  // Each returns the prefix of the layer's names.

  mutating func addDense(_ units: Int, _ features: Int, _ scope: String, _ place: Place) -> String {
    let prefix = convention == .keras ? kerasPrefix(place, "dense") : place.prefix
    let isTransposed = convention == .pytorch
    let hasBias = hasBiases([prefix + "bias"], prefix, scope)
    map.add(
      denseOf: units, features: features, scope: scope, weight: prefix + (isTransposed ? "weight" : "kernel"),
      isTransposed: isTransposed, bias: hasBias ? prefix + "bias" : nil)
    return prefix
  }

  /// weight in PyTorch, embeddings in Keras, embedding in Flax: [tokens, units], as here.
  mutating func addEmbedding(_ tokens: Int, _ units: Int, _ scope: String, _ place: Place) -> String {
    let (prefix, name) =
      switch convention {
      case .pytorch: (place.prefix, "weight")
      case .keras: (kerasPrefix(place, "embedding"), "embeddings")
      case .flax: (place.prefix, "embedding")
      }
    map.add(matrix: prefix + name, join(scope, "table"), rows: tokens, columns: units)
    return prefix
  }

  /// weight and bias in PyTorch, gamma and beta in Keras, scale and bias in Flax; a file may lack either, which is then
  /// 1 or 0.
  mutating func addNormalization(_ features: Int, _ scope: String, _ place: Place) -> String {
    let (prefix, scale, bias) =
      switch convention {
      case .pytorch: (place.prefix, "weight", "bias")
      case .keras: (kerasPrefix(place, "layer_normalization"), "gamma", "beta")
      case .flax: (place.prefix, "scale", "bias")
      }
    // One of them may be missing; if both are, the module has another name, which is an error.
    let isKnown = has(prefix + scale, otherwise: true) || has(prefix + bias, otherwise: true)
    for (name, parameter, value) in [(scale, "scale", 1.0), (bias, "bias", 0)] {
      let parameter = join(scope, parameter)
      if has(prefix + name, otherwise: true) || !isKnown {
        map.add(vector: prefix + name, parameter, features)
      } else {
        map.parameterShapes[parameter] = [features]
        map.fills[parameter] = value
        map.notes.append("\(prefix + name) is not in the file; it is \(Int(value)) here")
      }
    }
    return prefix
  }

  func place(ofLayer index: Int, in module: Place) -> Place {
    var inner = module
    switch convention {
    case .pytorch:
      if isList(module) {
        inner.prefix += "\(index)."
        inner.index = 0
      } else {
        inner.index = index
      }
    case .keras: inner.isNamed = false
    case .flax: inner.prefix += "layers.\(index)."
    }
    return inner
  }

  /// The prefix of the names of a bidirectional layer, and the places of the two directions.
  mutating func places(ofDirectionsIn module: Place, kind: String) -> (String, Place, Place) {
    var (outer, forward, backward) = (module.prefix, module, module)
    switch convention {
    case .pytorch: backward.isBackward = true
    case .keras:
      outer = kerasPrefix(module, "bidirectional")
      (forward, backward) = (direction("forward_", in: outer, kind), direction("backward_", in: outer, kind))
    case .flax:
      forward.prefix += "forward_rnn."
      backward.prefix += "backward_rnn."
    }
    return (outer, forward, backward)
  }

  /// `forward_lstm/`, or the file's own name: Keras continues its count inside bidirectional layers too.
  private func direction(_ beginning: String, in outer: String, _ kind: String) -> Place {
    let standard = outer + beginning + kind + "/"
    let names = file?.names.filter { $0.hasPrefix(outer + beginning) } ?? []
    let found = names.min().map { outer + $0.dropFirst(outer.count).prefix { $0 != "/" } + "/" }
    return Place(prefix: found ?? standard, isNamed: true)
  }
}

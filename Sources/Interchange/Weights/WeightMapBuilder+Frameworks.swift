internal import EbbRecording

// MARK: PyTorch

extension WeightMapBuilder {
  /// weight_ih_l{k}[_reverse] [GH, I], weight_hh_… [GH, H], bias_ih_… and bias_hh_… [GH]; of an LSTM with a projection to
  /// P features weight_hh_… [GH, P] and weight_hr_… [P, H].
  mutating func addPyTorch(_ layer: WeightMap.Layer, _ place: Place) {
    let order: [Gate.Role] =
      switch layer.kind.family {
      case .simple: [.recurrent]
      case .lstm, .projectedLSTM: [.input, .forget, .cell, .output]
      case .gruResetAfter, .gruResetBefore: [.reset, .update, .candidate]
      }
    let suffix = "_l\(place.index)" + (place.isBackward ? "_reverse" : "")
    func name(_ part: String) -> String { place.prefix + part + suffix }
    map.add(
      layer, order: order, overInput: name("weight_ih"), overHidden: name("weight_hh"), isTransposed: true,
      biases: hasBiases ? .summed(overInput: name("bias_ih"), overHidden: name("bias_hh")) : .none)
    if layer.kind.family == .projectedLSTM {
      map.add(
        matrix: name("weight_hr"), isTransposed: true, layer.parameter("projection", "weight"), rows: layer.kind.units,
        columns: layer.kind.outputs)
    }
  }

  /// Whether these layers can be those of one nn.RNN, nn.LSTM or nn.GRU: one kind, all of the same width and directions.
  func isOneModule(_ layers: [any RecurrentCell]) -> Bool {
    let signatures = layers.map { signature($0) }
    return signatures.allSatisfy { $0 != nil && $0 == signatures[0] }
  }

  /// Whether this is one recurrent layer (or unknown, and reported as that elsewhere).
  func isLayer(_ cell: any RecurrentCell) -> Bool {
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple, .lstm, .projectedLSTM, .gruResetBefore, .gruResetAfter, nil: true
    case .dense, .embedding, .layerNormalization, .dropout, .stack, .bidirectional: false
    }
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
    // What is not transferable is reported by its own name when it is added.
    case nil: return "unknown"
    }
  }
}

// MARK: Keras

extension WeightMapBuilder {
  /// kernel [I, GH], recurrent_kernel [H, GH], bias [GH], or [2, GH] where a GRU's reset comes after.
  mutating func addKeras(_ layer: WeightMap.Layer, _ place: Place) {
    let (base, order): (String, [Gate.Role]) =
      switch layer.kind.family {
      case .simple: ("simple_rnn", [.recurrent])
      case .lstm, .projectedLSTM: ("lstm", [.input, .forget, .cell, .output])
      case .gruResetAfter, .gruResetBefore: ("gru", [.update, .reset, .candidate])
      }
    let prefix = kerasPrefix(place, base) + base + "_cell/"
    let bias: WeightMap.BiasPlace =
      layer.kind.family == .gruResetAfter ? .rows(prefix + "bias") : .vector(prefix + "bias")
    map.add(
      layer, order: order, overInput: prefix + "kernel", overHidden: prefix + "recurrent_kernel", isTransposed: false,
      biases: hasBiases ? bias : .none)
  }

  /// The module's own name, or the next one that Keras counts: `lstm/`, `lstm_1/`, …
  mutating func kerasPrefix(_ place: Place, _ base: String) -> String {
    place.isNamed ? place.prefix : place.prefix + counted(base) + "/"
  }

  private mutating func counted(_ base: String) -> String {
    let count = counts[base, default: 0]
    counts[base] = count + 1
    return count == 0 ? base : "\(base)_\(count)"
  }

  /// Keras's word for a cell's layer.
  func baseName(_ cell: any RecurrentCell) -> String {
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple: "simple_rnn"
    case .lstm, .projectedLSTM: "lstm"
    case .gruResetBefore, .gruResetAfter: "gru"
    case .dense, .embedding, .layerNormalization, .dropout, .stack, .bidirectional, nil: "layer"
    }
  }
}

// MARK: Flax

extension WeightMapBuilder {
  /// dense_i.kernel [I, GH], dense_h.kernel [H, GH]; the bias [GH] is the LSTM's dense_h's, and the others' dense_i's.
  mutating func addFlax(_ layer: WeightMap.Layer, _ place: Place) {
    let order: [Gate.Role] =
      switch layer.kind.family {
      case .simple: [.recurrent]
      case .lstm, .projectedLSTM: [.input, .forget, .cell, .output]
      case .gruResetAfter, .gruResetBefore: [.reset, .update, .candidate]
      }
    let prefix = place.prefix + "cell."
    let bias = prefix + (layer.kind.family == .lstm ? "dense_h.bias" : "dense_i.bias")
    map.add(
      layer, order: order, overInput: prefix + "dense_i.kernel", overHidden: prefix + "dense_h.kernel",
      isTransposed: false, biases: hasBiases ? .vector(bias) : .none)
  }
}

// MARK: Parts

extension WeightMapBuilder {
  mutating func addDense(_ units: Int, _ features: Int, _ scope: String, _ place: Place) {
    let prefix = convention == .keras ? kerasPrefix(place, "dense") : place.prefix
    let isTransposed = convention == .pytorch
    map.add(
      denseOf: units, features: features, scope: scope, weight: prefix + (isTransposed ? "weight" : "kernel"),
      isTransposed: isTransposed, bias: hasBiases ? prefix + "bias" : nil)
  }

  /// weight in PyTorch, embeddings in Keras, embedding in Flax: [tokens, units], as here.
  mutating func addEmbedding(_ tokens: Int, _ units: Int, _ scope: String, _ place: Place) {
    let name =
      switch convention {
      case .pytorch: place.prefix + "weight"
      case .keras: kerasPrefix(place, "embedding") + "embeddings"
      case .flax: place.prefix + "embedding"
      }
    map.add(matrix: name, join(scope, "table"), rows: tokens, columns: units)
  }

  /// weight and bias in PyTorch, gamma and beta in Keras, scale and bias in Flax.
  ///
  /// The frameworks' own ε differ (1e-5, 1e-3, 1e-6); it is no weight, and has to be given here.
  mutating func addNormalization(_ features: Int, _ scope: String, _ place: Place) {
    let (prefix, scale, bias) =
      switch convention {
      case .pytorch: (place.prefix, "weight", "bias")
      case .keras: (kerasPrefix(place, "layer_normalization"), "gamma", "beta")
      case .flax: (place.prefix, "scale", "bias")
      }
    map.add(vector: prefix + scale, join(scope, "scale"), features)
    map.add(vector: prefix + bias, join(scope, "bias"), features)
  }

  func place(ofLayer index: Int, in module: Place) -> Place {
    var inner = module
    switch convention {
    case .pytorch: inner.index = index
    case .keras: inner.isNamed = false
    case .flax: inner.prefix += "layers.\(index)."
    }
    return inner
  }

  mutating func places(ofDirectionsIn module: Place, kind: String) -> (Place, Place) {
    var (forward, backward) = (module, module)
    switch convention {
    case .pytorch: backward.isBackward = true
    case .keras:
      let prefix = kerasPrefix(module, "bidirectional")
      forward = Place(prefix: prefix + "forward_\(kind)/", isNamed: true)
      backward = Place(prefix: prefix + "backward_\(kind)/", isNamed: true)
    case .flax:
      forward.prefix += "forward_rnn."
      backward.prefix += "backward_rnn."
    }
    return (forward, backward)
  }
}

internal import EbbRecording

// MARK: PyTorch

extension WeightMapBuilder {
  /// weight_ih_l{k}[_reverse] [GH, I], weight_hh_… [GH, H], bias_ih_… and bias_hh_… [GH].
  mutating func addPyTorch(_ layer: WeightMap.Layer, _ place: Place) {
    let order: [Gate.Role] =
      switch layer.kind.family {
      case .simple: [.recurrent]
      case .lstm: [.input, .forget, .cell, .output]
      case .gruResetAfter, .gruResetBefore: [.reset, .update, .candidate]
      }
    let suffix = "_l\(place.index)" + (place.isBackward ? "_reverse" : "")
    func name(_ part: String) -> String { place.prefix + part + suffix }
    map.add(
      layer, order: order, overInput: name("weight_ih"), overHidden: name("weight_hh"), isTransposed: true,
      biases: hasBiases ? .summed(overInput: name("bias_ih"), overHidden: name("bias_hh")) : .none)
  }

  /// Whether these layers can be those of one nn.RNN, nn.LSTM or nn.GRU: one kind, all of the same width and directions.
  func isOneModule(_ layers: [any RecurrentCell]) -> Bool {
    let signatures = layers.map { signature($0) }
    return signatures.allSatisfy { $0 != nil && $0 == signatures[0] }
  }

  /// Whether this is one recurrent layer (or unknown, and reported as that elsewhere).
  func isLayer(_ cell: any RecurrentCell) -> Bool {
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple, .lstm, .gruResetBefore, .gruResetAfter, nil: true
    case .dense, .stack, .bidirectional: false
    }
  }

  private func signature(_ cell: any RecurrentCell) -> String? {
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple(let units, let activation): return "rnn \(activation) \(units)"
    case .lstm(let units): return "lstm \(units)"
    case .gruResetAfter(let units), .gruResetBefore(let units): return "gru \(units)"
    case .dense, .stack: return nil
    case .bidirectional(let forward, let backward):
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
      case .lstm: ("lstm", [.input, .forget, .cell, .output])
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
    case .lstm: "lstm"
    case .gruResetBefore, .gruResetAfter: "gru"
    case .dense, .stack, .bidirectional, nil: "layer"
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
      case .lstm: [.input, .forget, .cell, .output]
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

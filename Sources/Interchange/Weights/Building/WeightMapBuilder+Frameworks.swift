internal import EbbRecording

// MARK: PyTorch

extension WeightMapBuilder {
  /// weight_ih_l{k}[_reverse] [GH, I], weight_hh_… [GH, H], bias_ih_… and bias_hh_… [GH]; for an LSTM with a projection
  /// to P features weight_hh_… [GH, P] and weight_hr_… [P, H]. A single cell has the same names without _l{k}.
  ///
  /// - Returns: The prefix of the layer's names.
  mutating func addPyTorch(_ layer: WeightMap.Layer, _ place: Place, _ cell: inout any RecurrentCell) -> String {
    var layer = layer
    let isCell = has(place.prefix + "weight_ih", otherwise: false)
    let suffix = isCell ? "" : "_l\(place.index)" + (place.isBackward ? "_reverse" : "")
    func name(_ part: String) -> String { place.prefix + part + suffix }
    let biases = [name("bias_ih"), name("bias_hh")]
    let hasBiases = hasBiases(biases, place.prefix, layer.scope, &cell)
    layer.hasBias = cell.hasBiases
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

  /// h0 and c0, where a learned state begins: of [H], or with a row for each layer and direction, [L, 1, H], as what
  /// PyTorch's modules are given. They stand beside the layer's weights, or beside the layer.
  mutating func addStart(_ layer: WeightMap.Layer, _ place: Place, _ prefix: String) {
    let row = place.isDirection ? 2 * place.index + (place.isBackward ? 1 : 0) : place.index
    let suffix = place.index == 0 ? "" : "_l\(place.index)"
    let parts = prefix.split(separator: Character(separator)).dropLast().map { $0 + separator }
    let kind = layer.kind
    for (state, units) in [("h", kind.outputs)] + (kind.hasCellState ? [("c", kind.units)] : []) {
      let parameter = join(layer.scope, state + ".initial")
      let standard = "\(prefix)\(state)0\(suffix)" + (place.isBackward && convention == .pytorch ? "_reverse" : "")
      map.parameterShapes[parameter] = [units]
      func rows(_ name: String) -> Int? {
        guard let shape = file?.shapes[name], shape.last == units else { return nil }
        return shape.dropLast().reduce(1, *)
      }
      let names = [standard, "\(prefix)\(state)0", "\(parts.joined())\(state)0"]
      let found = file == nil ? standard : names.first { rows($0).map { row < $0 } == true }
      guard let found else {
        map.notes.append("\(module(prefix, layer.scope)): the file has no \(state)0; \(parameter) is zeros here")
        continue
      }
      map.add(
        WeightMap.Block(tensor: found, tensorRow: file == nil ? 0 : row, parameter: parameter, rows: 1, columns: units),
        tensorShape: file?.shapes[found] ?? [units], parameterShape: [units])
    }
  }
}

// MARK: Keras

extension WeightMapBuilder {
  /// kernel [I, GH], recurrent_kernel [H, GH], bias [GH], or [2, GH] if a GRU's reset comes after.
  ///
  /// - Returns: The prefix of the layer's names, without the cell's.
  mutating func addKeras(_ layer: WeightMap.Layer, _ place: Place, _ cell: inout any RecurrentCell) -> String {
    var layer = layer
    let base = layer.kind.family.rawValue
    // A cell without a layer of its own is run by an RNN.
    let outer = kerasPrefix(place, layer.kind.family == .peephole ? "rnn" : base)
    // A single cell, such as keras.layers.LSTMCell, is not within a layer.
    let prefix = has(outer + "kernel", otherwise: false) ? outer : outer + base + "_cell/"
    let hasBiases = hasBiases([prefix + "bias"], outer, layer.scope, &cell)
    layer.hasBias = cell.hasBiases
    let bias: WeightMap.BiasPlace = layer.kind.isSplit ? .rows(prefix + "bias") : .vector(prefix + "bias")
    map.add(
      layer, convention, overInput: prefix + "kernel", overHidden: prefix + "recurrent_kernel",
      biases: hasBiases ? bias : .none)
    if layer.kind.family == .peephole {
      map.add(peepholesOf: layer) { gate in prefix + gate + "_gate_peephole_weights" }
    }
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

  /// kernel [lengths, I, 4F], recurrent_kernel [lengths, F, 4F], bias [4F], with gates i, f, c, o.
  mutating func addConvolution(
    _ filters: Int, _ kernel: [Int], _ channels: Int, _ scope: String, _ place: Place, _ cell: inout any RecurrentCell
  ) -> String {
    let outer = kerasPrefix(place, "conv_lstm\(kernel.count)d")
    let prefix = has(outer + "kernel", otherwise: false) ? outer : outer + "conv_lstm_cell/"
    let hasBiases = hasBiases([prefix + "bias"], outer, scope, &cell)
    let places = kernel.reduce(1, *)
    let parameterShape = [places * (filters + channels), filters]
    for (index, gate) in ["input", "forget", "candidate", "output"].enumerated() {
      let name = join(scope, gate)
      let parts = [("recurrent_kernel", filters, 0), ("kernel", channels, places * filters)]
      // Row-major, the places of the kernel and the channels are the rows of a matrix.
      for (tensor, width, row) in parts {
        map.add(
          WeightMap.Block(
            tensor: prefix + tensor, tensorColumn: index * filters, parameter: name + ".weight", parameterRow: row,
            rows: places * width, columns: filters),
          tensorShape: kernel + [width, 4 * filters], parameterShape: parameterShape)
      }
      if cell.hasBiases { map.parameterShapes[name + ".bias"] = [filters] }
      guard hasBiases else { continue }
      map.add(
        WeightMap.Block(
          tensor: prefix + "bias", tensorColumn: index * filters, parameter: name + ".bias", rows: 1, columns: filters),
        tensorShape: [4 * filters], parameterShape: [filters])
    }
    return outer
  }

  /// Keras's word for a cell's layer.
  func baseName(_ cell: any RecurrentCell) -> String { layerKind(cell)?.family.rawValue ?? "layer" }
}

// MARK: Flax

extension WeightMapBuilder {
  /// dense_i.kernel [I, GH], dense_h.kernel [H, GH]; the bias [GH] belongs to dense_h in the LSTM and to dense_i in
  /// other cells. Or a matrix for each gate, as in linen: `ii.kernel` and `hi.kernel`. A single cell has no `cell.`
  /// before that.
  ///
  /// - Returns: The prefix of the layer's names, without the cell's.
  mutating func addFlax(_ layer: WeightMap.Layer, _ place: Place, _ cell: inout any RecurrentCell) -> String {
    var layer = layer
    func isWithin(_ prefix: String) -> Bool {
      has(prefix + "dense_i\(separator)kernel", otherwise: false)
        || layer.kind.gates(in: .flax).contains { has("\(prefix)h\($0.letter)\(separator)kernel", otherwise: false) }
    }
    let prefix = isWithin(place.prefix) ? place.prefix : place.prefix + "cell" + separator
    let isMinimal = layer.kind.family == .minimal
    let isByGate = !has(prefix + "dense_i\(separator)kernel", otherwise: !isMinimal) && isWithin(prefix) || isMinimal
    let bias = (layer.kind.family == .lstm ? "h" : "i")
    if isByGate {
      // The forget gate's matrix over x is if_ where `if` is no name.
      let (known, separator) = (file?.names ?? [], separator)
      func name(_ letter: String) -> String {
        known.contains("\(prefix)i\(letter)_\(separator)kernel") ? "i\(letter)_" : "i\(letter)"
      }
      let letters = layer.kind.gates(in: .flax).map(\.letter)
      let biases = letters.map { prefix + (bias == "i" ? name($0) : "h" + $0) + "\(separator)bias" }
      let hasBiases = hasBiases(biases, place.prefix, layer.scope, &cell)
      layer.hasBias = cell.hasBiases
      map.add(gatesOf: layer, prefix, separator, hasBiases: hasBiases, inputName: name)
      return place.prefix
    }
    let (input, hidden) = ("\(prefix)dense_i\(separator)", "\(prefix)dense_h\(separator)")
    let vector = (bias == "h" ? hidden : input) + "bias"
    let hasBiases = hasBiases([vector], place.prefix, layer.scope, &cell)
    layer.hasBias = cell.hasBiases
    map.add(
      layer, convention, overInput: input + "kernel", overHidden: hidden + "kernel",
      biases: hasBiases ? .vector(vector) : .none)
    return place.prefix
  }
}

// MARK: Parts

extension WeightMapBuilder {
  // Each returns the prefix of the layer's names.

  mutating func addDense(
    _ units: Int, _ features: Int, _ scope: String, _ place: Place, _ cell: inout any RecurrentCell
  ) -> String {
    let prefix = convention == .keras ? kerasPrefix(place, "dense") : place.prefix
    let isTransposed = convention == .pytorch
    let (weight, bias) =
      switch convention {
      case .pytorch: ("weight", "bias")
      case .keras, .flax: ("kernel", "bias")
      case .onnx: ("B", "C")
      }
    let hasBias = hasBiases([prefix + bias], prefix, scope, &cell)
    map.add(
      denseOf: units, features: features, scope: scope, weight: prefix + weight,
      isTransposed: isTransposed, hasBias: cell.hasBiases, bias: hasBias ? prefix + bias : nil)
    return prefix
  }

  /// weight in PyTorch, embeddings in Keras, embedding in Flax, data in ONNX: [tokens, units], as here.
  mutating func addEmbedding(_ tokens: Int, _ units: Int, _ scope: String, _ place: Place) -> String {
    let (prefix, name) =
      switch convention {
      case .pytorch: (place.prefix, "weight")
      case .keras: (kerasPrefix(place, "embedding"), "embeddings")
      case .flax: (place.prefix, "embedding")
      case .onnx: (place.prefix, "data")
      }
    map.add(matrix: prefix + name, join(scope, "table"), rows: tokens, columns: units)
    return prefix
  }

  /// weight and bias in PyTorch, gamma and beta in Keras, scale and bias in Flax, Scale and B in ONNX; a file may lack either, which is then
  /// 1 or 0.
  mutating func addNormalization(_ features: Int, _ scope: String, _ place: Place) -> String {
    let (prefix, scale, bias) =
      switch convention {
      case .pytorch: (place.prefix, "weight", "bias")
      case .keras: (kerasPrefix(place, "layer_normalization"), "gamma", "beta")
      case .flax: (place.prefix, "scale", "bias")
      case .onnx: (place.prefix, "Scale", "B")
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

  /// The prefix of the names of a bidirectional layer, and the places of the two directions.
  mutating func places(ofDirectionsIn module: Place, kind: String) -> (String, Place, Place) {
    var outer = module.prefix
    var forward = module
    forward.isDirection = true
    var backward = forward
    backward.isBackward = true
    switch convention {
    case .pytorch, .onnx: break
    case .keras:
      outer = kerasPrefix(module, "bidirectional")
      (forward.prefix, backward.prefix) = (
        direction("forward_", in: outer, kind), direction("backward_", in: outer, kind)
      )
      (forward.isNamed, backward.isNamed) = (true, true)
    case .flax:
      forward.prefix += "forward_rnn" + separator
      backward.prefix += "backward_rnn" + separator
    }
    return (outer, forward, backward)
  }

  /// `forward_lstm/`, or the file's own name: Keras continues its count inside bidirectional layers too.
  private func direction(_ beginning: String, in outer: String, _ kind: String) -> String {
    let standard = outer + beginning + kind + "/"
    let names = file?.names.filter { $0.hasPrefix(outer + beginning) } ?? []
    return names.min().map { outer + $0.dropFirst(outer.count).prefix { $0 != "/" } + "/" } ?? standard
  }
}

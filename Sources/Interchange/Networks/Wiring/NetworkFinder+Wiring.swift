internal import EbbCells
internal import EbbMarkup
internal import EbbRecording

// Keras models whose layers merge what others give, residual sums, concatenated branches and gates, or that have functions
// as layers of their own.

extension NetworkFinder {
  /// The network of a Keras model that merges layers or has functions between them, as its description tells it; nil if it
  /// has neither, or if modules were chosen.
  ///
  /// - Throws: `NetworkError` with the name of the layer that cannot be computed.
  func wired() throws(NetworkError) -> TrainedNetwork? {
    let layers = KerasConfiguration(file.contents.metadata).layers
    let merges = layers.filter { WiredLayers.Merge(rawValue: $0.kind) != nil }
    let isWhole =
      (choices.module ?? "").isEmpty && choices.embedding == .automatic && choices.readOut == .automatic
      && choices.normalization == .automatic && choices.cell == nil
    guard file.framework == .keras, isWhole, !merges.isEmpty || layers.contains(where: { $0.kind == "Activation" })
    else { return nil }
    do throws(NetworkError) {
      guard let graph = try KerasGraph(file.contents.metadata) else { return nil }
      var wiring = NetworkWiring(graph, self)
      return try wiring.network()
    } catch {
      // Layers that follow one another are computed as far as they have cells, and the others told.
      if merges.isEmpty { return nil }
      let names = merges.map(\.path).joined(separator: ", ")
      throw NetworkError(
        "\(error); a model that merges layers (\(names)) is computed as a whole; --module picks one of "
          + Self.list(modules))
    }
  }
}

/// Makes a network of the layers in a model's description.
private struct NetworkWiring {
  /// A layer with weights, a function, or a merge.
  private struct Piece {
    enum Kind {
      case layer(NamedLayer)
      case function(Activation)
      case merge(WiredLayers.Merge)
    }

    var kind: Kind
    /// Where what it reads is among the pieces; nil is the input.
    var inputs: [Int?]
    var value: Value
    var words: String
    var givesLastStep = false
    /// The function of a dense layer that is a layer of its own in the model.
    var function: Activation?
  }

  /// What a layer gives.
  private struct Value {
    var name: String
    /// Where it is among the pieces; nil is the input.
    var place: Int?
    var width: Int
    var hasSteps = true
  }

  /// The features of a merged layer at most.
  private static let largestWidth = 65_536

  private let graph: KerasGraph
  private var finder: NetworkFinder
  private let parts: NetworkParts
  private var pieces: [Piece] = []
  private var modules: [RecurrentModule] = []
  private var embedding: NamedLayer?
  private var scales: (scales: InputScales, names: Set<String>)?
  private var masking: (layer: String, value: Double)?

  init(_ graph: KerasGraph, _ finder: NetworkFinder) {
    (self.graph, self.finder) = (graph, finder)
    parts = NetworkParts(finder.file, finder.modules, chain: finder.modules)
  }

  mutating func network() throws(NetworkError) -> TrainedNetwork {
    let features = try read()
    let readOuts = removedReadOuts()
    guard let last = pieces.last, !modules.isEmpty else {
      throw NetworkError("no recurrent layer is before the output")
    }
    var maps: [WeightMap] = []
    var (cells, layers): ([WiredLayers.Layer], [NamedLayer]) = ([], [])
    for (place, piece) in pieces.enumerated() {
      switch piece.kind {
      case .merge(let merge): cells.append(.merge(merge, of: piece.inputs))
      case .function(let function):
        cells.append(.cell(FunctionLayer(function: function), of: piece.inputs[0], givesLastStep: false))
      case .layer(var layer):
        let map = try map(layer, WiredLayers.scope(place))
        layer.cell = with(piece.function, map.cell ?? layer.cell)
        maps.append(map)
        layers.append(layer)
        cells.append(.cell(layer.cell, of: piece.inputs[0], givesLastStep: piece.givesLastStep))
        if let dense = layer.cell as? Dense { pieces[place].words = Self.words(dense) }
      }
    }
    var network = TrainedNetwork(.keras, WiredLayers(layers: cells), features: features, width: last.value.width)
    network.modules = modules.map(\.name)
    network.isBidirectional = modules.contains(where: \.isBidirectional)
    network.recurrentWords = pieces.map(\.words)
    if var embedding {
      let contents = finder.settled(
        embedding.name, "mask_zero", "true", as: "false",
        "its tokens 0 are padding, which the recurrent layers pass over")
      network.masksZero = contents != nil
      let map = try map(embedding, "embedding", contents)
      embedding.cell = map.cell ?? embedding.cell
      network.embedding = embedding.cell as? Embedding
      maps.append(map)
      layers.insert(embedding, at: 0)
    }
    for (index, piece) in readOuts.enumerated() {
      guard case .layer(let layer) = piece.kind else { continue }
      let contents =
        index + 1 < readOuts.count
        ? nil
        : finder.settled(
          layer.name, "activation", "softmax", as: "linear",
          "the outputs are the scores before its softmax, which is part of the cross-entropy")
      let map = try map(layer, TrainedNetwork.readOutScope(index), contents)
      if let dense = with(piece.function, map.cell ?? layer.cell) as? Dense { network.readOuts.append(dense) }
      maps.append(map)
      layers.append(layer)
    }
    network.layers = layers
    network.scales = scales?.scales
    if let (layer, value) = masking { finder.mask(&network, layer, value) }
    try finder.fill(&network, maps)
    network.leftOut = finder.leftOut(Set(maps.flatMap { $0.tensorShapes.keys }).union(scales?.names ?? []))
    for note in finder.notes + maps.flatMap(\.notes) + finder.noted(network.leftOut)
    where !network.notes.contains(note) { network.notes.append(note) }
    return network
  }

  /// A dense layer with a function in place of its own.
  private func with(_ function: Activation?, _ cell: any RecurrentCell) -> any RecurrentCell {
    guard let function, var dense = cell as? Dense else { return cell }
    dense.activation = function
    return dense
  }

  private func map(
    _ layer: NamedLayer, _ scope: String, _ contents: TensorFile.Contents? = nil
  ) throws(NetworkError) -> WeightMap {
    try finder.map(layer.cell, features: layer.features, scope: scope, module: layer.name, .keras, in: contents)
  }

  private static func words(_ dense: Dense) -> String {
    dense.activation == .identity ? "linear \(dense.units)" : "\(dense.activation) \(dense.units)"
  }

  /// Takes the dense layers at the end away; in their order.
  private mutating func removedReadOuts() -> [Piece] {
    var readOuts: [Piece] = []
    while let last = pieces.last, case .layer(let layer) = last.kind, layer.cell is Dense,
      last.inputs == [pieces.count - 2]
    {
      readOuts.insert(last, at: 0)
      pieces.removeLast()
    }
    return readOuts
  }

  // MARK: The description

  /// Makes the pieces; the features of what they read.
  private mutating func read() throws(NetworkError) -> Int {
    let readers = graph.layers.count { $0.inputs.contains(nil) }
    var input = Value(name: "the input", width: graph.features ?? 0)
    var values: [Value] = []
    for layer in graph.layers {
      let inputs = layer.inputs.map { $0.map { values[$0] } ?? input }
      let isFirst = layer.inputs == [nil] && readers == 1
      if isFirst, layer.kind == "Embedding" {
        let table = try candidate(layer, parts.tables)
        embedding = NamedLayer(
          name: table.module, cell: Embedding(tokens: table.rows, units: table.columns), features: 1)
        input = Value(name: layer.path, width: table.columns)
        values.append(input)
      } else if isFirst, layer.kind == "Normalization", let found = finder.file.kerasScales(input.width) {
        scales = found
        values.append(input)
      } else if isFirst, layer.kind == "Masking" {
        masking = (layer.path, layer.config?["mask_value"]?.double ?? 0)
        values.append(input)
      } else {
        values.append(try value(of: layer, inputs))
      }
    }
    guard let output = graph.output.map({ values[$0] }), output.place == pieces.count - 1 else {
      throw NetworkError("a layer is after the model's output")
    }
    guard input.width > 0 else { throw NetworkError("the description does not say how many features the input has") }
    return input.width
  }

  /// Adds what a layer computes.
  private mutating func value(of layer: KerasGraph.Layer, _ inputs: [Value]) throws(NetworkError) -> Value {
    if let merge = WiredLayers.Merge(rawValue: layer.kind) { return try merged(layer, merge, inputs) }
    guard inputs.count == 1, let input = inputs.first else {
      throw NetworkError("\(layer.path) (\(layer.kind)) is given \(inputs.count) tensors")
    }
    switch layer.kind {
    case "LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional": return try recurrent(layer, input)
    case "Dense", "TimeDistributed":
      let dense = try candidate(layer, parts.denses)
      return try add(
        NamedLayer(name: dense.module, cell: Dense(units: dense.columns), features: dense.rows), input,
        width: dense.columns, words: "linear \(dense.columns)")
    case "LayerNormalization":
      let norm = try candidate(layer, parts.norms)
      return try add(
        NamedLayer(name: norm.module, cell: LayerNormalization(), features: norm.columns), input, width: norm.columns,
        words: "layer normalisation")
    case "Activation": return try activation(layer, input)
    case let kind where NetworkTensors.passing.contains(kind): return input
    case let kind: throw NetworkError("\(layer.path) (\(kind)) is not computed here")
    }
  }

  private mutating func activation(_ layer: KerasGraph.Layer, _ input: Value) throws(NetworkError) -> Value {
    let name = layer.config?["activation"]?.string ?? "a function of its own"
    let isAlone = graph.layers.count { $0.inputs.contains(layer.inputs[0]) } == 1
    if name == "softmax", isAlone, graph.output.map({ graph.layers[$0].path }) == layer.path {
      finder.notes.append(
        "\(layer.path): activation is softmax: the outputs are the scores before its softmax, which is part of the cross-entropy"
      )
      return input
    }
    guard let function = Activation(frameworkName: name == "leaky_relu" ? "leaky_relu(0.2)" : name) else {
      throw NetworkError("\(layer.path) (Activation): \(name) is not computed here")
    }
    // The function of a dense layer that nothing else reads.
    if isAlone, let place = input.place, place == pieces.count - 1, case .layer(let dense) = pieces[place].kind,
      dense.cell is Dense, pieces[place].function == nil,
      ["linear", nil].contains(finder.file.contents.setting("activation", of: dense.name))
    {
      pieces[place].function = function
      return input
    }
    var value = input
    (value.name, value.place) = (layer.path, pieces.count)
    pieces.append(Piece(kind: .function(function), inputs: [input.place], value: value, words: "\(function)"))
    return value
  }

  private mutating func recurrent(_ layer: KerasGraph.Layer, _ input: Value) throws(NetworkError) -> Value {
    let found = finder.modules.filter { NetworkNames.isWithin($0.name, layer.path) }
    guard !found.isEmpty else {
      throw NetworkError("\(layer.path) (\(layer.kind)) has no weights of an RNN, LSTM or GRU")
    }
    guard input.hasSteps else {
      throw NetworkError("\(layer.path) reads steps, and \(input.name) gives one value a sequence")
    }
    let inner = layer.config?["layer"]?["config"] ?? layer.config
    let givesLastStep = inner?["return_sequences"]?.bool != true
    if inner?["return_state"]?.bool == true { throw NetworkError("\(layer.path) gives its states") }
    var value = input
    // The cells that one layer runs.
    for (index, module) in found.enumerated() {
      value = try add(
        NamedLayer(name: module.name, cell: module.network(of: nil), features: module.features), value,
        width: module.width, words: module.words, givesLastStep: givesLastStep && index + 1 == found.count)
      modules.append(module)
    }
    return value
  }

  private mutating func add(
    _ layer: NamedLayer, _ input: Value, width: Int, words: String, givesLastStep: Bool = false
  ) throws(NetworkError) -> Value {
    guard layer.features == input.width else {
      throw NetworkError("\(layer.name) reads \(layer.features) features, and \(input.name) gives \(input.width)")
    }
    let value = Value(
      name: layer.name, place: pieces.count, width: width, hasSteps: input.hasSteps && !givesLastStep)
    pieces.append(
      Piece(kind: .layer(layer), inputs: [input.place], value: value, words: words, givesLastStep: givesLastStep))
    return value
  }

  private mutating func merged(
    _ layer: KerasGraph.Layer, _ merge: WiredLayers.Merge, _ inputs: [Value]
  ) throws(NetworkError) -> Value {
    func refused(_ reason: String) -> NetworkError { NetworkError("\(layer.path) (\(layer.kind)) \(reason)") }
    guard inputs.count > 1, let first = inputs.first else { throw refused("merges \(inputs.count) tensors") }
    guard inputs.allSatisfy({ $0.hasSteps == first.hasSteps }) else {
      throw refused("merges the steps of a sequence with values of the whole sequence")
    }
    let widths = inputs.map(\.width)
    if merge == .concatenate {
      let axis = layer.config?["axis"]?.integer ?? -1
      guard axis == -1 || axis == (first.hasSteps ? 2 : 1) else { throw refused("concatenates along axis \(axis)") }
    } else if !widths.allSatisfy({ $0 == first.width }) {
      throw refused("merges \(widths.map(String.init).joined(separator: " and ")) features")
    }
    // A layer that is concatenated with itself again and again would take more memory than any file has.
    var width = first.width
    for other in merge == .concatenate ? widths.dropFirst() : [] {
      guard other <= Self.largestWidth - width else { throw refused("gives more than \(Self.largestWidth) features") }
      width += other
    }
    let value = Value(name: layer.path, place: pieces.count, width: width, hasSteps: first.hasSteps)
    let words = "\(merge.word) of \(inputs.map(\.name).joined(separator: ", "))"
    pieces.append(Piece(kind: .merge(merge), inputs: inputs.map(\.place), value: value, words: words))
    return value
  }

  /// The module of a layer's weights.
  private func candidate(
    _ layer: KerasGraph.Layer, _ candidates: [NetworkParts.Candidate]
  ) throws(NetworkError) -> NetworkParts.Candidate {
    let found = candidates.filter { NetworkNames.isWithin($0.module, layer.path) }
    guard found.count == 1 else { throw NetworkError("\(layer.path) (\(layer.kind)) is not computed here") }
    return found[0]
  }
}

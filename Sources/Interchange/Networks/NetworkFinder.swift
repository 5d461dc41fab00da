internal import EbbCells
internal import EbbRecording
internal import EbbTensors

/// Finds the recurrent modules of a file, their order, and what stands before and after them.
struct NetworkFinder {
  let file: NetworkTensors
  let choices: TrainedNetwork.Choices
  /// All recurrent modules of the file.
  let modules: [RecurrentModule]
  /// What is told of the network.
  var notes: [String] = []

  init(_ file: NetworkTensors, _ choices: TrainedNetwork.Choices) {
    (self.file, self.choices) = (file, choices)
    modules = RecurrentModule.all(in: file)
  }

  func network() throws(NetworkError) -> TrainedNetwork {
    var finder = self
    if file.framework == .ebb { return try finder.own() }
    if let network = try finder.wired() { return network }
    return try finder.mapped()
  }

  // MARK: This library's names

  private mutating func own() throws(NetworkError) -> TrainedNetwork {
    if let module = choices.module, !module.isEmpty {
      throw NetworkError("a file of Ebb has one recurrent network, without a name; there is no module \(module)")
    }
    let named = NamedLayer.recorded(in: file.contents.metadata).map(\.name)
    guard named.isEmpty else {
      throw NetworkError(
        "its layers have the names of another framework's model (\(named.joined(separator: ", "))); ebb weights FILE --to "
          + "pytorch -o OTHER.safetensors writes a file whose network is found, if PyTorch has its layers, --to keras another"
      )
    }
    let found = try OwnNetwork(file, choices.library, choices.cell)
    var network = TrainedNetwork(.ebb, found.recurrent, features: found.features, width: found.width)
    network.modules = [""]
    network.recurrentWords = [found.words]
    network.isBidirectional = found.isBidirectional
    network.parameters = file.contents.tensors.filter { found.parameters.contains($0.key) }
    var used = found.parameters
    if let table = file.matrix("embedding.table"), choices.embedding != .none {
      network.embedding = Embedding(tokens: table[0], units: table[1])
      network.parameters["embedding.table"] = file.contents.tensors["embedding.table"]
      used.insert("embedding.table")
    }
    for prefix in ["readout.dense", "readout"] where choices.readOut != .none {
      guard let kernel = file.matrix(prefix + ".weight"), kernel[0] == found.width else { continue }
      network.readOuts = [Dense(units: kernel[1])]
      for part in ["weight", "bias"] {
        network.parameters["readout.dense.\(part)"] = file.contents.tensors["\(prefix).\(part)"]
        used.insert("\(prefix).\(part)")
      }
      if network.parameters["readout.dense.bias"] == nil {
        network.parameters["readout.dense.bias"] = Tensor(
          [kernel[1]], [Double](repeating: 0, count: kernel[1]), as: network.element)
      }
      break
    }
    network.leftOut = leftOut(used)
    network.notes = noted(network.leftOut)
    return network
  }

  // MARK: Names of frameworks

  private mutating func mapped() throws(NetworkError) -> TrainedNetwork {
    let chain = try self.chain()
    let parts = NetworkParts(file, modules, chain: chain)
    let norms = try parts.normalizations(choices.normalization)
    var (layers, words): ([NamedLayer], [String]) = ([], [])
    // The places of layers whose input is added to their output.
    var residual: Set<Int> = []
    for (index, module) in chain.enumerated() {
      // One module of several was chosen, and what is before it is left out.
      for part in choices.module == nil || index > 0 ? parts.before(module.name) : [] {
        let isNorm = parts.isNorm(part)
        layers.append(
          NamedLayer(
            name: part.module, cell: isNorm ? LayerNormalization() : Dense(units: part.columns), features: part.rows))
        words.append(isNorm ? "layer normalisation" : "linear \(part.columns)")
      }
      let cell = module.network(of: choices.cell?.make(module.units))
      layers.append(NamedLayer(name: module.name, cell: cell, features: module.features))
      let isAdded = file.contents.metadata["\(module.name).\(ONNXFile.residual)"] == "1"
      if isAdded { residual.insert(layers.count - 1) }
      words.append(
        (choices.cell.map { "\($0.name) for \(module.words)" } ?? module.words) + (isAdded ? " plus its input" : ""))
      guard let norm = norms[index] else { continue }
      layers.append(
        NamedLayer(name: norm.module, cell: LayerNormalization(), features: norm.columns))
      words.append("layer normalisation")
      notes += norm.notes
    }
    var maps: [WeightMap] = []
    for (index, layer) in layers.enumerated() {
      let convention =
        layer.cell is LayerNormalization ? parts.convention : file.framework.convention
      let map = try map(
        layer.cell, features: layer.features, scope: layers.count > 1 ? "layer\(index)" : "",
        module: layer.name, convention)
      layers[index].cell = map.cell ?? layer.cell
      if let dense = map.cell as? Dense, dense.activation != .identity {
        words[index] = "\(dense.activation) \(dense.units)"
      }
      maps.append(map)
    }
    let (embedding, readOuts) = (
      try parts.embedding(choices.embedding), try parts.readOuts(choices.readOut)
    )
    let cells = layers.enumerated().map { residual.contains($0) ? Residual($1.cell) : $1.cell }
    let recurrent = cells.count > 1 ? Stack(cells) : cells[0]
    let width = chain[chain.count - 1].width
    var network = TrainedNetwork(file.framework, recurrent, features: layers[0].features, width: width)
    network.modules = chain.map(\.name)
    network.layers = layers
    network.isBidirectional = chain.contains(where: \.isBidirectional)
    network.recurrentWords = words
    if let embedding {
      let cell = Embedding(tokens: embedding.rows, units: embedding.columns)
      let contents = settled(
        embedding.module, "mask_zero", "true", as: "false",
        "its tokens 0 are padding, which the recurrent layers pass over")
      network.masksZero = contents != nil
      maps.append(
        try map(cell, features: 1, scope: "embedding", module: embedding.module, parts.convention, in: contents))
      network.embedding = cell
      network.layers.insert(NamedLayer(name: embedding.module, cell: cell, features: 1), at: 0)
    }
    for (index, readOut) in readOuts.enumerated() {
      let cell = Dense(units: readOut.columns, activation: readOut.activation ?? .identity)
      let contents =
        index + 1 < readOuts.count
        ? nil
        : settled(
          readOut.module, "activation", "softmax", as: "linear",
          "the outputs are the scores before its softmax, which is part of the cross-entropy")
      let map = try map(
        cell, features: readOut.rows, scope: TrainedNetwork.readOutScope(index),
        module: readOut.module, parts.convention,
        in: contents)
      network.readOuts.append(map.cell as? Dense ?? cell)
      network.layers.append(NamedLayer(name: readOut.module, cell: cell, features: readOut.rows))
      maps.append(map)
      notes += readOut.notes
    }
    var used = Set(maps.flatMap { $0.tensorShapes.keys })
    if embedding == nil, let (scales, names) = file.kerasScales(chain[0].features) {
      network.scales = scales
      used.formUnion(names)
    }
    if let (layer, value) = file.masking { mask(&network, layer, value) }
    try fill(&network, maps)
    notes += file.uncomputed.map { "\($0) is in the model, and not computed here" }
    network.leftOut = leftOut(used)
    for note in (embedding?.notes ?? []) + notes + maps.flatMap(\.notes) + noted(network.leftOut)
    where !network.notes.contains(note) { network.notes.append(note) }
    return network
  }

  /// Steps of a value are padding, which is told.
  mutating func mask(_ network: inout TrainedNetwork, _ layer: String, _ value: Double) {
    network.maskedValue = value
    notes.append("\(layer): steps whose features are all \(value) are padding, which the recurrent layers pass over")
  }

  /// The file with another value of a module's setting, and a note; nil if it has not the first one, which no cell has.
  mutating func settled(
    _ module: String, _ setting: String, _ value: String, as other: String, _ note: String
  ) -> TensorFile.Contents? {
    guard let contents = file.contents.settled(module, setting, value, as: other) else {
      return nil
    }
    notes.append("\(module): \(setting) is \(value): \(note)")
    return contents
  }

  /// - Parameter contents: The file with other settings; nil for its own.
  func map(
    _ cell: some RecurrentCell, features: Int, scope: String, module: String, _ convention: WeightConvention?,
    in contents: TensorFile.Contents? = nil
  ) throws(NetworkError) -> WeightMap {
    guard let convention else { preconditionFailure("files with this library's names are not mapped") }
    do {
      return try WeightMap(
        convention, cell, features: features, scope: scope, module: module, fitting: contents ?? file.contents)
    } catch {
      throw NetworkError("\(module.isEmpty ? "the network" : module): \(error)")
    }
  }

  func fill(_ network: inout TrainedNetwork, _ maps: [WeightMap]) throws(NetworkError) {
    let used = Set(maps.flatMap { $0.tensorShapes.keys })
    let isWide = file.contents.tensors.contains { used.contains($0.key) && $0.value.element == .float64 }
    var problems: [WeightProblem] = []
    for map in maps {
      let own = file.contents.tensors.filter { map.tensorShapes[$0.key] != nil }
      do {
        network.parameters.merge(try map.parameters(from: own, as: isWide ? .float64 : .float32)) { first, _ in first }
      } catch {
        problems += error.problems
      }
    }
    guard problems.isEmpty else { throw NetworkError("\(WeightError(problems))") }
  }

  /// The tensors without a place in the network.
  func leftOut(_ used: Set<String>) -> [String: Tensor] {
    file.contents.tensors.filter { !used.contains($0.key) }
  }

  func noted(_ tensors: [String: Tensor]) -> [String] {
    guard !tensors.isEmpty else { return [] }
    let names = tensors.keys.sorted(by: NetworkNames.precedes)
    let shown = names.prefix(8).map { "\($0) \(file.shapes[$0] ?? [])" }.joined(separator: ", ")
    let rest = names.count > 8 ? ", … (\(names.count))" : ""
    return ["left out, and not computed: \(shown)\(rest)"]
  }

  // MARK: The order of modules

  /// The recurrent modules that run one after the other.
  private mutating func chain() throws(NetworkError) -> [RecurrentModule] {
    guard !modules.isEmpty else {
      if let others = file.contents.metadata[ONNXFile.mark] {
        throw NetworkError(
          "the model has no operator LSTM, GRU or RNN with weights of its own"
            + (others.isEmpty ? "" : "; its recurrences are \(others), which have no cell here")
            + (file.contents.unread.min { $0.key < $1.key }.map { "; \($0.key): \($0.value.reason)" } ?? ""))
      }
      throw NetworkError(
        "there are weights with names of \(file.framework.name), and their shapes are those of no RNN, LSTM or GRU")
    }
    var candidates = modules
    if let name = choices.module, !name.isEmpty {
      candidates = modules.filter { NetworkNames.isWithin($0.name, name) }
      if candidates.isEmpty {
        throw NetworkError("there is no recurrent module \(name); there is \(Self.list(modules))")
      }
    }
    if candidates.count == 1 { return candidates }
    if candidates.contains(where: { file.source(of: $0.name) != nil }) { return try read(candidates) }
    if let order = described(candidates) ?? numbered(candidates) ?? chained(candidates) { return order }
    throw NetworkError(
      "there are several recurrent modules, and which one follows which is not seen from their names and sizes; --module "
        + "picks one: \(Self.list(candidates))")
  }

  static func list(_ modules: [RecurrentModule]) -> String {
    modules.map { "\($0.name.isEmpty ? "one without a name" : $0.name) (\($0.words))" }.joined(separator: "; ")
  }

  /// As a model of ONNX has them: each reads the one before it, or a layer that does.
  private mutating func read(_ modules: [RecurrentModule]) throws(NetworkError) -> [RecurrentModule] {
    let parts = NetworkParts(file, self.modules, chain: modules)
    let sources = Dictionary(
      modules.map { module in
        (module.name, file.source(of: parts.before(module.name).first?.module ?? module.name) ?? "")
      }
    ) { first, _ in first }
    let firsts = modules.filter { sources[sources[$0.name] ?? ""] == nil }
    var order = Array(firsts.prefix(1))
    while firsts.count == 1, let last = order.last, order.count < modules.count {
      let next = modules.filter { sources[$0.name] == last.name }
      guard next.count == 1 else { break }
      order += next
    }
    if order.count == modules.count, fits(order) { return order }
    let list = modules.map { "\($0.name) (\($0.words)) reads \(file.source(of: $0.name) ?? "")" }.joined(
      separator: "; ")
    throw NetworkError(
      "the recurrent modules do not follow one another, and what is between them is not computed here; --module picks "
        + "one: \(list)")
  }

  /// Whether each reads as many features as the one before it gives, or the layers between them.
  private func fits(_ modules: [RecurrentModule]) -> Bool {
    guard var width = modules.first?.width else { return false }
    let parts = NetworkParts(file, self.modules, chain: modules)
    return modules.dropFirst().allSatisfy { module in
      let between = parts.before(module.name)
      let isChain = zip([width] + between.map(\.columns), between.map(\.rows) + [module.features]).allSatisfy {
        $0 == $1
      }
      width = module.width
      return isChain
    }
  }

  /// As the file's description of the model has them.
  private func described(_ modules: [RecurrentModule]) -> [RecurrentModule]? {
    let order = file.kerasOrder
    func place(_ module: RecurrentModule) -> Int? { order.firstIndex(of: NetworkNames.last(module.name)) }
    guard modules.allSatisfy({ place($0) != nil }) else { return nil }
    let sorted = modules.sorted { (place($0) ?? 0) < (place($1) ?? 0) }
    return fits(sorted) ? sorted : nil
  }

  /// In the order of the numbers in their names, which are otherwise equal.
  private func numbered(_ modules: [RecurrentModule]) -> [RecurrentModule]? {
    let bases = Set(modules.map { NetworkNames.uncounted($0.name) })
    return bases.count == 1 && fits(modules) ? modules : nil
  }

  /// In the only order in which each reads as many features as the one before it gives.
  private mutating func chained(_ modules: [RecurrentModule]) -> [RecurrentModule]? {
    // A decoder reads more than its encoder's outputs.
    let isTranslator = modules.contains { $0.name.lowercased().contains("decod") }
    guard modules.count <= 6, !isTranslator else { return nil }
    var orders: [[RecurrentModule]] = []
    func extend(_ order: [RecurrentModule], _ rest: [RecurrentModule]) {
      if rest.isEmpty { orders.append(order) }
      for (index, next) in rest.enumerated() where order.last.map({ $0.width == next.features }) ?? true {
        var others = rest
        others.remove(at: index)
        extend(order + [next], others)
      }
    }
    extend([], modules)
    guard orders.count == 1 else { return nil }
    let names = orders[0].map(\.name).joined(separator: ", ")
    notes.append("\(names) are taken to follow one another, since their sizes fit in this order only")
    return orders[0]
  }
}

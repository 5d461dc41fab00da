internal import EbbCells
internal import EbbRecording

extension NamedLayer {
  /// Whether the layers that `all` gives of a file stand in the network's order: it has a description or a record of them,
  /// or its network is found.
  public static func isOrdered(in file: TensorFile.Contents) -> Bool {
    if !order(in: file.metadata).isEmpty { return true }
    let file = file.isOfKeras ? file.withKerasPaths : file
    // Of Keras the layers are in the order of their names.
    if NetworkFramework(file) == .keras {
      return !KerasConfiguration(file.metadata).layers.isEmpty || RecurrentModule.all(in: file).count < 2
    }
    return (try? TrainedNetwork(file)) != nil
  }

  /// Every layer of a file that is known by the names and shapes of its tensors: recurrent ones, embeddings, read-outs
  /// and layer normalisations, whether or not they follow one another. Those that `TrainedNetwork` finds come first, in
  /// their order; then the others, by their names.
  ///
  /// Of PyTorch, a matrix without biases is an embedding or a read-out according to its name, and left out if that says
  /// neither.
  public static func all(in file: TensorFile.Contents) -> [NamedLayer] {
    let file = file.isOfKeras ? file.withKerasPaths : file
    guard let framework = NetworkFramework(file), framework != .ebb else { return [] }
    if framework == .keras { return file.kerasLayers }
    let tensors = NetworkTensors(file, framework)
    let modules = RecurrentModule.all(in: tensors)
    guard !modules.isEmpty else { return [] }
    let parts = NetworkParts(tensors, modules, chain: modules)
    var layers = (try? TrainedNetwork(file).layers) ?? []
    var known = Set(layers.map(\.name))
    func add(_ name: String, _ cell: any RecurrentCell, _ features: Int) {
      if known.insert(name).inserted { layers.append(NamedLayer(name: name, cell: cell, features: features)) }
    }
    for module in modules { add(module.name, module.network(of: nil), module.features) }
    for table in parts.tables where framework != .pytorch || NetworkParts.isTable(table) {
      add(table.module, Embedding(tokens: table.rows, units: table.columns), 1)
    }
    for dense in parts.denses
    where framework != .pytorch || dense.hasBias || NetworkParts.names(dense, NetworkParts.readOutWords) {
      add(dense.module, Dense(units: dense.columns), dense.rows)
    }
    for norm in parts.norms { add(norm.module, LayerNormalization(), norm.columns) }
    return layers
  }
}

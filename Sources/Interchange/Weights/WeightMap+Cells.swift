internal import EbbCells
public import EbbRecording

extension WeightMap {
  /// The weights of a cell in a framework's convention.
  ///
  /// Default names of modules:
  /// - PyTorch: `weight_ih_l0`, …: the state dict of one `nn.RNN`, `nn.LSTM` or `nn.GRU`, where the layers of a `Stack`
  ///   must all have one kind and number of units. A `Dense` is an `nn.Linear`.
  /// - Keras: `lstm/lstm_cell/kernel`, the next LSTM of a stack `lstm_1/…`; `bidirectional/forward_lstm/…`. Keras
  ///   continues its counts from model to model: if names differ, make one map for each layer and add them.
  /// - Flax: `cell.dense_i.kernel` for an `nnx.RNN`; `layers.0.cell.…` in a stack, such as `nnx.Sequential`;
  ///   `forward_rnn.cell.…` for an `nnx.Bidirectional`.
  ///
  /// - Parameters:
  ///   - convention: The framework.
  ///   - cell: The cell as it runs here; a `Stack` for several layers.
  ///   - features: The number of input features of the (first) cell.
  ///   - scope: The scope in which the cell runs here: the prefix of its parameters' names.
  ///   - module: The prefix of the framework's names, such as `encoder.rnn` or `sequential`. A single layer in the
  ///     Keras convention is then the module itself, such as `sequential/lstm_3`.
  ///   - biases: Whether the framework's layers have biases; if not, biases here are zeros.
  ///   - own: The strings of a file with the library's names, if the parameters come from one: its `ownSettings`.
  /// - Throws: `WeightError` if the framework has no such cell, for all parts of the network at once.
  public init(
    _ convention: WeightConvention, _ cell: some RecurrentCell, features: Int, scope: String = "", module: String = "",
    biases: Bool = true, own: [String: String] = [:]
  ) throws(WeightError) {
    var builder = WeightMapBuilder(convention: convention, hasBiases: biases, file: nil)
    builder.own = own
    try self.init(builder, cell, features, scope, module)
  }

  /// The weights of a cell as a file has them, according to the names of its tensors:
  /// - layers without biases (`bias=False`), and normalisations without a scale or a bias;
  /// - single cells, such as `nn.LSTMCell` with its `weight_ih`; several of them, or several modules, in a list: `0.…`;
  /// - the file's strings give the layers' settings, by the name of the module and the framework's word, such as
  ///   `norm.eps` or `lstm/activation`; `keras_config` is a Keras model's `to_json()`. See `cell` and `notes`.
  ///
  /// - Parameters:
  ///   - convention: The framework.
  ///   - cell: The cell as it runs here; a `Stack` for several layers.
  ///   - features: The number of input features of the (first) cell.
  ///   - scope: The scope in which the cell runs here: the prefix of its parameters' names.
  ///   - module: The prefix of the framework's names.
  ///   - file: Tensors outside of the module are ignored.
  /// - Throws: `WeightError` if the framework has no such cell or the file's layers have other settings, for all
  ///   parts at once.
  public init(
    _ convention: WeightConvention, _ cell: some RecurrentCell, features: Int, scope: String = "", module: String = "",
    fitting file: TensorFile.Contents
  ) throws(WeightError) {
    try self.init(
      WeightMapBuilder(convention: convention, hasBiases: true, file: WeightFile(file)), cell, features, scope, module)
  }

  private init(
    _ builder: WeightMapBuilder, _ cell: some RecurrentCell, _ features: Int, _ scope: String, _ module: String
  ) throws(WeightError) {
    var builder = builder
    let place = builder.place(module)
    let added = builder.add(cell, features: features, scope: scope, module: place)
    guard builder.problems.isEmpty else { throw WeightError(builder.problems) }
    self = builder.map
    self.cell = added?.cell
    modules = [place.prefix]
  }
}

/// Walks through a network and collects the blocks of its layers.
struct WeightMapBuilder {
  var convention: WeightConvention
  var hasBiases: Bool
  var map = WeightMap()
  var problems: [WeightProblem] = []
  /// How often a module of each kind was named, for the numbers in Keras names.
  var counts: [String: Int] = [:]
  /// Information from the file of the tensors, if there is one.
  var file: WeightFile?
  /// The settings in a file with the library's names, by the cells' scopes.
  var own: [String: String] = [:]

  /// A cell that was added: its number of output features, and the cell as the framework has it.
  struct Added {
    var features: Int
    var cell: any RecurrentCell
  }

  /// The place of a layer in the framework's network.
  struct Place {
    /// The prefix of its names, including the separator.
    var prefix: String
    /// In PyTorch, the number of the layer within one module.
    var index = 0
    var isBackward = false
    /// Whether the user named the layer, or it is within a module that names it.
    var isNamed = false
  }

  init(convention: WeightConvention, hasBiases: Bool, file: WeightFile?) {
    self.convention = convention
    self.hasBiases = hasBiases
    self.file = file
  }

  /// Whether the file has a tensor of this name; without a file, `otherwise`.
  func has(_ name: String, otherwise: Bool) -> Bool { file.map { $0.names.contains(name) } ?? otherwise }

  /// Whether a layer has biases: any of these tensors.
  mutating func hasBiases(_ names: [String], _ prefix: String, _ scope: String) -> Bool {
    guard let file else { return hasBiases }
    if names.contains(where: { file.names.contains($0) }) { return true }
    map.notes.append("\(module(prefix, scope)): there are no biases in the file; here they are zeros")
    return false
  }

  func place(_ module: String) -> Place {
    let separator = convention == .keras ? "/" : "."
    return Place(prefix: module.isEmpty ? "" : module + separator, isNamed: !module.isEmpty)
  }

  /// Adds a cell; nil, with a problem, if the framework does not have it.
  mutating func add(_ cell: some RecurrentCell, features: Int, scope: String, module: Place) -> Added? {
    add(restored: restored(cell, scope), features: features, scope: scope, module: module)
  }

  private mutating func add(
    restored cell: some RecurrentCell, features: Int, scope: String, module: Place
  ) -> Added? {
    guard let form = (cell as? any TransferableCell)?.weightForm else {
      return report(scope, "\(type(of: cell)) is not known to other frameworks")
    }
    switch form {
    case .simple(_, let activation):
      if convention == .pytorch, activation != .tanh, activation != .relu {
        return report(scope, "nn.RNN has the activations tanh and relu, not \(activation)")
      }
      return addLayer(form, cell, features, scope, module)
    case .lstm, .gruResetAfter: return addLayer(form, cell, features, scope, module)
    case .projectedLSTM(let units, let outputs):
      guard convention == .pytorch else { return report(scope, "only PyTorch's nn.LSTM has a projection") }
      guard outputs < units else {
        return report(scope, "nn.LSTM projects to fewer features, and not from \(units) to \(outputs)")
      }
      return addLayer(form, cell, features, scope, module)
    case .gruResetBefore:
      guard convention == .keras else {
        let framework = convention == .pytorch ? "PyTorch's nn.GRU" : "Flax's GRUCell"
        return report(
          scope, "\(framework) applies its reset gate after the recurrent product, and GRU before it; use ResetAfterGRU"
        )
      }
      return addLayer(form, cell, features, scope, module)
    case .dense(let units):
      let prefix = addDense(units, features, scope, module)
      return Added(features: units, cell: settled(cell, form, scope: scope, prefix: prefix))
    case .embedding(let tokens, let units):
      let prefix = addEmbedding(tokens, units, scope, module)
      return Added(features: units, cell: settled(cell, form, scope: scope, prefix: prefix))
    case .layerNormalization:
      let prefix = addNormalization(features, scope, module)
      return Added(features: features, cell: settled(cell, form, scope: scope, prefix: prefix))
    case .dropout: return Added(features: features, cell: cell)
    case .stack(let layers): return addStack(layers, of: cell, features, scope, module)
    case .bidirectional(let forward, let backward, let merge):
      return addDirections(forward, backward, merge, of: cell, form, features, scope, module)
    }
  }

  private mutating func addStack(
    _ layers: [any RecurrentCell], of cell: some RecurrentCell, _ features: Int, _ scope: String, _ module: Place
  ) -> Added? {
    if convention == .pytorch, !isList(module), !isOneModule(layers) {
      return report(
        scope, "the layers of one PyTorch module are recurrent and all alike; add the maps of several modules")
    }
    var width = features
    var settled: [any RecurrentCell] = []
    for (index, layer) in layers.enumerated() {
      let inner = place(ofLayer: index, in: module)
      guard let added = add(layer, features: width, scope: join(scope, "layer\(index)"), module: inner) else {
        return nil
      }
      width = added.features
      settled.append(added.cell)
    }
    guard var stack = cell as? Stack else { return Added(features: width, cell: cell) }
    stack.layers = settled
    return Added(features: width, cell: stack)
  }

  private mutating func addDirections(
    _ forward: any RecurrentCell, _ backward: any RecurrentCell, _ merge: Bidirectional.Merge,
    of cell: some RecurrentCell, _ form: WeightForm, _ features: Int, _ scope: String, _ module: Place
  ) -> Added? {
    if convention == .pytorch, merge == .sum {
      return report(scope, "PyTorch joins the two directions, and never adds them")
    }
    guard isLayer(forward), isLayer(backward), convention != .pytorch || isOneModule([forward, backward]) else {
      return report(
        scope, "the two directions are one recurrent layer each, in PyTorch both of one kind and number of units")
    }
    let (prefix, first, second) = places(ofDirectionsIn: module, kind: baseName(forward))
    let left = add(forward, features: features, scope: join(scope, "forward"), module: first)
    let right = add(backward, features: features, scope: join(scope, "backward"), module: second)
    guard let left, let right else { return nil }
    var both: any RecurrentCell = cell
    if var pair = cell as? Bidirectional {
      (pair.forward, pair.backward) = (left.cell, right.cell)
      both = pair
    }
    let settled = settled(both, form, scope: scope, prefix: prefix)
    switch (settled as? Bidirectional)?.merge ?? merge {
    case .concatenate: return Added(features: left.features + right.features, cell: settled)
    case .sum: return Added(features: left.features, cell: settled)
    }
  }

  func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : scope + "." + name }

  mutating func report(_ scope: String, _ reason: String) -> Added? {
    problems.append(.unknownCell(scope: scope, reason: reason))
    return nil
  }

  private mutating func addLayer(
    _ form: WeightForm, _ cell: some RecurrentCell, _ features: Int, _ scope: String, _ place: Place
  ) -> Added? {
    guard let kind = LayerKind(form) else { preconditionFailure("\(form) is no recurrent layer") }
    let layer = WeightMap.Layer(kind: kind, features: features, scope: scope)
    let prefix =
      switch convention {
      case .pytorch: addPyTorch(layer, place)
      case .keras: addKeras(layer, place)
      case .flax: addFlax(layer, place)
      }
    return Added(features: kind.outputs, cell: settled(cell, form, scope: scope, prefix: prefix))
  }
}

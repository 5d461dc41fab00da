internal import EbbCells
public import EbbRecording

extension WeightMap {
  /// The weights of a cell in a framework's convention.
  ///
  /// Default names of modules:
  /// - PyTorch: `weight_ih_l0`, …: the state dict of one `nn.RNN`, `nn.LSTM` or `nn.GRU`, where the layers of a `Stack`
  ///   must all have one kind and number of units, with dropout between them or not. A `Dense` is an `nn.Linear`. A
  ///   `Stack` of several modules, as `Stack([LSTM(units: 64), LastStep(), Dense(units: 1)])`, needs their names.
  /// - Keras: `lstm/lstm_cell/kernel`, the next LSTM of a stack `lstm_1/…`; `bidirectional/forward_lstm/…`. Keras
  ///   continues its counts from model to model: if names differ, give them.
  /// - Flax: `cell.dense_i.kernel` for an `nnx.RNN`; `layers.0.cell.…` in a stack, such as `nnx.Sequential`;
  ///   `forward_rnn.cell.…` for an `nnx.Bidirectional`.
  /// - ONNX: `W`, `R`, `B` and `P` after the operator's name; `layer0.W`, … in a stack.
  /// - A `LearnedStart`'s parameters are `h0` and `c0` beside the layer's weights, those of further layers `h0_l1`; a
  ///   `Residual`'s matrix is `shortcut.weight`.
  ///
  /// - Parameters:
  ///   - convention: The framework.
  ///   - cell: The cell as it runs here; a `Stack` for several layers.
  ///   - features: The number of input features of the (first) cell.
  ///   - scope: The scope in which the cell runs here: the prefix of its parameters' names.
  ///   - module: The prefix of the framework's names, such as `encoder.rnn` or `sequential`. A single layer in the
  ///     Keras convention is then the module itself, such as `sequential/lstm_3`.
  ///   - modules: The names, after `module`, of the modules of a `Stack`'s layers with weights, in their order:
  ///     `["lstm", "fc"]`. In PyTorch one name may stand for several like layers, those of `num_layers=2`. None for the
  ///     default names.
  ///   - biases: Whether the framework's layers have biases; if not, biases here are zeros.
  ///   - own: The strings of a file with the library's names, if the parameters come from one: its `ownSettings`.
  /// - Throws: `WeightError` if the framework has no such cell, for all parts of the network at once.
  public init(
    _ convention: WeightConvention, _ cell: some RecurrentCell, features: Int, scope: String = "", module: String = "",
    modules: [String] = [], biases: Bool = true, own: [String: String] = [:]
  ) throws(WeightError) {
    var builder = WeightMapBuilder(convention: convention, hasBiases: biases, file: nil)
    builder.moduleNames = modules
    builder.own = own
    try self.init(builder, cell, features, scope, module)
  }

  /// The weights of a cell as a file has them, according to the names of its tensors:
  /// - layers without biases (`bias=False`), and normalisations without a scale or a bias. A cell whose `hasBias` is
  ///   false gets biases if the file has them;
  /// - single cells, such as `nn.LSTMCell` with its `weight_ih`; several of them, or several modules, in a list: `0.…`;
  ///   Flax's cells with a matrix for each gate, such as `ii.kernel`, with dots or slashes between the parts of names;
  /// - the modules of a `Stack` with other than the default names, if the shapes of their tensors show which they are:
  ///   `notes` lists them. Where two could be meant, `modules` has to name them;
  /// - the file's strings give the layers' settings, by the name of the module and the framework's word, such as
  ///   `norm.eps` or `lstm/activation`; `keras_config` is a Keras model's `to_json()`. See `cell` and `notes`.
  ///
  /// - Parameters:
  ///   - convention: The framework.
  ///   - cell: The cell as it runs here; a `Stack` for several layers.
  ///   - features: The number of input features of the (first) cell.
  ///   - scope: The scope in which the cell runs here: the prefix of its parameters' names.
  ///   - module: The prefix of the framework's names.
  ///   - modules: The names, after `module`, of the modules of a `Stack`'s layers with weights, in their order.
  ///   - file: Tensors outside of the module are ignored.
  /// - Throws: `WeightError` if the framework has no such cell or the file's layers have other settings, for all
  ///   parts at once.
  public init(
    _ convention: WeightConvention, _ cell: some RecurrentCell, features: Int, scope: String = "", module: String = "",
    modules: [String] = [], fitting file: TensorFile.Contents
  ) throws(WeightError) {
    var builder = WeightMapBuilder(convention: convention, hasBiases: true, file: WeightFile(file))
    builder.moduleNames = modules
    try self.init(builder, cell, features, scope, module)
  }

  private init(
    _ builder: WeightMapBuilder, _ cell: some RecurrentCell, _ features: Int, _ scope: String, _ module: String
  ) throws(WeightError) {
    var builder = builder
    let place = builder.place(module)
    let added = builder.add(cell, features: features, scope: scope, module: place)
    if !builder.moduleNames.isEmpty {
      builder.problems.append(.unknownCell(scope: scope, reason: "modules are named for the layers of a Stack"))
    }
    guard builder.problems.isEmpty else { throw WeightError(builder.problems) }
    self = builder.map
    self.cell = added?.cell
    if modules.isEmpty { modules = [place.prefix] }
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
  /// The names of the outermost stack's modules that were given, until they are used.
  var moduleNames: [String] = []
  /// What stands between the parts of a name.
  let separator: String

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
    /// Whether it is the second direction of two.
    var isBackward = false
    /// Whether it is one direction of two, whose module is named.
    var isDirection = false
    /// Whether it runs backward in time, alone.
    var isReversed = false
    /// Whether its states begin at parameters.
    var hasLearnedStart = false
    /// Whether the user named the layer, or it is within a module that names it.
    var isNamed = false
  }

  init(convention: WeightConvention, hasBiases: Bool, file: WeightFile?) {
    self.convention = convention
    self.hasBiases = hasBiases
    self.file = file
    // Flax's trees of parameters are flattened by their users.
    let hasSlashes = convention == .flax && file?.names.contains { $0.contains("/") } == true
    separator = convention == .keras || hasSlashes ? "/" : "."
  }

  /// Whether the file has a tensor of this name; without a file, `otherwise`.
  func has(_ name: String, otherwise: Bool) -> Bool { file.map { $0.names.contains(name) } ?? otherwise }

  func place(_ module: String) -> Place {
    Place(prefix: module.isEmpty ? "" : module + separator, isNamed: !module.isEmpty)
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
    if let reason = convention.objection(to: form, of: cell) { return report(scope, reason) }
    switch form {
    case .simple, .lstm, .projectedLSTM, .peepholeLSTM, .coupledLSTM, .gruResetBefore, .gruResetAfter,
      .minimalGatedUnit:
      return addLayer(form, cell, features, scope, module)
    case .convLSTM(let filters, let kernel):
      var convolution: any RecurrentCell = cell
      let prefix = addConvolution(filters, kernel, features, scope, module, &convolution)
      let settled = settled(convolution, form, scope: scope, prefix: prefix, at: module)
      return Added(features: filters, cell: settled)
    case .dense(let units):
      var dense: any RecurrentCell = cell
      let prefix = addDense(units, features, scope, module, &dense)
      return Added(features: units, cell: settled(dense, form, scope: scope, prefix: prefix))
    case .embedding(let tokens, let units):
      let prefix = addEmbedding(tokens, units, scope, module)
      return Added(features: units, cell: settled(cell, form, scope: scope, prefix: prefix))
    case .layerNormalization:
      let prefix = addNormalization(features, scope, module)
      return Added(features: features, cell: settled(cell, form, scope: scope, prefix: prefix))
    case .dropout, .lastStep: return Added(features: features, cell: cell)
    case .stack(let layers): return addStack(layers, of: cell, features, scope, module)
    case .bidirectional(let forward, let backward, let merge):
      return addDirections(forward, backward, merge, of: cell, form, features, scope, module)
    case .reversed(let inner):
      var place = module
      place.isReversed.toggle()
      return added(inner, within: cell, features, scope, place)
    case .residual(let inner): return addResidual(inner, of: cell, features, scope, module)
    case .learnedStart(let inner):
      var place = module
      place.hasLearnedStart = true
      return added(inner, within: cell, features, scope, place)
    case .around(let inner): return added(inner, within: cell, features, scope, module)
    }
  }

  /// Adds the cell that another one runs in its own scope.
  private mutating func added(
    _ inner: any RecurrentCell, within outer: any RecurrentCell, _ features: Int, _ scope: String, _ place: Place
  ) -> Added? {
    guard var added = add(inner, features: features, scope: scope, module: place) else { return nil }
    switch outer {
    case var reversed as Reversed:
      reversed.cell = added.cell
      added.cell = reversed
    case var residual as Residual:
      residual.cell = added.cell
      added.cell = residual
    case var start as LearnedStart:
      start.cell = added.cell
      added.cell = start
    case var zoneout as Zoneout:
      zoneout.cell = added.cell
      added.cell = zoneout
    // A user's own cell keeps what it runs.
    case _: added.cell = outer
    }
    return added
  }

  private mutating func addResidual(
    _ inner: any RecurrentCell, of cell: any RecurrentCell, _ features: Int, _ scope: String, _ place: Place
  ) -> Added? {
    guard let added = added(inner, within: cell, features, scope, place) else { return nil }
    if added.features != features {
      let isTransposed = convention == .pytorch
      map.add(
        matrix: place.prefix + "shortcut" + separator + (isTransposed ? "weight" : "kernel"),
        isTransposed: isTransposed, join(scope, "shortcut.weight"), rows: features, columns: added.features)
    }
    return added
  }

  private mutating func addDirections(
    _ forward: any RecurrentCell, _ backward: any RecurrentCell, _ merge: Bidirectional.Merge,
    of cell: some RecurrentCell, _ form: WeightForm, _ features: Int, _ scope: String, _ module: Place
  ) -> Added? {
    guard isLayer(forward), isLayer(backward),
      ![.pytorch, .onnx].contains(convention) || isOneModule([forward, backward])
    else {
      return report(
        scope,
        "the two directions are one recurrent layer each, in PyTorch and ONNX both of one kind and number of units")
    }
    let (prefix, first, second) = places(ofDirectionsIn: module, kind: baseName(forward))
    let left = add(forward, features: features, scope: join(scope, "forward"), module: first)
    let isShared = (cell as? Bidirectional)?.sharesWeights == true
    if isShared, convention == .onnx { return report(scope, "ONNX's operators have weights for each direction") }
    let right = isShared ? left : add(backward, features: features, scope: join(scope, "backward"), module: second)
    guard let left, let right else { return nil }
    var both: any RecurrentCell = cell
    if var pair = cell as? Bidirectional {
      (pair.forward, pair.backward) = (left.cell, right.cell)
      both = pair
    }
    let settled = settled(both, form, scope: scope, prefix: prefix)
    switch (settled as? Bidirectional)?.merge ?? merge {
    case .concatenate: return Added(features: left.features + right.features, cell: settled)
    case .sum, .average, .product: return Added(features: left.features, cell: settled)
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
    var cell: any RecurrentCell = cell
    let layer = WeightMap.Layer(kind: kind, features: features, scope: scope)
    let prefix =
      switch convention {
      case .pytorch: addPyTorch(layer, place, &cell)
      case .keras: addKeras(layer, place, &cell)
      case .flax: addFlax(layer, place, &cell)
      case .onnx: addONNX(layer, place, &cell)
      }
    if place.hasLearnedStart { addStart(layer, place, prefix) }
    let settled = settled(cell, form, scope: scope, prefix: prefix, at: place)
    if let gate = kind.gates(in: convention).first(where: { $0.sign < 0 }), let gated = settled as? any GatedCell,
      !gated.gateActivation.isSymmetric
    {
      return report(
        scope,
        "the \(gate.overInput) gate here is 1 minus that of \(convention.framework), which only σ and hard_sigmoid allow, not "
          + gated.gateActivation.frameworkName)
    }
    return Added(features: kind.outputs, cell: settled)
  }

  // MARK: Biases

  /// Whether the framework's layer has biases: any of these tensors. A cell without biases gets them if the file has
  /// them.
  mutating func hasBiases(
    _ names: [String], _ prefix: String, _ scope: String, _ cell: inout any RecurrentCell
  ) -> Bool {
    let own = cell.hasBiases
    guard let file else { return hasBiases && own }
    if names.contains(where: { file.names.contains($0) }) {
      if !own, var biased = cell as? any BiasedCell {
        biased.hasBias = true
        cell = biased
        map.notes.append("\(module(prefix, scope)): there are biases in the file, and so in the cell")
      }
      return true
    }
    if own { map.notes.append("\(module(prefix, scope)): there are no biases in the file; here they are zeros") }
    return false
  }
}

extension RecurrentCell {
  /// Whether there are biases beside its matrices.
  var hasBiases: Bool { (self as? any BiasedCell)?.hasBias ?? true }
}

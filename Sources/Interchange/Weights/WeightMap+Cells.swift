internal import EbbCells
public import EbbRecording

extension WeightMap {
  /// The weights of a cell in a framework's convention.
  ///
  /// Names of modules, where none is given:
  /// - PyTorch: `weight_ih_l0`, …: the state dict of one `nn.RNN`, `nn.LSTM` or `nn.GRU`, a `Stack` being its layers,
  ///   which then all are of one kind and number of units. A `Dense` is an `nn.Linear`.
  /// - Keras: `lstm/lstm_cell/kernel`, the next LSTM of a stack `lstm_1/…`; `bidirectional/forward_lstm/…`. Keras goes on
  ///   counting from model to model: where names differ, make one map for each layer and add them.
  /// - Flax: `cell.dense_i.kernel` of an `nnx.RNN`; `layers.0.cell.…` in a stack, as of `nnx.Sequential`;
  ///   `forward_rnn.cell.…` of an `nnx.Bidirectional`.
  ///
  /// - Parameters:
  ///   - features: The number of input features of the (first) cell.
  ///   - scope: The scope in which the cell runs here: the beginning of its parameters' names.
  ///   - module: The beginning of the framework's names, as `encoder.rnn` or `sequential`. A layer on its own in the
  ///     Keras convention is then the module itself, as `sequential/lstm_3`.
  ///   - biases: Whether the framework's layers have any. Without, biases here are zeros.
  /// - Throws: where the framework has no such cell, for every part of the network at once.
  public init(
    _ convention: WeightConvention, _ cell: some RecurrentCell, features: Int, scope: String = "", module: String = "",
    biases: Bool = true
  ) throws(WeightError) {
    var builder = WeightMapBuilder(convention: convention, hasBiases: biases)
    _ = builder.add(cell, features: features, scope: scope, module: builder.place(module))
    guard builder.problems.isEmpty else { throw WeightError(builder.problems) }
    self = builder.map
  }
}

/// Walks through a network and collects the blocks of its layers.
struct WeightMapBuilder {
  var convention: WeightConvention
  var hasBiases: Bool
  var map = WeightMap()
  var problems: [WeightProblem] = []
  /// How often a module of each kind was named, for the numbers that Keras counts.
  var counts: [String: Int] = [:]

  /// Where a layer stands in the framework's network.
  struct Place {
    /// The beginning of its names, the separator included.
    var prefix: String
    /// In PyTorch, the number of the layer within one module.
    var index = 0
    var isBackward = false
    /// Whether the layer was given a name of its own by the user, or stands within a module that names it.
    var isNamed = false
  }

  init(convention: WeightConvention, hasBiases: Bool) {
    self.convention = convention
    self.hasBiases = hasBiases
  }

  func place(_ module: String) -> Place {
    let separator = convention == .keras ? "/" : "."
    return Place(prefix: module.isEmpty ? "" : module + separator, isNamed: !module.isEmpty)
  }

  /// Adds a cell; returns the number of features that it gives to the next one.
  mutating func add(_ cell: some RecurrentCell, features: Int, scope: String, module: Place) -> Int? {
    guard let form = (cell as? any TransferableCell)?.weightForm else {
      return report(scope, "\(type(of: cell)) is not known to other frameworks")
    }
    switch form {
    case .simple(let units, let activation):
      if convention == .pytorch, activation != .tanh, activation != .relu {
        return report(scope, "nn.RNN has the activations tanh and relu, not \(activation)")
      }
      return add(.simple(units), features, scope, module)
    case .lstm(let units): return add(.lstm(units), features, scope, module)
    case .projectedLSTM(let units, let outputs):
      guard convention == .pytorch else { return report(scope, "only PyTorch's nn.LSTM has a projection") }
      guard outputs < units else {
        return report(scope, "nn.LSTM projects to fewer features, and not from \(units) to \(outputs)")
      }
      return add(.projectedLSTM(units, outputs), features, scope, module)
    case .gruResetAfter(let units): return add(.gruResetAfter(units), features, scope, module)
    case .gruResetBefore(let units):
      guard convention == .keras else {
        let framework = convention == .pytorch ? "PyTorch's nn.GRU" : "Flax's GRUCell"
        return report(
          scope, "\(framework) applies its reset gate after the recurrent product, and GRU before it; use ResetAfterGRU"
        )
      }
      return add(.gruResetBefore(units), features, scope, module)
    case .dense(let units):
      addDense(units, features, scope, module)
      return units
    case .embedding(let tokens, let units):
      addEmbedding(tokens, units, scope, module)
      return units
    case .layerNormalization:
      addNormalization(features, scope, module)
      return features
    case .dropout: return features
    case .stack(let layers):
      if convention == .pytorch, !isOneModule(layers) {
        return report(
          scope, "the layers of one PyTorch module are recurrent and all alike; add the maps of several modules")
      }
      var width: Int? = features
      for (index, layer) in layers.enumerated() {
        guard let features = width else { return nil }
        let inner = self.place(ofLayer: index, in: module)
        width = add(layer, features: features, scope: join(scope, "layer\(index)"), module: inner)
      }
      return width
    case .bidirectional(let forward, let backward, let merge):
      if convention == .pytorch, merge == .sum {
        return report(scope, "PyTorch joins the two directions, and never adds them")
      }
      guard isLayer(forward), isLayer(backward), convention != .pytorch || isOneModule([forward, backward]) else {
        return report(
          scope, "the two directions are one recurrent layer each, in PyTorch both of one kind and number of units")
      }
      let (first, second) = places(ofDirectionsIn: module, kind: baseName(forward))
      let left = add(forward, features: features, scope: join(scope, "forward"), module: first)
      let right = add(backward, features: features, scope: join(scope, "backward"), module: second)
      guard let left, let right else { return nil }
      switch merge {
      case .concatenate: return left + right
      case .sum: return left
      }
    }
  }

  func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : scope + "." + name }

  mutating func report(_ scope: String, _ reason: String) -> Int? {
    problems.append(.unknownCell(scope: scope, reason: reason))
    return nil
  }

  private mutating func add(_ kind: LayerKind, _ features: Int, _ scope: String, _ place: Place) -> Int? {
    let layer = WeightMap.Layer(kind: kind, features: features, scope: scope)
    switch convention {
    case .pytorch: addPyTorch(layer, place)
    case .keras: addKeras(layer, place)
    case .flax: addFlax(layer, place)
    }
    return kind.outputs
  }
}

internal import EbbRecording

/// How a layer's matrices and biases become blocks, for every convention.
extension WeightMap {
  /// A layer here: its kind, its number of features, and the scope of its parameters.
  struct Layer {
    var kind: LayerKind
    var features: Int
    var scope: String
    /// Whether the gates have biases here.
    var hasBias = true

    func parameter(_ affine: String, _ part: String) -> String {
      scope.isEmpty ? "\(affine).\(part)" : "\(scope).\(affine).\(part)"
    }
  }

  /// Where a convention puts the biases of a layer's gates.
  enum BiasPlace {
    /// The biases of all gates in one vector.
    case vector(String)
    /// Two vectors that are summed; within a reset they are separate here too.
    case summed(overInput: String, overHidden: String)
    /// Two rows of one matrix that are summed.
    case rows(String)
    /// The framework's layer has none: biases here are zeros.
    case none
  }

  /// Adds a recurrent layer, with the gates' matrices concatenated.
  mutating func add(
    _ layer: Layer, _ convention: WeightConvention, overInput: String, overHidden: String, biases: BiasPlace
  ) {
    let (units, outputs, features) = (layer.kind.units, layer.kind.outputs, layer.features)
    let gates = layer.kind.gates(in: convention)
    let isTransposed = convention == .pytorch
    func shape(_ rows: Int) -> [Int] {
      isTransposed ? [gates.count * units, rows] : [rows, gates.count * units]
    }
    for (index, gate) in gates.enumerated() {
      let (row, column) = isTransposed ? (index * units, 0) : (0, index * units)
      // The rows of an affine over [h, x] are those of h, then those of x.
      add(
        Block(
          tensor: overHidden, tensorRow: row, tensorColumn: column, isTransposed: isTransposed,
          parameter: layer.parameter(gate.overHidden, "weight"), rows: outputs, columns: units, sign: gate.sign),
        tensorShape: shape(outputs), parameterShape: [gate.isSplit ? outputs : outputs + features, units])
      add(
        Block(
          tensor: overInput, tensorRow: row, tensorColumn: column, isTransposed: isTransposed,
          parameter: layer.parameter(gate.overInput, "weight"), parameterRow: gate.isSplit ? 0 : outputs,
          rows: features, columns: units, sign: gate.sign),
        tensorShape: shape(features), parameterShape: [gate.isSplit ? features : outputs + features, units])
      add(biases: biases, of: gate, at: index * units, in: layer, width: gates.count * units)
    }
  }

  private mutating func add(
    biases: BiasPlace, of gate: Gate, at column: Int, in layer: Layer, width: Int
  ) {
    let units = layer.kind.units
    let outer = layer.parameter(gate.overInput, "bias")
    let inner = layer.parameter(gate.overHidden, "bias")
    if layer.hasBias {
      parameterShapes[outer] = [units]
      parameterShapes[inner] = [units]
    }
    func place(_ tensor: String, row: Int = 0, _ parameter: String, _ shape: [Int], isSecond: Bool = false) {
      add(
        Block(
          tensor: tensor, tensorRow: row, tensorColumn: column, parameter: parameter, rows: 1, columns: units,
          sign: gate.sign, isSecondSummand: isSecond), tensorShape: shape, parameterShape: [units])
    }
    switch biases {
    case .vector(let name): place(name, outer, [width])
    case .summed(let overInput, let overHidden):
      place(overInput, outer, [width])
      place(overHidden, inner, [width], isSecond: !gate.isSplit)
    case .rows(let name):
      place(name, outer, [2, width])
      place(name, row: 1, inner, [2, width], isSecond: !gate.isSplit)
    case .none: break
    }
  }

  /// Adds a recurrent layer of Flax whose gates have matrices of their own: `ii.kernel` [I, H], `hi.kernel` [H, H]. Of
  /// the two biases of a gate there is one, outside of a reset; within a reset there is another.
  ///
  /// - Parameters:
  ///   - layer: The layer here.
  ///   - prefix: The prefix of the names.
  ///   - separator: What stands between their parts.
  ///   - hasBiases: Whether there are biases.
  ///   - inputName: The name of a gate's matrix over x, from its letter.
  mutating func add(
    gatesOf layer: Layer, _ prefix: String, _ separator: String, hasBiases: Bool,
    inputName: (_ letter: String) -> String
  ) {
    let (units, features) = (layer.kind.units, layer.features)
    for gate in layer.kind.gates(in: .flax) {
      let (overInput, overHidden) = (prefix + inputName(gate.letter), prefix + "h" + gate.letter)
      let (hiddenRows, inputRows) = gate.isSplit ? (units, features) : (units + features, units + features)
      add(
        Block(
          tensor: overHidden + separator + "kernel", parameter: layer.parameter(gate.overHidden, "weight"), rows: units,
          columns: units), tensorShape: [units, units], parameterShape: [hiddenRows, units])
      add(
        Block(
          tensor: overInput + separator + "kernel", parameter: layer.parameter(gate.overInput, "weight"),
          parameterRow: gate.isSplit ? 0 : units, rows: features, columns: units),
        tensorShape: [features, units], parameterShape: [inputRows, units])
      for affine in Set([gate.overInput, gate.overHidden]) where layer.hasBias {
        parameterShapes[layer.parameter(affine, "bias")] = [units]
      }
      guard hasBiases else { continue }
      let outer = layer.kind.hasCellState ? overHidden : overInput
      add(vector: outer + separator + "bias", layer.parameter(gate.overInput, "bias"), units)
      if gate.isSplit { add(vector: overHidden + separator + "bias", layer.parameter(gate.overHidden, "bias"), units) }
    }
  }

  /// Adds the vectors with which a gate reads the cell state.
  mutating func add(peepholesOf layer: Layer, _ name: (_ gate: String) -> String) {
    for gate in ["input", "forget", "output"] {
      add(vector: name(gate), layer.parameter(gate, "peephole"), layer.kind.units)
    }
  }

  /// Adds a matrix that is a parameter of its own, or its transpose.
  mutating func add(matrix tensor: String, isTransposed: Bool = false, _ parameter: String, rows: Int, columns: Int) {
    add(
      Block(tensor: tensor, isTransposed: isTransposed, parameter: parameter, rows: rows, columns: columns),
      tensorShape: isTransposed ? [columns, rows] : [rows, columns], parameterShape: [rows, columns])
  }

  /// Adds a vector that is a parameter of its own.
  mutating func add(vector tensor: String, _ parameter: String, _ count: Int) {
    let block = Block(tensor: tensor, parameter: parameter, rows: 1, columns: count)
    add(block, tensorShape: [count], parameterShape: [count])
  }

  /// Adds a read-out: a matrix and, unless the framework's layer has none, a bias.
  mutating func add(
    denseOf units: Int, features: Int, scope: String, weight: String, isTransposed: Bool, hasBias: Bool, bias: String?
  ) {
    let prefix = scope.isEmpty ? "dense" : scope + ".dense"
    add(matrix: weight, isTransposed: isTransposed, prefix + ".weight", rows: features, columns: units)
    if hasBias { parameterShapes[prefix + ".bias"] = [units] }
    if let bias { add(vector: bias, prefix + ".bias", units) }
  }
}

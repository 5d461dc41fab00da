public import EbbRecording
internal import EbbCells

/// A recurrent module of a framework in a file, according to the names and shapes of its tensors.
public struct RecurrentModule: Hashable, Sendable {
  /// The equations of its layers.
  public enum Kind: String, Hashable, Sendable {
    /// h' = g(W [h, x] + b); no tensor shows g.
    case simple
    /// An LSTM without peepholes.
    case lstm
    /// An LSTM whose output is projected to fewer features.
    case projectedLSTM
    /// A GRU whose reset gate comes before, or after, the candidate's product with h.
    case gruResetBefore, gruResetAfter
    /// An LSTM whose gates read the cell state.
    case peepholeLSTM
    /// An LSTM whose forget gate is 1 minus its input gate, without or with peepholes.
    case coupledLSTM, coupledPeepholeLSTM

    /// The words for it.
    public var name: String {
      switch self {
      case .simple: "RNN"
      case .lstm: "LSTM"
      case .projectedLSTM: "LSTM with a projection"
      case .gruResetBefore: "GRU, reset before the product"
      case .gruResetAfter: "GRU, reset after the product"
      case .peepholeLSTM: "LSTM with peepholes"
      case .coupledLSTM: "LSTM with coupled gates"
      case .coupledPeepholeLSTM: "LSTM with coupled gates and peepholes"
      }
    }
  }

  /// The beginning of its tensors' names, such as `encoder.rnn`; empty if they have none.
  public var name: String
  /// The framework.
  public var framework: NetworkFramework
  /// The equations of its layers.
  public var kind: Kind
  /// How many layers the module has.
  public var layers: Int
  /// Whether each layer runs in both directions.
  public var isBidirectional: Bool
  /// Whether both directions become as many features as one has: their sum, average or product.
  public var mergesDirections = false
  /// Whether each layer runs backward in time, alone.
  public var isReversed = false
  /// The features of the first layer's input.
  public var features: Int
  /// The units of a layer, in one direction.
  public var units: Int
  /// The features of a layer's output, in one direction: the units, unless they are projected.
  public var outputs: Int

  /// The features of its output.
  public var width: Int { outputs * (isBidirectional && !mergesDirections ? 2 : 1) }

  /// Whether it is the module of this name, or within it; every module is within the empty name.
  public func isWithin(_ module: String) -> Bool { NetworkNames.isWithin(name, module) }

  /// One direction of one layer.
  public var cell: any RecurrentCell {
    switch kind {
    case .simple: SimpleRNN(units: units)
    case .lstm: LSTM(units: units)
    case .projectedLSTM: ProjectedLSTM(units: units, outputs: outputs)
    case .gruResetBefore: GRU(units: units)
    case .gruResetAfter: ResetAfterGRU(units: units)
    case .peepholeLSTM: PeepholeLSTM(units: units)
    case .coupledLSTM: CoupledGateLSTM(units: units, learnedGate: .input)
    case .coupledPeepholeLSTM: CoupledGateLSTM(units: units, learnedGate: .input, hasPeepholes: true)
    }
  }

  /// `LSTM, 2 layers, both directions, 32 → 64 units`.
  public var words: String {
    let parts = [
      kind.name, layers > 1 ? "\(layers) layers" : nil, isBidirectional ? "both directions" : nil,
      isReversed ? "backward in time" : nil,
      "\(features) → \(units) units" + (outputs == units ? "" : " → \(outputs)"),
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// All layers in the form of a cell.
  ///
  /// - Parameter cell: One direction of a layer, in place of the module's own.
  func network(of cell: (any RecurrentCell)?) -> any RecurrentCell {
    let one = cell ?? self.cell
    let layer: any RecurrentCell = isBidirectional ? Bidirectional(one, one) : isReversed ? Reversed(one) : one
    return layers > 1 ? Stack([any RecurrentCell](repeating: layer, count: layers)) : layer
  }
}

extension RecurrentModule {
  /// The recurrent modules of a file, in the order of their names; empty if it has none that is known.
  public static func all(in file: TensorFile.Contents) -> [RecurrentModule] {
    guard let framework = NetworkFramework(file) else { return [] }
    return all(in: NetworkTensors(file, framework))
  }

  static func all(in file: NetworkTensors) -> [RecurrentModule] {
    let found =
      switch file.framework {
      case .pytorch, .linen: pytorch(file)
      case .keras: keras(file)
      case .flax: flax(file)
      case .onnx: onnx(file)
      case .ebb: [RecurrentModule]()
      }
    return found.sorted { NetworkNames.precedes($0.name, $1.name) }
  }

  /// weight_ih_l{k}[_reverse] [GH, I], weight_hh_… [GH, H], or [GH, P] with weight_hr_… [P, H]; without _l{k} for
  /// single cells.
  private static func pytorch(_ file: NetworkTensors) -> [RecurrentModule] {
    var places: [String: [String]] = [:]
    for name in file.shapes.keys {
      let last = NetworkNames.last(name)
      guard last.hasPrefix("weight_hh") else { continue }
      places[NetworkNames.dropping(1, from: name, "."), default: []].append(String(last.dropFirst("weight_hh".count)))
    }
    return places.compactMap { module, ends in
      func shape(_ name: String) -> [Int]? { file.matrix(module.isEmpty ? name : "\(module).\(name)") }
      let end = ends.contains("") ? "" : "_l0"
      guard let input = shape("weight_ih" + end), let hidden = shape("weight_hh" + end) else { return nil }
      let projection = shape("weight_hr" + end)
      let units = projection?[1] ?? hidden[1]
      guard units > 0, input[0] == hidden[0], let kind = kind(input[0], units, isProjected: projection != nil) else {
        return nil
      }
      return RecurrentModule(
        name: module, framework: file.framework, kind: kind,
        layers: max(1, ends.count { $0.hasPrefix("_l") && !$0.hasSuffix("_reverse") }),
        isBidirectional: ends.contains { $0.hasSuffix("_reverse") }, features: input[1], units: units,
        outputs: hidden[1])
    }
  }

  /// The kind of a layer with so many rows of gates.
  private static func kind(_ rows: Int, _ units: Int, isProjected: Bool) -> Kind? {
    if rows == 4 * units { return isProjected ? .projectedLSTM : .lstm }
    guard !isProjected else { return nil }
    return rows == units ? .simple : rows == 3 * units ? .gruResetAfter : nil
  }

  /// kernel [I, GH] and recurrent_kernel [H, GH] in `lstm/lstm_cell`; `bidirectional/forward_lstm/lstm_cell`.
  private static func keras(_ file: NetworkTensors) -> [RecurrentModule] {
    var modules: [RecurrentModule] = []
    let cells = file.shapes.keys.filter { NetworkNames.last($0) == "recurrent_kernel" }
      .map { NetworkNames.dropping(1, from: $0, "/") }
    // Several cells that one layer runs are modules of their own.
    let counts = Dictionary(cells.map { (NetworkNames.dropping(1, from: $0, "/"), 1) }, uniquingKeysWith: +)
    let lastOnly = Set(
      KerasConfiguration(file.contents.metadata).layers.filter(\.givesLastStep).map { NetworkNames.last($0.path) })
    for cell in cells {
      let name = cell + "/recurrent_kernel"
      guard let input = file.matrix(cell + "/kernel"), let hidden = file.matrix(name), hidden[0] > 0 else { continue }
      guard input[1] == hidden[1], var kind = kind(hidden[1], hidden[0], isProjected: false) else { continue }
      var module = cell
      let outer = NetworkNames.dropping(1, from: cell, "/")
      if NetworkNames.last(cell).hasSuffix("_cell"), counts[outer] == 1 { module = outer }
      // Two rows of biases are those of a GRU with its reset after the product, which is Keras's default.
      if kind == .gruResetAfter, file.shapes[cell + "/bias"]?.count == 1 { kind = .gruResetBefore }
      let direction = NetworkNames.last(module)
      if direction.hasPrefix("backward_") { continue }
      let isBidirectional = direction.hasPrefix("forward_")
      if isBidirectional { module = NetworkNames.dropping(1, from: module, "/") }
      var found = RecurrentModule(
        name: module, framework: .keras, kind: kind, layers: 1, isBidirectional: isBidirectional,
        features: input[0], units: hidden[0], outputs: hidden[0])
      if isBidirectional {
        let merge = file.contents.setting("merge_mode", of: module).flatMap { Bidirectional.Merge(frameworkName: $0) }
        found.mergesDirections = merge.map { $0 != .concatenate } ?? false
      } else if lastOnly.contains(NetworkNames.last(module)) {
        // All steps of such a layer would come in the reversed order.
        found.isReversed = file.contents.setting("go_backwards", of: module) == "true"
      }
      modules.append(found)
    }
    return modules
  }

  /// dense_i.kernel [I, GH] and dense_h.kernel [H, GH] in `rnn.cell`, or in `rnn.forward_rnn.cell`.
  private static func flax(_ file: NetworkTensors) -> [RecurrentModule] {
    var modules: [RecurrentModule] = []
    for name in file.shapes.keys where NetworkNames.lastTwo(name) == "dense_h.kernel" {
      let cell = NetworkNames.dropping(2, from: name, ".")
      guard let input = file.matrix(cell.isEmpty ? "dense_i.kernel" : cell + ".dense_i.kernel"),
        let hidden = file.matrix(name), hidden[0] > 0, input[1] == hidden[1],
        let kind = kind(hidden[1], hidden[0], isProjected: false)
      else { continue }
      var module = NetworkNames.last(cell) == "cell" ? NetworkNames.dropping(1, from: cell, ".") : cell
      let direction = NetworkNames.last(module)
      if direction == "backward_rnn" { continue }
      if direction == "forward_rnn" { module = NetworkNames.dropping(1, from: module, ".") }
      modules.append(
        RecurrentModule(
          name: module, framework: .flax, kind: kind, layers: 1, isBidirectional: direction == "forward_rnn",
          features: input[0], units: hidden[0], outputs: hidden[0]))
    }
    return modules
  }

  /// W [D, GH, I] and R [D, GH, H] of an operator, P [D, 3H] with peepholes; the attributes tell its equations.
  private static func onnx(_ file: NetworkTensors) -> [RecurrentModule] {
    file.shapes.compactMap { name, hidden in
      guard NetworkNames.last(name) == "R", hidden.count == 3 else { return nil }
      let module = NetworkNames.dropping(1, from: name, ".")
      let prefix = module.isEmpty ? "" : module + "."
      guard let input = file.shapes[prefix + "W"], input.count == 3, hidden[2] > 0, [1, 2].contains(hidden[0]),
        input[0] == hidden[0], input[1] == hidden[1], var kind = kind(hidden[1], hidden[2], isProjected: false)
      else { return nil }
      func isSet(_ setting: String) -> Bool { (file.contents.metadata[prefix + setting] ?? "0") != "0" }
      if kind == .gruResetAfter, !isSet("linear_before_reset") { kind = .gruResetBefore }
      if kind == .lstm {
        let hasPeepholes = file.shapes[prefix + "P"] != nil
        kind =
          isSet("input_forget")
          ? (hasPeepholes ? .coupledPeepholeLSTM : .coupledLSTM) : hasPeepholes ? .peepholeLSTM : .lstm
      }
      return RecurrentModule(
        name: module, framework: .onnx, kind: kind, layers: 1, isBidirectional: hidden[0] == 2,
        isReversed: file.contents.metadata[prefix + "direction"] == "reverse", features: input[2], units: hidden[2],
        outputs: hidden[2])
    }
  }
}

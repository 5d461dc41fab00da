internal import EbbCells
internal import EbbMarkup
internal import EbbRecording

// The layers as a string of a file, so that a file with other names can be converted back.

extension NamedLayer {
  /// The metadata's name for the layers.
  public static let recordName = "ebb.layers"
  /// The metadata's name for whether the layers stand in the network's order: `unknown` if they do not.
  public static let orderName = "ebb.order"

  /// The layers in order, as JSON for a file's metadata. The settings that no tensor shows are not in it.
  public static func record(of layers: [NamedLayer]) -> String {
    JSONValue.array(
      layers.compactMap { layer in
        guard var json = json(layer.cell) else { return nil }
        json["name"] = .string(layer.name)
        json["features"] = .integer(layer.features)
        if layer.givesLastStep { json["last"] = true }
        return .object(json)
      }
    ).text(indented: false)
  }

  /// The layers in a file's metadata; empty if there are none, or they are not as written here.
  public static func recorded(in metadata: [String: String]) -> [NamedLayer] {
    guard let text = metadata[recordName], let list = (try? JSONValue(parsing: text))?.array else { return [] }
    let layers = list.compactMap { json -> NamedLayer? in
      guard let name = json["name"]?.string, let features = size(json["features"]), let cell = cell(json) else {
        return nil
      }
      return NamedLayer(name: name, cell: cell, features: features, givesLastStep: json["last"]?.bool == true)
    }
    return layers.count == list.count && Set(layers.map(\.name)).count == list.count ? layers : []
  }

  /// The names of the layers in a file's metadata if they stand in the network's order; else empty.
  static func order(in metadata: [String: String]) -> [String] {
    metadata[orderName] == "unknown" ? [] : recorded(in: metadata).map(\.name)
  }

  private static func json(_ cell: any RecurrentCell) -> JSONObject? {
    var json = JSONObject()
    func describe(_ kind: String, _ units: Int) {
      json["kind"] = .string(kind)
      json["units"] = .integer(units)
    }
    switch (cell as? any TransferableCell)?.weightForm {
    case .simple(let units, _): describe("simple_rnn", units)
    case .lstm(let units): describe("lstm", units)
    case .peepholeLSTM(let units): describe("peephole_lstm", units)
    case .coupledLSTM(let units, let gate, let hasPeepholes):
      describe("coupled_lstm", units)
      json["learned"] = .string(gate == .input ? "input" : "forget")
      json["peepholes"] = .bool(hasPeepholes)
    case .reversed(let inner):
      guard let one = Self.json(inner) else { return nil }
      json["kind"] = "reversed"
      json["cell"] = .object(one)
    case .gruResetBefore(let units): describe("gru", units)
    case .gruResetAfter(let units): describe("gru_after", units)
    case .dense(let units): describe("dense", units)
    case .embedding(let tokens, let units):
      describe("embedding", units)
      json["tokens"] = .integer(tokens)
    case .layerNormalization: json["kind"] = "layer_normalization"
    case .stack(let layers):
      let list = layers.compactMap { Self.json($0) }
      guard list.count == layers.count else { return nil }
      json["kind"] = "stack"
      json["layers"] = .array(list.map { .object($0) })
    case .bidirectional(let forward, let backward, _):
      guard let first = Self.json(forward), let second = Self.json(backward) else { return nil }
      json["kind"] = "bidirectional"
      json["forward"] = .object(first)
      json["backward"] = .object(second)
    case .projectedLSTM, .minimalGatedUnit, .convLSTM, .dropout, .lastStep, .residual, .learnedStart, .around, nil:
      return nil
    }
    return json
  }

  private static func cell(_ json: JSONValue) -> (any RecurrentCell)? {
    let kind = json["kind"]?.string
    if kind == "layer_normalization" { return LayerNormalization() }
    if kind == "stack" {
      let list = json["layers"]?.array ?? []
      let layers = list.compactMap(cell)
      return layers.isEmpty || layers.count < list.count ? nil : Stack(layers)
    }
    if kind == "bidirectional" {
      guard let first = json["forward"].flatMap(cell), let second = json["backward"].flatMap(cell) else { return nil }
      return joined(first, second)
    }
    if kind == "reversed" {
      guard let inner = json["cell"].flatMap(cell) else { return nil }
      return Reversed(inner)
    }
    guard let units = size(json["units"]) else { return nil }
    switch kind {
    case "simple_rnn": return SimpleRNN(units: units)
    case "lstm": return LSTM(units: units)
    case "peephole_lstm": return PeepholeLSTM(units: units)
    case "coupled_lstm":
      return CoupledGateLSTM(
        units: units, learnedGate: json["learned"]?.string == "input" ? .input : .forget,
        hasPeepholes: json["peepholes"]?.bool == true)
    case "gru": return GRU(units: units)
    case "gru_after": return ResetAfterGRU(units: units)
    case "dense": return Dense(units: units)
    case "embedding": return size(json["tokens"]).map { Embedding(tokens: $0, units: units) }
    case _: return nil
    }
  }

  /// A size that a tensor can have.
  private static func size(_ json: JSONValue?) -> Int? {
    json?.integer.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
  }
}

internal import EbbMarkup
internal import EbbRecording
internal import EbbTensors

extension WeightMapBuilder {
  /// Determines the settings of a layer that no tensor shows: from the file, else from deliberate values of the cell,
  /// else the framework's defaults. Notes them and returns the cell that has them.
  mutating func settled<Cell: RecurrentCell>(
    _ cell: Cell, _ form: WeightForm, scope: String, prefix: String, at place: Place = Place(prefix: "")
  ) -> any RecurrentCell {
    var result: any RecurrentCell = cell
    var texts: [String: [String]] = [:]
    let (file, own) = ("as the file says", "the cell's, as the file does not say")
    let standard = "\(convention.framework)'s default, as the file does not say"
    for setting in convention.settings(of: cell, form, at: place) {
      map.settings[prefix + setting.name] = setting.own
      let found = fileSetting(prefix, setting.name)
      let value = found ?? (setting.isChosen ? setting.own : setting.standard)
      var text = "\(setting.name) \(value)"
      if !LayerSetting.isEqual(value, setting.own) {
        guard let changed = setting.change?(value, result) else {
          problems.append(
            .setting(module: module(prefix, scope), name: setting.name, found: value, expected: setting.own))
          continue
        }
        result = changed
        text += " and not the \(setting.own) of the cell given"
      }
      texts[found != nil ? file : setting.isChosen ? own : standard, default: []].append(text)
    }
    record(result, scope)
    for source in [file, own, standard] {
      guard let list = texts[source] else { continue }
      map.notes.append("\(module(prefix, scope)): \(list.joined(separator: ", ")) (\(source))")
    }
    return result
  }

  /// Stores the cell's settings that its tensors do not show, for a file with the library's names.
  private mutating func record(_ cell: any RecurrentCell, _ scope: String) {
    guard let form = (cell as? any TransferableCell)?.weightForm else { return }
    for setting in LayerSetting.kept(of: cell, form) where setting.isChosen || !(cell is any GatedCell) {
      map.ownSettings[join(scope, setting.name)] = setting.own
    }
  }

  /// The cell with its settings from a file with the library's names.
  func restored(_ cell: any RecurrentCell, _ scope: String) -> any RecurrentCell {
    guard !own.isEmpty, let form = (cell as? any TransferableCell)?.weightForm else { return cell }
    return LayerSetting.kept(of: cell, form).reduce(cell) { cell, setting in
      guard let value = own[join(scope, setting.name)] else { return cell }
      return setting.change?(value, cell) ?? cell
    }
  }

  /// The name of a layer in a note.
  func module(_ prefix: String, _ scope: String) -> String {
    let name = prefix.isEmpty ? scope : String(prefix.dropLast())
    return name.isEmpty ? "the layer" : name
  }

  /// A setting in the file: under the module's full name, or under the last part of it.
  private func fileSetting(_ prefix: String, _ name: String) -> String? {
    guard let settings = file?.settings else { return nil }
    if let value = settings[prefix + name] { return value }
    guard convention == .keras else { return nil }
    var parts = prefix.split(separator: "/")[...]
    while !parts.isEmpty {
      parts = parts.dropFirst()
      if let value = settings[parts.map { $0 + "/" }.joined() + name], !parts.isEmpty { return value }
    }
    return nil
  }
}

/// Information in a file about a network: the names of its tensors, and the settings of its layers.
struct WeightFile {
  var names: Set<String>
  /// The dimensions of the tensors.
  var shapes: [String: [Int]]
  var settings: [String: String]

  /// The strings of the file are settings themselves; the JSON of a Keras model (`keras_config`) is parsed for them.
  init(_ contents: TensorFile.Contents) {
    shapes = contents.tensors.mapValues(\.dimensions).merging(contents.unread.mapValues(\.dimensions)) { $1 }
    names = Set(contents.tensors.keys).union(contents.unread.keys)
    settings = contents.metadata
    if let text = contents.metadata["keras_config"], let model = try? JSONValue(parsing: text) {
      settings.merge(KerasLayer(model)?.settings ?? [:]) { first, _ in first }
    }
  }
}

/// A layer in the JSON of a Keras model, as `model.to_json()` writes it.
private struct KerasLayer {
  private let kind: String
  private let config: JSONObject

  init?(_ json: JSONValue?) {
    guard let kind = json?["class_name"]?.string, let config = json?["config"]?.object else { return nil }
    (self.kind, self.config) = (kind, config)
  }

  private var name: String? { config["name"]?.string }

  /// The values of the layer itself; those that are no settings, such as a custom function, are "an object".
  private var values: [String: String] {
    var result: [String: String] = [:]
    // The outputs of two directions that are not merged.
    if config["merge_mode"] == .null { result["merge_mode"] = "none" }
    for (name, value) in config.members where value != .null {
      let list = value.array.flatMap { LayerSetting.numbers(JSONValue.array($0).text(indented: false)) }
      result[name] =
        value.bool.map { "\($0)" } ?? value.string ?? value.double.map { "\($0)" } ?? list.map { "\($0)" }
        ?? "an object"
    }
    return result
  }

  /// The settings of the layer, and of the cell that it runs.
  private var ownSettings: [String: String] {
    var result = values
    // The cell that a layer runs, as in `RNN(LSTMCell(64))`, has the activations.
    if let cell = KerasLayer(config["cell"]) { result.merge(cell.values) { $1 } }
    result["name"] = nil
    return result
  }

  /// The settings of this layer and those within it, by `NAME/SETTING`.
  var settings: [String: String] {
    var result: [String: String] = [:]
    let prefix = name.map { $0 + "/" } ?? ""
    for (name, value) in ownSettings { result[prefix + name] = value }
    for layer in (config["layers"]?.array ?? []).compactMap(KerasLayer.init) {
      result.merge(layer.settings) { first, _ in first }
    }
    let outer = KerasLayer(config["cell"])
    for cell in (outer?.config["cells"]?.array ?? []).compactMap(KerasLayer.init) {
      let path = "\(prefix)\(outer?.name ?? "")/\(cell.name ?? "")/"
      for (setting, value) in cell.ownSettings { result[path + setting] = value }
      result[path + "go_backwards"] = values["go_backwards"]
    }
    if kind == "TimeDistributed", let layer = KerasLayer(config["layer"]) {
      for (setting, value) in layer.ownSettings { result["\(prefix)\(layer.name ?? "")/\(setting)"] = value }
      return result
    }
    // The weights of a bidirectional layer are under forward_lstm and backward_lstm, or the layer's own name.
    let kinds = ["LSTM": "lstm", "GRU": "gru", "SimpleRNN": "simple_rnn"]
    if let layer = KerasLayer(config["layer"]), let name = layer.name ?? kinds[layer.kind] {
      let base = name.hasPrefix("forward_") ? String(name.dropFirst("forward_".count)) : name
      for direction in ["forward_", "backward_"] {
        for (setting, value) in layer.ownSettings { result["\(prefix)\(direction)\(base)/\(setting)"] = value }
      }
    }
    return result
  }
}

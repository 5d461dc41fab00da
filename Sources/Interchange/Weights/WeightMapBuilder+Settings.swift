internal import EbbRecording
internal import Foundation

extension WeightMapBuilder {
  /// Determines the settings of a layer that no tensor shows: from the file, else from deliberate values of the cell,
  /// else the framework's defaults. Notes them and returns the cell that has them.
  mutating func settled<Cell: RecurrentCell>(
    _ cell: Cell, _ form: WeightForm, scope: String, prefix: String
  ) -> any RecurrentCell {
    var result: any RecurrentCell = cell
    var texts: [String: [String]] = [:]
    let (file, own) = ("as the file says", "the cell's, as the file does not say")
    let standard = "\(convention.framework)'s default, as the file does not say"
    for setting in convention.settings(of: cell, form) {
      map.settings[prefix + setting.name] = setting.own
      let found = fileSetting(prefix, setting.name)
      let value = found ?? (setting.isChosen ? setting.own : setting.standard)
      var text = "\(setting.name) \(value)"
      if !LayerSetting.isEqual(value, setting.own) {
        guard setting.canChange, let changed = setting.applied(value, to: result) else {
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
    for setting in WeightConvention.keras.settings(of: cell, form) where setting.canChange {
      map.ownSettings[join(scope, setting.name)] = setting.own
    }
  }

  /// The cell with its settings from a file with the library's names.
  func restored(_ cell: any RecurrentCell, _ scope: String) -> any RecurrentCell {
    guard !own.isEmpty, let form = (cell as? any TransferableCell)?.weightForm else { return cell }
    return WeightConvention.keras.settings(of: cell, form).reduce(cell) { cell, setting in
      guard setting.canChange, let value = own[join(scope, setting.name)] else { return cell }
      return setting.applied(value, to: cell) ?? cell
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
  var settings: [String: String]

  /// The strings of the file are settings themselves; the JSON of a Keras model (`keras_config`) is parsed for them.
  init(_ contents: TensorFile.Contents) {
    names = Set(contents.tensors.keys).union(contents.unread.keys)
    settings = contents.metadata
    if let text = contents.metadata["keras_config"],
      let model = try? JSONDecoder().decode(KerasLayer.self, from: Data(text.utf8))
    {
      settings.merge(model.settings) { first, _ in first }
    }
  }
}

/// A layer in the JSON of a Keras model, as `model.to_json()` writes it.
private struct KerasLayer: Decodable {
  private var kind: String
  private var config: Config

  private enum CodingKeys: String, CodingKey {
    case kind = "class_name"
    case config
  }

  private struct Config: Decodable {
    var name: String?
    var layers: [KerasLayer]
    /// The layer inside a wrapper, such as a bidirectional one.
    var inner: [KerasLayer]
    /// The cell that a layer runs, as in `RNN(LSTMCell(64))`; it has the activations.
    var cell: [KerasLayer]
    var values: [String: String] = [:]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      name = try? container.decode(String.self, forKey: Key(stringValue: "name"))
      layers = (try? container.decode([KerasLayer].self, forKey: Key(stringValue: "layers"))) ?? []
      inner = (try? container.decode(KerasLayer.self, forKey: Key(stringValue: "layer"))).map { [$0] } ?? []
      cell = (try? container.decode(KerasLayer.self, forKey: Key(stringValue: "cell"))).map { [$0] } ?? []
      for key in container.allKeys {
        if let value = try? container.decode(Bool.self, forKey: key) {
          values[key.stringValue] = "\(value)"
        } else if let value = try? container.decode(Double.self, forKey: key) {
          values[key.stringValue] = "\(value)"
        } else if let value = try? container.decode(String.self, forKey: key) {
          values[key.stringValue] = value
        } else if (try? container.decodeNil(forKey: key)) != true {
          // For example a custom function.
          values[key.stringValue] = "an object"
        }
      }
    }
  }

  /// The settings of the layer, and of the cell that it runs.
  private var ownSettings: [String: String] {
    var result = config.values
    for cell in config.cell { result.merge(cell.config.values) { $1 } }
    result["name"] = nil
    return result
  }

  /// The settings of this layer and those within it, by `NAME/SETTING`.
  var settings: [String: String] {
    var result: [String: String] = [:]
    let prefix = config.name.map { $0 + "/" } ?? ""
    for (name, value) in ownSettings { result[prefix + name] = value }
    for layer in config.layers { result.merge(layer.settings) { first, _ in first } }
    // The weights of a bidirectional layer are under forward_lstm and backward_lstm, or the layer's own name.
    let kinds = ["LSTM": "lstm", "GRU": "gru", "SimpleRNN": "simple_rnn"]
    for layer in config.inner {
      guard let name = layer.config.name ?? kinds[layer.kind] else { continue }
      let base = name.hasPrefix("forward_") ? String(name.dropFirst("forward_".count)) : name
      for direction in ["forward_", "backward_"] {
        for (setting, value) in layer.ownSettings { result["\(prefix)\(direction)\(base)/\(setting)"] = value }
      }
    }
    return result
  }
}

internal import EbbMarkup

/// The layers in the JSON of a Keras model, as `model.to_json()` writes it: which layer has which name.
struct KerasConfiguration {
  struct Layer {
    /// Its name, after those of the models within the model that it belongs to.
    var path: String
    /// The group of its weights in a file: `layers/lstm_1`.
    var group: String
    /// The class, as `LSTM`.
    var kind: String
    /// The name of the layer within a bidirectional one.
    var inner: String?
    /// A setting that says which of the weights of a normalisation there are.
    var hasScale: Bool
    /// Whether a recurrent layer gives only its last step: `return_sequences` is false.
    var givesLastStep: Bool
    /// The means and variances that a `Normalization` was given.
    var moments: (means: [Double], variances: [Double])?
  }

  /// In the model's order.
  private(set) var layers: [Layer] = []
  /// Whether the layers of each model follow one another.
  private(set) var isSequential = true

  init(_ metadata: [String: String]) {
    guard let text = metadata["keras_config"], let model = try? JSONValue(parsing: text) else { return }
    add(model, path: metadata[KerasPlaces.around].map { $0 + "/" } ?? "", group: "")
  }

  private mutating func add(_ model: JSONValue, path: String, group: String) {
    var counts: [String: Int] = [:]
    let list = model["config"]?["layers"]?.array ?? []
    if !list.isEmpty, model["class_name"]?.string != "Sequential", !KerasGraph.isChain(list) { isSequential = false }
    for layer in list {
      guard let kind = layer["class_name"]?.string, let name = layer["config"]?["name"]?.string else { continue }
      // Files count the layers of each class in each model.
      let base = Self.snakeCase(kind)
      let count = counts[base, default: 0]
      counts[base] = count + 1
      let group = group + "layers/" + (count == 0 ? base : "\(base)_\(count)")
      let inner = layer["config"]?["layer"]?["config"]
      let steps = (inner ?? layer["config"])?["return_sequences"]?.bool
      layers.append(
        Layer(
          path: path + name, group: group, kind: kind, inner: inner?["name"]?.string,
          hasScale: layer["config"]?["scale"]?.bool ?? true, givesLastStep: steps == false,
          moments: kind == "Normalization" ? Self.moments(layer["config"]) : nil))
      add(layer, path: path + name + "/", group: group + "/")
    }
  }

  private static func moments(_ config: JSONValue?) -> (means: [Double], variances: [Double])? {
    func numbers(_ json: JSONValue?) -> [Double] {
      json?.array?.flatMap(numbers) ?? json?.double.map { [$0] } ?? []
    }
    let (means, variances) = (numbers(config?["mean"]), numbers(config?["variance"]))
    return means.isEmpty || variances.isEmpty ? nil : (means, variances)
  }

  /// `SimpleRNN` becomes `simple_rnn`: a word begins at a capital before a small letter, or after one.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    var result = ""
    for (place, letter) in letters.enumerated() {
      let isBeforeSmall = place + 1 < letters.count && letters[place + 1].isLowercase
      let isAfterSmall = place > 0 && letters[place - 1].isLowercase
      if letter.isUppercase, place > 0, isBeforeSmall || isAfterSmall { result.append("_") }
      result += letter.lowercased()
    }
    return result
  }
}

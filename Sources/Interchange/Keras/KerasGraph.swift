internal import EbbMarkup

/// Which layer reads what in a Keras model of one input and one output, as its description has it:
///
///     {"class_name": "Add", "config": {"name": "add"}, "inbound_nodes": [
///       {"args": [[{"class_name": "__keras_tensor__", "config": {"keras_history": ["lstm", 0, 0]}}, …]], "kwargs": {}}]}
///
/// and in Keras 2 `[[["lstm", 0, 0, {}], …]]`. A model within the model is replaced by its layers.
struct KerasGraph {
  struct Layer {
    /// Its name, after those of the models within the model that it belongs to.
    var path: String
    /// The class, as `LSTM`.
    var kind: String
    var config: JSONValue?
    /// The places of the layers that it reads; nil is the model's input.
    var inputs: [Int?]
  }

  /// Each after what it reads.
  private(set) var layers: [Layer] = []
  /// The place of the layer that gives the model's output; nil is its input.
  private(set) var output: Int?
  /// The features of a step of the input; nil if the description does not say so.
  private(set) var features: Int?

  /// - Throws: `NetworkError` with the names of the layers if a layer is used twice, is given more than one tensor and
  ///   merges none, or reads a state of another one; or if there are several inputs or outputs.
  init?(_ metadata: [String: String]) throws(NetworkError) {
    guard let text = metadata["keras_config"], let model = try? JSONValue(parsing: text),
      !(model["config"]?["layers"]?.array ?? []).isEmpty
    else { return nil }
    output = try add(model, path: metadata[KerasPlaces.around].map { $0 + "/" } ?? "", input: nil)
  }

  /// The place of the output of a model's layers.
  private mutating func add(_ model: JSONValue, path: String, input: Int?) throws(NetworkError) -> Int? {
    let list = model["config"]?["layers"]?.array ?? []
    let isSequential = model["class_name"]?.string == "Sequential"
    var places: [String: Int?] = [:]
    var last = input
    for layer in list {
      guard let kind = layer["class_name"]?.string, let name = layer["config"]?["name"]?.string else {
        throw NetworkError("the description of the model has a layer without a class or a name")
      }
      if kind == "InputLayer" {
        let shape = layer["config"]?["batch_shape"] ?? layer["config"]?["batch_input_shape"]
        if path.isEmpty { features = shape?.array?.last?.integer }
        places[name] = .some(input)
        continue
      }
      var inputs = [last]
      if !isSequential {
        inputs = []
        for source in try Self.sources(of: layer, named: path + name) {
          guard let place = places[source] else {
            throw NetworkError("\(path)\(name) reads \(source), which is not before it in the model's description")
          }
          inputs.append(place)
        }
      }
      if layer["config"]?["layers"]?.array != nil {
        guard inputs.count == 1 else { throw NetworkError("\(path)\(name) is a model of \(inputs.count) inputs") }
        last = try add(layer, path: path + name + "/", input: inputs[0])
      } else {
        layers.append(Layer(path: path + name, kind: kind, config: layer["config"], inputs: inputs))
        last = layers.count - 1
      }
      places[name] = .some(last)
    }
    if isSequential { return last }
    let ends = [("input", "input_layers"), ("output", "output_layers")]
    var output: Int?
    for (word, key) in ends {
      let names = Self.references(model["config"]?[key])
      guard names.count == 1, let place = places[names[0]] else {
        let model = path.isEmpty ? "the model" : String(path.dropLast())
        throw NetworkError("\(model) has \(names.count) \(word)s (\(names.joined(separator: ", "))), not one")
      }
      output = place
    }
    return output
  }

  /// The names in `["dense", 0, 0]`, or in a list or an object of such.
  private static func references(_ json: JSONValue?) -> [String] {
    if let object = json?.object { return object.members.flatMap { references($0.value) } }
    guard let list = json?.array else { return [] }
    if let name = list.first?.string { return [name] }
    return list.flatMap { references($0) }
  }

  /// The names of the layers whose outputs a layer of a `Functional` model reads.
  private static func sources(of layer: JSONValue, named name: String) throws(NetworkError) -> [String] {
    let calls = layer["inbound_nodes"]?.array ?? []
    guard calls.count == 1 else {
      throw NetworkError("\(name) is used \(calls.count) times in the model, with the same weights")
    }
    var tensors: [(name: String, index: Int)] = []
    func visit(_ json: JSONValue) {
      if let history = json["config"]?["keras_history"]?.array, let name = history.first?.string {
        tensors.append((name, history.last?.integer ?? 0))
      } else {
        for part in json.array ?? [] { visit(part) }
      }
    }
    if let arguments = calls[0]["args"] {
      visit(arguments)
      let count = tensors.count
      for (word, value) in calls[0]["kwargs"]?.object?.members ?? [] {
        visit(value)
        if tensors.count > count { throw NetworkError("\(name) is given \(word) of \(tensors[count].name)") }
      }
    } else {
      for tensor in calls[0].array ?? [] {
        guard let list = tensor.array, list.count > 2, let source = list[0].string else { continue }
        tensors.append((source, list[2].integer ?? 0))
      }
    }
    if let state = tensors.first(where: { $0.index > 0 }) {
      throw NetworkError("\(name) reads a state of \(state.name)")
    }
    return tensors.map(\.name)
  }

  /// Whether the layers of a `Functional` model follow one another in its description: each reads only the one before it.
  static func isChain(_ layers: [JSONValue]) -> Bool {
    zip(layers, layers.dropFirst()).allSatisfy { before, layer in
      (try? sources(of: layer, named: "")) == [before["config"]?["name"]?.string ?? ""]
    }
  }
}

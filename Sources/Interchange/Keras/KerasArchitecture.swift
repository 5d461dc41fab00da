internal import EbbCells
internal import EbbFiles
internal import EbbMarkup
internal import EbbTensors

/// The architecture of layers one after the other, as `model.to_json()` has that of a `Sequential`:
///
///     {"module": "keras", "class_name": "Sequential", "config": {"name": …, "layers": [
///       {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, null, I], …}},
///       {"module": "keras.layers", "class_name": "LSTM", "config": {"name": …, "units": H, …}}, …]}}
///
/// Layers within a model within the model are a `Sequential` of their own. What a layer is and its sizes follow from its
/// weights; what no weight shows is a setting (`lstm/activation`) or Keras's default. But recurrent layers give all steps,
/// unless the record of the layers or the setting `return_sequences`, which without a name is that of the last one, says
/// that they give their last step.
struct KerasArchitecture {
  private let shapes: [String: [Int]]
  private let settings: [String: String]
  private let source: String
  /// `float32` or `float64`.
  private let type: String
  private let isOrdered: Bool
  /// The paths of layers that give their last step.
  private var last: Set<String> = []
  /// What the next layer reads.
  private var input = Input()

  private struct Input {
    /// How many features; nil before the first layer.
    var features: Int?
    var hasSteps = true
  }

  /// A layer, or a model within the model.
  private enum Member {
    case layer(KerasGroups.Layer, name: String)
    indirect case model(String, [Member])

    var name: String {
      switch self {
      case .layer(_, let name), .model(let name, _): name
      }
    }
  }

  /// The architecture as JSON, with the layers' names without those of the models around all of them.
  ///
  /// - Parameters:
  ///   - tensors: The weights by the names of their layers.
  ///   - order: The layers.
  ///   - metadata: The settings and the record of layers, or an older architecture.
  ///   - source: The file's name, for messages.
  /// - Throws: `FileError` if this is no such model, with the reason.
  static func text(
    of tensors: [String: Tensor], _ order: KerasOrder, _ metadata: [String: String], source: String
  ) throws(FileError) -> String {
    var architecture = KerasArchitecture(tensors, order, metadata, source)
    var members: [Member] = []
    for layer in order.layers {
      let path = layer.path.split(separator: "/").map(String.init).dropFirst(order.around.count)
      guard !path.isEmpty else { throw architecture.failure("the weights have no layer's name; give --module NAME") }
      try architecture.insert(layer, path, into: &members)
    }
    return try architecture.model(order.around.last ?? "sequential", members).text(indented: false)
  }

  private init(
    _ tensors: [String: Tensor], _ order: KerasOrder, _ metadata: [String: String], _ source: String
  ) {
    (shapes, isOrdered, self.source) = (tensors.mapValues(\.dimensions), order.isKnown, source)
    settings = WeightFile(Safetensors(tensors, metadata: metadata)).settings
    type = tensors.values.contains { $0.element == .float64 } ? "float64" : "float32"
    let recorded = NamedLayer.recorded(in: metadata).filter(\.givesLastStep).map { $0.name.replacing(".", with: "/") }
    let recurrent = order.layers.compactMap { layer -> (path: String, inner: String)? in
      switch layer.kind {
      case .recurrent: (layer.path, layer.path)
      case .bidirectional(let forward, _): (layer.path, forward.path)
      case .dense, .embedding, .normalization: nil
      }
    }
    for (index, layer) in recurrent.enumerated() {
      let next = index + 1 < recurrent.count ? recurrent[index + 1].path : nil
      // Of a module of several layers it is the last one.
      let isRecorded = recorded.contains { name in
        NetworkNames.isWithin(layer.path, name) && next.map { !NetworkNames.isWithin($0, name) } ?? true
      }
      let setting = setting(layer.inner, "return_sequences") ?? (next == nil ? settings["return_sequences"] : nil)
      if isRecorded || setting == "false" { last.insert(layer.path) }
    }
  }

  private func failure(_ message: String) -> FileError {
    FileError(source, "\(message). A name that ends in .weights.h5 takes the weights alone")
  }

  // MARK: Models

  private func insert(
    _ layer: KerasGroups.Layer, _ path: ArraySlice<String>, into members: inout [Member]
  ) throws(FileError) {
    let name = path.first ?? ""
    if path.count > 1, case .model(name, var inner)? = members.last {
      try insert(layer, path.dropFirst(), into: &inner)
      members[members.count - 1] = .model(name, inner)
      return
    }
    guard !members.contains(where: { $0.name == name }) else {
      throw failure("the layers in \(name) do not follow one another, so they are no model within the model")
    }
    guard path.count > 1 else { return members.append(.layer(layer, name: name)) }
    var inner: [Member] = []
    try insert(layer, path.dropFirst(), into: &inner)
    members.append(.model(name, inner))
  }

  private mutating func model(_ name: String, _ members: [Member]) throws(FileError) -> JSONValue {
    let first = input
    var layers: [JSONValue] = []
    for member in members {
      switch member {
      case .layer(let layer, let name): layers.append(try self.layer(layer, name))
      case .model(let name, let inner): layers.append(try model(name, inner))
      }
    }
    if first.features == nil, let layer = Self.first(members) { layers.insert(inputLayer(layer), at: 0) }
    return object("keras", "Sequential", ["name": .string(name), "trainable": true, "layers": .array(layers)])
  }

  private static func first(_ members: [Member]) -> KerasGroups.Layer? {
    switch members.first {
    case .layer(let layer, _)?: layer
    case .model(_, let inner)?: first(inner)
    case nil: nil
    }
  }

  /// Any number of sequences of any number of steps.
  private func inputLayer(_ layer: KerasGroups.Layer) -> JSONValue {
    var shape: [JSONValue] = [.null, .null]
    var type = type
    switch layer.kind {
    case .embedding: type = "int32"
    case .recurrent, .bidirectional, .dense, .normalization:
      if let features = NamedLayer(layer, shapes, givesLastStep: false)?.features { shape.append(.integer(features)) }
    }
    return object(
      "keras.layers", "InputLayer", ["name": "input_layer", "batch_shape": .array(shape), "dtype": .string(type)])
  }

  private func object(_ module: String, _ kind: String, _ config: JSONValue) -> JSONValue {
    ["module": .string(module), "class_name": .string(kind), "config": config, "registered_name": .null]
  }

  // MARK: Layers

  private mutating func layer(_ layer: KerasGroups.Layer, _ name: String) throws(FileError) -> JSONValue {
    let path = layer.path
    guard let named = NamedLayer(layer, shapes, givesLastStep: last.contains(path)) else {
      throw failure("\(path) is no layer of Keras 3")
    }
    if let features = input.features, features != named.features {
      throw failure(
        "\(path) reads \(named.features) features, and what is before it gives \(features): the layers of a .keras file "
          + "follow one another here" + (isOrdered ? "" : ", in the order of their names, as the file has no other"))
    }
    var config = JSONObject([("name", .string(name)), ("trainable", true), ("dtype", .string(type))])
    func set(_ values: [(String, JSONValue)]) { for (key, value) in values { config[key] = value } }
    let kind: String
    switch layer.kind {
    case .recurrent(let family, let weights):
      try read(named, steps: true)
      let (own, values) = try recurrent(path, family, weights)
      kind = own
      set(values + [("return_sequences", .bool(!named.givesLastStep))])
      input.features = shapes[weights + "/recurrent_kernel"]?.first
    case .bidirectional(let forward, let backward):
      try read(named, steps: true)
      kind = "Bidirectional"
      let merge = setting(path, "merge_mode") ?? "concat"
      guard let mode = Bidirectional.Merge(frameworkName: merge) else {
        throw failure("\(path) merges its directions by \(merge), which Keras has not")
      }
      set([("merge_mode", .string(mode.name(in: .keras)))])
      for (key, direction, isBackward) in [("layer", forward, false), ("backward_layer", backward, true)] {
        let (own, values) = try recurrent(direction.path, direction.family, direction.weights)
        var inner = JSONObject([
          ("name", .string(KerasGroups.split(direction.path).last)), ("dtype", .string(type)),
          ("go_backwards", .bool(isBackward)), ("return_sequences", .bool(!named.givesLastStep)),
        ])
        for (key, value) in values { inner[key] = value }
        config[key] = object("keras.layers", own, .object(inner))
      }
      let units = shapes[forward.weights + "/recurrent_kernel"]?.first ?? 0
      input.features =
        mode == .concatenate ? units + (shapes[backward.weights + "/recurrent_kernel"]?.first ?? 0) : units
    case .dense:
      kind = "Dense"
      let units = shapes[path + "/kernel"]?.last ?? 0
      set([
        ("units", .integer(units)), ("activation", try function(path, "activation", standard: "linear")),
        ("use_bias", .bool(shapes[path + "/bias"] != nil)),
      ])
      input.features = units
    case .embedding:
      kind = "Embedding"
      guard input.features == nil else { throw failure("\(path) reads tokens, and is not the first layer") }
      let table = shapes[path + "/embeddings"] ?? []
      set([
        ("input_dim", .integer(table.first ?? 0)), ("output_dim", .integer(table.last ?? 0)),
        ("mask_zero", .bool(setting(path, "mask_zero") == "true")),
      ])
      input.features = table.last
    case .normalization:
      kind = "LayerNormalization"
      guard let epsilon = Double(setting(path, "epsilon") ?? "0.001") else {
        throw failure("the epsilon of \(path) is no number")
      }
      set([
        ("axis", [-1]), ("epsilon", .number(epsilon)), ("center", .bool(shapes[path + "/beta"] != nil)),
        ("scale", .bool(shapes[path + "/gamma"] != nil)),
      ])
      input.features = named.features
    }
    if named.givesLastStep { input.hasSteps = false }
    return object("keras.layers", kind, .object(config))
  }

  private func read(_ layer: NamedLayer, steps: Bool) throws(FileError) {
    guard input.hasSteps || !steps else {
      throw failure("\(layer.name) reads steps, and what is before it gives only its last one")
    }
  }

  /// The class and the settings of one direction.
  private func recurrent(
    _ path: String, _ family: LayerKind.Family, _ weights: String
  ) throws(FileError) -> (kind: String, config: [(String, JSONValue)]) {
    guard setting(path, "go_backwards") ?? "false" == "false" || KerasGroups.split(path).last.hasPrefix("backward_")
    else { throw failure("\(path) runs backward in time alone; a layer of Keras would give its steps in reverse") }
    let bias = shapes[weights + "/bias"]
    var config: [(String, JSONValue)] = [
      ("units", .integer(shapes[weights + "/recurrent_kernel"]?.first ?? 0)),
      ("activation", try function(path, "activation", standard: "tanh")), ("use_bias", .bool(bias != nil)),
    ]
    let gates = try function(path, "recurrent_activation", standard: "sigmoid")
    switch family {
    case .simple: return ("SimpleRNN", config)
    case .lstm:
      config.append(("recurrent_activation", gates))
      return ("LSTM", config)
    case .gru:
      config.append(("recurrent_activation", gates))
      let isAfter = bias.map { $0.count == 2 } ?? (setting(path, "reset_after") ?? "true" == "true")
      config.append(("reset_after", .bool(isAfter)))
      return ("GRU", config)
    case .peephole, .coupled, .minimal: throw failure("\(path) is no layer of Keras 3")
    }
  }

  /// A setting under the layer's whole name, or under the last parts of it.
  private func setting(_ path: String, _ name: String) -> String? {
    let parts = path.split(separator: "/")
    return parts.indices.lazy.compactMap { settings[parts[$0...].joined(separator: "/") + "/" + name] }.first
  }

  /// A function by its name in Keras, which has it with one value of its number.
  private func function(_ path: String, _ name: String, standard: String) throws(FileError) -> JSONValue {
    let word = setting(path, name) ?? standard
    if let activation = Activation(frameworkName: word) {
      if case .leakyReLU(let slope) = activation, slope == 0.2 { return "leaky_relu" }
      if !activation.frameworkName.contains("(") { return .string(activation.frameworkName) }
    } else if word == "softmax" {
      return .string(word)
    }
    throw failure("\(path) has the \(name) \(word), which Keras has under no name")
  }
}

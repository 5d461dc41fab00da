internal import EbbMarkup
internal import EbbTensors

/// The tensors of a file, with their names and layouts in one of the forms that are mapped.
struct NetworkTensors {
  var framework: NetworkFramework
  var contents: TensorFile.Contents
  /// The dimensions of each tensor, by name.
  private(set) var shapes: [String: [Int]]

  init(_ file: TensorFile.Contents, _ framework: NetworkFramework) {
    (self.framework, contents) = (framework, file)
    switch framework {
    case .pytorch, .keras, .onnx: break
    case .ebb: contents = file.parametersOnly
    case .flax: contents.tensors = Self.renamed(file.tensors)
    case .linen: contents.tensors = LinenNames.asPyTorch(Self.renamed(file.tensors))
    }
    shapes = contents.tensors.mapValues(\.dimensions)
  }

  /// The dimensions of a tensor that is a matrix; nil for any other.
  func matrix(_ name: String) -> [Int]? { shapes[name].flatMap { $0.count == 2 ? $0 : nil } }

  /// Flattened trees of JAX have points or slashes in their names.
  private static func renamed(_ tensors: [String: Tensor]) -> [String: Tensor] {
    Dictionary(tensors.map { ($0.replacing("/", with: "."), $1) }) { first, _ in first }
  }

  /// Whether the file has the description of a Keras model whose layers follow one another.
  var isKerasSequence: Bool {
    let model = KerasConfiguration(contents.metadata)
    return !model.layers.isEmpty && model.isSequential
  }

  /// The layers of a Keras model's description that compute something and have no cell here, as `add (Add)`.
  var uncomputed: [String] {
    let known: Set = [
      "InputLayer", "Embedding", "LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "Dense", "TimeDistributed",
      "LayerNormalization", "Normalization", "Sequential", "Functional", "Model",
    ]
    let masking = masking?.layer
    return KerasConfiguration(contents.metadata).layers.filter {
      !known.contains($0.kind) && !Self.passing.contains($0.kind) && $0.path != masking
    }.map { "\($0.path) (\($0.kind))" }
  }

  /// A Keras model's `Masking` that reads the input, with its value; nil if the first layer is another, or a later one is a
  /// `Masking` too.
  var masking: (layer: String, value: Double)? {
    let models: Set = ["InputLayer", "Sequential", "Functional", "Model"]
    let layers = KerasConfiguration(contents.metadata).layers.filter {
      !models.contains($0.kind) && !Self.passing.contains($0.kind)
    }
    guard isKerasSequence, let first = layers.first, layers.filter({ $0.kind == "Masking" }).map(\.path) == [first.path]
    else { return nil }
    return (first.path, contents.setting("mask_value", of: first.path).flatMap(Double.init) ?? 0)
  }

  /// The classes of Keras's layers that change nothing but while training.
  static let passing: Set = [
    "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization",
    "Identity",
  ]

  /// Which module a module of an ONNX model reads; nil if the file does not say.
  func source(of module: String) -> String? { contents.metadata["\(module).\(ONNXFile.source)"] }

  /// The names of a Keras model's layers in the order in which it has them; those of a converted file as it was recorded.
  /// Empty if the file has no description.
  var kerasOrder: [String] {
    guard let text = contents.metadata["keras_config"], let model = try? JSONValue(parsing: text) else {
      return NamedLayer.order(in: contents.metadata).map { NetworkNames.last($0) }
    }
    var names: [String] = []
    func visit(_ layer: JSONValue) {
      if let name = layer["config"]?["name"]?.string { names.append(name) }
      for inner in layer["config"]?["layers"]?.array ?? [] { visit(inner) }
      // The cells that a layer runs, and the layer that stands in a TimeDistributed.
      for inner in layer["config"]?["cell"]?["config"]?["cells"]?.array ?? [] { visit(inner) }
      if let inner = layer["config"]?["layer"] { visit(inner) }
    }
    visit(model)
    return names
  }
}

extension TensorFile.Contents {
  /// The layers of a Keras model's description that compute something and have neither a cell nor weights, as `add (Add)`:
  /// no other file shows them.
  package var kerasFunctions: [String] {
    NetworkTensors(self, .keras).uncomputed.filter { layer in
      let path = layer.prefix { $0 != " " }
      return !tensors.keys.contains { $0.hasPrefix(path + "/") }
    }
  }

  /// Only the parameters, under their names: a checkpoint without the optimizer's state; any other file as it is.
  package var parametersOnly: TensorFile.Contents {
    let prefix = "parameter/"
    guard metadata["ebb.checkpoint"] != nil else { return self }
    var result = self
    result.tensors = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) {
      result.tensors[String(name.dropFirst(prefix.count))] = tensor
    }
    return result
  }
}

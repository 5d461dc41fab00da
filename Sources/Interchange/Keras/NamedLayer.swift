internal import EbbCells
public import EbbRecording
internal import EbbTensors

/// A layer of a model, found in a file.
public struct NamedLayer: Sendable {
  /// Its name, after those of the models within the model that it belongs to: `encoder/lstm_1`.
  public var name: String
  /// The cell with the same weights. An activation or an ε is the cell's default: a `WeightMap` gives it that of the
  /// file.
  public var cell: any RecurrentCell
  /// The number of features of its input; 1 for an embedding.
  public var features: Int
  /// Whether the model goes on with the layer's last step alone, as a recurrent layer of Keras does unless
  /// `return_sequences` is set; in both directions it is each one's own last step.
  public var givesLastStep = false

  /// A layer of this name.
  public init(name: String, cell: any RecurrentCell, features: Int, givesLastStep: Bool = false) {
    (self.name, self.cell, self.features, self.givesLastStep) = (name, cell, features, givesLastStep)
  }
}

extension Safetensors {
  /// The layers of a Keras model that have cells here: LSTM, GRU, SimpleRNN, Bidirectional, Dense, Embedding and
  /// LayerNormalization, in the model's order if the file has the architecture, else in that of their names.
  ///
  /// The names of the tensors are those of layers: see `withKerasPaths`.
  public var kerasLayers: [NamedLayer] {
    let shapes = tensors.mapValues(\.dimensions)
    var places: [String: Int] = [:]
    let known = KerasConfiguration(metadata).layers
    for (place, layer) in known.enumerated() where places[layer.path] == nil { places[layer.path] = place }
    let layers = KerasGroups(shapes).layers.enumerated().sorted { left, right in
      let (first, second) = (places[left.element.path] ?? Int.max, places[right.element.path] ?? Int.max)
      return (first, left.offset) < (second, right.offset)
    }
    return layers.compactMap { _, layer in
      NamedLayer(layer, shapes, givesLastStep: places[layer.path].map { known[$0].givesLastStep } ?? false)
    }
  }
}

extension NamedLayer {
  init?(_ layer: KerasGroups.Layer, _ shapes: [String: [Int]], givesLastStep: Bool) {
    (name, self.givesLastStep) = (layer.path, givesLastStep)
    let prefix = layer.path.isEmpty ? "" : layer.path + "/"
    func recurrent(_ family: LayerKind.Family, _ weights: String) -> (any RecurrentCell, Int)? {
      let prefix = weights.isEmpty ? "" : weights + "/"
      guard let kernel = shapes[prefix + "kernel"], let units = shapes[prefix + "recurrent_kernel"]?.first else {
        return nil
      }
      switch family {
      case .simple: return (SimpleRNN(units: units), kernel[0])
      case .lstm: return (LSTM(units: units), kernel[0])
      // One bias: the reset comes before the product, and there is nothing for another one.
      case .gru:
        return (shapes[prefix + "bias"]?.count == 1 ? GRU(units: units) : ResetAfterGRU(units: units), kernel[0])
      // TensorFlow's, ONNX's and Flax's.
      case .peephole, .coupled, .minimal: return nil
      }
    }
    switch layer.kind {
    case .recurrent(let family, let weights):
      guard let (cell, features) = recurrent(family, weights) else { return nil }
      (self.cell, self.features) = (cell, features)
    case .bidirectional(let forward, let backward):
      guard let (first, features) = recurrent(forward.family, forward.weights),
        let (second, _) = recurrent(backward.family, backward.weights)
      else { return nil }
      (cell, self.features) = (Self.joined(first, second), features)
    case .dense:
      guard let kernel = shapes[prefix + "kernel"] else { return nil }
      (cell, features) = (Dense(units: kernel[1]), kernel[0])
    case .embedding:
      guard let table = shapes[prefix + "embeddings"] else { return nil }
      (cell, features) = (Embedding(tokens: table[0], units: table[1]), 1)
    case .normalization:
      guard let count = (shapes[prefix + "gamma"] ?? shapes[prefix + "beta"])?.first else { return nil }
      (cell, features) = (LayerNormalization(), count)
    }
  }

  static func joined(_ first: some RecurrentCell, _ second: some RecurrentCell) -> Bidirectional {
    Bidirectional(first, second)
  }
}

internal import EbbTensors

/// The places where `model.load_weights` looks for the weights of a model's layers in a `.weights.h5` file.
///
/// A layer's group is named after its class and counted in the model's order, which is taken to be that of the names:
/// `lstm`, `lstm_1`, … This is right for the names that Keras gives by itself, and for one layer of each kind under any
/// name. Layers within a model within the model have paths: `encoder/lstm` is `layers/encoder/layers/lstm`.
struct KerasPlaces {
  /// The places of tensors by their names, where they have one.
  private(set) var names: [String: String] = [:]
  /// The names of layers and cells as attributes of their groups.
  private(set) var attributes: [String: String] = [:]

  init(_ shapes: [String: [Int]]) {
    let layers = KerasGroups(shapes).layers
    let around = Self.commonPath(layers.map(\.path))
    var counts: [String: Int] = [:]
    for layer in layers {
      let parts = layer.path.split(separator: "/").map(String.init).dropFirst(around)
      let outer = parts.dropLast().map { "layers/\($0)/" }.joined()
      let base = Self.base(of: layer.kind)
      let count = counts[outer + base, default: 0]
      counts[outer + base] = count + 1
      let group = outer + "layers/" + (count == 0 ? base : "\(base)_\(count)")
      attributes[group + "/vars/name"] = parts.last ?? base
      add(layer, group, shapes)
    }
  }

  /// How many names all layers have before their own: those of the model around them.
  private static func commonPath(_ paths: [String]) -> Int {
    let outer = paths.map { $0.split(separator: "/").dropLast() }
    guard var common = outer.first else { return 0 }
    for path in outer { common = common.prefix(zip(common, path).prefix { $0 == $1 }.count) }
    return common.count
  }

  private static func base(of kind: KerasGroups.Kind) -> String {
    switch kind {
    case .recurrent(let family, weights: _): family.rawValue
    case .bidirectional: "bidirectional"
    case .dense: "dense"
    case .embedding: "embedding"
    case .normalization: "layer_normalization"
    }
  }

  private mutating func add(_ layer: KerasGroups.Layer, _ group: String, _ shapes: [String: [Int]]) {
    switch layer.kind {
    case .recurrent(let family, let weights): addCell(family, weights, group, shapes)
    case .bidirectional(let forward, let backward):
      for (direction, name) in [(forward, "forward_layer"), (backward, "backward_layer")] {
        attributes["\(group)/\(name)/vars/name"] = KerasGroups.split(direction.path).last
        addCell(direction.family, direction.weights, "\(group)/\(name)", shapes)
      }
    case .dense: number(["kernel", "bias"], layer.path, group, shapes)
    case .embedding: number(["embeddings"], layer.path, group, shapes)
    case .normalization: number(["gamma", "beta"], layer.path, group, shapes)
    }
  }

  private mutating func addCell(
    _ family: LayerKind.Family, _ weights: String, _ group: String, _ shapes: [String: [Int]]
  ) {
    attributes[group + "/cell/vars/name"] = family.rawValue + "_cell"
    number(["kernel", "recurrent_kernel", "bias"], weights, group + "/cell", shapes)
  }

  private mutating func number(_ variables: [String], _ path: String, _ group: String, _ shapes: [String: [Int]]) {
    let found = variables.map { path.isEmpty ? $0 : path + "/" + $0 }.filter { shapes[$0] != nil }
    for (number, name) in found.enumerated() { names[name] = "\(group)/vars/\(number)" }
  }
}

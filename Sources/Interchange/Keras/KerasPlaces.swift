internal import EbbMarkup
internal import EbbTensors

/// The places where `model.load_weights` looks for the weights of a model's layers in a `.weights.h5` file, and the lists
/// by which it finds them in an `.h5` file.
///
/// A layer's group is named after its class and counted in the model's order, as the architecture has it. Without one, the
/// order is that of the names: `lstm`, `lstm_1`, … This is right for the names that Keras gives by itself, and for one
/// layer of each kind under any name. A model within the model is a `Sequential` with groups of its own: `encoder/lstm` is
/// `layers/sequential/layers/lstm`, and its name an attribute, as in Keras's own files. The names of models around all
/// layers are an attribute that Keras ignores.
struct KerasPlaces {
  /// The attribute of the root with the names of the models around all layers.
  static let around = "ebb.around"

  /// The places of tensors by their names, where they have one.
  private(set) var names: [String: String] = [:]
  /// The names of layers and cells as attributes of their groups.
  private(set) var attributes: [String: String] = [:]
  /// For an `.h5` file: the list of the layers, and for each of them that of its weights, as attributes. Tensors keep
  /// their names there.
  private(set) var lists: [String: String] = [:]

  /// The groups of models and layers by their paths: those of the architecture, and those given here.
  private var groups: [String: String] = [:]
  private var counts: [String: Int] = [:]

  init(_ shapes: [String: [Int]], _ metadata: [String: String]) {
    self.init(shapes, KerasOrder(shapes, metadata), KerasConfiguration(metadata))
  }

  init(_ shapes: [String: [Int]], _ order: KerasOrder, _ configuration: KerasConfiguration) {
    groups = Dictionary(configuration.layers.map { ($0.path, $0.group) }, uniquingKeysWith: { first, _ in first })
    makeLists(order.layers, shapes)
    if !order.around.isEmpty { attributes[Self.around] = order.around.joined(separator: "/") }
    for layer in order.layers {
      let parts = layer.path.split(separator: "/").map(String.init)
      var (group, path) = ("", order.around.joined(separator: "/"))
      for name in parts.dropFirst(order.around.count).dropLast() {
        path = Self.join(path, name)
        group = self.group(of: path, in: group, "sequential")
        attributes[group + "/vars/name"] = name
        group += "/"
      }
      let base = Self.base(of: layer.kind)
      group = self.group(of: layer.path, in: group, base)
      attributes[group + "/vars/name"] = parts.last ?? base
      add(layer, group, shapes)
    }
  }

  /// The group of a model or a layer: the architecture's, or the next one of its kind in the group around it.
  private mutating func group(of path: String, in outer: String, _ base: String) -> String {
    if let known = groups[path] { return known }
    let count = counts[outer + base, default: 0]
    counts[outer + base] = count + 1
    let group = outer + "layers/" + (count == 0 ? base : "\(base)_\(count)")
    groups[path] = group
    return group
  }

  /// The layers of an `.h5` file must be in the model's order. `load_weights` with `by_name=True` does not depend on it.
  private mutating func makeLists(_ layers: [KerasGroups.Layer], _ shapes: [String: [Int]]) {
    let named = layers.filter { !$0.path.isEmpty }
    guard !named.isEmpty else { return }
    lists["layer_names"] = JSONValue.strings(named.map(\.path)).text(indented: false)
    for layer in named {
      let names = Self.weights(of: layer).filter { shapes[$0] != nil }.map {
        String($0.dropFirst(layer.path.count + 1))
      }
      lists[layer.path + "/weight_names"] = JSONValue.strings(names).text(indented: false)
    }
  }

  /// The names that a layer's weights can have, in Keras's order.
  private static func weights(of layer: KerasGroups.Layer) -> [String] {
    func cell(_ path: String) -> [String] { ["kernel", "recurrent_kernel", "bias"].map { join(path, $0) } }
    switch layer.kind {
    case .recurrent(_, let weights): return cell(weights)
    case .bidirectional(let forward, let backward): return cell(forward.weights) + cell(backward.weights)
    case .dense: return ["kernel", "bias"].map { join(layer.path, $0) }
    case .embedding: return [join(layer.path, "embeddings")]
    case .normalization: return ["gamma", "beta"].map { join(layer.path, $0) }
    }
  }

  private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "/" + name }

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
    let weights = Self.weights(of: layer)
    switch layer.kind {
    case .recurrent(let family, _):
      attributes[group + "/cell/vars/name"] = family.rawValue + "_cell"
      number(weights, group + "/cell", shapes)
    case .bidirectional(let forward, let backward):
      for (direction, name, weights) in [
        (forward, "forward_layer", weights.prefix(3)), (backward, "backward_layer", weights.suffix(3)),
      ] {
        attributes["\(group)/\(name)/vars/name"] = KerasGroups.split(direction.path).last
        attributes["\(group)/\(name)/cell/vars/name"] = direction.family.rawValue + "_cell"
        number(Array(weights), "\(group)/\(name)/cell", shapes)
      }
    case .dense, .embedding, .normalization: number(weights, group, shapes)
    }
  }

  private mutating func number(_ weights: [String], _ group: String, _ shapes: [String: [Int]]) {
    for (number, name) in weights.filter({ shapes[$0] != nil }).enumerated() { names[name] = "\(group)/vars/\(number)" }
  }
}

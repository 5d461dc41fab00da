internal import EbbMarkup
internal import EbbTensors

/// The places where `model.load_weights` looks for the weights of a model's layers in a `.weights.h5` file, and the lists
/// by which it finds them in an `.h5` file.
///
/// A layer's group is named after its class and counted in the model's order. If that is not known, it is taken to be that
/// of the names: `lstm`, `lstm_1`, … This is right for the names that Keras gives by itself, and for one layer of each kind under any
/// name. Layers within a model within the model have paths: `encoder/lstm` is `layers/encoder/layers/lstm`.
struct KerasPlaces {
  /// The places of tensors by their names, where they have one.
  private(set) var names: [String: String] = [:]
  /// The names of layers and cells as attributes of their groups.
  private(set) var attributes: [String: String] = [:]
  /// For an `.h5` file: the list of the layers, and for each of them that of its weights, as attributes. Tensors keep
  /// their names there.
  private(set) var lists: [String: String] = [:]
  private let isOrdered: Bool

  /// - Parameter order: The names of layers in the model's order, as far as they are known.
  init(_ shapes: [String: [Int]], order: [String] = []) {
    let places = Dictionary(zip(order, 0...), uniquingKeysWith: { first, _ in first })
    let layers = KerasGroups(shapes).layers.enumerated().sorted { left, right in
      let (first, second) = (places[left.element.path] ?? Int.max, places[right.element.path] ?? Int.max)
      return (first, left.offset) < (second, right.offset)
    }.map(\.element)
    isOrdered = !layers.isEmpty && layers.allSatisfy { places[$0.path] != nil }
    let around = Self.commonPath(layers.map(\.path))
    var counts: [String: Int] = [:]
    makeLists(layers, shapes)
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

  /// The layers of an `.h5` file must be in the model's order. If that is not known, it is taken to be embeddings, layers
  /// in the order of their names, dense layers. `load_weights` with `by_name=True` does not depend on it.
  private mutating func makeLists(_ layers: [KerasGroups.Layer], _ shapes: [String: [Int]]) {
    func rank(_ kind: KerasGroups.Kind) -> Int {
      switch kind {
      case .embedding: 0
      case .recurrent, .bidirectional, .normalization: 1
      case .dense: 2
      }
    }
    let named = layers.filter { !$0.path.isEmpty }
    guard !named.isEmpty else { return }
    let ordered = isOrdered ? named : (0...2).flatMap { place in named.filter { rank($0.kind) == place } }
    lists["layer_names"] = JSONValue.strings(ordered.map(\.path)).text(indented: false)
    for layer in ordered {
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

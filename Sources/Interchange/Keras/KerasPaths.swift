internal import EbbTensors

/// The names of weights in Keras's files, and those that its layers give them.
///
/// | file | layer (`weight.path`) |
/// |---|---|
/// | `layers/lstm_1/cell/vars/0` | `mine/lstm_cell/kernel` |
/// | `layers/bidirectional/forward_layer/cell/vars/1` | `bidirectional/forward_lstm/lstm_cell/recurrent_kernel` |
/// | `layers/dense/vars/1` | `dense/bias` |
/// | `my_rnn/cell/vars/2`, in a model that is a class of its own | `lstm/lstm_cell/bias` |
/// | `model_weights/mine/sequential/mine/lstm_cell/kernel`, older files | `mine/lstm_cell/kernel` |
/// | `lstm/lstm/lstm_cell_3/kernel:0`, Keras 2 | `lstm/lstm_cell/kernel` |
///
/// A group in a file is named after the layer's class and counted, or after a variable of the model; its attribute
/// `vars/name` has the layer's own name; one of the root that was written here has those of models around all layers. Keras 3.0 to 3.4 wrote none; then the architecture has it. The weights of a
/// layer are numbered; how many there are and their shapes determine what they are.
struct KerasPaths {
  private let metadata: [String: String]
  private let configuration: KerasConfiguration
  /// Whether the file has the names of layers, so that a group without one is a list of layers.
  private let hasNames: Bool
  /// The shapes of numbered weights by their group and number.
  private var groups: [String: [Int: [Int]]] = [:]

  init(_ shapes: [String: [Int]], _ metadata: [String: String]) {
    self.metadata = metadata
    configuration = KerasConfiguration(metadata)
    hasNames = metadata.keys.contains { $0.hasSuffix("/vars/name") }
    for (name, shape) in shapes {
      if let (group, number) = Self.numbered(name) { groups[group, default: [:]][number] = shape }
    }
  }

  /// Whether the file has names as only Keras's files do.
  var isStored: Bool { isNumbered || legacyPrefix != nil }

  /// Whether it has the names of Keras 3.
  var isNumbered: Bool { !groups.isEmpty }

  /// The group and the number of `GROUP/vars/NUMBER`.
  private static func numbered(_ name: String) -> (group: String, number: Int)? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[parts.count - 2] == "vars", let number = Int(parts[parts.count - 1]) else {
      return nil
    }
    return (parts.dropLast(2).joined(separator: "/"), number)
  }

  /// The layer's name of a tensor; nil for what is no weight of a layer, such as an optimizer's state.
  func path(of name: String) -> String? {
    if let (group, number) = Self.numbered(name) { return path(of: group, number) }
    return legacyPrefix.flatMap { legacyPath(of: name, $0) }
  }

  // MARK: Keras 3

  private func path(of group: String, _ number: Int) -> String? {
    let parts = group.split(separator: "/").map(String.init)
    guard let shapes = groups[group], parts.first != "optimizer", !parts.contains("seed_generator"),
      let variable = variables(group, shapes)?[number]
    else { return nil }
    var path = metadata[KerasPlaces.around].map { [$0] } ?? []
    for count in parts.indices.map({ $0 + 1 }) {
      let part = parts[count - 1]
      let prefix = parts[..<count].joined(separator: "/")
      if let name = name(of: part, prefix, isLast: count == parts.count, shapes) { path.append(name) }
    }
    return (path + [variable]).joined(separator: "/")
  }

  /// The name of an object on the way to a weight; nil for a list of objects.
  private func name(of part: String, _ prefix: String, isLast: Bool, _ shapes: [Int: [Int]]) -> String? {
    // Cells are numbered in some versions and not in others.
    if part == "cell", isLast, let family = Self.family(shapes) { return family.rawValue + "_cell" }
    if let name = metadata[prefix + "/vars/name"] { return name }
    let isList = hasNames || ["layers", "_layer_checkpoint_dependencies", "cells"].contains(part)
    if isList, groups[prefix] == nil { return nil }
    let group = prefix.replacing("_layer_checkpoint_dependencies", with: "layers")
    if let layer = layer(in: group) {
      return layer.path.split(separator: "/").last.map(String.init)
    }
    for direction in ["forward", "backward"] where part == direction + "_layer" {
      let inner = layer(in: String(group.dropLast(part.count + 1)))?.inner ?? Self.family(shapes)?.rawValue ?? "layer"
      return "\(direction)_" + (inner.hasPrefix("forward_") ? String(inner.dropFirst("forward_".count)) : inner)
    }
    return part
  }

  private func layer(in group: String) -> KerasConfiguration.Layer? { configuration.layers.first { $0.group == group } }

  /// The names of a layer's weights by their numbers; nil if the layer is not known here.
  private func variables(_ group: String, _ shapes: [Int: [Int]]) -> [Int: String]? {
    let list = (0..<shapes.count).compactMap { shapes[$0] }
    guard list.count == shapes.count else { return nil }
    let names: [String]
    switch list.map(\.count) {
    case _ where Self.family(shapes) != nil: names = ["kernel", "recurrent_kernel", "bias"]
    case [2, 1]: names = ["kernel", "bias"]
    case [2]: names = [isEmbedding(group) ? "embeddings" : "kernel"]
    case [1, 1]: names = ["gamma", "beta"]
    // Of a Normalization, which scales a model's inputs.
    case [1, 1, 0]: names = ["mean", "variance", "count"]
    case [1]: names = [layer(in: group)?.hasScale == false ? "beta" : "gamma"]
    case [1, 1, 1, 1]: names = ["gamma", "beta", "moving_mean", "moving_variance"]
    case _: return nil
    }
    return Dictionary(uniqueKeysWithValues: zip(0..., names.prefix(list.count)))
  }

  /// The kind of a recurrent layer: a matrix over x [I, GH], one over h [H, GH], and possibly a bias [GH] or [2, GH].
  private static func family(_ shapes: [Int: [Int]]) -> LayerKind.Family? {
    guard (2...3).contains(shapes.count), let input = shapes[0], let hidden = shapes[1],
      shapes.count == 2 || shapes[2]?.last == hidden.last
    else { return nil }
    return LayerKind.Family(kernel: input, recurrentKernel: hidden)
  }

  /// A matrix alone can also be that of a dense layer without a bias.
  private func isEmbedding(_ group: String) -> Bool {
    if let layer = layer(in: group) { return layer.kind == "Embedding" }
    let last = group.split(separator: "/").last ?? ""
    return last.hasPrefix("embedding") || metadata[group + "/vars/name"]?.hasPrefix("embedding") == true
  }

  // MARK: Older files

  /// What is before the layers' names in an older file: nothing, or `model_weights/` in a whole model.
  private var legacyPrefix: String? {
    // A list beyond 64 KiB is in parts, which are counted.
    ["", "model_weights/"].first { prefix in
      ["layer_names", "layer_names0"].contains { metadata[prefix + $0] != nil }
    }
  }

  private func legacyPath(of name: String, _ prefix: String) -> String? {
    guard name.hasPrefix(prefix) else { return nil }
    var parts = name.dropFirst(prefix.count).split(separator: "/").map(String.init)
    guard parts.count >= 2 else { return nil }
    let layer = parts.removeFirst()
    // The layer's own name again, possibly after that of the model.
    if let start = parts.firstIndex(of: layer) {
      parts.removeFirst(start)
    } else {
      parts.insert(layer, at: 0)
    }
    let last = parts.removeLast()
    parts = parts.map { part in
      let families: [LayerKind.Family] = [.simple, .gru, .lstm]
      return families.map { $0.rawValue + "_cell" }.first {
        part.hasPrefix($0 + "_") && Int(part.dropFirst($0.count + 1)) != nil
      }
        ?? part
    }
    return (parts + [last.hasSuffix(":0") ? String(last.dropLast(2)) : last]).joined(separator: "/")
  }
}

extension Safetensors {
  /// Whether the names are those of a file that Keras wrote, such as `layers/lstm/cell/vars/0`.
  public var isOfKeras: Bool { KerasPaths(shapes, metadata).isStored }

  /// The same, with the weights of a file that Keras wrote under the names that its layers give them (`weight.path`,
  /// without the name of the model): `lstm/lstm_cell/kernel` for `layers/lstm/cell/vars/0`.
  ///
  /// What is no weight of a known layer, such as an optimizer's state, keeps its name; so does everything in a file of
  /// another kind.
  public var withKerasPaths: Safetensors {
    let names = kerasNames
    guard !names.isEmpty else { return self }
    var result = self
    (result.tensors, result.types, result.unread) = ([:], [:], [:])
    for (path, name) in names {
      result.tensors[path] = tensors[name]
      result.types[path] = types[name]
      result.unread[path] = unread[name]
    }
    return result
  }

  /// The names that the file has, by those of `withKerasPaths`; empty for a file of another kind.
  package var kerasNames: [String: String] {
    let paths = KerasPaths(shapes, metadata)
    guard paths.isStored else { return [:] }
    var names: [String: String] = [:]
    // In the order of their names, so that of two equal paths always the same one is kept.
    for name in shapes.keys.sorted() {
      let path = paths.path(of: name) ?? name
      names[names[path] == nil ? path : name] = name
    }
    return names
  }

  private var shapes: [String: [Int]] {
    tensors.mapValues(\.dimensions).merging(unread.mapValues(\.dimensions)) { first, _ in first }
  }
}

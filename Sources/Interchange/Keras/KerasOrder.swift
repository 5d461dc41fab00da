internal import EbbTensors

/// The layers of a file in the order of the model, and the names that they all have before their own.
struct KerasOrder {
  /// The layers: in the order of the file's record or architecture, else embeddings, layers in the order of their names,
  /// dense layers.
  private(set) var layers: [KerasGroups.Layer]
  /// Whether the file tells the order.
  let isKnown: Bool
  /// The names of the models around all layers, outermost first.
  let around: [String]

  init(_ shapes: [String: [Int]], _ metadata: [String: String]) {
    let recorded = NamedLayer.order(in: metadata).map { $0.replacing(".", with: "/") }
    let names = recorded.isEmpty ? KerasConfiguration(metadata).layers.map(\.path) : recorded
    let places = Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
    // A module of several layers is a model of them here.
    func place(_ layer: KerasGroups.Layer) -> Int? {
      places[layer.path] ?? names.firstIndex { !$0.isEmpty && NetworkNames.isWithin(layer.path, $0) }
    }
    let found = KerasGroups(shapes).layers
    isKnown = !found.isEmpty && found.allSatisfy { place($0) != nil }
    let isKnown = isKnown
    layers = found.enumerated().sorted { left, right in
      let ranks = [left, right].map { isKnown ? 0 : Self.rank($0.element.kind) }
      let orders = [left, right].map { place($0.element) ?? Int.max }
      return (ranks[0], orders[0], left.offset) < (ranks[1], orders[1], right.offset)
    }.map(\.element)
    around = Self.commonPath(layers.map(\.path))
  }

  private static func rank(_ kind: KerasGroups.Kind) -> Int {
    switch kind {
    case .embedding: 0
    case .recurrent, .bidirectional, .normalization: 1
    case .dense: 2
    }
  }

  /// The names before the last one that all paths begin with.
  private static func commonPath(_ paths: [String]) -> [String] {
    let outer = paths.map { $0.split(separator: "/").dropLast().map(String.init) }
    guard var common = outer.first else { return [] }
    for path in outer { common = Array(common.prefix(zip(common, path).prefix { $0 == $1 }.count)) }
    return common
  }
}

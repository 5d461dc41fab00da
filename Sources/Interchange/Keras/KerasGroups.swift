internal import EbbTensors
internal import Foundation

/// The weights of a Keras model by their layers, seen from their names and shapes alone.
struct KerasGroups {
  enum Kind {
    /// A recurrent layer, whose weights have this path before their own names: that of its cell, or of the layer.
    case recurrent(LayerKind.Family, weights: String)
    case bidirectional(forward: Direction, backward: Direction)
    case dense, embedding, normalization
  }

  /// One direction of a bidirectional layer.
  struct Direction {
    /// The path of its layer.
    var path: String
    var family: LayerKind.Family
    /// The path of its weights.
    var weights: String
  }

  struct Layer {
    /// `encoder/lstm_1`.
    var path: String
    var kind: Kind
  }

  /// In the order of their names, numbers as numbers: `lstm`, `lstm_2`, `lstm_10`.
  private(set) var layers: [Layer] = []

  init(_ shapes: [String: [Int]]) {
    var weights: [String: [String: [Int]]] = [:]
    for (name, shape) in shapes {
      let (path, last) = Self.split(name)
      weights[path, default: [:]][last] = shape
    }
    var recurrent: [Direction] = []
    for (path, shapes) in weights {
      if let family = Self.family(shapes) {
        recurrent.append(Direction(path: path, family: family, weights: path))
      } else if shapes["recurrent_kernel"] != nil {
        continue
      } else if shapes["kernel"]?.count == 2 {
        layers.append(Layer(path: path, kind: .dense))
      } else if shapes["embeddings"]?.count == 2 {
        layers.append(Layer(path: path, kind: .embedding))
      } else if (shapes["gamma"] ?? shapes["beta"])?.count == 1, shapes["moving_mean"] == nil {
        layers.append(Layer(path: path, kind: .normalization))
      }
    }
    addRecurrent(Self.withoutCells(recurrent))
    layers.sort { Self.precedes($0.path, $1.path) }
  }

  static func split(_ name: String) -> (path: String, last: String) {
    guard let slash = name.lastIndex(of: "/") else { return ("", name) }
    return (String(name[..<slash]), String(name[name.index(after: slash)...]))
  }

  static func precedes(_ left: String, _ right: String) -> Bool {
    let order = left.compare(right, options: .numeric)
    return order == .orderedSame ? left < right : order == .orderedAscending
  }

  /// The kind of recurrent layer with a kernel [I, GH] and a recurrent one [H, GH].
  private static func family(_ shapes: [String: [Int]]) -> LayerKind.Family? {
    guard let input = shapes["kernel"], let hidden = shapes["recurrent_kernel"] else { return nil }
    return LayerKind.Family(kernel: input, recurrentKernel: hidden)
  }

  /// The layers of cells that are the only ones of their layer: `lstm` for `lstm/lstm_cell`. Several in one layer are
  /// layers of their own.
  private static func withoutCells(_ cells: [Direction]) -> [Direction] {
    func outer(_ cell: Direction) -> String? {
      let (path, last) = split(cell.weights)
      return last == cell.family.rawValue + "_cell" ? path : nil
    }
    let counts = Dictionary(grouping: cells) { split($0.weights).path }.mapValues(\.count)
    return cells.map { cell in
      var layer = cell
      if let path = outer(cell), counts[path] == 1 { layer.path = path }
      return layer
    }
  }

  private mutating func addRecurrent(_ found: [Direction]) {
    var directions: [String: [String: Direction]] = [:]
    for layer in found {
      let (path, last) = Self.split(layer.path)
      for word in ["forward", "backward"] where last.hasPrefix(word + "_") {
        directions[path, default: [:]][word] = layer
      }
    }
    for layer in found {
      let (path, last) = Self.split(layer.path)
      let pair = directions[path]
      if let forward = pair?["forward"], let backward = pair?["backward"],
        last.hasPrefix("forward_") || last.hasPrefix("backward_")
      {
        if layer.path == forward.path {
          layers.append(Layer(path: path, kind: .bidirectional(forward: forward, backward: backward)))
        }
        continue
      }
      layers.append(Layer(path: layer.path, kind: .recurrent(layer.family, weights: layer.weights)))
    }
  }
}

extension LayerKind.Family {
  /// The kind of a layer with a matrix over x [I, GH] and one over h [H, GH]: it has 1, 3 or 4 gates.
  init?(kernel input: [Int], recurrentKernel hidden: [Int]) {
    guard input.count == 2, hidden.count == 2, input[1] == hidden[1], hidden[0] > 0, hidden[1] % hidden[0] == 0 else {
      return nil
    }
    switch hidden[1] / hidden[0] {
    case 1: self = .simple
    case 3: self = .gru
    case 4: self = .lstm
    case _: return nil
    }
  }
}

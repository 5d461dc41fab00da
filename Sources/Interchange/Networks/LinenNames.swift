internal import EbbTensors

/// Flax's linen keeps a matrix for each gate: `ii`, `if`, `ig`, `io` over x and `hi`, `hf`, `hg`, `ho` over h of an LSTM;
/// `ir`, `iz`, `in` and `hr`, `hz`, `hn` of a GRU, whose reset comes after the product; `i` and `h` of a simple cell.
/// Each is a kernel [from, to], some with a bias.
///
/// Here they become PyTorch's `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`: the same gates in the same order.
enum LinenNames {
  /// The last two parts of names that every cell of a kind has.
  static let marks: [Set<String>] = gates.map { gates in Set(gates.flatMap { ["i\($0).kernel", "h\($0).kernel"] }) }
  private static let gates = [["i", "f", "g", "o"], ["r", "z", "n"], [""]]

  static func asPyTorch(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var result = withJoinedGates(tensors)
    for (first, second) in directions(result) {
      for part in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
        result["\(first).\(part)_l0"] = result.removeValue(forKey: "\(first).\(part)")
        result["\(first).\(part)_l0_reverse"] = result.removeValue(forKey: "\(second).\(part)")
      }
    }
    return result
  }

  private static func withJoinedGates(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var result = tensors
    for gates in gates {
      let first = "h\(gates[0])"
      for name in tensors.keys.sorted() where NetworkNames.lastTwo(name) == first + ".kernel" {
        let cell = NetworkNames.dropping(2, from: name, ".")
        guard let joined = Joined(tensors, cell: cell, gates) else { continue }
        for used in joined.names { result[used] = nil }
        let place = Self.place(cell)
        for (part, tensor) in joined.tensors { result[place.module + part + place.end] = tensor }
      }
    }
    return result
  }

  /// Other names of a file's tensors, by their names in it: of two cells that are one bidirectional layer, those of the
  /// second behind those of the first, `LSTMCell_0/backward_rnn/cell/hf/kernel` for `LSTMCell_1/hf/kernel`.
  static func withDirections(_ tensors: [String: Tensor]) -> [String: String] {
    let names = tensors.keys.map { ($0, $0.replacing("/", with: ".")) }
    let pairs = directions(
      withJoinedGates(Dictionary(tensors.map { ($0.replacing("/", with: "."), $1) }) { first, _ in first }))
    return Dictionary(
      uniqueKeysWithValues: names.map { name, pointed in
        for (first, second) in pairs {
          for (cell, direction) in [(first, "forward"), (second, "backward")] where pointed.hasPrefix(cell + ".") {
            let path = "\(first).\(direction)_rnn.cell\(pointed.dropFirst(cell.count))"
            return (name, name.contains("/") ? path.replacing(".", with: "/") : path)
          }
        }
        return (name, name)
      })
  }

  /// The two cells of a bidirectional layer that was made in place are counted like cells one after the other, as
  /// `GRUCell_0` and `GRUCell_1`. They are taken for directions if a read-out or another cell reads the features of both,
  /// and none those of one.
  private static func directions(_ tensors: [String: Tensor]) -> [(forward: String, backward: String)] {
    var pairs: [(forward: String, backward: String)] = []
    func shape(_ name: String) -> [Int]? { tensors[name]?.dimensions }
    let cells = tensors.keys.filter { NetworkNames.last($0) == "weight_hh" }
      .map { NetworkNames.dropping(1, from: $0, ".") }.sorted(by: NetworkNames.precedes)
    var isTaken: Set<String> = []
    for (first, second) in zip(cells, cells.dropFirst()) where !isTaken.contains(first) {
      guard NetworkNames.uncounted(first) == NetworkNames.uncounted(second),
        let input = shape(first + ".weight_ih"), let hidden = shape(first + ".weight_hh"),
        input == shape(second + ".weight_ih"), hidden == shape(second + ".weight_hh")
      else { continue }
      let units = hidden[1]
      let readers = tensors.filter { name, tensor in
        tensor.dimensions.count == 2
          && (NetworkNames.last(name) == "kernel"
            || NetworkNames.last(name) == "weight_ih" && !name.hasPrefix(first + ".") && !name.hasPrefix(second + "."))
      }
      let widths = readers.map { NetworkNames.last($0) == "kernel" ? $1.dimensions[0] : $1.dimensions[1] }
      guard widths.contains(2 * units), !widths.contains(units) else { continue }
      isTaken.formUnion([first, second])
      pairs.append((first, second))
    }
    return pairs
  }

  /// A bidirectional layer holds `forward_rnn` and `backward_rnn`; a recurrence holds its `cell`.
  private static func place(_ cell: String) -> (module: String, end: String) {
    var parts = NetworkNames.parts(cell)
    if parts.last == "cell" { parts.removeLast() }
    var end = ""
    if let last = parts.last, last == "forward_rnn" || last == "backward_rnn" {
      end = last == "forward_rnn" ? "_l0" : "_l0_reverse"
      parts.removeLast()
    }
    return (parts.map { $0 + "." }.joined(), end)
  }

  /// The gates of one cell, joined.
  private struct Joined {
    var tensors: [String: Tensor] = [:]
    var names: [String] = []

    init?(_ source: [String: Tensor], cell: String, _ gates: [String]) {
      let prefix = cell.isEmpty ? "" : cell + "."
      let element: ElementType =
        source["\(prefix)h\(gates[0]).kernel"]?.element == .float64 ? .float64 : .float32
      for (side, rows) in [("i", "ih"), ("h", "hh")] {
        var (weights, biases): ([Double], [Double]) = ([], [])
        var shape: [Int]?
        for gate in gates {
          let name = prefix + side + gate
          guard let kernel = source[name + ".kernel"], kernel.dimensions.count == 2 else { return nil }
          guard shape == nil || shape == kernel.dimensions else { return nil }
          shape = kernel.dimensions
          names.append(name + ".kernel")
          weights += kernel.transposedNumbers
          let bias = source[name + ".bias"]
          guard bias == nil || bias?.dimensions == [kernel.dimensions[1]] else { return nil }
          if bias != nil { names.append(name + ".bias") }
          biases += bias?.doubles ?? [Double](repeating: 0, count: kernel.dimensions[1])
        }
        guard let shape else { return nil }
        tensors["weight_" + rows] = Tensor([gates.count * shape[1], shape[0]], weights, as: element)
        tensors["bias_" + rows] = Tensor([gates.count * shape[1]], biases, as: element)
      }
    }
  }
}

extension Safetensors {
  /// The same, with both cells of a bidirectional layer of linen that was made in place under one name, as those of a
  /// layer that was given one.
  package var withLinenDirections: Safetensors {
    guard NetworkFramework(self) == .linen else { return self }
    let names = LinenNames.withDirections(tensors)
    var result = self
    (result.tensors, result.types) = ([:], [:])
    for (name, tensor) in tensors {
      let new = names[name] ?? name
      result.tensors[new] = tensor
      result.types[new] = types[name]
    }
    return result
  }
}

extension Tensor {
  /// The numbers of the transposed matrix, row by row.
  var transposedNumbers: [Double] {
    let (numbers, rows, columns) = (doubles, dimensions[0], dimensions[1])
    return (0..<columns).flatMap { column in (0..<rows).map { numbers[$0 * columns + column] } }
  }
}

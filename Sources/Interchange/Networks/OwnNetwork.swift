internal import EbbCells
internal import EbbGraph
internal import EbbMarkup
internal import EbbRecording
internal import EbbTensors

/// The recurrent layers of a file with this library's names: `layer0.forward.forget.weight`, or without `layer0.` and
/// `forward.`.
///
/// A cell is known by its name, which most files have; whether it is this cell, and its sizes, is found by recording it
/// and comparing its parameters with the file's.
struct OwnNetwork {
  /// The last two parts of names that files of the library's cells have.
  static let marks = ["forget.weight", "recurrent.weight", "update.weight", "candidate.weight"]

  var recurrent: any RecurrentCell
  var features: Int
  /// The features of the output.
  var width: Int
  var isBidirectional: Bool
  /// `lstm, 2 layers, 8 → 64 units`.
  var words: String
  var parameters: Set<String>

  /// - Parameters:
  ///   - file: The file's parameters.
  ///   - library: Cells by name, in the order in which they are tried.
  ///   - cell: The cell, if it is given.
  init(_ file: NetworkTensors, _ library: [TrainedNetwork.NamedCell], _ cell: TrainedNetwork.NamedCell?)
    throws(NetworkError)
  {
    let shapes = file.shapes.filter { !Self.isPart($0.key) }
    let numbered = Set(shapes.keys.compactMap { NetworkNames.parts($0).first })
    let layers = (0...).prefix { numbered.contains("layer\($0)") }.count
    var prefix = layers > 0 ? "layer0." : ""
    isBidirectional = ["forward.", "backward."].allSatisfy { direction in
      shapes.keys.contains { $0.hasPrefix(prefix + direction) }
    }
    if isBidirectional { prefix += "forward." }
    var inner: [String: [Int]] = [:]
    for (name, shape) in shapes where name.hasPrefix(prefix) { inner[String(name.dropFirst(prefix.count))] = shape }
    let named = Self.cellName(file.contents.metadata)
    let candidates: [TrainedNetwork.NamedCell]
    if let cell {
      candidates = [cell]
    } else if let named {
      candidates = library.filter { $0.name == named }
      if candidates.isEmpty {
        throw NetworkError(
          "the file's cell is \(named), and this program has no cell of that name; the cells are "
            + library.map(\.name).joined(separator: ", "))
      }
    } else {
      candidates = library
    }
    let embedded = file.shapes["embedding.table"]?.last
    guard let (name, one, features) = Self.fit(candidates, inner, embedded) else {
      let tried = candidates.map(\.name).joined(separator: ", ")
      let found = inner.sorted { $0.key < $1.key }.prefix(8).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      throw NetworkError(
        "the parameters are those of none of the cells \(tried); they are \(found.isEmpty ? "none" : found)")
    }
    let layer: any RecurrentCell = isBidirectional ? Bidirectional(one.cell, one.cell) : one.cell
    recurrent = layers > 0 ? Stack([any RecurrentCell](repeating: layer, count: layers)) : layer
    self.features = features
    guard let recorded = Recorded(recurrent, features) else {
      throw NetworkError("\(layers) layers of \(name) with \(features) features cannot be recorded one upon the other")
    }
    width = recorded.width
    parameters = Set(recorded.shapes.keys)
    words = [
      name, layers > 1 ? "\(layers) layers" : nil, isBidirectional ? "both directions" : nil,
      "\(features) → \(one.units) units",
    ].compactMap { $0 }.joined(separator: ", ")
    try check(recorded.shapes, shapes)
  }

  private func check(_ expected: [String: [Int]], _ found: [String: [Int]]) throws(NetworkError) {
    var problems: [WeightProblem] = []
    for (name, shape) in expected.sorted(by: { $0.key < $1.key }) {
      switch found[name] {
      case nil: problems.append(.missing(name: name, shape: shape))
      case let other? where other != shape: problems.append(.shape(name: name, found: other, expected: shape))
      case _?: continue
      }
    }
    guard problems.isEmpty else { throw NetworkError("\(WeightError(problems))") }
  }

  /// Whether a parameter belongs to the embedding or the read-out.
  private static func isPart(_ name: String) -> Bool { name.hasPrefix("embedding.") || name.hasPrefix("readout.") }

  /// A cell as it is recorded.
  private struct Recorded {
    var shapes: [String: [Int]]
    var width: Int

    init?(_ cell: some RecurrentCell, _ features: Int) {
      guard let recording = try? Recording(cell, features: features), let y = recording.graph.output(named: "y") else {
        return nil
      }
      shapes = Dictionary(recording.parameters.map { ($0.name, $0.shape.array) }) { first, _ in first }
      width = recording.graph.type(y).shape.count
    }
  }

  /// The first cell whose parameters are these, with its units and features.
  private static func fit(
    _ candidates: [TrainedNetwork.NamedCell], _ shapes: [String: [Int]], _ embedded: Int?
  ) -> (name: String, one: (cell: any RecurrentCell, units: Int), features: Int)? {
    let lengths = Set(shapes.values.joined()).filter { $0 > 0 && $0 <= 1 << 20 }.sorted()
    // An affine over [h, x] has the sum of their features.
    let sums = Set(lengths.flatMap { sum in lengths.map { sum - $0 } })
    let widths = embedded.map { [$0] } ?? sums.union(lengths).filter { $0 > 0 }.sorted()
    for candidate in candidates {
      for units in lengths.prefix(12) {
        let cell = candidate.make(units)
        // Names do not depend on sizes.
        guard let first = Recorded(cell, units), Set(first.shapes.keys) == Set(shapes.keys) else { continue }
        for features in widths.prefix(64) where Recorded(cell, features)?.shapes == shapes {
          return (candidate.name, (cell, units), features)
        }
      }
    }
    return nil
  }

  /// The cell's name in a model's configuration, in older files, and in checkpoints.
  static func cellName(_ metadata: [String: String]) -> String? {
    let configuration = metadata["ebb.configuration"].flatMap { try? JSONValue(parsing: $0) }
    let names = [
      configuration?["cell"]?.string, configuration?["network"]?["cell"]?.string, metadata["cell"],
      metadata["note/--cell"],
    ]
    return names.compactMap { $0 }.first { !$0.isEmpty }
  }
}

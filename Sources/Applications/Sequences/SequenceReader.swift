internal import EbbCells
public import EbbFiles
public import EbbInterchange
internal import EbbTensors
internal import Foundation

/// Reads sequences for a network from arrays (npy, npz, safetensors, HDF5), tables (CSV) and texts.
///
/// Arrays have [samples, steps, features] or [steps, samples, features], or are one sequence of [steps, features]; tokens
/// have no features. A file of several has them under `x`, with `lengths` and `targets` if there are any. Steps that are all NaN
/// at the end of a sequence are no steps. A table is one sequence. A text is cut into windows.
public struct SequenceReader: Sendable {
  /// The network that reads the data.
  public var network: TrainedNetwork
  /// The name of its file, for messages.
  public var networkSource: String
  /// Which dimension comes first; nil to find out.
  public var layout: SequenceLayout?
  /// The columns of a table, by name or by number from 1; nil for all of them.
  public var columns: [String]?
  /// How a table is written.
  public var format = CSVFormat()
  /// Whether a field of a table without a value repeats the one above it; else it is an error.
  public var isFilled = false
  /// The tokens of a text; nil if there is no vocabulary.
  public var vocabulary: SequenceVocabulary?
  /// The steps of a text's windows, and how many are read at most.
  public var window = 200
  /// How many windows of a text are read at most.
  public var windows = 16
  /// Whether targets are classes; nil if their numbers decide: whole numbers of a file are classes.
  public var takesClasses: Bool?
  /// Whether the targets of tokens are the tokens that follow, where no others are given.
  public var predictsNext = false

  /// A reader of data for a network.
  public init(_ network: TrainedNetwork, source: String) {
    (self.network, networkSource) = (network, source)
  }

  /// Reads a file, and targets from another one if they are not in it.
  public func read(_ path: String, targets: String? = nil) throws(FileError) -> SequenceData {
    var data: SequenceData
    var layout = self.layout
    let given = try targets.map { path throws(FileError) in try self.targets(path) }
    var inner: (name: String, tensor: Tensor)?
    switch try Self.kind(of: path, readsTokens: network.features == nil) {
    case .arrays:
      let arrays = try SequenceArrays(try TensorFile.contents(of: path), source: path)
      (data, layout) = try sequences(arrays, targets: given ?? arrays.targets)
      inner = arrays.targets
    case .table: data = try table(path)
    case .text: data = try text(path)
    }
    if let targets, let (name, tensor) = given {
      if let inner { data.notes.append("\(inner.name) of \(path) is not used, since \(targets) has the targets") }
      try add(tensor, named: name == targets ? name : "\(name) of \(targets)", to: &data, layout, targets)
    } else if let inner {
      try add(inner.tensor, named: "\(inner.name) of \(path)", to: &data, layout, path)
    } else if predictsNext, network.features == nil, data.targets == nil {
      try shift(&data, path)
    }
    if let value = network.maskedValue { data = try data.without(stepsOf: value, path) }
    return network.masksZero ? try data.withoutPadding(path) : data
  }

  // MARK: Kinds of files

  private enum Kind { case arrays, table, text }

  /// By the first bytes; a text is a table for a network that reads numbers.
  private static func kind(of path: String, readsTokens: Bool) throws(FileError) -> Kind {
    // A pipe has no second reading.
    var isFolder = ObjCBool(false)
    let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    if path == "-" || exists && !isFolder.boolValue && type != .typeRegular && type != .typeSymbolicLink {
      throw FileError(path, "the data are read twice; give a file, and not a pipe")
    }
    let start = try InputFile.bytes(path, expecting: "an npy, npz, HDF5 or CSV file, or a text").prefix(8)
    // npy, a zip archive, HDF5.
    let marks: [[UInt8]] = [[0x93, 0x4E], [0x50, 0x4B], [0x89, 0x48, 0x44, 0x46]]
    if marks.contains(where: { start.starts(with: $0) }) || path.hasSuffix(".safetensors") { return .arrays }
    return readsTokens ? .text : .table
  }

  private func table(_ path: String) throws(FileError) -> SequenceData {
    let (rows, names, notes) = try numbers(path, columns)
    guard let features = network.features else { preconditionFailure("a table has no tokens") }
    guard rows[0].count == features else {
      throw FileError(
        path,
        "\(columns == nil ? "the table has" : "--columns gives") \(rows[0].count) columns "
          + "(\(names.joined(separator: ", "))), and the network of \(networkSource) reads \(features) features a step"
          + (columns == nil && rows[0].count > features ? "; --columns picks those" : ""))
    }
    var data = SequenceData(
      input: Tensor([rows.count, 1, features], rows.flatMap { $0 }),
      description: "\(path): one sequence of \(rows.count) steps, columns \(names.joined(separator: ", "))")
    data.notes = notes
    return data
  }

  /// The rows of a table's columns.
  private func numbers(
    _ path: String, _ columns: [String]?
  ) throws(FileError) -> (rows: [[Double]], names: [String], notes: [String]) {
    let table = try CSVTable(contentsOf: path, format: format)
    let all = (0..<table.columnCount).map { table.name(ofColumn: $0) }
    let chosen = columns ?? (0..<table.columnCount).map { "\($0 + 1)" }
    var values: [[Double]] = []
    var (names, notes) = ([String](), table.notes)
    for column in chosen {
      let position = try columns == nil ? values.count : table.position(ofColumn: column)
      values.append(
        try table.numbers(
          at: position, rows: Array(table.rows.indices), missing: isFilled ? .repeated : .refused, &notes))
      names.append(all[position])
    }
    let rows = table.rows.indices.map { row in values.map { $0[row] } }
    return (rows, names, notes.map { "\(path): \($0)" })
  }

  private func targets(_ path: String) throws(FileError) -> (name: String, tensor: Tensor) {
    switch try Self.kind(of: path, readsTokens: false) {
    case .arrays: return try SequenceArrays.targets(try TensorFile.contents(of: path), source: path)
    case .table, .text:
      let (rows, _, _) = try numbers(path, nil)
      let tensor = Tensor([rows.count, rows[0].count], rows.flatMap { $0 })
      // Whole numbers in one column are classes for a network with scores of several.
      guard rows[0].count == 1, takesClasses ?? (network.outputs > 1), let whole = tensor.wholeNumbers() else {
        return (path, tensor)
      }
      return (path, whole.shaped([rows.count]))
    }
  }

  private func text(_ path: String) throws(FileError) -> SequenceData {
    guard let vocabulary else {
      throw FileError(
        path,
        "the network of \(networkSource) reads tokens, and its file has no vocabulary: give one (--vocabulary FILE), "
          + "or the numbers of the tokens as an npy file")
    }
    try checkVocabulary()
    let ids = try vocabulary.encode(try TextFile(contentsOf: path).text, source: path)
    let next = predictsNext ? 1 : 0
    guard ids.count > next else {
      throw FileError(path, "the text has \(ids.count) \(vocabulary.tokenName)s; at least \(next + 1) are needed")
    }
    let steps = min(window, ids.count - next)
    let count = max(1, min(windows, (ids.count - next) / steps))
    func cut(from start: Int) -> Tensor {
      Tensor([steps, count], (0..<steps).flatMap { step in (0..<count).map { ids[start + $0 * steps + step] } })
    }
    let parts = count == 1 ? "one window of \(steps)" : "\(count) windows of \(steps)"
    var data = SequenceData(
      input: cut(from: 0),
      description: "\(path): \(parts) \(vocabulary.tokenName)s of \(ids.count), each from a state of 0")
    if predictsNext {
      data.targets = cut(from: 1)
      data.targetsAreAtEachStep = true
      data.notes.append("the targets are the next \(vocabulary.tokenName)s")
    }
    return data
  }

  private func checkVocabulary() throws(FileError) {
    guard let vocabulary, let tokens = network.embedding?.tokens, vocabulary.count > tokens else { return }
    throw FileError(
      vocabulary.source,
      "the vocabulary has \(vocabulary.count) tokens, and the embedding of \(networkSource) \(tokens)")
  }
}

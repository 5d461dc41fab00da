public import EbbRecording
public import EbbTensors

/// A mapping between the numbers of another framework's tensors and those of a network's parameters.
///
/// ```swift
/// let file = try TensorFile.contents(of: "model.safetensors")
/// let map = try WeightMap(.keras, Stack([LSTM(units: 64), LayerNormalization()]), features: 8, fitting: file)
/// let parameters = try map.parameters(from: file)
/// for note in map.notes { print(note) }
/// if let cell = map.cell { let recording = try Recording.sequenceToOne(cell, features: 8) }
/// try TensorFile.write(map.tensors(from: parameters), metadata: map.settings, to: "back.safetensors")
/// ```
///
/// Every number must have its place: missing and superfluous tensors or parameters and wrong shapes are errors, all
/// listed in one.
///
/// **Settings.** Layers also have an ε, an activation or a way to merge directions, which no tensor shows. `cell` has
/// them from the file, or else with the framework's defaults (a layer normalisation's ε is 1e-3 in Keras, 1e-6 in Flax
/// and 1e-5 in PyTorch), and `notes` lists them. A value in the cell that is not its default counts as deliberate. For
/// the way back, `settings` has the settings for the framework's layers.
public struct WeightMap: Sendable {
  /// The dimensions of the framework's tensors, by name.
  public internal(set) var tensorShapes: [String: [Int]] = [:]
  /// The dimensions of the parameters, by name.
  public internal(set) var parameterShapes: [String: [Int]] = [:]
  /// The cell that computes what the framework's layers do; nil for a sum of maps, since each has its own.
  public internal(set) var cell: (any RecurrentCell)?
  /// The assumptions about the framework's layers, one line each.
  public internal(set) var notes: [String] = []
  /// The settings with which the framework's layers compute the same as the cells here, by the names of their modules.
  public internal(set) var settings: [String: String] = [:]
  /// The settings of the cells here that no parameter shows, by `SCOPE.SETTING` in Keras's words: strings for a file of
  /// the parameters with the library's names.
  public internal(set) var ownSettings: [String: String] = [:]
  /// The prefixes of the names of the map's modules; other tensors of a file do not belong to them.
  var modules: Set<String> = []
  /// The values of parameters that the file has no tensor for, if not zero.
  var fills: [String: Double] = [:]
  var blocks: [Block] = []

  init() {}

  /// A matrix within a tensor that corresponds to a matrix within a parameter. Vectors count as matrices of one row.
  struct Block: Hashable, Sendable {
    var tensor: String
    var tensorRow = 0
    var tensorColumn = 0
    /// Whether the tensor holds the transpose.
    var isTransposed = false
    var parameter: String
    var parameterRow = 0
    var rows: Int
    var columns: Int
    /// 1, or −1 if the tensor holds the negative.
    var sign = 1.0
    /// Whether this is the second of two summands, which is written as zeros.
    var isSecondSummand = false
  }

  /// Both networks; the names of their tensors and parameters must be distinct.
  public static func + (left: WeightMap, right: WeightMap) throws(WeightError) -> WeightMap {
    let tensors = Set(left.tensorShapes.keys).intersection(right.tensorShapes.keys)
    let parameters = Set(left.parameterShapes.keys).intersection(right.parameterShapes.keys)
    let problems = (tensors.union(parameters)).sorted().map { WeightProblem.twice(name: $0) }
    guard problems.isEmpty else { throw WeightError(problems) }
    var result = left
    result.tensorShapes.merge(right.tensorShapes) { first, _ in first }
    result.parameterShapes.merge(right.parameterShapes) { first, _ in first }
    result.blocks += right.blocks
    result.cell = nil
    result.notes += right.notes
    result.settings.merge(right.settings) { first, _ in first }
    result.ownSettings.merge(right.ownSettings) { first, _ in first }
    result.modules.formUnion(right.modules)
    result.fills.merge(right.fills) { first, _ in first }
    return result
  }

  /// Adds a block and declares its tensor and parameter.
  mutating func add(_ block: Block, tensorShape: [Int], parameterShape: [Int]) {
    tensorShapes[block.tensor] = tensorShape
    parameterShapes[block.parameter] = parameterShape
    blocks.append(block)
  }

  /// The tensors of a file that are in the map's modules. In a map without modules these are the tensors without one,
  /// and those of modules that contain the map's own tensors.
  public func withinModules(_ tensors: [String: Tensor]) -> [String: Tensor] {
    func first(_ name: String) -> Substring? { name.firstIndex { $0 == "." || $0 == "/" }.map { name[..<$0] } }
    let named = modules.filter { !$0.isEmpty }
    let own = modules.contains("") ? Set(tensorShapes.keys.compactMap(first)) : []
    return tensors.filter { name, _ in
      if tensorShapes[name] != nil { return true }
      if named.contains(where: { name.hasPrefix($0) }) { return true }
      guard modules.contains("") else { return false }
      return first(name).map { own.contains($0) } ?? true
    }
  }
}

extension WeightMap: Hashable {
  /// Whether the same numbers have the same places, with the same assumptions.
  public static func == (left: WeightMap, right: WeightMap) -> Bool {
    left.tensorShapes == right.tensorShapes && left.parameterShapes == right.parameterShapes
      && left.blocks == right.blocks && left.notes == right.notes && left.settings == right.settings
      && left.ownSettings == right.ownSettings && left.modules == right.modules && left.fills == right.fills
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tensorShapes)
    hasher.combine(blocks)
  }
}

extension WeightMap: CustomStringConvertible {
  public var description: String {
    (["\(tensorShapes.count) tensors are \(parameterShapes.count) parameters"] + notes).joined(separator: "\n")
  }
}

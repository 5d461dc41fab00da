/// Which numbers of another framework's tensors are which numbers of a network's parameters.
///
/// ```swift
/// let cell = Stack([LSTM(units: 64), LSTM(units: 64)])
/// let map = try WeightMap(.pytorch, cell, features: 8, module: "rnn")
///   + WeightMap(.pytorch, Dense(units: 1), features: 64, scope: "readout", module: "head")
/// let parameters = try map.parameters(from: TensorFile.read("model.safetensors"))
/// try TensorFile.write(map.tensors(from: parameters), to: "back.safetensors")
/// ```
///
/// Every number has its place: a tensor or parameter that is missing, superfluous or of another shape is an error, and
/// one error lists all of them.
public struct WeightMap: Hashable, Sendable {
  /// The dimensions of the framework's tensors, by name.
  public internal(set) var tensorShapes: [String: [Int]] = [:]
  /// The dimensions of the parameters, by name.
  public internal(set) var parameterShapes: [String: [Int]] = [:]
  var blocks: [Block] = []

  init() {}

  /// A matrix within a tensor that is a matrix within a parameter. Vectors count as matrices of one row.
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
    /// 1, or −1 where the tensor holds the negative.
    var sign = 1.0
    /// Whether this is the second of two summands; it is written as zeros.
    var isSecondSummand = false
  }

  /// Both networks, whose tensors and parameters must have names of their own.
  public static func + (left: WeightMap, right: WeightMap) throws(WeightError) -> WeightMap {
    let tensors = Set(left.tensorShapes.keys).intersection(right.tensorShapes.keys)
    let parameters = Set(left.parameterShapes.keys).intersection(right.parameterShapes.keys)
    let problems = (tensors.union(parameters)).sorted().map { WeightProblem.twice(name: $0) }
    guard problems.isEmpty else { throw WeightError(problems) }
    var result = left
    result.tensorShapes.merge(right.tensorShapes) { first, _ in first }
    result.parameterShapes.merge(right.parameterShapes) { first, _ in first }
    result.blocks += right.blocks
    return result
  }

  /// Adds a block, and makes its tensor or parameter known.
  mutating func add(_ block: Block, tensorShape: [Int], parameterShape: [Int]) {
    tensorShapes[block.tensor] = tensorShape
    parameterShapes[block.parameter] = parameterShape
    blocks.append(block)
  }
}

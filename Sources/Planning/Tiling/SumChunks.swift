package import EbbGraph

/// How a sum over all indices is cut into chunks, each summed by itself: by only the rows of a step, so that neither
/// longer padding nor the division of a run changes a bit.
extension Plan {
  /// The maximum number of rows of a chunk: the left operand's chunk then stays in the second-level cache.
  package static let chunkRows = 256
  /// The same with few rows per step, where weight gradients closely follow a sweep.
  private static let fewChunkRows = 32

  /// The steps in a chunk of a sum over these axes, a power of two.
  package func chunkSteps(over domain: Domain, lengths: [Int]) -> Int {
    let rows = stepRows(domain, lengths: lengths)
    let standard = rows < ValueLayout.fewRows ? Self.fewChunkRows : Self.chunkRows
    let most = (sumChunkRows ?? standard) / max(rows, 1)
    return most <= 1 ? 1 : 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
  }

  /// The steps in a chunk of a sum; 1 for any other instruction.
  package func chunkSteps(_ instruction: Instruction, lengths: [Int]) -> Int {
    instruction.summed.map { chunkSteps(over: $0.over, lengths: lengths) } ?? 1
  }

  /// The most steps in a chunk of any sum: strips of a multiple of it cut no chunk.
  package func chunkSteps(lengths: [Int]) -> Int {
    stages.flatMap(\.instructions).map { chunkSteps($0, lengths: lengths) }.max() ?? 1
  }

  /// The rows of one step of a sum over these axes.
  package func stepRows(_ domain: Domain, lengths: [Int]) -> Int {
    domain.reduce(1) { axis($1).kind == .batch ? $0 * lengths[$1.index] : $0 }
  }
}

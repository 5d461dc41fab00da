internal import EbbTensors

extension Initializer {
  /// Why this cannot fill the shape; nil if it can.
  func problem(for shape: Shape) -> String? {
    switch self {
    case .zeros, .constant, .uniform, .normal:
      return nil
    case .between(let lower, let upper):
      return lower <= upper ? nil : "there is no number between \(lower) and \(upper)"
    case .logOfUniform(let lower, let upper):
      return 0 <= lower && lower < upper ? nil : "the logarithm needs 0 ≤ \(lower) < \(upper)"
    case .ringDecay(let inner, let outer):
      return 0 <= inner && inner <= outer && 0 < outer && outer < 1
        ? nil : "the ring needs 0 ≤ \(inner) ≤ \(outer) < 1"
    case .glorotUniform, .orthogonal, .identity:
      return matrixProblem(shape)
    case .sparse(let connections, _):
      if let problem = matrixProblem(shape) { return problem }
      return 0...shape[0] ~= connections ? nil : "a column of \(shape) has no \(connections) entries"
    case .spectralRadius(let radius, let initializer):
      guard shape.rank == 2, shape[0] == shape[1] else { return "only a square matrix has eigenvalues, not \(shape)" }
      guard radius >= 0, radius.isFinite else { return "a spectral radius is a number ≥ 0, not \(radius)" }
      return initializer.problem(for: shape)
    case .negative(let initializer), .drawn(_, let initializer):
      return initializer.problem(for: shape)
    case .blocks(let blocks):
      return blocksProblem(blocks, shape)
    }
  }

  private func matrixProblem(_ shape: Shape) -> String? {
    shape.rank == 2 ? nil : "this initialiser fills matrices, not \(shape)"
  }

  private func blocksProblem(_ blocks: [Block], _ shape: Shape) -> String? {
    if blocks.isEmpty { return nil }
    guard shape.rank == 2 else { return "blocks of rows fill matrices, not \(shape)" }
    let rows = blocks.reduce(0) { $0 + $1.rows }
    guard rows == shape[0], blocks.allSatisfy({ $0.rows >= 1 }) else {
      return "the blocks have \(rows) rows, the matrix \(shape[0])"
    }
    return blocks.lazy.compactMap { $0.initializer.problem(for: [$0.rows, shape[1]]) }.first
  }
}

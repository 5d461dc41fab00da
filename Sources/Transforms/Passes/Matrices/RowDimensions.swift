internal import EbbGraph
internal import EbbTensors

/// Which dimension of matrices of each shape counts the rows that lie on an axis: the shorter one, so that the features
/// of a row fill the lanes of a vector.
///
/// Of a matrix that meets a matrix of weights, S W, it is the one that the product keeps: the rows are multiplied.
struct RowDimensions {
  private var kept: [Shape: Set<Int>] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes {
      guard case .product(.dimensions(let i, let j), _) = graph.operation(node), graph.isVaryingMatrix(node) else {
        continue
      }
      let operands = [graph.operand(node, 0), graph.operand(node, 1)]
      let isVarying = operands.map { graph.isVaryingMatrix($0) }
      guard isVarying[0] != isVarying[1] else { continue }
      // S W has the rows of S as its own; those of W S are its columns.
      let (matrix, contracted) = isVarying[0] ? (operands[0], i) : (operands[1], j)
      kept[graph.type(matrix).shape, default: []].insert(1 - contracted)
      kept[graph.type(node).shape, default: []].insert(isVarying[0] ? 0 : 1)
    }
  }

  /// The dimension of the rows: 0 or 1; of a vector 0.
  subscript(shape: Shape) -> Int {
    guard shape.rank == 2 else { return 0 }
    if let kept = kept[shape] { return kept == [1] ? 1 : 0 }
    return shape[1] < shape[0] ? 1 : 0
  }
}

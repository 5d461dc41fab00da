internal import EbbGraph
internal import EbbTensors

/// Which dimension of matrices of each shape counts the rows that lie on an axis: the shorter one, so that the features
/// of a row fill the lanes of a vector.
///
/// Of a matrix that meets a matrix of weights, S W, it is the one that the product keeps: the rows are multiplied. And a
/// dimension as long as vectors that are shifted against themselves stays on the axis: such vectors lie number by number
/// (note 6), and the features of a matrix would lie as they do.
struct RowDimensions {
  private var kept: [Shape: Set<Int>] = [:]
  /// The lengths of vectors that are sliced inside a panel.
  private var shifted: Set<Int> = []

  /// Numbers of 32 bits in a panel of 128 bytes.
  private static let lanes = 32

  init(_ graph: Graph) {
    for node in graph.nodes {
      if case .slice(_, let start, _) = graph.operation(node), !start.isMultiple(of: Self.lanes) {
        let vector = graph.type(graph.operand(node, 0))
        if vector.shape.rank == 1, !vector.domain.isEmpty { shifted.insert(vector.shape[0]) }
      }
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
    return shape[1] < shape[0] && !shifted.contains(shape[0]) ? 1 : 0
  }
}

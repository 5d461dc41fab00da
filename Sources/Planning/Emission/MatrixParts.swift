internal import EbbGraph
internal import EbbTensors

/// Matrices composed of parts of others, traced back to the memory of the parts.
struct MatrixParts {
  private let storage: Storage
  private let kernels: KernelSelection

  init(_ storage: Storage) {
    self.storage = storage
    kernels = storage.placement.kernels
  }

  /// The rectangles of dense memory that form a matrix.
  func pieces(_ matrix: NodeID, transposed: Bool = false) -> [MatrixPart] {
    guard !transposed else { return pieces(matrix).map(\.transposed) }
    if case .assembled(let rearrangement) = kernels[kernels.canonical(matrix)] {
      return parts(of: matrix, rearrangement)
    }
    let (rows, columns) = kernels.graph.type(matrix).shape.matrix
    return [
      MatrixPart(
        value: storage.view(matrix).value, offset: 0, rowStride: columns, columnStride: 1, row: 0, column: 0,
        rows: rows, columns: columns)
    ]
  }

  /// The parts of a concatenation, slice or transpose; a vector counts as a matrix of one row.
  func parts(of matrix: NodeID, _ rearrangement: Rearrangement) -> [MatrixPart] {
    let graph = kernels.graph
    let isVector = graph.type(matrix).shape.rank == 1
    switch rearrangement {
    case .concatenate(let dimension):
      var start = 0
      return graph.operands(matrix).flatMap { operand -> [MatrixPart] in
        defer { start += graph.type(operand).shape[dimension] }
        return pieces(operand).map { piece in
          var moved = piece
          if dimension == 0 && !isVector { moved.row += start } else { moved.column += start }
          return moved
        }
      }
    case .slice(let dimension, let start, let count):
      return pieces(graph.operand(matrix, 0)).compactMap { $0.cut(isVector ? 1 : dimension, start, count) }
    case .transpose(let i, let j):
      return pieces(graph.operand(matrix, 0), transposed: i != j)
    }
  }
}

extension MatrixPart {
  fileprivate var transposed: MatrixPart {
    MatrixPart(
      value: value, offset: offset, rowStride: columnStride, columnStride: rowStride, row: column, column: row,
      rows: columns, columns: rows)
  }

  /// The part of the piece within `start ..< start + count` of a dimension, moved to start at 0.
  func cut(_ dimension: Int, _ start: Int, _ count: Int) -> MatrixPart? {
    if dimension == 1 { return transposed.cut(0, start, count)?.transposed }
    let low = max(row, start)
    let high = min(row + rows, start + count)
    guard low < high else { return nil }
    var result = self
    result.offset += (low - row) * rowStride
    result.row = low - start
    result.rows = high - low
    return result
  }
}

extension Shape {
  /// Rows and columns of a matrix, or of a vector as a matrix of one row.
  var matrix: (rows: Int, columns: Int) { rank == 1 ? (1, self[0]) : (self[0], self[1]) }
}

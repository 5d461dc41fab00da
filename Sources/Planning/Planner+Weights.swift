internal import EbbGraph
internal import EbbTensors

/// Matrices that are put together from parts of others, followed back to the memory that holds the parts.
extension Planner {
  /// The rectangles of dense memory of which a weight matrix consists.
  func pieces(_ matrix: NodeID, transposed: Bool) -> [MatrixPart] {
    let found = pieces(matrix)
    guard transposed else { return found }
    return found.map {
      MatrixPart(
        value: $0.value, offset: $0.offset, rowStride: $0.columnStride, columnStride: $0.rowStride, row: $0.column,
        column: $0.row, rows: $0.columns, columns: $0.rows)
    }
  }

  func pieces(_ matrix: NodeID) -> [MatrixPart] {
    let canonical = roles.canonical[matrix.index]
    if roles[canonical] == .assembled { return parts(of: matrix) }
    let (rows, columns) = graph.type(matrix).shape.matrix
    return [
      MatrixPart(
        value: views[canonical]!.value, offset: 0, rowStride: columns, columnStride: 1, row: 0, column: 0, rows: rows,
        columns: columns)
    ]
  }

  /// The parts of a concatenation, slice or transpose; a vector counts as a matrix of one row.
  func parts(of matrix: NodeID) -> [MatrixPart] {
    let isVector = graph.type(matrix).shape.rank == 1
    switch graph.operation(matrix) {
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
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .reshape, .broadcast, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance,
      .stopGradient, .clipGradient:
      preconditionFailure("\(graph.operation(matrix).keyword) is not put together from pieces")
    }
  }
}

extension MatrixPart {
  /// The part of the piece that lies in `start ..< start + count` of a dimension, moved to begin at 0.
  func cut(_ dimension: Int, _ start: Int, _ count: Int) -> MatrixPart? {
    var result = self
    let (position, length) = dimension == 0 ? (row, rows) : (column, columns)
    let low = max(position, start)
    let high = min(position + length, start + count)
    guard low < high else { return nil }
    if dimension == 0 {
      result.offset += (low - position) * rowStride
      result.row = low - start
      result.rows = high - low
    } else {
      result.offset += (low - position) * columnStride
      result.column = low - start
      result.columns = high - low
    }
    return result
  }
}

extension Shape {
  /// Rows and columns of a matrix, or of a vector as a matrix of one row.
  var matrix: (rows: Int, columns: Int) { rank == 1 ? (1, self[0]) : (self[0], self[1]) }
}

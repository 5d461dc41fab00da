/// A rectangle of a matrix, taken from a dense value, so that a composed matrix is packed or copied without
/// intermediate matrices.
package struct MatrixPart: Hashable, Sendable {
  /// The plan's value that contains it.
  package var value: Int
  /// The start of the rectangle in the value, in elements.
  package var offset: Int
  /// From one row to the next, in elements.
  package var rowStride: Int
  /// From one column to the next, in elements.
  package var columnStride: Int
  /// The row at which it is placed in the matrix.
  package var row: Int
  /// The column at which it is placed.
  package var column: Int
  /// How many rows it has.
  package var rows: Int
  /// How many columns it has.
  package var columns: Int
}

/// A weight matrix packed into panels once per run: `rows` are contracted, `columns` are the result's features.
package struct PackedWeights: Hashable, Sendable {
  /// The parts of the matrix.
  package var pieces: [MatrixPart]
  /// The width of its numbers.
  package var storage: StorageType
  /// The number of rows, which a product contracts.
  package var rows: Int
  /// The layout of its columns: a product's features.
  package var columns: FeatureLayout

  /// The bytes of its panels.
  package var bytes: Int { rows * columns.panels(storage.lanes) * 128 }
}

/// A rectangle of a matrix that is taken from a dense value: how a matrix that is put together from others is packed or
/// copied without building what lies between.
package struct MatrixPart: Hashable, Sendable {
  /// The value of the plan from which it is taken.
  package var value: Int
  /// Where the rectangle begins in the value, and the distance of its neighbours, in elements.
  package var offset: Int
  /// From one row to the next, in elements.
  package var rowStride: Int
  /// From one column to the next, in elements.
  package var columnStride: Int
  /// Where it lands in the matrix, and its size.
  package var row: Int
  /// The column at which it lands.
  package var column: Int
  /// How many rows it has.
  package var rows: Int
  /// How many columns it has.
  package var columns: Int
}

/// A weight matrix packed into panels once a run: `rows` are contracted, `columns` are the result's features.
package struct PackedWeights: Hashable, Sendable {
  /// What the matrix is put together from.
  package var pieces: [MatrixPart]
  /// The width of its numbers.
  package var storage: StorageType
  /// How many rows it has: what a product contracts.
  package var rows: Int
  /// The layout of its columns: a product's features.
  package var columns: FeatureLayout
}

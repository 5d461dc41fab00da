internal import EbbGraph

/// What computes a node.
enum KernelKind: Hashable {
  /// Given by the user: a parameter or an input.
  case leaf
  /// One number for everything, written into the instruction that uses it.
  case constant(Double)
  /// Another name for an operand's memory, without work.
  case view
  /// A register of an elementwise program.
  case elementwise
  /// A delay or an advance: a shifted view of its operand.
  case shift
  /// A concatenation of vectors, whose operands are computed in their places.
  case join
  /// A matrix or vector composed of parts of dense ones, and only packed or used as a part of another: it is never
  /// built.
  case assembled(Rearrangement)
  /// A composed matrix that is built by copying its parts.
  case build(Rearrangement)
  /// Rows times a weight matrix.
  case product(RowProduct)
  /// A sum over all indices of outer products.
  case outer
  /// A reduction of each row's features.
  case reduceRows(FeatureReduction)
  /// A sum over all indices.
  case sumColumns
  /// A product, a reduction over axes or a rearrangement of values that all vary, by kernels that take any strides.
  case strided
  /// Anything else, by the scalar fallback.
  case general
}

/// Rows times a weight matrix: which operand is which, and the contracted dimension of the matrix.
struct RowProduct: Hashable {
  var rows: NodeID
  var matrix: NodeID
  var contracted: Int
}

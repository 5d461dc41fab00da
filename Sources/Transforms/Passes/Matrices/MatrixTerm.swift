internal import EbbGraph

/// A term of a matrix that need not be made to multiply by it: ± diag(r) C diag(c), times and divided by numbers.
struct MatrixTerm {
  /// C, which has at least as few axes as the whole.
  enum Core {
    /// I.
    case identity
    /// The diagonal of a matrix, with zeros beside it: I ⊙ X.
    case diagonal(of: NodeID)
    /// u vᵀ.
    case outer(NodeID, NodeID)
    /// A B, the value of this node, or its transpose.
    case product(NodeID, isTransposed: Bool)
    /// A matrix without axes, or its transpose.
    case weights(NodeID, isTransposed: Bool)
  }

  /// A factor of each row, of each column or of all entries.
  struct Scale {
    enum Part { case rows, columns, all }
    /// Multiplication or division.
    var function: BinaryFunction
    /// One number, or a vector.
    var factor: NodeID
    var part: Part
  }

  var core: Core
  var isNegative = false
  var scales: [Scale] = []

  var negated: MatrixTerm { MatrixTerm(core: core, isNegative: !isNegative, scales: scales) }

  func scaled(_ scale: Scale) -> MatrixTerm {
    MatrixTerm(core: core, isNegative: isNegative, scales: scales + [scale])
  }

  /// (diag(r) C diag(c))ᵀ = diag(c) Cᵀ diag(r)
  var transposed: MatrixTerm {
    var result = self
    switch core {
    case .identity, .diagonal: break
    case .outer(let u, let v): result.core = .outer(v, u)
    case .product(let node, let isTransposed): result.core = .product(node, isTransposed: !isTransposed)
    case .weights(let node, let isTransposed): result.core = .weights(node, isTransposed: !isTransposed)
    }
    for index in scales.indices {
      switch scales[index].part {
      case .rows: result.scales[index].part = .columns
      case .columns: result.scales[index].part = .rows
      case .all: break
      }
    }
    return result
  }

  /// Whether the term is a diagonal or a product of two vectors.
  var isThin: Bool {
    switch core {
    case .identity, .diagonal, .outer: true
    case .product, .weights: false
    }
  }

  /// Whether a product with it is no product of two matrices that vary.
  var isSmall: Bool {
    switch core {
    case .identity, .diagonal, .outer, .weights: true
    case .product: false
    }
  }
}

/// The shape of a value in equations. A vector is a column; a transposed one is a row.
enum ValueShape: Hashable, Sendable {
  case scalar
  case vector(Dimension)
  case row(Dimension)
  /// Rows and columns, as in W x: as many columns as x has entries.
  case matrix(Dimension, Dimension)

  var transposed: ValueShape {
    switch self {
    case .scalar: .scalar
    case .vector(let count): .row(count)
    case .row(let count): .vector(count)
    case .matrix(let rows, let columns): .matrix(columns, rows)
    }
  }

  var isMatrix: Bool { if case .matrix = self { true } else { false } }

  var dimensions: [Dimension] {
    switch self {
    case .scalar: []
    case .vector(let count), .row(let count): [count]
    case .matrix(let rows, let columns): [rows, columns]
    }
  }
}

/// How many dimensions a value has, as far as its equations say before any dimension is known.
enum ValueKind: Int, Hashable, Sendable, Comparable {
  case scalar, vector, matrix
  static func < (left: ValueKind, right: ValueKind) -> Bool { left.rawValue < right.rawValue }
}

package import EbbGraph
internal import EbbTensors

/// A call of one kernel, with its arguments.
package enum KernelCall: Hashable, Sendable {
  /// A fused run of elementwise operations.
  case program(ElementwiseProgram)
  /// result = rows · weights (+ addend).
  case product(result: View, rows: View, weights: Int, addend: View?)
  /// result = Σ over these axes of left ⊗ right.
  case outer(result: View, left: View, right: View, over: Domain)
  /// result = a reduction of all the features of each row, or of the products of two rows' features.
  case reduceRows(result: View, from: View, times: View?, FeatureReduction)
  /// result = the sum over these axes, feature by feature.
  case sumColumns(result: View, from: View, over: Domain)
  /// Packs weights into panels.
  case pack(Int)
  /// result = these parts of dense matrices, each in its place; a row has `columns` columns.
  case assemble(result: View, columns: Int, [MatrixPart])
  /// Copies the source, or writes a number where a ragged axis has no index.
  case copy(from: Source, to: View, outside: OutsideNumber?)
  /// Writes the boundary values of a delay or an advance.
  case boundary(GeneralCall)
  /// A product, a reduction, a rearrangement or an operation on lines of numbers, by kernels that take any strides.
  case strided(GeneralCall)
  /// Anything else: rows moved to places that are computed, or one number at a time.
  case general(GeneralCall)
}

/// One node's equation, for operations that no kernel of rows computes.
package struct GeneralCall: Hashable, Sendable {
  /// An operand of an equation.
  package struct Operand: Hashable, Sendable {
    /// Where its numbers are.
    package var source: Source
    /// Its axes, element type and features.
    package var type: NodeType
  }

  /// The operation.
  package var operation: EbbGraph.Operation
  /// The axes, element type and features of the result.
  package var type: NodeType
  /// Where the result goes.
  package var result: View
  /// The operands; for a delay or an advance only its boundary value.
  package var operands: [Operand]

  /// How an equation without a kernel is computed: rows are moved to places that are computed, or each number is
  /// evaluated.
  package var manner: String { movesRows ? "row by row" : "one number at a time" }

  package var movesRows: Bool {
    // A row of random numbers is drawn at once.
    if case .random = operation { return true }
    guard operands.allSatisfy({ $0.source.view != nil }) else { return false }
    if case .gather = operation { return operands[0].type.domain.isEmpty && !type.domain.isEmpty }
    if case .scatterAdd(let count, let over) = operation {
      return over.isEmpty ? type.shape.count == count && count > 1 : type.domain.isEmpty
    }
    if case .pick = operation { return true }
    if case .place = operation { return true }
    if case .history = operation { return true }
    if case .convert = operation { return true }
    return false
  }
}

extension KernelCall {
  var result: View? {
    switch self {
    case .program(let program): program.result
    case .product(let result, _, _, _), .outer(let result, _, _, _), .reduceRows(let result, _, _, _),
      .sumColumns(let result, _, _), .assemble(let result, _, _), .copy(_, let result, _):
      result
    case .boundary(let equation), .strided(let equation), .general(let equation): equation.result
    case .pack: nil
    }
  }

  /// Everything in memory that the call writes.
  var written: [View] {
    if case .program(let program) = self { return program.operands.filter(\.writes).compactMap(\.source.view) }
    return result.map { [$0] } ?? []
  }
}

internal import EbbTensors

/// The type rules of functions of matrices.
extension Graph {
  func matrix(
    _ function: MatrixFunction, _ operands: [NodeType], _ fail: (String) -> GraphProblem
  ) throws(GraphProblem) -> NodeType {
    let a = operands[0]
    for operand in operands {
      guard operand.element.isFloat else { throw fail("expected a float, found \(operand.element.name)") }
      guard operand.element == a.element else { throw fail("the element types differ; convert one of them") }
    }
    guard a.shape.rank == 2 else { throw fail("expected a matrix, found \(a.shape)") }
    switch function {
    case .solve, .matrixExponential:
      guard a.shape[0] == a.shape[1] else { throw fail("expected a square matrix, found \(a.shape)") }
    case .orthonormalFactor:
      guard a.shape[0] >= a.shape[1] else {
        throw fail("expected at least as many rows as columns, found \(a.shape)")
      }
    }
    guard function == .solve else { return a }
    let b = operands[1]
    guard (1...2).contains(b.shape.rank), b.shape[0] == a.shape[0] else {
      throw fail("the right side has \(a.shape[0]) entries, or as many rows; found \(b.shape)")
    }
    return NodeType(b.element, a.domain.union(b.domain), b.shape)
  }
}

internal import EbbTensors

extension Graph {
  /// The type of a history or of its adjoint.
  func history(
    _ operation: Operation, _ operand: NodeType, _ settled: Bool, _ fail: (String) -> GraphProblem
  ) throws(GraphProblem) -> NodeType {
    guard let (time, along) = operation.historyAxes else {
      preconditionFailure("\(operation.keyword) is no history")
    }
    let (ofTime, past) = (axes[time.index], axes[along.index])
    guard past.steps == time else {
      throw fail("the axis \(past.name) is not declared with the steps of \(ofTime.name)")
    }
    guard !settled || operand.domain.contains(time) else {
      throw fail("only what varies along \(ofTime.name) has a history, and this is over \(names(of: operand.domain))")
    }
    if case .history = operation {
      guard !operand.domain.contains(along) else { throw fail("the operand already has the axis \(past.name)") }
      return operand.with(domain: operand.domain.union([time, along]).union(lengthsDomain(of: [time])))
    }
    guard operand.element.isFloat else { throw fail("expected floats") }
    guard !settled || operand.domain.contains(along) else { throw fail("the operand lacks the axis \(past.name)") }
    return operand.with(domain: operand.domain.inserting(time).union(lengthsDomain(of: [time])).removing(along))
  }
}

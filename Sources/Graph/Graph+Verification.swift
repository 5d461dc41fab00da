internal import EbbTensors

/// The well-formedness of a graph, checked after recording and after every transform.
extension Graph {
  /// Throws all problems found: in types, order, causality, ragged axes, names and outputs.
  public func verify() throws(GraphError) {
    var problems: [GraphProblem] = []
    verifyAxes(&problems)
    for node in nodes { verifyNode(node, &problems) }
    if problems.isEmpty { verifyCausality(&problems) }
    if problems.isEmpty { verifyDeclaredGradients(&problems) }
    for (node, name) in names where node.index >= count {
      problems.append(GraphProblem("the name \(name) names no node"))
    }
    for output in outputs where output.node.index < 0 || output.node.index >= count {
      problems.append(GraphProblem("the output \(output.name) is no node"))
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  private func verifyAxes(_ problems: inout [GraphProblem]) {
    var names: Set<String> = []
    for (index, axis) in axes.enumerated() {
      if !names.insert(axis.name).inserted { problems.append(GraphProblem("two axes are named \(axis.name)")) }
      if let steps = axis.steps {
        let isPossible = axis.kind == .time && axis.length == nil && axis.lengths == nil && steps.index < index
        if !isPossible || axes[steps.index].kind != .time || axes[steps.index].steps != nil {
          problems.append(
            GraphProblem(
              "\(axis.name) has the steps of a time axis that is declared before it, so it is a time axis without a length "
                + "of its own"))
        }
        continue
      }
      guard let lengths = axis.lengths else { continue }
      guard lengths.index >= 0, lengths.index < count, operation(lengths) == .input,
        type(lengths).element == .int32, type(lengths).shape == .scalar,
        type(lengths).domain.allSatisfy({ axes[$0.index].kind == .batch })
      else {
        problems.append(
          GraphProblem(
            node: lengths, "the lengths of the ragged axis \(axis.name) must be an i32 scalar input over batch axes"))
        continue
      }
      if axis.kind != .time || axis.length != nil {
        problems.append(
          GraphProblem(node: lengths, "only a time axis without a fixed length can be ragged: \(axis.name)"))
      }
    }
  }

  private func verifyNode(_ node: NodeID, _ problems: inout [GraphProblem]) {
    let operation = self.operation(node)
    let operands = self.operands(node)
    func report(_ message: String) { problems.append(GraphProblem(node: node, "%\(node.index) \(message)")) }
    for (position, operand) in operands.enumerated() {
      if operand == .open { return report(openMessage(node)) }
      let isCarried = operation.shift != nil && position == 0
      guard operand.index >= 0, operand.index < count else { return report("has an operand that is no node") }
      if !isCarried && operand.index >= node.index {
        return report(
          "\(operation.keyword) reads %\(operand.index), which comes later: a cycle without a delay; "
            + "let the value pass through a state")
      }
    }
    let found = type(node)
    if operation == .parameter {
      if names[node] == nil { report("a parameter needs a name") }
      if !found.domain.isEmpty { report("a parameter is indexed by no axis") }
    }
    if operation == .input, names[node] == nil { report("an input needs a name") }
    if case .constant = operation, !found.domain.isEmpty { report("a constant is indexed by no axis") }
    if case .literal(let literal) = operation {
      if !found.domain.isEmpty { report("a literal is indexed by no axis") }
      if let problem = literal.problem(for: found) { report(problem) }
    }
    if case .random = operation {
      if !found.element.isFloat { report("random numbers are floats") }
      if found.domain.count > 3 { report("random numbers are declared over at most three axes") }
    }
    guard !operation.isLeafWithType else { return }
    do {
      let inferred = try inferType(operation, operands.map { types[$0.index] })
      if inferred != found {
        report(
          "\(operation.keyword) has type \(found.element.name) \(names(of: found.domain)) \(found.shape), its operands "
            + "give \(inferred.element.name) \(names(of: inferred.domain)) \(inferred.shape)")
      }
    } catch {
      report(error.message)
    }
  }

  /// Along each axis of a recurrence all delays on its cycles have one direction, and nothing on them mixes the axis.
  private func verifyCausality(_ problems: inout [GraphProblem]) {
    let components = Components(self)
    for (index, members) in components.members.enumerated() where components.isCyclic[index] {
      let sweeps = sweeps(on: index, of: components)
      for node in shifts(on: index, of: components) {
        guard let shift = operation(node).shift,
          !sweeps.contains(SweepDirection(axis: shift.axis, isBackward: shift.isAdvance))
        else { continue }
        problems.append(
          GraphProblem(
            node: node,
            "%\(node.index): a delay and an advance along \(axes[shift.axis.index].name) on one cycle have no order; "
              + "use them in separate recurrences"))
        break
      }
      for node in members {
        let order = operation(node).historyOrder
        if let order, sweeps == [order] { continue }
        guard let axis = operation(node).mixedAxes.intersection(Domain(sweeps.map(\.axis))).first(where: { _ in true })
        else { continue }
        problems.append(
          GraphProblem(
            node: node,
            order == nil
              ? "%\(node.index) \(operation(node).keyword) uses all steps of \(axes[axis.index].name) inside the "
                + "recurrence over it; only earlier steps exist there"
              : "%\(node.index) \(operation(node).keyword) reads the steps of \(axes[axis.index].name) that come later in "
                + "its recurrence; let the history and the recurrence have one direction"))
      }
    }
  }
}

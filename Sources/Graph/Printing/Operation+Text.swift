internal import EbbTensors

extension Graph {
  /// An operation with its operands, as the right-hand side of a printed equation.
  func text(_ operation: Operation, _ operands: [NodeID]) -> String { text(operation, operands.map(reference)) }

  /// An operation with operands given as texts.
  func text(_ operation: Operation, _ operands: [String]) -> String {
    let attributes = attributes(operation)
    var references = operands
    if operation.isGiven { return operation.keyword }
    if case .constant(let value) = operation { return "constant(\(constantText(value)))" }
    if case .literal(let literal) = operation {
      return "literal(\(literal.numbers.map(constantText).joined(separator: ", ")))"
    }
    if let shift = operation.shift, references.count == 2 {
      references[1] = (shift.isAdvance ? "final " : "initial ") + references[1]
    }
    let groups = [references, attributes].filter { !$0.isEmpty }.map { $0.joined(separator: ", ") }
    return "\(operation.keyword)(\(groups.joined(separator: "; ")))"
  }

  /// An operation's attributes: everything it needs besides its operands.
  private func attributes(_ operation: Operation) -> [String] {
    switch operation {
    case .parameter, .input, .constant, .literal, .unary, .binary, .compare, .select, .gather, .matrix, .stopGradient,
      .declaredGradient, .incomingAdjoint:
      []
    case .axisIndex(let axis), .axisLength(let axis), .argmaxAxis(let axis), .axisToFeature(let axis),
      .featureToAxis(let axis):
      ["along \(text(axis))"]
    case .iota(let count): ["count \(count)"]
    case .random(let distribution, let stream): ["\(distribution)", "stream \(stream)"]
    case .convert(let element): ["to \(element.name)"]
    case .product(let contraction, let over):
      [text(contraction)] + (over.isEmpty ? [] : ["over \(text(over))"])
    case .transpose(let first, let second): ["dimension \(first)", "with \(second)"]
    case .reshape(let shape): ["to \(shape)"]
    case .broadcast(let dimension, let count): ["dimension \(dimension)", "count \(count)"]
    case .concatenate(let dimension), .reduceFeatures(_, let dimension), .argmaxFeatures(let dimension),
      .gatherFeatures(let dimension):
      ["dimension \(dimension)"]
    case .argsortFeatures(let dimension, let isDescending):
      ["dimension \(dimension)"] + (isDescending ? ["descending"] : [])
    case .scatterFeatures(let dimension, let count): ["dimension \(dimension)", "count \(count)"]
    case .accumulate(let dimension, let isReversed): ["dimension \(dimension)"] + (isReversed ? ["reversed"] : [])
    case .slice(let dimension, let start, let count): ["dimension \(dimension)", "start \(start)", "count \(count)"]
    case .pad(let dimension, let before, let after): ["dimension \(dimension)", "before \(before)", "after \(after)"]
    case .scatterAdd(let count, let over): ["count \(count)"] + (over.isEmpty ? [] : ["over \(text(over))"])
    case .reduceAxes(_, let over), .spread(let over): ["over \(text(over))"]
    case .pick(let axis, let position), .place(let axis, let position): ["along \(text(axis))", "\(position)"]
    case .delay(let axis, let by, let truncation):
      ["along \(text(axis))"] + (by == 1 ? [] : ["by \(by)"]) + (truncation == 0 ? [] : ["truncation \(truncation)"])
    case .advance(let axis, let by): ["along \(text(axis))"] + (by == 1 ? [] : ["by \(by)"])
    case .history(let axis, let along, let isBackward), .historySum(let axis, let along, let isBackward):
      ["of \(text(axis))", "along \(text(along))"] + (isBackward ? ["backward"] : [])
    case .clipGradient(.norm(let limit, let epsilon)):
      ["norm \(constantText(limit))"] + (epsilon == 0 ? [] : ["epsilon \(constantText(epsilon))"])
    case .clipGradient(.value(let limit)): ["value \(constantText(limit))"]
    }
  }

  private func text(_ contraction: Contraction) -> String {
    switch contraction {
    case .outer: "outer"
    case .dimensions(let left, let right): "contracting \(left) with \(right)"
    }
  }
}

/// A number with the fewest digits that read back exactly; every NaN is `nan`.
package func constantText(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

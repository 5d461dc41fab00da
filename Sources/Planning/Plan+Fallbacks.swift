internal import EbbGraph
internal import EbbTensors

/// An equation that no kernel computes, so that each of its numbers is evaluated by the operation's definition, with what
/// to write instead.
public struct Fallback: Hashable, Sendable, CustomStringConvertible {
  /// The operation, as in `ebb graph`.
  public var operation: String
  /// What it computes: the value's name if it has one, its axes and its features.
  public var result: String
  /// What to write instead.
  public var advice: String
  /// Of an equation that no axis indexes, and that is so computed once a run: about how many operations that takes.
  public var operationsARun: Double?

  public var description: String {
    let often = operationsARun.map { " once a run, about \(Int(($0 / 1e6).rounded())) million operations" } ?? ""
    return "\(operation) (\(result)) has no kernel and is evaluated number by number\(often): \(advice)"
  }
}

extension Plan {
  /// The equations that no kernel computes, in the order of the plan; those that are alike are told once. What no axis
  /// indexes is computed once a run, and named if that is at least `Fallback.muchWork`; what has no operands, or spreads a
  /// number, only writes numbers down and is not named, nor is a value of one step, which is read once a sequence.
  public var fallbacks: [Fallback] {
    var found: [Fallback] = []
    for instruction in instructions {
      guard case .general(let equation) = instruction.kernel, !equation.movesRows, !isOnceASequence(equation),
        let advice = equation.advice,
        equation.isIndexed || equation.operationsOfOne >= Fallback.muchWork
      else { continue }
      let name = equation.result.node.flatMap { graph.name($0) }.map { "\($0): " } ?? ""
      let type = equation.type
      let fallback = Fallback(
        operation: equation.operation.keyword, result: "\(name)\(text(type.domain)) \(type.shape)", advice: advice,
        operationsARun: equation.isIndexed ? nil : equation.operationsOfOne)
      if !found.contains(fallback) { found.append(fallback) }
    }
    return found
  }

  /// Whether it reads a value of one step, or spreads what is no value of a step.
  private func isOnceASequence(_ equation: GeneralCall) -> Bool {
    if case .spread = equation.operation, equation.operands.allSatisfy({ $0.source.view == nil }) { return true }
    guard case .pick = equation.operation else { return false }
    return !equation.type.domain.contains { graph.description(of: $0).kind == .time }
  }
}

extension Fallback {
  /// The work, once a run, from which on an equation is named: 2²⁰ operations take about a millisecond, as solving 128
  /// equations for 128 right sides does, or evaluating 2¹⁵ numbers.
  public static let muchWork = 0x1p20
}

extension GeneralCall {
  /// Whether there is more than one of it.
  fileprivate var isIndexed: Bool { !type.domain.isEmpty || operands.contains { !$0.type.domain.isEmpty } }

  /// About how many operations its value takes at one index: the multiplications of a function of matrices or a product,
  /// and for each number that is read or written by itself as many as take its time.
  fileprivate var operationsOfOne: Double {
    let numbers = operands.reduce(type.shape.count) { max($0, $1.type.shape.count) }
    let operationsForANumber = 32.0
    switch operation {
    case .matrix(let function): return function.multiplications(operands.map(\.type.shape))
    case .product(.dimensions(let i, _), _): return Double(type.shape.count * operands[0].type.shape[i])
    case .product(.outer, _), .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .unary,
      .binary, .compare, .select, .convert, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather,
      .scatterAdd, .reduceFeatures, .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance, .history,
      .historySum, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      return operationsForANumber * Double(numbers)
    }
  }

  /// What to write in place of an equation that each number is evaluated for; nil for one that only writes numbers down.
  fileprivate var advice: String? {
    // Kernels that take any strides read memory, of one width, up to the ends of rows that each operand has.
    if operands.contains(where: { $0.source.view == nil }) {
      return "an operand is one number for all features; write the result with * and + of that number"
    }
    if isIndexed, Set(operands.map(\.type.element)).union([type.element]).count > 1, !readsPlaces {
      return "the operands and the result have several element types; convert whole sequences, outside of the step"
    }
    switch operation {
    case .constant, .literal, .axisIndex, .axisLength, .iota, .parameter, .input:
      return nil
    case .matrix:
      return isIndexed
        ? "functions of matrices that are parameters are computed once a run; of one that varies, some updates by "
          + "products (iterate) have kernels"
        : "of smaller blocks along the diagonal it takes less; some updates by products (iterate) have kernels"
    case .gather:
      return "the table varies: matmul(oneHot(ids, count), table) has a kernel"
    case .scatterAdd:
      return "a product with oneHot(ids, count) has a kernel"
    case .reduceAxes, .argmaxAxis:
      return "the axis is ragged, and the value lacks the axes of its lengths: a value that has them has a kernel"
    case .reduceFeatures:
      return "a vector has a kernel: give other dimensions an axis (featureToAxis)"
    case .product:
      return type.domain.isEmpty
        ? "a sum of products of matrices over all indices: give a dimension of them an axis (featureToAxis)"
        : "a matrix that is a vector in another shape, or lacks the axes of the lengths of a ragged axis: record it as a "
          + "matrix, over these axes"
    case .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .axisToFeature, .featureToAxis, .convert,
      .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate, .pick, .place, .spread,
      .history, .historySum:
      return isIndexed
        ? "do it once for the whole sequence, outside of the step"
        : "give a dimension of it an axis (featureToAxis), or let an input have the result"
    case .random, .unary, .binary, .compare, .select, .delay, .advance, .stopGradient, .clipGradient,
      .declaredGradient, .incomingAdjoint:
      preconditionFailure("\(operation.keyword) has a kernel")
    }
  }

  /// Whether an operand tells the places of others, and so is of another element type by right.
  private var readsPlaces: Bool {
    switch operation {
    case .gather, .scatterAdd, .gatherFeatures, .scatterFeatures, .pick, .place, .argmaxFeatures, .argsortFeatures,
      .argmaxAxis:
      true
    case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare,
      .select, .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures,
      .accumulate, .matrix, .reduceAxes, .spread, .axisToFeature, .featureToAxis, .delay, .advance, .history,
      .historySum, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      false
    }
  }
}

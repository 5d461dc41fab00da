public import EbbGraph

/// The passes between differentiation and planning, in order.
///
/// A pass keeps the value of every output, up to the order of summation inside products and sums and the sign of a
/// zero. It never assumes that a value is finite: x · 0 stays. Derivatives are taken *before* the passes, because marks
/// that only affect derivatives (`stopGradient`, clipping, truncation) are erased first.
public enum Passes {
  /// Every pass, each with the reason for its place.
  public static let registry: [any Pass] = [
    // First, so that no mark hides that two values are equal.
    EraseGradientMarks(),
    // Before histories are added up, which is for those that a recurrence reads.
    MaskHistories(),
    // Before everything else, which then knows only sums along the steps.
    AddUpHistories(),
    // Before algebra, which looks for constant operands.
    FoldConstants(),
    // Before merging: different forms of a value become one, which leaves few patterns for later passes.
    NormalizeElementwise(),
    SimplifyAlgebra(),
    // Before every pass below that asks whether a value has a single use, or whether operands are shared.
    EliminateCommonSubexpressions(),
    EliminateDeadNodes(),
    // Before the rows of matrices are looked at: it leaves fewer matrices.
    MultiplyByTerms(),
    // Before every pass below that looks for products and sums: it makes them of those over rows.
    PutRowsOnAxes(),
    // After the rows, whose products are written as sums.
    FuseContractions(),
    // Before fusing, so that a sum over time of products is already a product over time.
    FuseReductions(),
    // Before grouping: it exposes the terms of a sum that are outside the recurrence.
    SplitConcatenations(),
    // Before fusing, so that gate products meet in sums of one form.
    GroupSums(),
    // Before fusing sums, whose terms may be the same ranges of several products.
    AddBeforeSlicing(),
    // Before products that share an operand: it creates the shared operand (all adjoints of the gates, concatenated).
    FuseProductSums(),
    FuseGateProducts(),
    // After the gate products, whose concatenated adjoints it shares.
    FuseOuterProducts(),
    FuseGateSums(),
    // After fusing, which replaces products by column ranges of one product.
    AddBeforeSlicing(round: 2),
    // The fusions' results are merged and cleaned up like the source.
    SimplifyAlgebra(round: 2),
    EliminateCommonSubexpressions(round: 2),
    // Last: it makes equal nodes on purpose.
    RecomputeCheapValues(),
  ]

  /// The graph after the passes of the registry, up to and including the named one.
  ///
  /// Throws if the graph is not well formed, if a pass breaks it, or if there is no such pass.
  public static func optimized(_ graph: Graph, through name: String? = nil) throws(PassError) -> Graph {
    guard let name else { return try run(registry, on: graph) }
    guard let last = registry.firstIndex(where: { $0.name == name }) else {
      let names = registry.map(\.name).joined(separator: ", ")
      throw PassError(pass: name, problems: [GraphProblem("there is no such pass; the passes are \(names)")])
    }
    return try run(Array(registry[...last]), on: graph)
  }

  /// The graph after these passes, verified after each.
  public static func run(_ passes: [any Pass], on graph: Graph) throws(PassError) -> Graph {
    try verify(graph, after: "none (the graph was not well formed before any)")
    var result = graph
    for pass in passes {
      result = pass.run(result)
      try verify(result, after: pass.name)
    }
    return result
  }

  private static func verify(_ graph: Graph, after pass: String) throws(PassError) {
    do {
      try graph.verify()
    } catch {
      throw PassError(pass: pass, problems: error.problems)
    }
  }
}

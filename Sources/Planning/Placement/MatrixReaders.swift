internal import EbbGraph
internal import EbbTensors

/// Work that reads a matrix at every step joins the sweep that computes the matrix.
///
///     C_t = k_t C_{t−1} + v_t ⊗ q_t;    y_t = C_t q_t
///
/// Over the whole sequence, y reads every C_t from memory, though the sweep had it in a cache; and if nothing else reads
/// C, as is the rule for adjoints, it was written for that alone. In the sweep it costs the same arithmetic, because no
/// weights are shared between the steps.
extension Placement {
  /// Moves reductions of a sweep's matrices, and the elementwise work that only these read, into that sweep.
  ///
  /// What reads vectors stays: it would lengthen the chain from one step to the next and save little memory.
  func joiningMatrices() -> Placement {
    var result = self
    for (node, sweep) in MatrixReaders(self).targets { result.move(node, to: sweep) }
    return result
  }
}

private struct MatrixReaders {
  /// The sweep that each node joins.
  private(set) var targets: [NodeID: Int] = [:]
  private let placement: Placement
  private let kernels: KernelSelection

  init(_ placement: Placement) {
    self.placement = placement
    kernels = placement.kernels
    for node in kernels.graph.nodes where isReduction(node) {
      guard let target = latest(kernels.operands(node)) else { continue }
      // The operands that are computed for it alone, such as the factors of a sum, come with it.
      var joining = [node]
      var position = 0
      while position < joining.count {
        joining += kernels.operands(joining[position]).filter {
          isElementwise($0) && !joining.contains($0) && kernels.users($0).allSatisfy(joining.contains)
        }
        position += 1
      }
      let readsMatrix = joining.flatMap { kernels.operands($0) }
        .contains { stage($0) == target && isMatrix($0) && isSmaller(node, than: $0) }
      guard readsMatrix, joining.allSatisfy({ fits($0, target, joining) }) else { continue }
      for node in joining { targets[node] = target }
    }
  }

  private func stage(_ node: NodeID) -> Int { targets[node] ?? placement.stage(node) }
  private func level(_ stage: Int) -> Int { placement.stages.list[stage].level }

  /// The sweep whose results are the latest of those that a node needs, directly or through work of its own.
  private func latest(_ operands: [NodeID]) -> Int? {
    var found: Int?
    for operand in operands where !kernels.isConstant(operand) {
      let own = placement.stages.list[stage(operand)].sweep == nil && isElementwise(operand)
      guard let other = own ? latest(kernels.operands(operand)) : stage(operand) else { continue }
      if found.map({ level($0) < level(other) }) ?? true { found = other }
    }
    return found.flatMap { placement.stages.list[$0].sweep == nil ? nil : $0 }
  }

  /// Whether a node can be computed in a sweep: at each of its steps, from what is there.
  private func fits(_ node: NodeID, _ target: Int, _ joining: [NodeID]) -> Bool {
    guard let sweep = placement.stages.list[target].sweep, let phase = placement.phases.sweep(target) else {
      return false
    }
    return sweep.axes.isSubset(of: kernels.domain(node))
      && kernels.operands(node).allSatisfy {
        joining.contains($0) || kernels.isConstant($0) || stage($0) == target
          || (level(stage($0)) < level(target) && placement.phase($0) <= phase)
      }
  }

  private func isReduction(_ node: NodeID) -> Bool {
    guard isMovable(node) else { return false }
    switch kernels[node] {
    case .reduceRows: return true
    case .strided:
      // What heeds the ends of rows reads copies of whole sequences.
      let over = kernels.graph.operation(node).mixedAxes
      return kernels.operands(node).allSatisfy { !kernels.isMasked(kernels.domain($0), over) }
    case .leaf, .constant, .view, .elementwise, .shift, .join, .assembled, .build, .product, .outer, .sumColumns,
      .general:
      return false
    }
  }

  private func isElementwise(_ node: NodeID) -> Bool { isMovable(node) && kernels[node] == .elementwise }

  private func isMovable(_ node: NodeID) -> Bool {
    kernels.isLive(node) && kernels.canonical(node) == node && placement.sweep(node) == nil && targets[node] == nil
      && !kernels.isOutput(node) && !placement.fused.isSum(node) && placement.fused.sumOf[node] == nil
      && kernels.domain(node) == kernels.graph.type(node).domain
  }

  /// Whether a value has more at each step than a vector for each sample.
  private func isMatrix(_ node: NodeID) -> Bool { rank(node) > 3 }
  /// Whether a result has fewer dimensions than what it is computed from, or is at most half of it, as a row of a matrix is.
  private func isSmaller(_ node: NodeID, than matrix: NodeID) -> Bool {
    rank(node) < rank(matrix) || (rank(node) == rank(matrix) && 2 * kernels.features(node) <= kernels.features(matrix))
  }

  private func rank(_ node: NodeID) -> Int { kernels.domain(node).count + kernels.graph.type(node).shape.rank }
}

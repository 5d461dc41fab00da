internal import EbbGraph

/// The schedule of each stage, and decisions that need all of them: the program of each node, and the reductions that
/// take factors of their operand.
struct Schedules {
  let placement: Placement
  let layouts: Layouts
  /// One for each stage.
  private(set) var ofStage: [Schedule]
  /// For each reduction that includes a multiplication, its factors; for a square, one of them twice.
  private(set) var factorsOf: [NodeID: (NodeID, NodeID)] = [:]
  /// The program to which an elementwise node belongs.
  private var groupOf: [NodeID: Int] = [:]
  private var kernels: KernelSelection { placement.kernels }

  init(_ placement: Placement, _ layouts: Layouts) {
    self.placement = placement
    self.layouts = layouts
    var members = placement.stages.list.map { _ in [NodeID]() }
    for node in placement.kernels.computed {
      if case .constant = placement.kernels[node] { continue }
      members[placement.stage(node)].append(node)
    }
    ofStage = members.map { Schedule($0, placement, layouts) }
    for (group, nodes) in groups.enumerated() {
      for node in nodes { groupOf[node] = group }
    }
    takeFactors()
  }

  /// The nodes of each program.
  private var groups: [[NodeID]] {
    ofStage.flatMap(\.items).compactMap { if case .group(let nodes) = $0 { nodes } else { nil } }
  }

  /// All nodes that are computed, in the order of the plan.
  var order: [NodeID] { ofStage.flatMap { $0.items.flatMap(\.nodes) } }

  /// Whether a node has its own memory: whether something outside its program reads it.
  func needsStorage(_ node: NodeID) -> Bool {
    switch kernels[node] {
    case .constant, .view, .shift, .assembled, .join: return false
    case .leaf, .build, .outer, .reduceRows, .sumColumns, .strided, .general: return true
    case .product: return placement.fused.sumOf[node] == nil
    case .elementwise:
      guard !placement.fused.isSum(node), let group = groupOf[node], !kernels.isOutput(node) else { return true }
      return placement.readers(node).contains { groupOf[$0] != group }
    }
  }

  // MARK: Reductions that take the factors of what they reduce

  /// Removes each product that a reduction computes itself from its program.
  ///
  ///     Σ a ⊙ b = Σⱼ aⱼ bⱼ      mean a² = Σⱼ aⱼ² / n
  ///
  /// A sum or a mean over features of a product without other uses reads a and b directly: the product is neither
  /// written nor read. Its bits are those of the product written and then reduced.
  private mutating func takeFactors() {
    var products: Set<NodeID> = []
    for node in order {
      guard let product = reducedProduct(node) else { continue }
      let factors = kernels.operands(product)
      factorsOf[node] = (factors[0], factors.count > 1 ? factors[1] : factors[0])
      groupOf[product] = nil
      products.insert(product)
    }
    guard !products.isEmpty else { return }
    for stage in ofStage.indices { ofStage[stage].remove(products) }
  }

  /// The product that a reduction computes itself, if there is one:
  ///
  /// - The reduction is a sum or a mean: no kernel takes factors for a maximum or a norm.
  /// - It is a multiplication or a square that only this reduction reads, and no output. So it is not a delay's value,
  ///   a boundary or a summand either.
  /// - It runs in the reduction's stage and phase: its operands are available, and are kept no longer than otherwise.
  /// - Each factor has the product's features, one number for each, and rows. One number for all features, or one row
  ///   for all indices, is cheaper in a program, which holds it in registers.
  /// - Each factor is in memory even without the reduction; otherwise one value would be written instead of another.
  private func reducedProduct(_ node: NodeID) -> NodeID? {
    guard case .reduceRows(let reduction) = kernels[node], reduction.takesFactors else { return nil }
    let product = kernels.operands(node)[0]
    guard kernels[product] == .elementwise, kernels.graph.operation(product).isMultiplication,
      kernels.users(product) == [node], !kernels.isOutput(product), groupOf[product] != nil,
      placement.stage(product) == placement.stage(node), placement.phase(product) == placement.phase(node)
    else { return nil }
    let isReadable = kernels.operands(product).allSatisfy { factor in
      kernels.hasRows(factor) && !kernels.isConstant(factor) && kernels.features(factor) == kernels.features(product)
        && kernels.storage(factor) == kernels.storage(product) && !isRepeated(factor)
        && isStored(factor, without: product)
    }
    return isReadable ? product : nil
  }

  /// Whether one number stands for all features of a node.
  private func isRepeated(_ node: NodeID) -> Bool {
    guard kernels[node] == .view else { return false }
    if case .broadcast = kernels.graph.operation(node) { return true }
    return isRepeated(kernels.operands(node)[0])
  }

  /// Whether a node is in memory even if this reader does not read it.
  private func isStored(_ node: NodeID, without reader: NodeID) -> Bool {
    guard kernels[node] == .elementwise, let group = groupOf[node], !kernels.isOutput(node) else { return true }
    return placement.readers(node).contains { $0 != reader && groupOf[$0] != group }
  }
}

extension FeatureReduction {
  /// Whether there is a kernel that takes two factors.
  fileprivate var takesFactors: Bool {
    switch self {
    case .sum, .mean: true
    case .max, .norm: false
    }
  }
}

extension EbbGraph.Operation {
  fileprivate var isMultiplication: Bool { self == .binary(.multiply) || self == .unary(.square) }
}

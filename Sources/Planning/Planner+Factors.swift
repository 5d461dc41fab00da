internal import EbbGraph

/// Reductions that take the factors of what they reduce.
///
///     Σ a ⊙ b = Σⱼ aⱼ bⱼ      mean a² = Σⱼ aⱼ² / n
///
/// A sum or a mean over features of a product that nothing else reads takes a and b itself: the product is neither
/// written nor read again. Its bits are those of the product written and then reduced.
extension Planner {
  /// Takes each such product out of its program. Called when all programs are known, before anything has memory.
  mutating func takeFactors() {
    var products: Set<NodeID> = []
    for schedule in schedules {
      for case .single(let node) in schedule.items {
        guard let product = reducedProduct(node) else { continue }
        factorsOf[node] = roles.operands(product)
        groupOf[product] = nil
        products.insert(product)
      }
    }
    guard !products.isEmpty else { return }
    for stage in schedules.indices { schedules[stage].remove(products) }
  }

  /// The product that a reduction computes itself, if there is one:
  ///
  /// - The reduction is a sum or a mean: of a product's maximum or norm no kernel knows the factors.
  /// - It is a multiplication or a square that only this reduction reads, and no output. So it is no delay's value, no
  ///   boundary and no summand either.
  /// - It runs in the reduction's stage and turn: what it reads is there, and is kept no longer than it would be anyway.
  /// - Each factor has the product's features, one number for each, and rows. A number for all features, or a row for all
  ///   indices, is cheaper in a program, which holds it in registers.
  /// - Each factor is in memory whether or not the reduction reads it: else one value would be written for another.
  private func reducedProduct(_ node: NodeID) -> NodeID? {
    guard case .reduceRows(let reduction) = roles[node], reduction.takesFactors else { return nil }
    let product = roles.operands(node)[0]
    guard roles[product] == .elementwise, graph.operation(product).isMultiplication,
      roles.users[product.index] == [node], !roles.isOutput[product.index], groupOf[product] != nil,
      staging.stage[product.index] == staging.stage[node.index], staging.turn(product) == staging.turn(node)
    else { return nil }
    let isReadable = roles.operands(product).allSatisfy { factor in
      roles.hasRows(factor) && !roles.isConstant(factor) && roles.features(factor) == roles.features(product)
        && roles.storage[factor.index] == roles.storage[product.index] && !isRepeated(factor)
        && isStored(factor, without: product)
    }
    return isReadable ? product : nil
  }

  /// Whether one number stands for all features of a node.
  private func isRepeated(_ node: NodeID) -> Bool {
    guard roles[node] == .view else { return false }
    if case .broadcast = graph.operation(node) { return true }
    return isRepeated(roles.operands(node)[0])
  }

  /// Whether a node is in memory even if this reader does not read it.
  private func isStored(_ node: NodeID, without reader: NodeID) -> Bool {
    guard roles[node] == .elementwise, let group = groupOf[node], !roles.isOutput[node.index] else { return true }
    return roles.users[node.index].contains {
      $0 != reader && groupOf[$0] != group && staging.runningSums[$0] == nil
    }
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

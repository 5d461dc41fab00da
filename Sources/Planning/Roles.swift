internal import EbbGraph
internal import EbbTensors

/// What the executor does for a node.
enum Role: Hashable {
  /// Given by the user: a parameter or an input.
  case leaf
  /// One number for everything, written into the instruction that uses it.
  case constant(Double)
  /// Another name for an operand's memory: nothing is done.
  case view
  /// A register of an elementwise program.
  case elementwise
  /// A delay or an advance: a shifted view of what it carries.
  case carrier
  /// Vectors side by side: its operands are computed in their places.
  case join
  /// A matrix or vector put together from parts of dense ones, and read only to be packed or to be part of another:
  /// it is never built.
  case assembled
  /// One that is built, by copying its parts.
  case build
  /// Rows times a weight matrix.
  case product(rows: NodeID, matrix: NodeID, contracted: Int)
  /// A sum over all indices of outer products.
  case outer
  /// A reduction of each row's features.
  case reduceRows(FeatureReduction)
  /// A sum over all indices.
  case sumColumns
  /// Anything else, by the general evaluator.
  case general
}

/// What is known of each node before stages are formed.
struct Roles {
  let graph: Graph
  /// The node whose values a node has: through identities, reshapes and spreads.
  private(set) var canonical: [NodeID]
  private(set) var roles: [Role]
  private(set) var storage: [StorageType]
  /// The live nodes that read a node, by canonical name.
  private(set) var users: [[NodeID]]
  /// What the outputs need, the lengths of ragged axes, and all inputs and parameters.
  private let live: NodeSet
  let isOutput: [Bool]
  private var domains: [Domain]

  init(_ graph: Graph) {
    self.graph = graph
    canonical = graph.nodes.map { $0 }
    roles = Array(repeating: .general, count: graph.count)
    storage = Array(repeating: .single, count: graph.count)
    domains = graph.types.map(\.domain)
    users = Array(repeating: [], count: graph.count)
    let given = graph.nodes.filter { graph.operation($0) == .input || graph.operation($0) == .parameter }
    live = graph.ancestors(of: graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths) + given)
    var isOutput = Array(repeating: false, count: graph.count)
    for output in graph.outputs { isOutput[output.node.index] = true }
    self.isOutput = isOutput
    resolveAliases()
    inferStorage()
    for node in graph.nodes where isLive(node) && canonical[node.index] == node {
      for operand in graph.operands(node) { users[canonical[operand.index].index].append(node) }
    }
    for node in graph.nodes where isLive(node) {
      roles[node.index] = role(of: node)
      domains[node.index] = varyingDomain(node)
    }
    for node in graph.nodes.reversed() where isRearrangement(node) {
      roles[node.index] =
        users[node.index].isEmpty || isOutput[node.index] || !isOnlyTakenApart(node) ? .build : .assembled
    }
  }

  subscript(node: NodeID) -> Role { roles[node.index] }
  func isLive(_ node: NodeID) -> Bool { live.contains(node) }
  func operands(_ node: NodeID) -> [NodeID] { graph.operands(node).map { canonical[$0.index] } }
  func features(_ node: NodeID) -> Int { graph.type(node).shape.count }
  func hasRows(_ node: NodeID) -> Bool { !domain(node).isEmpty }

  /// The axes along which a node's values vary: what is only repeated over an axis is computed and held once.
  func domain(_ node: NodeID) -> Domain { domains[node.index] }

  private func varyingDomain(_ node: NodeID) -> Domain {
    switch roles[node.index] {
    case .elementwise, .view, .join, .product, .reduceRows:
      let union = operands(node).reduce(Domain.empty) { $0.union(isConstant($1) ? .empty : domain($1)) }
      if case .pick(let axis, _) = graph.operation(node) { return union.removing(axis) }
      return union
    case .leaf, .constant, .carrier, .assembled, .build, .outer, .sumColumns, .general:
      return graph.type(node).domain
    }
  }

  /// Identities, reshapes and spreads read their operand's memory; an output among them is copied into its own.
  ///
  /// A repeated constant is one number to those that work feature by feature. What joins it with others has to know how
  /// many features it is.
  private mutating func resolveAliases() {
    let joined = graph.ancestors(
      of: graph.nodes.filter { if case .concatenate = graph.operation($0) { true } else { false } }
    ) { node, _ in
      switch graph.operation(node) {
      case .concatenate, .stopGradient, .clipGradient, .reshape, .spread, .broadcast: true
      case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
        .convert, .product, .transpose, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures,
        .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance:
        false
      }
    }
    for node in graph.nodes where !isOutput[node.index] {
      switch graph.operation(node) {
      case .stopGradient, .clipGradient, .reshape, .spread:
        canonical[node.index] = canonical[graph.operand(node, 0).index]
      case .broadcast:
        let operand = canonical[graph.operand(node, 0).index]
        // A constant of several features may have memory of its own, for just as many.
        if case .constant = graph.operation(operand), graph.type(operand).shape.count == 1, !joined.contains(node) {
          canonical[node.index] = operand
        }
      case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
        .convert, .product, .transpose, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures,
        .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance:
        break
      }
    }
  }

  /// Int32 in doubles; Bool in the width of what was compared.
  private mutating func inferStorage() {
    let isSingle = graph.types.contains { $0.element == .float32 }
    for node in graph.nodes {
      storage[node.index] =
        switch graph.type(node).element {
        case .float32: .single
        case .float64, .int32: .double
        case .bool:
          switch graph.operation(node) {
          case .input, .constant, .parameter, .random, .axisIndex, .axisLength, .iota: isSingle ? .single : .double
          case .delay, .advance: storage[graph.operand(node, 1).index]
          case .unary, .binary, .compare, .select, .convert, .product, .transpose, .reshape, .broadcast, .concatenate,
            .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick,
            .place, .spread, .axisToFeature, .featureToAxis, .stopGradient, .clipGradient:
            storage[graph.operand(node, 0).index]
          }
        }
    }
  }

  private func role(of node: NodeID) -> Role {
    let type = graph.type(node)
    let operands = self.operands(node)
    func sameRows(_ operand: NodeID) -> Bool {
      hasRows(operand)
    }
    switch graph.operation(node) {
    case .parameter, .input:
      return .leaf
    case .constant(let number):
      return isOutput[node.index] ? .general : .constant(number)
    case .unary, .binary, .compare, .select, .stopGradient, .clipGradient:
      return .elementwise
    case .convert:
      return storage[node.index] == storage[operands[0].index] || type.shape.count == 1 ? .elementwise : .general
    case .product(let contraction, let over):
      return productRole(node, contraction, over, operands)
    case .concatenate:
      return type.shape.rank == 1 && operands.contains { hasRows($0) && !isConstant($0) } ? .join : .general
    case .slice:
      return type.shape.rank == 1 && sameRows(operands[0]) && !isConstant(operands[0]) && !isOutput[node.index]
        ? .view : .general
    case .broadcast:
      let isRepeat = graph.type(operands[0]).shape.count == 1 && type.shape.rank == 1 && !isOutput[node.index]
      return isRepeat && type.shape.count > 1 && hasRows(operands[0]) ? .view : .general
    case .pick(let axis, let position):
      // Where rows end at steps of their own, a pick may fall outside, and reads 0 there.
      let isRagged =
        graph.description(of: axis).lengths != nil
        || graph.lengthsDomain(of: graph.type(operands[0]).domain).contains(axis)
      let isFixed = position != .at && !isRagged && !isOutput[node.index] && !isConstant(operands[0])
      return isFixed && domain(operands[0]).contains(axis) && domain(operands[0]).count > 1 ? .view : .general
    case .reduceFeatures(let reduction, _):
      let source = graph.operand(node, 0)
      return graph.type(source).shape.rank == 1 && sameRows(operands[0]) && features(operands[0]) > 1
        && storage[operands[0].index] == storage[node.index] && !isConstant(operands[0])
        ? .reduceRows(reduction) : .general
    case .reduceAxes(.sum, let over):
      let isAll = type.domain.isEmpty && domain(operands[0]) == over
      return isAll && type.element.isFloat && !isConstant(operands[0]) ? .sumColumns : .general
    case .delay, .advance:
      return .carrier
    case .axisIndex, .axisLength, .iota, .random, .transpose, .reshape, .pad, .gather, .scatterAdd, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .place, .spread, .axisToFeature, .featureToAxis:
      return .general
    }
  }

  private func productRole(
    _ node: NodeID, _ contraction: Contraction, _ over: Domain, _ operands: [NodeID]
  ) -> Role {
    let (left, right) = (graph.operand(node, 0), graph.operand(node, 1))
    if isConstant(operands[0]) || isConstant(operands[1]) { return .general }
    switch contraction {
    case .outer:
      let fits = [(left, operands[0]), (right, operands[1])].allSatisfy { operand, canonical in
        graph.type(operand).shape.rank == 1 && domain(canonical) == over && !over.isEmpty
      }
      return fits && graph.type(node).domain.isEmpty ? .outer : .general
    case .dimensions(let i, let j):
      guard over.isEmpty else { return .general }
      if graph.type(left).shape.rank == 1, hasRows(operands[0]), graph.type(right).shape.rank == 2,
        !hasRows(operands[1])
      {
        return .product(rows: operands[0], matrix: right, contracted: j)
      }
      if graph.type(right).shape.rank == 1, hasRows(operands[1]), graph.type(left).shape.rank == 2,
        !hasRows(operands[0])
      {
        return .product(rows: operands[1], matrix: left, contracted: i)
      }
      return .general
    }
  }

  func isConstant(_ node: NodeID) -> Bool {
    if case .constant = graph.operation(node) { true } else { false }
  }

  /// Whether a node moves parts of dense matrices or vectors.
  private func isRearrangement(_ node: NodeID) -> Bool {
    let type = graph.type(node)
    guard isLive(node), roles[node.index] == .general, canonical[node.index] == node, type.domain.isEmpty,
      (1...2).contains(type.shape.rank)
    else { return false }
    switch graph.operation(node) {
    case .concatenate, .slice, .transpose: break
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .reshape, .broadcast, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance,
      .stopGradient, .clipGradient:
      return false
    }
    return graph.operands(node).allSatisfy { operand in
      let type = graph.type(operand)
      return type.domain.isEmpty && (1...2).contains(type.shape.rank) && !isConstant(canonical[operand.index])
        && storage[canonical[operand.index].index] == storage[node.index]
    }
  }

  /// Whether every reader takes the node's parts from where they come from.
  private func isOnlyTakenApart(_ node: NodeID) -> Bool {
    users[node.index].allSatisfy { user in
      // A reshaped matrix has other parts.
      guard graph.operands(user).allSatisfy({ canonical[$0.index] != node || $0 == node }) else { return false }
      switch roles[user.index] {
      case .assembled, .build: return true
      case .product(_, let matrix, _): return matrix == node && operands(user).filter { $0 == node }.count == 1
      case .leaf, .constant, .view, .elementwise, .carrier, .join, .outer, .reduceRows, .sumColumns, .general:
        return false
      }
    }
  }
}

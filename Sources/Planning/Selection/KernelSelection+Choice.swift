internal import EbbGraph
internal import EbbTensors

/// The rules by which a kernel is chosen.
extension KernelSelection {
  // MARK: Names and widths

  /// Identities, reshapes and spreads read their operand's memory; an output among them is copied into its own.
  ///
  /// A broadcast constant is one number for elementwise readers. A concatenation needs its number of features.
  static func aliases(_ graph: Graph, _ outputs: NodeSet) -> [NodeID] {
    let joined = graph.ancestors(of: graph.nodes.filter { graph.operation($0).isConcatenation }) { node, _ in
      let operation = graph.operation(node)
      return operation.isConcatenation || operation.keepsNumbers || operation.isBroadcast
    }
    var canonical = Array(graph.nodes)
    for node in graph.nodes where !outputs.contains(node) {
      let operation = graph.operation(node)
      if operation.keepsNumbers {
        canonical[node.index] = canonical[graph.operand(node, 0).index]
      } else if operation.isBroadcast {
        let operand = canonical[graph.operand(node, 0).index]
        // A constant of several features may have its own memory, for exactly this many.
        if case .constant = graph.operation(operand), graph.type(operand).shape.count == 1, !joined.contains(node) {
          canonical[node.index] = operand
        }
      }
    }
    return canonical
  }

  /// Int32 in doubles; Bool in the width of the compared values.
  static func widths(_ graph: Graph) -> [StorageType] {
    let isSingle = graph.types.contains { $0.element == .float32 }
    var widths: [StorageType] = []
    for node in graph.nodes {
      let width: StorageType =
        switch graph.type(node).element {
        case .float32: .single
        case .float64, .int32: .double
        case .bool:
          if graph.operation(node).shift != nil {
            widths[graph.operand(node, 1).index]
          } else if let operand = graph.operands(node).first {
            widths[operand.index]
          } else {
            isSingle ? .single : .double
          }
        }
      widths.append(width)
    }
    return widths
  }

  // MARK: Kernels

  func kind(of node: NodeID) -> KernelKind {
    let kind = rowKernel(node)
    return kind == .general && takesStrides(node) ? .strided : kind
  }

  /// Whether a node is part of memory at one index of an axis. A view is fixed along one axis at most.
  private func isPicked(_ node: NodeID) -> Bool {
    guard self[node] == .view else { return false }
    if case .pick = graph.operation(node) { return true }
    return isPicked(operands(node)[0])
  }

  /// The kernel that takes the node's operands row by row.
  private func rowKernel(_ node: NodeID) -> KernelKind {
    let type = graph.type(node)
    let operands = self.operands(node)
    let isVector = type.shape.rank == 1
    switch graph.operation(node) {
    case .parameter, .input:
      return .leaf
    case .constant(let number):
      return isOutput(node) ? .general : .constant(number)
    case .unary, .binary, .compare, .select, .stopGradient, .clipGradient, .incomingAdjoint:
      return .elementwise
    // Erased before a graph is planned.
    case .declaredGradient:
      return .general
    case .convert:
      return storage(node) == storage(operands[0]) || type.shape.count == 1 ? .elementwise : .general
    case .product(let contraction, let over):
      return product(node, contraction, over, operands)
    case .concatenate(let dimension):
      let isJoin = dimension == 0 && operands.contains { hasRows($0) && !isConstant($0) }
      return isJoin && !isCopying(node) ? .join : .general
    case .slice:
      let isView = hasRows(operands[0]) && !isConstant(operands[0]) && !isOutput(node)
      return isView && run(of: node) != nil && liesByRows(graph.operand(node, 0))
        && !isCopying(node) ? .view : .general
    case .broadcast:
      let isRepeat = graph.type(operands[0]).shape.count == 1 && isVector && !isOutput(node)
      return isRepeat && type.shape.count > 1 && hasRows(operands[0]) ? .view : .general
    case .pick(let axis, let position):
      // If rows end at different steps, a pick may fall outside, where it reads 0.
      let isRagged =
        graph.description(of: axis).lengths != nil
        || graph.lengthsDomain(of: graph.type(operands[0]).domain).contains(axis)
      let isFixed =
        position != .at && !isRagged && !isOutput(node) && !isConstant(operands[0]) && !isPicked(operands[0])
      return isFixed && domain(operands[0]).contains(axis) && domain(operands[0]).count > 1 ? .view : .general
    case .reduceFeatures(let reduction, _):
      return graph.type(graph.operand(node, 0)).shape.rank == 1 && hasRows(operands[0]) && features(operands[0]) > 1
        && storage(operands[0]) == storage(node) && !isConstant(operands[0])
        ? .reduceRows(reduction) : .general
    case .reduceAxes(.sum, let over):
      let isAll = type.domain.isEmpty && domain(operands[0]) == over
      return isAll && type.element.isFloat && !isConstant(operands[0]) ? .sumColumns : .general
    case .delay, .advance:
      return .shift
    case .literal, .axisIndex, .axisLength, .iota, .random, .transpose, .reshape, .pad, .gather, .scatterAdd,
      .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate, .matrix, .reduceAxes,
      .argmaxAxis, .place, .spread, .axisToFeature, .featureToAxis, .history, .historySum:
      return .general
    }
  }

  private func product(
    _ node: NodeID, _ contraction: Contraction, _ over: Domain, _ operands: [NodeID]
  ) -> KernelKind {
    let (left, right) = (graph.operand(node, 0), graph.operand(node, 1))
    if isConstant(operands[0]) || isConstant(operands[1]) { return .general }
    func isRows(_ operand: NodeID) -> Bool { graph.type(operand).shape.rank == 1 && hasRows(canonical(operand)) }
    func isMatrix(_ operand: NodeID) -> Bool { graph.type(operand).shape.rank == 2 && !hasRows(canonical(operand)) }
    switch contraction {
    case .outer:
      let fits = [left, right].allSatisfy {
        graph.type($0).shape.rank <= 1 && domain(canonical($0)) == over && !over.isEmpty
      }
      return fits && graph.type(node).domain.isEmpty ? .outer : .general
    case .dimensions(let i, let j):
      guard over.isEmpty else { return .general }
      if isRows(left), isMatrix(right) {
        return .product(RowProduct(rows: operands[0], matrix: right, contracted: j))
      }
      if isRows(right), isMatrix(left) {
        return .product(RowProduct(rows: operands[1], matrix: left, contracted: i))
      }
      return .general
    }
  }

  // MARK: Matrices that are put together

  /// How a node moves parts of dense matrices or vectors, if it does.
  func rearrangement(_ node: NodeID) -> Rearrangement? {
    func isDense(_ type: NodeType) -> Bool { type.domain.isEmpty && (1...2).contains(type.shape.rank) }
    guard isLive(node), self[node] == .general, canonical(node) == node, isDense(graph.type(node)) else { return nil }
    let areDense = graph.operands(node).allSatisfy { operand in
      let source = canonical(operand)
      return isDense(graph.type(operand)) && !isConstant(source) && storage(source) == storage(node)
    }
    return areDense ? Rearrangement(graph.operation(node)) : nil
  }

  /// Whether every reader takes the node's parts from their sources.
  func isOnlyTakenApart(_ node: NodeID) -> Bool {
    users(node).allSatisfy { user in
      // A reshaped matrix has other parts.
      guard graph.operands(user).allSatisfy({ canonical($0) != node || $0 == node }) else { return false }
      switch self[user] {
      case .assembled, .build: return true
      case .product(let product): return product.matrix == node && operands(user).filter { $0 == node }.count == 1
      case .leaf, .constant, .view, .elementwise, .shift, .join, .outer, .reduceRows, .sumColumns, .strided, .general:
        return false
      }
    }
  }
}

extension EbbGraph.Operation {
  /// Whether the result has the operand's numbers, in another shape, over more axes, or with another derivative.
  fileprivate var keepsNumbers: Bool {
    if case .reshape = self { return true }
    if case .spread = self { return true }
    if case .clipGradient = self { return true }
    return self == .stopGradient
  }

  fileprivate var isConcatenation: Bool { if case .concatenate = self { true } else { false } }
  fileprivate var isBroadcast: Bool { if case .broadcast = self { true } else { false } }
}

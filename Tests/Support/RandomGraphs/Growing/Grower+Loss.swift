internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// A scalar to which every float that nothing reads contributes.
  mutating func appendLoss() -> NodeID {
    var isRead = [Bool](repeating: false, count: graph.count)
    for node in graph.nodes {
      for operand in graph.operands(node) { isRead[operand.index] = true }
    }
    let ends = graph.nodes.filter { !isRead[$0.index] && graph.type($0).element == element }
    var loss = constant(0)
    for end in ends {
      loss = must(.binary(.add), [loss, total(Entry(node: end, bound: 1))], bound: 1)
    }
    graph.setOutput("loss", loss.node)
    return loss.node
  }

  /// A number that depends on every feature at every index of a value, each with a weight of its own.
  private mutating func total(_ entry: Entry) -> Entry {
    let count = shape(entry).count
    let flat = shape(entry).rank == 1 ? entry : must(.reshape([count]), [entry], bound: 1)
    let scale = 1 / (Double(count) * self.count(domain(entry))).squareRoot()
    var result: Entry
    if random.chance(0.5) {
      result = must(.product(.dimensions(0, 0), over: .empty), [flat, parameter([count])], bound: 1)
    } else {
      let square = must(.unary(.square), [flat], bound: 1)
      result = must(.reduceFeatures(.sum, dimension: 0), [square], bound: 1)
    }
    result = scaled(result, by: scale)
    // The sum over a ragged axis is indexed by its rows, which then are summed too.
    while !domain(result).isEmpty {
      result = must(.reduceAxes(.sum, over: domain(result)), [result], bound: 1)
    }
    return result
  }

  /// Asks for some values beside the loss, and names some others.
  mutating func chooseOutputs() {
    // What is computed from the adjoint of a declared gradient exists only in derivatives.
    var isInner = Array(repeating: false, count: graph.count)
    for node in graph.nodes {
      let operation = graph.operation(node)
      let reads = graph.operands(node).contains { $0 != .open && $0 < node && isInner[$0.index] }
      isInner[node.index] = operation == .incomingAdjoint || reads && operation != .declaredGradient
    }
    let candidates = graph.nodes.filter { graph.names[$0] == nil && !isInner[$0.index] }
    for index in 0..<random.integer(in: 2...5) {
      guard let node = random.choice(of: candidates) else { return }
      graph.setOutput("result\(index)", node)
    }
    for index in 0..<2 {
      if let node = random.choice(of: candidates) { graph.setName("named\(index)", of: node) }
    }
  }
}

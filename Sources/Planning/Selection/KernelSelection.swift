internal import EbbGraph
internal import EbbTensors

/// Which kernel computes each node, in which width, along which axes: the decisions before stages are formed.
struct KernelSelection {
  let graph: Graph
  /// For each node, the node whose values it has: through identities, reshapes and spreads.
  private let aliases: [NodeID]
  private let widths: [StorageType]
  /// The nodes that the outputs need, the lengths of ragged axes, and all inputs and parameters.
  private let live: NodeSet
  private let outputs: NodeSet
  /// The live nodes that read a node, by canonical name.
  private let readers: [[NodeID]]
  private var kinds: [KernelKind]
  private var domains: [Domain]
  /// Slices and concatenations of vectors that copy their operands.
  private let copying: Set<NodeID>
  /// Products of matrices whose rows do not lie alike.
  private let uneven: Set<NodeID>

  /// The kernels of a graph. What would leave a vector in fragments as a view of other memory copies it instead, and so
  /// does what would cut a matrix that a kernel in strides multiplies, or keep a matrix for the sake of a few rows.
  init(_ graph: Graph) {
    var (copying, uneven) = (Self.rowsThatLeave(graph), Set<NodeID>())
    while true {
      self.init(graph, copying, uneven)
      let layouts = Layouts(self, [:])
      let known = (copying.count, uneven.count)
      copying.formUnion(layouts.fragmenting.filter { isStrided($0) })
      copying.formUnion(layouts.splitting)
      // What no copy mends: the parts of weights.
      if copying.count == known.0 { uneven.formUnion(layouts.uneven) }
      if (copying.count, uneven.count) == known { return }
    }
  }

  private init(_ graph: Graph, _ copying: Set<NodeID>, _ uneven: Set<NodeID>) {
    self.graph = graph
    self.copying = copying
    self.uneven = uneven
    let given = graph.nodes.filter { graph.operation($0).isGiven }
    live = graph.ancestors(of: graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths) + given)
    outputs = NodeSet(graph.outputs.map(\.node), count: graph.count)
    aliases = Self.aliases(graph, outputs)
    widths = Self.widths(graph)
    var readers = Array(repeating: [NodeID](), count: graph.count)
    for node in graph.nodes where live.contains(node) && aliases[node.index] == node {
      for operand in graph.operands(node) { readers[aliases[operand.index].index].append(node) }
    }
    self.readers = readers
    kinds = Array(repeating: .general, count: graph.count)
    domains = graph.types.map(\.domain)
    for node in graph.nodes where isLive(node) {
      kinds[node.index] = kind(of: node)
      domains[node.index] = varyingDomain(node)
    }
    for node in graph.nodes.reversed() {
      guard let rearrangement = rearrangement(node) else { continue }
      let isBuilt = users(node).isEmpty || isOutput(node) || !isOnlyTakenApart(node)
      kinds[node.index] = isBuilt ? .build(rearrangement) : .assembled(rearrangement)
    }
  }

  // MARK: Properties of a node

  subscript(node: NodeID) -> KernelKind { kinds[node.index] }
  /// The node whose memory a node reads: itself, or the source of an identity, a reshape or a spread.
  func canonical(_ node: NodeID) -> NodeID { aliases[node.index] }
  func operands(_ node: NodeID) -> [NodeID] { graph.operands(node).map { canonical($0) } }
  /// The live nodes that read a node under any of its names.
  func users(_ node: NodeID) -> [NodeID] { readers[node.index] }
  func isLive(_ node: NodeID) -> Bool { live.contains(node) }
  func isOutput(_ node: NodeID) -> Bool { outputs.contains(node) }
  /// The width in which a node's numbers lie in memory.
  func storage(_ node: NodeID) -> StorageType { widths[node.index] }
  func features(_ node: NodeID) -> Int { graph.type(node).shape.count }
  func hasRows(_ node: NodeID) -> Bool { !domain(node).isEmpty }

  /// The axes along which a node's values vary: a value that is only broadcast over an axis is computed and stored
  /// once.
  func domain(_ node: NodeID) -> Domain { domains[node.index] }

  /// Whether a slice or concatenation copies its operands.
  func isCopying(_ node: NodeID) -> Bool { copying.contains(node) }

  /// Whether a kernel in strides computes a node that no kernel of rows does.
  func takesStrides(_ node: NodeID) -> Bool { isStrided(node) && !uneven.contains(node) }

  func isConstant(_ node: NodeID) -> Bool {
    if case .constant = graph.operation(node) { true } else { false }
  }

  /// The nodes that are computed, each under its canonical name.
  var computed: some Sequence<NodeID> { graph.nodes.lazy.filter { isLive($0) && canonical($0) == $0 } }

  /// The width in which a node is computed; for a comparison, the width of the compared values.
  func programStorage(_ node: NodeID) -> StorageType {
    let operation = graph.operation(node)
    var isTest = operation == .unary(.isFinite) || operation == .convert(.bool)
    if case .compare = operation { isTest = true }
    return isTest ? storage(canonical(graph.operand(node, 0))) : storage(node)
  }

  private func varyingDomain(_ node: NodeID) -> Domain {
    switch kinds[node.index] {
    case .elementwise, .view, .join, .product, .reduceRows:
      let union = operands(node).reduce(Domain.empty) { $0.union(isConstant($1) ? .empty : domain($1)) }
      if case .pick(let axis, _) = graph.operation(node) { return union.removing(axis) }
      return union
    case .leaf, .constant, .shift, .assembled, .build, .outer, .sumColumns, .strided, .general:
      return graph.type(node).domain
    }
  }
}

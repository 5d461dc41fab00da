internal import EbbGraph
internal import EbbTensors

/// The feature layout of every node with rows: where its panels begin.
///
/// Nodes that need the same layout form classes (elementwise operands and results, delays and their operands). A class
/// is cut wherever one of its members is concatenated from pieces or sliced into them, so that concatenations and
/// slices are free.
struct Layouts {
  private var parent: [Int]
  private var cuts: [Int: Set<Int>] = [:]
  private let kernels: KernelSelection

  init(_ placement: Placement) { self.init(placement.kernels, placement.fused.sumOf) }

  /// - Parameter sumOf: For each product that starts its sums from an addend, the sum that it computes.
  init(_ kernels: KernelSelection, _ sumOf: [NodeID: NodeID]) {
    self.kernels = kernels
    parent = Array(0..<kernels.graph.count)
    for node in kernels.graph.nodes where kernels.isLive(node) { unite(node, sumOf) }
    propagateCuts()
  }

  /// The layout of a node with rows; one piece for everything else.
  func layout(_ node: NodeID) -> FeatureLayout {
    let count = kernels.features(node)
    let boundaries = [0] + (cuts[find(node.index)] ?? []).sorted() + [count]
    return FeatureLayout(pieces: zip(boundaries, boundaries.dropFirst()).map { $1 - $0 })
  }

  private func find(_ index: Int) -> Int {
    var root = index
    while parent[root] != root { root = parent[root] }
    return root
  }

  private mutating func union(_ left: NodeID, _ right: NodeID) {
    guard kernels.hasRows(left), kernels.hasRows(right), kernels.features(left) == kernels.features(right) else {
      return
    }
    let (a, b) = (find(left.index), find(right.index))
    parent[max(a, b)] = min(a, b)
    // Path halving keeps the chains short.
    var index = max(left.index, right.index)
    while parent[index] != index {
      parent[index] = parent[parent[index]]
      index = parent[index]
    }
  }

  private mutating func unite(_ node: NodeID, _ sumOf: [NodeID: NodeID]) {
    if kernels.canonical(node) != node {
      union(node, kernels.canonical(node))
      return
    }
    switch kernels[node] {
    case .elementwise, .shift:
      for operand in kernels.operands(node) where !kernels.isConstant(operand) { union(node, operand) }
    case .product:
      if let sum = sumOf[node] { union(node, sum) }
    case .view:
      if case .pick = kernels.graph.operation(node) { union(node, kernels.operands(node)[0]) }
    case .leaf, .constant, .join, .assembled, .build, .outer, .reduceRows, .sumColumns, .strided, .general: break
    }
  }

  /// The nodes that slice or concatenate without moving data.
  private var moving: [NodeID] {
    kernels.computed.filter { node in
      if case .slice = kernels.graph.operation(node) { return kernels[node] == .view }
      return kernels[node] == .join
    }
  }

  private mutating func propagateCuts() {
    let graph = kernels.graph
    let moving = moving
    var changed = true
    for node in graph.nodes where kernels.isLive(node) {
      guard case .product(let product) = kernels[node] else { continue }
      // No panel of weights comes from two matrices.
      for cut in joints(product.matrix, 1 - product.contracted) { cuts[find(node.index), default: []].insert(cut) }
    }
    func add(_ cut: Int, _ node: NodeID) {
      guard cut > 0, cut < kernels.features(node) else { return }
      if cuts[find(node.index), default: []].insert(cut).inserted { changed = true }
    }
    while changed {
      changed = false
      for node in moving {
        if let (start, count) = kernels.run(of: node) {
          // A single feature is read in place, in its lane.
          guard count > 1 else { continue }
          let source = kernels.operands(node)[0]
          add(start, source)
          add(start + count, source)
          for cut in cuts[find(node.index)] ?? [] { add(start + cut, source) }
          for cut in cuts[find(source.index)] ?? [] where cut > start && cut < start + count { add(cut - start, node) }
        } else {
          var start = 0
          for operand in kernels.operands(node) {
            let count = kernels.features(operand)
            add(start, node)
            for cut in cuts[find(operand.index)] ?? [] where kernels.hasRows(operand) { add(start + cut, node) }
            for cut in cuts[find(node.index)] ?? [] where cut > start && cut < start + count {
              if kernels.hasRows(operand) { add(cut - start, operand) }
            }
            start += count
          }
        }
      }
    }
  }

  /// The slices and concatenations that leave a vector in fragments. If a vector is combined with itself, shifted by a few
  /// features, each cut is the reason for the next one, until nearly every feature has a panel of its own. And where a
  /// sample has many such vectors, as many as a matrix has rows, a product of them computes whole panels of which it needs
  /// little.
  var fragmenting: [NodeID] {
    moving.filter { node in
      let operands = kernels.operands(node)
      let fragmented = ([node] + operands).filter { kernels.hasRows($0) && isFragmented($0) }
      guard !fragmented.isEmpty else { return false }
      let lanes = kernels.storage(node).lanes
      if let (start, count) = kernels.run(of: node) {
        let end = start + count
        let isCutAtEnd = isRowOfMatrix(node) && end < kernels.features(operands[0]) && !end.isMultiple(of: lanes)
        return count > 1 && (!start.isMultiple(of: lanes) || isCutAtEnd)
      }
      var start = 0
      return operands.contains { operand in
        defer { start += kernels.features(operand) }
        return !start.isMultiple(of: lanes)
      }
    }
  }

  /// The slices and concatenations that cut a matrix of a product in strides, whose kernel takes rows and columns at even
  /// distances: slices of a matrix's numbers in a row, for example.
  var splitting: [NodeID] {
    let cut = Set(uneven.flatMap(matrices).filter { !isEven($0) }.map { find(kernels.canonical($0).index) })
    guard !cut.isEmpty else { return [] }
    return moving.filter { node in
      if kernels.run(of: node)?.count == 1 { return false }
      return ([node] + kernels.operands(node)).contains { kernels.hasRows($0) && cut.contains(find($0.index)) }
    }
  }

  /// The products in strides of a matrix that is cut.
  var uneven: [NodeID] { kernels.computed.filter { node in matrices(node).contains { !isEven($0) } } }

  /// The operands and the result of a product in strides that are matrices with rows.
  private func matrices(_ node: NodeID) -> [NodeID] {
    guard kernels[node] == .strided, case .product = kernels.graph.operation(node) else { return [] }
    return ([node] + kernels.graph.operands(node)).filter {
      kernels.graph.type($0).shape.rank == 2 && kernels.hasRows(kernels.canonical($0))
    }
  }

  /// Whether all rows of a matrix lie alike.
  private func isEven(_ matrix: NodeID) -> Bool {
    let source = kernels.canonical(matrix)
    guard cuts[find(source.index)]?.isEmpty == false else { return true }
    let places = layout(source).offsets(kernels.storage(source).lanes)
    let columns = kernels.graph.type(matrix).shape[1]
    return places.indices.allSatisfy { places[$0] == places[$0 - $0 % columns] + places[$0 % columns] }
  }

  /// Whether a vector has many pieces, on average of less than an eighth of a panel; of a row of a matrix, whether its
  /// panels have room for four times as many features.
  private func isFragmented(_ node: NodeID) -> Bool {
    let pieces = (cuts[find(node.index)]?.count ?? 0) + 1
    let room = pieces * kernels.storage(node).lanes
    if pieces > 8 && room > 8 * kernels.features(node) { return true }
    return pieces > 1 && isRowOfMatrix(node) && room >= 4 * kernels.features(node)
  }

  /// Whether a node is there for each index of an axis of fixed length, as the rows of a matrix are.
  private func isRowOfMatrix(_ node: NodeID) -> Bool {
    kernels.domain(node).contains { kernels.graph.description(of: $0).length != nil }
  }

  /// The positions where a composed matrix changes from one part to the next, along a dimension.
  private func joints(_ matrix: NodeID, _ dimension: Int) -> Set<Int> {
    let graph = kernels.graph
    guard case .assembled(let rearrangement) = kernels[kernels.canonical(matrix)] else { return [] }
    switch rearrangement {
    case .concatenate(let joined):
      var result: Set<Int> = []
      var start = 0
      for operand in graph.operands(matrix) {
        for joint in joints(operand, dimension) { result.insert(joined == dimension ? start + joint : joint) }
        if joined == dimension {
          if start > 0 { result.insert(start) }
          start += graph.type(operand).shape[dimension]
        }
      }
      return result
    case .slice(let cut, let start, let count):
      let inner = joints(graph.operand(matrix, 0), dimension)
      guard cut == dimension else { return inner }
      return Set(inner.filter { $0 > start && $0 < start + count }.map { $0 - start })
    case .transpose(let i, let j):
      return joints(graph.operand(matrix, 0), i == j ? dimension : 1 - dimension)
    }
  }
}

internal import EbbGraph
internal import EbbTensors

/// One index for each axis of the graph. A value ignores the indices of axes that it lacks.
typealias Point = [Int]

/// The values of all nodes of a graph in one run.
struct Evaluator {
  let graph: Graph
  let bindings: Bindings
  /// The length of each axis; of a ragged axis, the maximum.
  let lengths: [Int]
  /// For each ragged axis the lengths of its rows.
  private var rowLengths: [Value?]
  private(set) var values: [Value]

  /// The numbers of one node: dense over its axes, then its features.
  struct Value {
    var numbers: [Double]
    /// For each axis of the graph the distance between neighbours along it, 0 for axes that the value lacks.
    let strides: [Int]
    /// The features at one point.
    let width: Int

    func offset(at point: Point) -> Int {
      var offset = 0
      for axis in point.indices { offset += point[axis] * strides[axis] }
      return offset
    }

    subscript(point: Point) -> ArraySlice<Double> {
      let start = offset(at: point)
      return numbers[start..<start + width]
    }
  }

  /// Storage for all nodes. Every number is NaN until it is computed, and remains NaN outside a ragged index set, so a
  /// rule that reads an invalid number poisons its result.
  init(_ graph: Graph, _ bindings: Bindings) throws(BindingError) {
    let lengths = try graph.lengths(for: bindings)
    func value(of type: NodeType) -> Value {
      var strides = [Int](repeating: 0, count: lengths.count)
      var stride = type.shape.count
      for axis in Array(type.domain).reversed() {
        strides[axis.index] = stride
        stride *= lengths[axis.index]
      }
      return Value(numbers: [Double](repeating: .nan, count: stride), strides: strides, width: type.shape.count)
    }
    self.graph = graph
    self.bindings = bindings
    self.lengths = lengths
    values = graph.types.map { value(of: $0) }
    rowLengths = [Value?](repeating: nil, count: lengths.count)
    for (index, axis) in graph.axes.enumerated() {
      guard let node = axis.lengths else { continue }
      var rows = value(of: graph.type(node))
      rows.numbers = Self.bound(node, graph, bindings).doubles
      rowLengths[index] = rows
    }
  }

  /// The tensor that a run supplies for a parameter or an input.
  private static func bound(_ node: NodeID, _ graph: Graph, _ bindings: Bindings) -> Tensor {
    guard let tensor = bindings.values[graph.name(node) ?? ""] else {
      preconditionFailure("lengths(for:) let a missing value pass")
    }
    return tensor
  }

  // MARK: Order of evaluation

  /// Evaluates every node: those on a cycle step by step, all others over all indices at once.
  mutating func evaluateAll() {
    let components = Components(graph)
    for (component, members) in components.members.enumerated() {
      guard components.isCyclic[component] else {
        evaluate(members[0], at: [])
        continue
      }
      evaluate(members, along: graph.sweeps(on: component, of: components)[...], at: [])
    }
  }

  /// Evaluates nodes step by step along axes, one loop within another.
  private mutating func evaluate(
    _ members: [NodeID], along sweeps: ArraySlice<SweepDirection>, at steps: [(axis: Axis, index: Int)]
  ) {
    guard let sweep = sweeps.first else {
      for node in members { evaluate(node, at: steps) }
      return
    }
    let ascending = Array(0..<lengths[sweep.axis.index])
    for step in sweep.isBackward ? ascending.reversed() : ascending {
      evaluate(members, along: sweeps.dropFirst(), at: steps + [(sweep.axis, step)])
    }
  }

  /// Evaluates a node at all its indices, or at those of one step along some axes.
  private mutating func evaluate(_ node: NodeID, at steps: [(axis: Axis, index: Int)]) {
    var start = Point(repeating: 0, count: lengths.count)
    var domain = graph.type(node).domain
    for step in steps {
      precondition(domain.contains(step.axis), "a node on a cycle lacks an axis of its recurrence")
      start[step.axis.index] = step.index
      domain = domain.removing(step.axis)
    }
    var results: [(offset: Int, features: [Double])] = []
    forEachPoint(over: domain, from: start, within: graph.type(node).domain) { point in
      results.append((values[node.index].offset(at: point), features(of: node, at: point)))
    }
    for (offset, features) in results {
      precondition(features.count == values[node.index].width, "\(graph.operation(node).keyword) has a wrong width")
      values[node.index].numbers.replaceSubrange(offset..<offset + features.count, with: features)
    }
  }

  // MARK: Index sets

  /// The length of an axis at a point; of a ragged axis, the length of the point's row.
  func length(of axis: Axis, at point: Point) -> Int {
    guard let rows = rowLengths[axis.index] else { return lengths[axis.index] }
    return Int(rows.numbers[rows.offset(at: point)])
  }

  /// Whether a point of this domain is in the index set: t < len for every ragged axis t whose lengths the domain
  /// indexes.
  func isInside(_ point: Point, _ domain: Domain) -> Bool {
    domain.allSatisfy { axis in
      !graph.lengthsDomain(of: [axis]).isSubset(of: domain) || point[axis.index] < length(of: axis, at: point)
    }
  }

  /// Visits the points that differ from `start` along the axes of `domain`, the last axis fastest, and that lie in the
  /// index set of the domain `within`.
  func forEachPoint(over domain: Domain, from start: Point, within: Domain, _ visit: (Point) -> Void) {
    let moving = Array(domain)
    let isRagged = within.contains { graph.description(of: $0).lengths != nil }
    var point = start
    for axis in moving { point[axis.index] = 0 }
    while true {
      if !isRagged || isInside(point, within) { visit(point) }
      var position = moving.count - 1
      while position >= 0 {
        let axis = moving[position].index
        point[axis] += 1
        if point[axis] < lengths[axis] { break }
        point[axis] = 0
        position -= 1
      }
      if position < 0 { return }
    }
  }

  // MARK: Access

  /// The features of a node at a point, which must be in its index set.
  func read(_ node: NodeID, _ point: Point) -> ArraySlice<Double> { values[node.index][point] }

  /// The number of an Int32 scalar at a point.
  func readInteger(_ node: NodeID, _ point: Point) -> Int {
    guard let number = read(node, point).first, !number.isNaN else {
      preconditionFailure("%\(node.index) is read as an index where it has no value")
    }
    return Int(number)
  }

  /// The features of a node at a point, or zeros outside its index set.
  func readOrZero(_ node: NodeID, _ point: Point) -> ArraySlice<Double> {
    isInside(point, graph.type(node).domain) ? read(node, point) : zeros(values[node.index].width)[...]
  }

  func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }

  /// The numbers that a run supplies for a parameter or an input, at a point.
  func given(_ node: NodeID, at point: Point) -> [Double] {
    let start = values[node.index].offset(at: point)
    let range = start..<start + values[node.index].width
    switch Self.bound(node, graph, bindings).storage {
    case .float32(let numbers): return numbers[range].map(Double.init)
    case .float64(let numbers): return Array(numbers[range])
    case .int32(let numbers): return numbers[range].map(Double.init)
    case .bool(let numbers): return numbers[range].map { $0 ? 1 : 0 }
    }
  }

  /// A node's value as an output of the run.
  func tensor(of node: NodeID) -> Tensor {
    let type = graph.type(node)
    let value = values[node.index]
    var numbers = zeros(value.numbers.count)
    forEachPoint(over: type.domain, from: Point(repeating: 0, count: lengths.count), within: type.domain) { point in
      let start = value.offset(at: point)
      for index in start..<start + value.width { numbers[index] = value.numbers[index] }
    }
    let dimensions = type.domain.map { lengths[$0.index] } + type.shape.array
    return Tensor(dimensions, numbers, as: type.element.isFloat ? .float64 : type.element)
  }
}

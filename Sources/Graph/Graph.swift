internal import EbbTensors

/// A list of equations `node = operation(operands)` over axes, with named nodes and named outputs.
///
/// A value type: transforms take a graph and return another. Nodes are named by integer handles and stored as a
/// structure of arrays.
///
/// **Order.** The operands of a node come before it, except the *carried* operand (the first) of a delay or an advance,
/// which may come later: that is how a recurrence is written. So the nodes are in an order in which one step can be
/// evaluated, and every cycle passes through a delay.
public struct Graph: Hashable, Sendable {
  /// The axes; each `Axis` is a position in this list.
  public private(set) var axes: [AxisDescription] = []
  /// The operation of each node.
  public private(set) var operations: [Operation] = []
  /// The type of each node.
  public private(set) var types: [NodeType] = []
  private var operandEnds: [Int32] = []
  private var operandPool: [NodeID] = []
  /// The names of parameters, inputs and named intermediates.
  public private(set) var names: [NodeID: String] = [:]
  private var nodesByName: [String: NodeID] = [:]
  /// The results that a run returns, in order.
  public private(set) var outputs: [Output] = []
  private var outputPositions: [String: Int] = [:]

  /// A result of a run, with its name.
  public struct Output: Hashable, Sendable {
    /// The name, unique among the outputs.
    public var name: String
    /// The node whose value it is.
    public var node: NodeID
  }

  /// A graph without axes and nodes.
  public init() {}

  // MARK: Reading

  /// The number of nodes.
  public var count: Int { operations.count }
  /// All nodes, in their order.
  public var nodes: some RandomAccessCollection<NodeID> { (0..<count).lazy.map { NodeID($0) } }

  /// The operation of a node of this graph.
  public func operation(_ node: NodeID) -> Operation { operations[node.index] }
  /// The type of a node of this graph.
  public func type(_ node: NodeID) -> NodeType { types[node.index] }
  /// The operands of a node of this graph, in the order in which its operation takes them.
  public func operands(_ node: NodeID) -> ArraySlice<NodeID> {
    let start = node.index == 0 ? 0 : Int(operandEnds[node.index - 1])
    return operandPool[start..<Int(operandEnds[node.index])]
  }
  /// Operand number `position` of a node.
  public func operand(_ node: NodeID, _ position: Int) -> NodeID {
    let start = node.index == 0 ? 0 : Int(operandEnds[node.index - 1])
    return operandPool[start + position]
  }
  /// The name of a node; nil if it has none.
  public func name(_ node: NodeID) -> String? { names[node] }
  /// The node of this name, if there is one.
  public func node(named name: String) -> NodeID? { nodesByName[name] }
  /// The description of an axis of this graph.
  public func description(of axis: Axis) -> AxisDescription { axes[axis.index] }
  /// The axis of this name, if there is one.
  public func axis(named name: String) -> Axis? { axes.firstIndex { $0.name == name }.map { Axis($0) } }
  /// The node of the output of this name, if there is one.
  public func output(named name: String) -> NodeID? { outputPositions[name].map { outputs[$0].node } }

  /// The axes whose indices number samples, those of a batch of any size: a part of it has later ones.
  package var sampleAxes: Domain {
    Domain(axes.indices.filter { axes[$0].kind == .batch && axes[$0].length == nil }.map { Axis($0) })
  }

  /// The axes that index the lengths of the ragged axes among these.
  public func lengthsDomain(of domain: Domain) -> Domain {
    domain.reduce(into: Domain.empty) { result, axis in
      if let lengths = axes[axis.index].lengths { result = result.union(types[lengths.index].domain) }
    }
  }

  // MARK: Building

  /// Declares an axis.
  public mutating func addAxis(_ description: AxisDescription) -> Axis {
    axes.append(description)
    return Axis(axes.count - 1)
  }

  /// Declares a batch axis with this name, followed by as many primes as make it unique.
  package mutating func addBatchAxis(named name: String, length: Int? = nil) -> Axis {
    var unused = name
    while axis(named: unused) != nil { unused += "'" }
    return addAxis(AxisDescription(name: unused, kind: .batch, length: length))
  }

  /// Makes a time axis ragged: `lengths` is an Int32 scalar input over batch axes.
  public mutating func setLengths(_ lengths: NodeID?, of axis: Axis) { axes[axis.index].lengths = lengths }

  /// Appends a leaf that carries its own type: a parameter, an input, a constant or random numbers.
  @discardableResult
  public mutating func appendLeaf(_ operation: Operation, _ type: NodeType, name: String? = nil) -> NodeID {
    let node = appendUnchecked(operation, [], type)
    if let name { setName(name, of: node) }
    return node
  }

  /// Appends a node whose type follows from its operands; throws a problem if they do not fit.
  public mutating func tryAppend(_ operation: Operation, _ operands: [NodeID]) throws(GraphProblem) -> NodeID {
    let type = try inferType(operation, operands.map { types[$0.index] }, settled: false)
    return appendUnchecked(operation, operands, type)
  }

  /// Appends a node whose operands are known to fit. For transforms, where a misfit is a broken invariant.
  public mutating func append(_ operation: Operation, _ operands: [NodeID]) -> NodeID {
    do {
      return try tryAppend(operation, operands)
    } catch {
      preconditionFailure("a transform built an ill-typed node: \(error.message)")
    }
  }

  /// Appends a delay or an advance whose carried operand is given later, by `close`.
  public mutating func appendOpen(_ operation: Operation, boundary: NodeID) throws(GraphProblem) -> NodeID {
    let type = try inferShift(operation, boundary: types[boundary.index])
    return appendUnchecked(operation, [.open, boundary], type)
  }

  /// Gives an open delay or advance its carried operand. Domains are inferred again by `inferDomains`.
  public mutating func close(_ shift: NodeID, with carried: NodeID) throws(GraphProblem) {
    let expected = types[shift.index]
    let found = types[carried.index]
    guard expected.element == found.element, expected.shape == found.shape else {
      throw GraphProblem(
        node: shift,
        "the next value has type \(found.element.name) \(found.shape), but the state "
          + "\(names[shift] ?? "") is \(expected.element.name) \(expected.shape)")
    }
    setOperand(shift, 0, to: carried)
  }

  /// Replaces one operand. `verify` checks that the types still fit.
  public mutating func setOperand(_ node: NodeID, _ position: Int, to operand: NodeID) {
    let start = node.index == 0 ? 0 : Int(operandEnds[node.index - 1])
    precondition(start + position < Int(operandEnds[node.index]), "operand \(position) of node \(node.index)")
    operandPool[start + position] = operand
  }

  /// Names a node, taking the name from any earlier node.
  public mutating func setName(_ name: String, of node: NodeID) {
    if let old = names[node] { nodesByName[old] = nil }
    if let holder = nodesByName[name] { names[holder] = nil }
    names[node] = name
    nodesByName[name] = node
  }

  /// Makes a node an output, replacing an output of the same name.
  public mutating func setOutput(_ name: String, _ node: NodeID) {
    if let index = outputPositions[name] {
      outputs[index].node = node
    } else {
      outputPositions[name] = outputs.count
      outputs.append(Output(name: name, node: node))
    }
  }

  /// Removes all outputs whose names meet the condition.
  public mutating func removeOutputs(where isUnwanted: (String) -> Bool = { _ in true }) {
    outputs.removeAll { isUnwanted($0.name) }
    outputPositions = [:]
    for (position, output) in outputs.enumerated() { outputPositions[output.name] = position }
  }

  /// Appends without any check: for the parser and for transforms that rebuild a graph, whose result is verified.
  @discardableResult
  package mutating func appendUnchecked(_ operation: Operation, _ operands: [NodeID], _ type: NodeType) -> NodeID {
    operations.append(operation)
    types.append(type)
    operandPool.append(contentsOf: operands)
    operandEnds.append(Int32(operandPool.count))
    return NodeID(operations.count - 1)
  }

  /// Replaces a node's domain: for `inferDomains`.
  mutating func setDomain(_ domain: Domain, of node: NodeID) { types[node.index].domain = domain }
}

/// A problem with a graph: what is wrong and what would be right.
public struct GraphProblem: Error, Hashable, Sendable {
  /// The node at fault, where there is one.
  public var node: NodeID?
  /// What is wrong, and what would be right.
  public var message: String
  /// A problem of a node, or of the whole graph.
  public init(node: NodeID? = nil, _ message: String) {
    self.node = node
    self.message = message
  }
}

/// Everything that is wrong with a graph.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order in which they were found.
  public var problems: [GraphProblem]
  /// An error of these problems.
  public init(_ problems: [GraphProblem]) { self.problems = problems }
  public var description: String { problems.map(\.message).joined(separator: "\n") }
}

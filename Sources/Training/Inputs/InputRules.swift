internal import EbbGraph
package import EbbRecording
internal import EbbTensors

/// The valid values of each input of a network, derived from the equations that use it.
///
/// | the input is used | it holds |
/// |---|---|
/// | as an index of V rows or scores (embedding, cross-entropy) | whole numbers in 0 ..< V |
/// | as an index of an axis of length T | whole numbers in 0 ..< T |
/// | as a target of the binary cross-entropy | numbers in [0, 1] |
/// | as a float | finite numbers, unless the network asks whether they are |
///
/// The graph itself reads 0 at an index outside and would train silently, so data are checked where they enter, once
/// per batch. An input is followed through equations that pass its numbers on: random or mode selections, reshapes,
/// slices, conversions, shifts by a step. Values beyond the end of a ragged sequence are ignored.
package struct InputRules: Sendable {
  /// A requirement on some of an input's features.
  struct Rule: Hashable, Sendable {
    enum Demand: Hashable, Sendable {
      case index(below: Limit)
      case probability
      case finite
    }
    enum Limit: Hashable, Sendable {
      /// The rows of the table of this name, or scores if nil.
      case rows(Int, of: String?)
      case axis(Axis)
      /// The entries along a feature dimension.
      case entries(Int)
    }
    var demand: Demand
    var features: [Int]
  }

  /// An input and the requirements on it.
  struct Input: Sendable {
    var name: String
    var type: NodeType
    var rules: [Rule]
  }

  let graph: Graph
  /// For each ragged axis the name and the axes of its lengths.
  let lengths: [Axis: (name: String, axes: [Axis])]
  private(set) var inputs: [Input] = []

  package init(_ recording: Recording) {
    graph = recording.graph
    var lengths: [Axis: (name: String, axes: [Axis])] = [:]
    for (index, axis) in graph.axes.enumerated() {
      if let node = axis.lengths, let name = graph.name(node) {
        lengths[Axis(index)] = (name, Array(graph.type(node).domain))
      }
    }
    self.lengths = lengths
    let uses = InputUses(recording)
    for input in recording.inputs {
      let type = graph.type(input.node)
      var rules = uses.rules[input.name] ?? []
      if type.element.isFloat, !uses.isTested(input.name) {
        rules.append(Rule(demand: .finite, features: Array(0..<type.shape.count)))
      }
      if !rules.isEmpty { inputs.append(Input(name: input.name, type: type, rules: rules)) }
    }
  }
}

/// The values that pass on inputs' numbers unchanged, and how these are used.
private struct InputUses {
  /// Numbers of an input, by their features.
  struct Source: Hashable {
    var input: String
    var features: [Int]
  }

  private(set) var rules: [String: [InputRules.Rule]] = [:]
  private var tested: Set<String> = []
  private var sources: [NodeID: [Source]] = [:]

  func isTested(_ input: String) -> Bool { tested.contains(input) }

  init(_ recording: Recording) {
    let graph = recording.graph
    // A selection that depends on inputs may choose only valid values, so it is not followed.
    let given = graph.descendants(of: graph.nodes.filter { graph.operation($0) == .input })
    for input in recording.inputs {
      sources[input.node] = [Source(input: input.name, features: Array(0..<graph.type(input.node).shape.count))]
    }
    for node in graph.nodes {
      let kept = kept(node, in: graph, given)
      if !kept.isEmpty { sources[node] = kept }
      note(node, in: graph)
    }
    for node in recording.probabilities { demand(.probability, of: node) }
  }

  /// The numbers of inputs that a node passes on unchanged.
  private func kept(_ node: NodeID, in graph: Graph, _ given: NodeSet) -> [Source] {
    func of(_ position: Int) -> [Source] { sources[graph.operand(node, position)] ?? [] }
    let operation = graph.operation(node)
    if operation == .input { return sources[node] ?? [] }
    if operation == .select { return given.contains(graph.operand(node, 0)) ? [] : of(1) + of(2) }
    if case .slice(let dimension, let start, let count) = operation {
      let shape = graph.type(graph.operand(node, 0)).shape.array
      let inner = shape[(dimension + 1)...].reduce(1, *)
      let block = shape[dimension] * inner
      return of(0).map { source in
        let kept = source.features.indices.filter { (start..<start + count).contains($0 % block / inner) }
        return Source(input: source.input, features: kept.map { source.features[$0] })
      }
    }
    return keepsFeatures(operation) && graph.operand(node, 0) < node ? of(0) : []
  }

  /// Whether feature i of the value is feature i of the first operand, at the same step or an adjacent one.
  private func keepsFeatures(_ operation: EbbGraph.Operation) -> Bool {
    if case .convert = operation { return true }
    if case .broadcast = operation { return false }
    return operation.kind == .copy || operation.kind == .identity || operation.shift?.by == 1
  }

  /// Records a node's requirements on its operands.
  private mutating func note(_ node: NodeID, in graph: Graph) {
    let operation = graph.operation(node)
    if operation == .gather {
      let table = graph.operand(node, 0)
      let name = graph.operation(table) == .parameter ? graph.name(table) : nil
      demand(.index(below: .rows(graph.type(table).shape[0], of: name)), of: graph.operand(node, 1))
    }
    if case .scatterAdd(let count, _) = operation {
      demand(.index(below: .rows(count, of: nil)), of: graph.operand(node, 0))
    }
    if case .gatherFeatures(let dimension) = operation {
      let count = graph.type(graph.operand(node, 0)).shape[dimension]
      demand(.index(below: .entries(count)), of: graph.operand(node, 1))
    }
    if case .scatterFeatures(_, let count) = operation {
      demand(.index(below: .entries(count)), of: graph.operand(node, 0))
    }
    if case .pick(let axis, .at) = operation { demand(.index(below: .axis(axis)), of: graph.operand(node, 1)) }
    if case .place(let axis, .at) = operation { demand(.index(below: .axis(axis)), of: graph.operand(node, 1)) }
    if operation == .unary(.isFinite) { tested.formUnion((sources[graph.operand(node, 0)] ?? []).map(\.input)) }
    // x = x is false for NaN.
    if case .compare = operation, let left = sources[graph.operand(node, 0)], left == sources[graph.operand(node, 1)] {
      tested.formUnion(left.map(\.input))
    }
  }

  private mutating func demand(_ demand: InputRules.Rule.Demand, of node: NodeID) {
    for source in sources[node] ?? [] {
      let rule = InputRules.Rule(demand: demand, features: source.features)
      if rules[source.input]?.contains(rule) != true { rules[source.input, default: []].append(rule) }
    }
  }
}

internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// A recurrence that other programs have as one operation, with its weights: found by its equations, so that a cell of a
/// user's own is found as well as the library's.
struct RecurrentLayer {
  /// The operation, with the order of its gates in the weights.
  enum Kind: Hashable {
    /// i, o, f, c.
    case lstm(hasPeepholes: Bool)
    /// z, r, h. The state of the next step is (1 − z) ⊙ h + z ⊙ the last one.
    case gru(resetsAfterProduct: Bool)
    /// One gate, of this function.
    case simple(UnaryFunction)

    var gates: Int {
      switch self {
      case .lstm: 4
      case .gru: 3
      case .simple: 1
      }
    }
  }

  var kind: Kind
  /// The scope of its states; empty at the root.
  var scope: String
  var units: Int
  /// The time along which it runs, and whether backward.
  var axis: Axis
  var isBackward: Bool
  /// The axis of samples, if there is one.
  var batch: Axis?
  /// The vectors that it reads, side by side.
  var inputs: [NodeID]
  /// The initial states: h, and of an LSTM c.
  var initial: [NodeID]
  /// h at every step, and its name.
  var sequence: NodeID
  var sequenceName: String?
  /// The nodes that read the last step of a state: its number, and the node.
  var ends: [(state: Int, node: NodeID)]
  /// [gates · units, features], as its vectors stand side by side.
  var inputWeights: Tensor
  /// [gates · units, units].
  var recurrentWeights: Tensor
  /// [2 · gates · units]: those of the input's product, then those of the state's.
  var biases: Tensor
  /// [3 · units], for the gates i, o, f.
  var peepholes: Tensor?
}

/// The layers of a graph that other programs have as one operation.
///
/// In the graph that remains each is replaced by inputs that stand for what it computes, and outputs for what it reads.
struct RecurrentLayers {
  var layers: [RecurrentLayer] = []
  /// Of each layer that is one direction of a pair, the other one.
  private var partners: [Int: Int] = [:]
  /// Which layer an input stands for, and what of it: −1 the sequence, else the number of the state whose end it is.
  private var placeholders: [String: (layer: Int, part: Int)] = [:]

  /// What no user's name begins with.
  private static let mark = "\u{0}"

  /// No layers.
  init() {}

  /// Finds the layers of a graph, and replaces them.
  init(replacingIn graph: inout Graph, outputs: [String], _ fixed: FixedValues) throws(ExportError) {
    let finder = RecurrentLayerFinder(graph, fixed)
    layers = try finder.layers()
    partners = Self.partners(layers, in: graph)
    var names: [NodeID: String] = [:]
    for (index, layer) in layers.enumerated() {
      var parts = [(node: layer.sequence, part: -1)]
      parts += layer.ends.map { (node: $0.node, part: $0.state) }
      for (position, part) in parts.enumerated() {
        let name = "\(Self.mark)\(index).\(position)"
        names[part.node] = name
        placeholders[name] = (index, part.part)
      }
    }
    var replaced = graph.replacingWithInputs(names)
    var needed = outputs
    for (index, layer) in layers.enumerated() {
      for (position, node) in (layer.inputs + layer.initial).enumerated() {
        let name = Self.outputName(index, position)
        replaced.setOutput(name, node)
        needed.append(name)
      }
    }
    graph = replaced.part(for: needed)
  }

  private static func outputName(_ layer: Int, _ position: Int) -> String { "\(mark)\(layer).reads.\(position)" }

  /// Whether a node stands for a layer's result.
  func isPlaceholder(_ node: NodeID, in graph: Graph) -> Bool {
    graph.operation(node) == .input && graph.name(node).map { placeholders[$0] != nil } == true
  }

  /// The number of the layer that a node stands for, and what of it.
  func place(of node: NodeID, in graph: Graph) -> (layer: Int, part: Int)? {
    graph.operation(node) == .input ? graph.name(node).flatMap { placeholders[$0] } : nil
  }

  /// The layers that are one operation with this one, itself included: the forward direction first.
  func group(of index: Int) -> [Int] {
    guard let partner = partners[index] else { return [index] }
    return layers[index].isBackward ? [partner, index] : [index, partner]
  }

  /// The nodes that the operation reads for which a node stands: inputs and initial states.
  func operands(of node: NodeID, in graph: Graph) -> [NodeID] {
    guard let place = place(of: node, in: graph) else { return [] }
    return group(of: place.layer).flatMap { operands(ofLayer: $0, in: graph) }
  }

  /// The inputs of a layer, then its initial states.
  func operands(ofLayer index: Int, in graph: Graph) -> [NodeID] {
    let count = layers[index].inputs.count + layers[index].initial.count
    return (0..<count).compactMap { graph.output(named: Self.outputName(index, $0)) }
  }

  /// The nodes that stand for what a layer computes.
  func results(ofLayer index: Int, in graph: Graph) -> [(node: NodeID, part: Int)] {
    graph.nodes.compactMap { node in
      guard let place = place(of: node, in: graph), place.layer == index else { return nil }
      return (node, place.part)
    }
  }
}

internal import EbbTensors

/// Follows a model's input from operator to operator, and finds the layers that it passes.
///
/// Each tensor has a trace: which layer computed it, and what its dimensions mean. Operators that only move numbers change
/// the dimensions; layers make new traces; behind any other operator a tensor is unknown, with the words for it.
struct ONNXTracer {
  let graph: ONNXGraph
  var traces: [String: ONNXTrace] = [:]
  var layers: [ONNXLayer] = []
  /// The weights in operators of constants.
  private(set) var constants: [ONNXTensor] = []
  /// The names of the weights that are operands of layers.
  var operandNames: Set<String> = []
  /// The names of the weights that fixed numbers were made of by operators.
  var origins: [String: Set<String>] = [:]
  /// How many numbers operators over fixed ones may still give: a few times those of the file.
  var foldedLeft = 4096
  /// Recurrences that are no layers here.
  var others: [String] = []
  /// What is not as the model has it.
  private(set) var notes: [String] = []
  private var counts: [String: Int] = [:]
  /// Tables that layers read by columns, by the names of their tensors.
  var transposed: [String: StoredTensor] = [:]

  /// More dimensions and states than any model has.
  static let mostParts = 64

  init(_ graph: ONNXGraph) {
    self.graph = graph
    for input in graph.inputs {
      guard let dimensions = input.dimensions, dimensions.count <= Self.mostParts else { continue }
      var labels = dimensions.indices.map { [ONNXSteps.Label.input($0)] }
      if let element = input.element?.stored, [.f32, .f64, .f16, .bf16].contains(element), labels.count > 1 {
        labels[labels.count - 1] = [.feature]
      }
      traces[input.name] = .steps(ONNXSteps(dimensions: labels, input: input.name))
    }
    for tensor in graph.initializers { note(fixed: tensor) }
  }

  /// Fixed numbers, of which operators may make others.
  private mutating func note(fixed tensor: ONNXTensor) {
    traces[tensor.name] = .constant(tensor)
    if case .unread = tensor.numbers { return }
    foldedLeft += 8 * tensor.count
  }

  mutating func run() {
    for (index, node) in graph.nodes.enumerated() {
      let results = node.domain.isEmpty ? results(node, index) : [unfollowed(node)]
      for (place, name) in node.outputs.enumerated() where !name.isEmpty {
        traces[name] = results.indices.contains(place) ? results[place] : unfollowed(node)
      }
    }
    for layer in layers where !layer.isJoined && layer.settings["direction"] == "reverse" {
      note("\(layer.name) runs backward in time: its final state is that at the first step")
    }
    for output in graph.outputs {
      guard case .unknown(let words, let layer?)? = traces[output.name] else { continue }
      note("the model's output \(output.name) is made of \(layers[layer].name) by \(words), which is not computed here")
    }
    settleSums()
  }

  mutating func note(_ text: String) {
    if notes.count < Self.mostParts, !notes.contains(text) { notes.append(text) }
  }

  /// The traces of an operator's outputs.
  private mutating func results(_ node: ONNXNode, _ index: Int) -> [ONNXTrace] {
    switch node.type {
    case "Constant": return [constant(node)]
    case "LSTM", "GRU", "RNN": return recurrent(node, index)
    case "Scan", "Loop", "If":
      others.append(Self.words(node))
      return [unfollowed(node)]
    case "MatMul", "Gemm": return [dense(node, index)]
    case "LayerNormalization": return [normalized(node, index)]
    case "Gather": return [gathered(node, index)]
    case "Add": return [residual(node, index) ?? biased(node)]
    case "Where": return [masked(node)]
    case _: break
    }
    if let folded = folded(node) { return [folded] }
    let moved = moved(node)
    if let moved { return [moved] }
    return [activated(node) ?? unfollowed(node)]
  }

  /// The trace of an operand; nil if it is left out or not known.
  func trace(_ node: ONNXNode, _ place: Int) -> ONNXTrace? {
    node.inputs.indices.contains(place) && !node.inputs[place].isEmpty ? traces[node.inputs[place]] : nil
  }

  func steps(_ node: ONNXNode, _ place: Int = 0) -> ONNXSteps? {
    guard case .steps(let steps)? = trace(node, place) else { return nil }
    return steps
  }

  /// A result that is not followed; numbers about shapes alone give such numbers.
  func unfollowed(_ node: ONNXNode) -> ONNXTrace {
    var isAboutShapes = true
    for place in node.inputs.indices {
      switch trace(node, place) {
      case .unknown(let words, let layer): return .unknown(words, after: layer)
      case .steps(let steps): return .unknown(Self.words(node), after: steps.layer)
      case .finals(let parts): return .unknown(Self.words(node), after: parts.last?.layer)
      // Weights: what is computed of them is no shape.
      case .constant(let tensor) where tensor.dimensions.count > 1: isAboutShapes = false
      case .constant, .zeros, .shape: continue
      case nil: isAboutShapes = isAboutShapes && node.inputs[place].isEmpty
      }
    }
    return isAboutShapes && node.domain.isEmpty && !others.contains { $0.hasPrefix(Self.words(node)) }
      ? .shape(count: nil) : .unknown(Self.words(node), after: nil)
  }

  /// `/rnn/Loop (Loop)`
  static func words(_ node: ONNXNode) -> String {
    let name = node.name.isEmpty ? node.outputs.first ?? "" : node.name
    return name.isEmpty ? node.type : "\(name) (\(node.type))"
  }

  /// The name of a node's layer: its own, with points between its parts; else that of its output, or a count.
  mutating func layerName(_ node: ONNXNode, _ index: Int) -> String {
    let names = [node.name, node.outputs.first { !$0.isEmpty } ?? ""]
    let parts = names.lazy.map { NetworkNames.parts($0) }.first { !$0.isEmpty } ?? []
    let name = parts.isEmpty ? "\(node.type)_\(index)" : parts.joined(separator: ".")
    let count = counts[name, default: 0] + 1
    counts[name] = count
    return count == 1 ? name : "\(name)_\(count)"
  }

  private mutating func constant(_ node: ONNXNode) -> ONNXTrace {
    var tensor: ONNXTensor?
    switch node.attributes.first?.value {
    case .tensor(let value)?: tensor = value
    case .integer(let value)?: tensor = ONNXTensor("", [], .int64([Int64(value)]))
    case .integers(let values)?: tensor = ONNXTensor("", values)
    case .float(let value)?: tensor = ONNXTensor("", [], .float32([value]))
    case .floats(let values)?: tensor = ONNXTensor("", [values.count], .float32(values))
    case .text, .texts, .graph, .other, nil: break
    }
    guard var tensor else { return unfollowed(node) }
    tensor.name = node.outputs.first ?? ""
    // Scalars and positions are no weights.
    let isFloat = [.f32, .f64, .f16, .bf16].contains(tensor.element.stored)
    if isFloat, !tensor.dimensions.isEmpty, !tensor.name.isEmpty { constants.append(tensor) }
    if case .unread = tensor.numbers { return .constant(tensor) }
    foldedLeft += 8 * tensor.count
    return .constant(tensor)
  }
}

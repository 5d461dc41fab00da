internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors
internal import EbbTransforms

/// Writes the equations of a graph as operators of ONNX.
///
/// Values are written in an order of evaluation: those outside of recurrences over whole sequences, a recurrence as one
/// `Scan`, and layers that are one of ONNX's own recurrent operators as that.
struct ONNXTranslation {
  let graph: Graph
  let outputs: [String]
  /// The layers that are operators, by the inputs that stand for what they compute.
  let layers: RecurrentLayers
  var builder: ONNXBuilder
  /// The tensor of each value that has been written, as it is outside of recurrences.
  var values: [NodeID: ONNXOperand] = [:]
  /// The tensors of values of the current step.
  var stepValues: [NodeID: ONNXOperand] = [:]
  /// The last values of recurrences, which a `Scan` and the recurrent operators return by themselves.
  var finals: [NodeID: ONNXOperand] = [:]
  /// The parts of values that are cut into parts, each as a slice of the graph.
  var parts: [NodeID: ONNXOperand] = [:]
  /// For the tensors of a forward and a backward direction, the output of the operator that has both.
  var directions: [[String]: (output: String, isSequence: Bool, layer: RecurrentLayer)] = [:]
  let components: Components
  let readers: Readers
  let fixed: FixedValues
  /// The values that one operator computes, of which several nodes are composed here.
  let composed: [NodeID: ComposedFunction]

  /// - Parameter parameters: By name, for every parameter of the graph.
  init(
    _ graph: Graph, _ outputs: [String], _ layers: RecurrentLayers, parameters: [String: Tensor]
  ) throws(ExportError) {
    (self.graph, self.outputs, self.layers) = (graph, outputs, layers)
    fixed = try FixedValues(graph, parameters)
    builder = ONNXBuilder(graph)
    components = Components(graph)
    readers = Readers(graph)
    var composed: [NodeID: ComposedFunction] = [:]
    for node in graph.nodes {
      guard let function = ComposedFunction(node, in: graph, fixed) else { continue }
      // From step to step other roundings add up.
      if case .layerNormalization = function, components.isCyclic[components[node]] { continue }
      composed[node] = function
    }
    self.composed = composed
  }

  /// The whole model's graph.
  mutating func translated() throws(ExportError) -> ONNXGraph {
    for name in outputs { _ = builder.names.claim(name) }
    try addInputs()
    try addFixedValues()
    addLengths()
    for component in order() {
      let members = components.members[component]
      if components.isCyclic[component] {
        try translateRecurrence(component)
      } else if values[members[0]] == nil, !fixed.contains(members[0]) {
        if let layer = layers.place(of: members[0], in: graph)?.layer {
          try translate(layer)
        } else {
          values[members[0]] = try translated(members[0])
        }
      }
    }
    var result = ONNXGraph("ebb")
    for name in outputs { result.outputs.append(addOutput(name)) }
    result.inputs = builder.inputs
    result.initializers = builder.initializers
    result.nodes = builder.nodes
    result.removeUnused()
    return result
  }

  /// The components that the outputs need, in an order of evaluation. A layer that is an operator has its input for
  /// an operand.
  private func order() -> [Int] {
    func operands(of component: Int) -> [Int] {
      components.members[component].flatMap { node in
        (self.operands(of: node) + layers.operands(of: node, in: graph)).map { components[$0] }
      }
    }
    var found: [Int] = []
    var state = [UInt8](repeating: 0, count: components.members.count)
    var work = outputs.reversed().compactMap { graph.output(named: $0) }.map { components[$0] }
    while let component = work.last {
      if state[component] == 0 {
        state[component] = 1
        work += operands(of: component).filter { state[$0] == 0 }.reversed()
        continue
      }
      work.removeLast()
      if state[component] == 1 {
        state[component] = 2
        found.append(component)
      }
    }
    return found
  }

  // MARK: What goes in and comes out

  private mutating func addInputs() throws(ExportError) {
    for node in graph.nodes where graph.operation(node) == .input && !layers.isPlaceholder(node, in: graph) {
      let type = graph.type(node)
      let name = builder.names.unique(graph.name(node) ?? "input")
      let operand = ONNXOperand(
        name: name, element: ONNXElement(type.element), axes: type.domain, shape: type.shape.array)
      builder.inputs.append(described(operand))
      values[node] = operand
      for axis in type.domain where builder.sources[axis] == nil { builder.sources[axis] = operand }
    }
  }

  /// An initializer for each value that depends on parameters alone and that is read by others.
  private mutating func addFixedValues() throws(ExportError) {
    let ends = graph.outputs.map(\.node)
    let read = graph.nodes.filter { node in
      guard fixed.contains(node) else { return false }
      return ends.contains(node) || readers[node].contains { !fixed.contains($0) }
    }
    let tensors = try fixed.values(of: read)
    for node in read {
      if case .constant(let value) = graph.operation(node), graph.type(node).shape == .scalar {
        values[node] = builder.number(value, ONNXElement(graph.type(node).element))
      } else if let tensor = tensors[node] {
        values[node] = builder.fixed(tensor, named: graph.name(node) ?? fixedName(node))
      }
    }
  }

  /// A name for a value that has none: after the parameters that it is made of.
  private func fixedName(_ node: NodeID) -> String {
    if case .constant(let value) = graph.operation(node) { return value == 0 ? "zeros" : "constant" }
    if case .slice(_, let start, let count) = graph.operation(node), let name = graph.name(graph.operand(node, 0)) {
      return "\(name)[\(start)..<\(start + count)]"
    }
    let parameters = graph.ancestors(of: [node]).compactMap {
      graph.operation($0) == .parameter ? graph.name($0) : nil
    }
    guard let first = parameters.first else { return "\(graph.operation(node).keyword)" }
    return "\(first).\(graph.operation(node).keyword)"
  }

  /// For each axis that no input has, and whose length is not fixed, an input of its length: an Int32 scalar.
  private mutating func addLengths() {
    let used = graph.types.reduce(Domain.empty) { $0.union($1.domain) }
    for axis in used where graph.description(of: axis).length == nil && builder.sources[axis] == nil {
      let name = builder.names.unique(builder.name(axis) + ".length")
      let input = ONNXOperand(name: name, element: .int32, axes: [], shape: [])
      builder.inputs.append(described(input))
      builder.givenLengths[axis] = input
    }
  }

  private mutating func addOutput(_ name: String) -> ONNXValue {
    guard let node = graph.output(named: name), let value = values[node] else {
      preconditionFailure("the outputs are checked before")
    }
    let type = graph.type(node)
    builder.names.release(name)
    // What lies after the end of a sequence is 0.
    let masks = masks(within: type.domain)
    if masks.isEmpty, value.axes == type.domain, builder.rename(value.name, to: name) {
      values = values.mapValues { $0.name == value.name ? $0.with(name: name) : $0 }
      return described(value.with(name: name))
    }
    let whole = builder.expanded(value, to: type.domain, named: masks.isEmpty ? name : nil)
    if let mask = conjunction(masks) {
      let (element, zero) = (whole.element, builder.number(0, whole.element))
      if element == .bool { return described(builder.elementwise("And", [mask, whole], named: name)) }
      return described(builder.elementwise("Where", [mask, whole, zero], element, named: name))
    }
    return whole.name == name
      ? described(whole) : described(builder.write("Identity", [whole], like: whole, named: name))
  }

  func described(_ operand: ONNXOperand) -> ONNXValue {
    let axes = operand.axes.map { axis -> ONNXValue.Dimension in
      let description = graph.description(of: axis)
      return description.length.map { .fixed($0) } ?? .symbol(description.name)
    }
    return ONNXValue(operand.name, operand.element, axes + operand.shape.map { .fixed($0) })
  }

  // MARK: Values

  /// The tensor of a value: of the current step if it belongs to it.
  func value(_ node: NodeID) -> ONNXOperand {
    guard let operand = stepValues[node] ?? values[node] else {
      preconditionFailure("%\(node.index) is read before it is written")
    }
    return operand
  }

  /// The name that a value's tensor should have: the user's, or nil for the operator's.
  func wantedName(_ node: NodeID) -> String? {
    guard let name = graph.name(node), !layers.isPlaceholder(node, in: graph) else { return nil }
    return builder.step == nil ? name : name + ".next"
  }

  // MARK: Ragged axes

  /// For each ragged axis among these whose lengths they index, where its steps are inside of the sequences.
  mutating func masks(within domain: Domain, touching axes: Domain? = nil) -> [ONNXOperand] {
    domain.filter { axis in
      guard graph.description(of: axis).lengths != nil else { return false }
      let rows = graph.lengthsDomain(of: [axis])
      return rows.isSubset(of: domain) && (axes.map { $0.contains(axis) || !$0.isDisjoint(with: rows) } ?? true)
    }.map { mask($0) }
  }

  /// Where a step of a ragged axis is inside its sequence.
  mutating func mask(_ axis: Axis) -> ONNXOperand {
    let lengths = rowLengths(axis)
    let name = builder.name(axis) + ".isInside"
    return builder.once("mask \(axis.index)") { builder in
      let indices = builder.indices(axis)
      return builder.elementwise("Less", [indices, lengths], .bool, named: name)
    }
  }

  /// The length of each row of a ragged axis, else the length of the axis: Int32.
  mutating func rowLengths(_ axis: Axis) -> ONNXOperand {
    guard let lengths = graph.description(of: axis).lengths else { return builder.lengthNumber(axis) }
    return value(lengths)
  }

  mutating func conjunction(_ masks: [ONNXOperand]) -> ONNXOperand? {
    guard var result = masks.first else { return nil }
    for mask in masks.dropFirst() { result = builder.elementwise("And", [result, mask], .bool) }
    return result
  }

  /// The value with `fill` at the indices outside of the sequences, where that affects an operation over these axes.
  mutating func masked(
    _ x: ONNXOperand, within domain: Domain, over axes: Domain, fill: Double = 0
  ) -> ONNXOperand {
    guard let mask = conjunction(masks(within: domain, touching: axes)) else { return x }
    return builder.select(mask, x, builder.number(fill, x.element))
  }
}

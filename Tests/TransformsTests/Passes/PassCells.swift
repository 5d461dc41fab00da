import EbbGraph
import EbbTensors

/// Recurrent cells written equation by equation, for tests of what the passes make of them.
struct CellWriter {
  /// How an affine map of several values is written.
  enum Style: CaseIterable {
    /// [h, x]·W + b
    case concatenated
    /// (h·U + x·W) + b
    case separate
    /// h·U + (x·W + b)
    case inputFirst
    /// b + U·h + W·x
    case matrixFirst
  }

  var graph = Graph()
  let time: Axis
  let batch: Axis
  let inputs: Int
  let units: Int
  let style: Style
  let x: NodeID

  init(inputs: Int, units: Int, style: Style) {
    time = graph.addAxis(AxisDescription(name: "t", kind: .time))
    batch = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    self.inputs = inputs
    self.units = units
    self.style = style
    x = graph.appendLeaf(.input, NodeType(.float64, [time, batch], [inputs]), name: "x")
  }

  mutating func parameter(_ name: String, _ shape: Shape) -> NodeID {
    graph.appendLeaf(.parameter, NodeType(.float64, .empty, shape), name: name)
  }
  mutating func constant(_ value: Double, _ shape: Shape = .scalar) -> NodeID {
    graph.appendLeaf(.constant(value), NodeType(.float64, .empty, shape))
  }
  mutating func state(_ name: String) throws -> NodeID {
    let zero = constant(0, [units])
    let node = try graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: zero)
    graph.setName(name + "Before", of: node)
    return node
  }

  mutating func add(_ a: NodeID, _ b: NodeID) -> NodeID { graph.append(.binary(.add), [a, b]) }
  mutating func subtract(_ a: NodeID, _ b: NodeID) -> NodeID { graph.append(.binary(.subtract), [a, b]) }
  mutating func times(_ a: NodeID, _ b: NodeID) -> NodeID { graph.append(.binary(.multiply), [a, b]) }
  mutating func unary(_ function: UnaryFunction, _ a: NodeID) -> NodeID { graph.append(.unary(function), [a]) }
  mutating func product(_ a: NodeID, _ weight: NodeID) -> NodeID {
    graph.append(.product(.dimensions(0, 0), over: []), [a, weight])
  }

  /// An affine map of a state and an input with parameters of its own.
  mutating func affine(_ name: String, _ h: NodeID, _ x: NodeID) -> NodeID {
    let (m, n) = (graph.type(h).shape[0], graph.type(x).shape[0])
    switch style {
    case .concatenated:
      let weight = parameter(name + ".weight", [m + n, units])
      let bias = parameter(name + ".bias", [units])
      let joined = graph.append(.concatenate(dimension: 0), [h, x])
      return add(product(joined, weight), bias)
    case .separate:
      let inputWeight = parameter(name + ".input", [n, units])
      let weight = parameter(name + ".recurrent", [m, units])
      let bias = parameter(name + ".bias", [units])
      return add(add(product(h, weight), product(x, inputWeight)), bias)
    case .inputFirst:
      let weight = parameter(name + ".recurrent", [m, units])
      let inputWeight = parameter(name + ".input", [n, units])
      let bias = parameter(name + ".bias", [units])
      let input = add(product(x, inputWeight), bias)
      return add(product(h, weight), input)
    case .matrixFirst:
      let bias = parameter(name + ".bias", [units])
      let weight = parameter(name + ".recurrent", [units, m])
      let inputWeight = parameter(name + ".input", [units, n])
      let contraction = Operation.product(.dimensions(1, 0), over: [])
      let recurrent = graph.append(contraction, [weight, h])
      return add(add(bias, recurrent), graph.append(contraction, [inputWeight, x]))
    }
  }

  mutating func lstm(_ x: NodeID, prefix: String = "", peepholes: Bool = false) throws -> NodeID {
    let h = try state(prefix + "h")
    let c = try state(prefix + "c")
    var gates: [NodeID] = []
    for name in ["forget", "input", "candidate", "output"] {
      var gate = affine(prefix + name, h, x)
      if peepholes, name != "candidate" { gate = add(gate, times(parameter(prefix + name + ".peephole", [units]), c)) }
      gates.append(gate)
    }
    let kept = times(unary(.sigmoid, gates[0]), c)
    let cell = add(kept, times(unary(.sigmoid, gates[1]), unary(.tanh, gates[2])))
    let next = times(unary(.sigmoid, gates[3]), unary(.tanh, cell))
    try graph.close(h, with: next)
    try graph.close(c, with: cell)
    try graph.inferDomains()
    graph.setName(prefix + "h", of: next)
    return next
  }

  /// An LSTM whose gates are ranges of one affine map.
  mutating func joinedLSTM(_ x: NodeID) throws -> NodeID {
    let h = try state("h")
    let c = try state("c")
    let joined = graph.append(.concatenate(dimension: 0), [h, x])
    let weight = parameter("weight", [units + inputs, 4 * units])
    let bias = parameter("bias", [4 * units])
    let gates = add(product(joined, weight), bias)
    let parts = (0..<4).map { gate in
      graph.append(.slice(dimension: 0, start: gate * units, count: units), [gates])
    }
    let cell = add(
      times(unary(.sigmoid, parts[0]), c), times(unary(.sigmoid, parts[1]), unary(.tanh, parts[2])))
    let next = times(unary(.sigmoid, parts[3]), unary(.tanh, cell))
    try graph.close(h, with: next)
    try graph.close(c, with: cell)
    try graph.inferDomains()
    return next
  }

  mutating func gru(_ x: NodeID) throws -> NodeID {
    let h = try state("h")
    let update = unary(.sigmoid, affine("update", h, x))
    let reset = unary(.sigmoid, affine("reset", h, x))
    let candidate = unary(.tanh, affine("candidate", times(reset, h), x))
    let one = constant(1)
    let next = add(times(subtract(one, update), h), times(update, candidate))
    try graph.close(h, with: next)
    try graph.inferDomains()
    graph.setName("h", of: next)
    return next
  }

  mutating func minimalGatedUnit(_ x: NodeID) throws -> NodeID {
    let h = try state("h")
    let forget = unary(.sigmoid, affine("forget", h, x))
    let candidate = unary(.tanh, affine("candidate", times(forget, h), x))
    let one = constant(1)
    let next = add(times(subtract(one, forget), h), times(forget, candidate))
    try graph.close(h, with: next)
    try graph.inferDomains()
    graph.setName("h", of: next)
    return next
  }

  mutating func simple(_ x: NodeID) throws -> NodeID {
    let h = try state("h")
    let next = unary(.tanh, affine("hidden", h, x))
    try graph.close(h, with: next)
    try graph.inferDomains()
    graph.setName("h", of: next)
    return next
  }

  /// Σ over everything of h²: the output `loss`.
  mutating func loss(_ h: NodeID) -> NodeID {
    let square = unary(.square, h)
    let perIndex = graph.append(.reduceFeatures(.sum, dimension: 0), [square])
    let loss = graph.append(.reduceAxes(.sum, over: graph.type(perIndex).domain), [perIndex])
    graph.setOutput("loss", loss)
    return loss
  }

  var parameters: [NodeID] { graph.nodes.filter { graph.operation($0) == .parameter } }

  /// Values for every parameter and input, not too large.
  func bindings(steps: Int, rows: Int) -> Bindings {
    var bindings = Bindings()
    var state: UInt64 = 1
    for node in graph.nodes where graph.operation(node) == .parameter || graph.operation(node) == .input {
      let type = graph.type(node)
      let dimensions = type.domain.map { $0 == time ? steps : rows } + type.shape.array
      let numbers = (0..<dimensions.reduce(1, *)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(Int64(bitPattern: state) >> 33) * 0x1p-30 * 0.7
      }
      if let name = graph.name(node) { bindings.values[name] = Tensor(dimensions, numbers) }
    }
    return bindings
  }
}

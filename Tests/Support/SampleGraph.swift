public import EbbGraph
internal import EbbTensors

/// Graphs that the tests of printing, parsing and drawing share.
public enum SampleGraph {
  /// h_t = tanh(x_t W + h_{t−1} R + b) over a batch, its loss the mean square of the last state.
  public static func simpleRNN() -> Graph {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [t, b], [8]), name: "x")
    let w = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [8, 16]), name: "W")
    let r = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [16, 16]), name: "R")
    let bias = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [16]), name: "b")
    let initial = graph.appendLeaf(.constant(0), NodeType(.float32, .empty, [16]))
    let previous = open(&graph, .delay(t, by: 1, truncation: 0), initial)
    let fromInput = graph.append(.product(.dimensions(0, 0), over: .empty), [x, w])
    let fromState = graph.append(.product(.dimensions(0, 0), over: .empty), [previous, r])
    let sum = graph.append(.binary(.add), [fromInput, fromState])
    let shifted = graph.append(.binary(.add), [sum, bias])
    let h = graph.append(.unary(.tanh), [shifted])
    graph.setName("h", of: h)
    close(&graph, previous, h)
    let last = graph.append(.pick(t, .last), [h])
    let square = graph.append(.unary(.square), [last])
    let perSample = graph.append(.reduceFeatures(.sum, dimension: 0), [square])
    let loss = graph.append(.reduceAxes(.sum, over: [b]), [perSample])
    graph.setOutput("loss", loss)
    graph.setOutput("states", h)
    return graph
  }

  /// The GRU of Cho et al. (2014), reset before the product, with its name's usual letters.
  public static func gatedRecurrentUnit() -> Graph {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [t, b], [3]), name: "x")
    let initial = graph.appendLeaf(.constant(0), NodeType(.float32, .empty, [4]))
    let one = graph.appendLeaf(.constant(1), NodeType(.float32))
    let previous = open(&graph, .delay(t, by: 1, truncation: 0), initial)
    func affine(_ name: String, _ operands: [NodeID]) -> NodeID {
      let weight = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [7, 4]), name: "W_\(name)")
      let bias = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [4]), name: "b_\(name)")
      let joined = graph.append(.concatenate(dimension: 0), operands)
      let product = graph.append(.product(.dimensions(0, 0), over: .empty), [joined, weight])
      return graph.append(.binary(.add), [product, bias])
    }
    let update = graph.append(.unary(.sigmoid), [affine("z", [previous, x])])
    graph.setName("z", of: update)
    let reset = graph.append(.unary(.sigmoid), [affine("r", [previous, x])])
    graph.setName("r", of: reset)
    let kept = graph.append(.binary(.multiply), [reset, previous])
    let candidate = graph.append(.unary(.tanh), [affine("n", [kept, x])])
    graph.setName("n", of: candidate)
    let remaining = graph.append(.binary(.subtract), [one, update])
    let old = graph.append(.binary(.multiply), [remaining, previous])
    let new = graph.append(.binary(.multiply), [update, candidate])
    let h = graph.append(.binary(.add), [old, new])
    graph.setName("h", of: h)
    close(&graph, previous, h)
    graph.setOutput("h", h)
    return graph
  }

  /// The simple network written out over its steps, with the squared norms of its states as loss.
  public static func unrolledRNN(steps: Int) -> Graph {
    var graph = Graph()
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let w = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [2, 3]), name: "W")
    let r = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [3, 3]), name: "R")
    var h = graph.appendLeaf(.parameter, NodeType(.float32, .empty, [3]), name: "h0")
    var total: NodeID?
    for step in 0..<steps {
      let x = graph.appendLeaf(.input, NodeType(.float32, [b], [2]), name: "x@\(step)")
      let fromInput = graph.append(.product(.dimensions(0, 0), over: .empty), [x, w])
      let fromState = graph.append(.product(.dimensions(0, 0), over: .empty), [h, r])
      h = graph.append(.unary(.tanh), [graph.append(.binary(.add), [fromInput, fromState])])
      graph.setName("h@\(step)", of: h)
      let norm = graph.append(.reduceFeatures(.sum, dimension: 0), [graph.append(.unary(.square), [h])])
      total = total.map { graph.append(.binary(.add), [$0, norm]) } ?? norm
    }
    if let total { graph.setOutput("loss", graph.append(.reduceAxes(.sum, over: [b]), [total])) }
    return graph
  }

  /// Every operation with every choice of its attributes, over ragged, fixed and free axes, with unusual names.
  public static func everyOperation() -> Graph {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "the batch", kind: .batch))
    let s = graph.addAxis(AxisDescription(name: "s", kind: .time))
    let p = graph.addAxis(AxisDescription(name: "π", kind: .batch, length: 3))
    let x = graph.appendLeaf(.input, NodeType(.float64, [t, b], [4]), name: "x")
    let lengths = graph.appendLeaf(.input, NodeType(.int32, [b]), name: "")
    graph.setLengths(lengths, of: t)
    let scalar = graph.appendLeaf(.input, NodeType(.float64, [s]), name: "layer0.h@3")
    let matrix = graph.appendLeaf(.parameter, NodeType(.float64, .empty, [4, 5]), name: "a \"name\"\\\n\u{202E}é")
    let id = graph.appendLeaf(.input, NodeType(.int32, [b]), name: "parameter")
    let flag = graph.appendLeaf(.constant(1), NodeType(.bool))
    for value in [0.1, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e16] {
      graph.appendLeaf(.constant(value), NodeType(.float64, .empty, [2]))
    }
    graph.appendLeaf(.random(.uniform, stream: 0), NodeType(.float64, [t, b], [4]))
    graph.appendLeaf(.random(.normal, stream: .max), NodeType(.float32))
    graph.appendLeaf(
      .literal(Literal([0.1, -0.0, .infinity, .nan])), NodeType(.float64, .empty, [2, 2]), name: "fixed")
    graph.appendLeaf(.literal(Literal([1, 0])), NodeType(.bool, .empty, [2]))
    let places = graph.appendLeaf(.literal(Literal([3, -1, 0, 0])), NodeType(.int32, .empty, [4]))
    _ = graph.append(.axisIndex(t), [])
    _ = graph.append(.axisLength(t), [])
    _ = graph.append(.iota(7), [])
    for function in UnaryFunction.allCases { _ = graph.append(.unary(function), [function == .not ? flag : x]) }
    for function in BinaryFunction.allCases {
      switch function.traits.domain {
      case .truths: _ = graph.append(.binary(function), [flag, flag])
      case .integers: _ = graph.append(.binary(function), [id, lengths])
      case .floats, .numbers: _ = graph.append(.binary(function), [x, scalar])
      }
    }
    for comparison in Comparison.allCases { _ = graph.append(.compare(comparison), [x, scalar]) }
    _ = graph.append(.select, [flag, x, scalar])
    for element in ElementType.allCases { _ = graph.append(.convert(element), [x]) }
    _ = graph.append(.product(.dimensions(0, 0), over: .empty), [x, matrix])
    _ = graph.append(.product(.dimensions(0, 0), over: [t]), [x, matrix])
    _ = graph.append(.product(.outer, over: .empty), [x, x])
    _ = graph.append(.product(.outer, over: [t, b]), [x, x])
    _ = graph.append(.transpose(0, 1), [matrix])
    _ = graph.append(.reshape([2, 5, 1, 2]), [matrix])
    _ = graph.append(.reshape(.scalar), [scalar])
    _ = graph.append(.broadcast(dimension: 1, count: 2), [matrix])
    _ = graph.append(.concatenate(dimension: 0), [x, x, x])
    _ = graph.append(.slice(dimension: 1, start: 2, count: 3), [matrix])
    _ = graph.append(.pad(dimension: 0, before: 1, after: 0), [x])
    _ = graph.append(.gather, [matrix, id])
    _ = graph.append(.scatterAdd(count: 9, over: .empty), [id, x])
    _ = graph.append(.scatterAdd(count: 9, over: [t]), [id, x])
    for reduction in FeatureReduction.allCases { _ = graph.append(.reduceFeatures(reduction, dimension: 1), [matrix]) }
    for reduction in AxisReduction.allCases { _ = graph.append(.reduceAxes(reduction, over: [t, b]), [x]) }
    _ = graph.append(.reduceAxes(.sum, over: .empty), [x])
    _ = graph.append(.argmaxFeatures(dimension: 0), [matrix])
    for isReversed in [false, true] {
      _ = graph.append(.argsortFeatures(dimension: 1, descending: isReversed), [matrix])
      _ = graph.append(.accumulate(dimension: 0, reversed: isReversed), [x, x])
    }
    _ = graph.append(.gatherFeatures(dimension: 0), [x, places])
    _ = graph.append(.scatterFeatures(dimension: 0, count: 7), [places, x])
    let square = graph.append(.slice(dimension: 1, start: 0, count: 4), [matrix])
    for function in MatrixFunction.allCases {
      _ = graph.append(.matrix(function), function == .solve ? [square, x] : [square])
    }
    _ = graph.append(.argmaxAxis(t), [x])
    for position in Position.allCases {
      let index = position == .at ? [id] : []
      let picked = graph.append(.pick(t, position), [x] + index)
      _ = graph.append(.place(t, position), [picked] + index)
    }
    _ = graph.append(.spread([t, b]), [matrix])
    let moved = graph.append(.featureToAxis(p), [graph.append(.slice(dimension: 0, start: 0, count: 3), [matrix])])
    _ = graph.append(.axisToFeature(p), [moved])
    let three = graph.append(.slice(dimension: 0, start: 0, count: 3), [matrix])
    let carried = graph.append(.spread([s]), [graph.append(.reduceFeatures(.sum, dimension: 0), [matrix])])
    let row = graph.append(.reduceFeatures(.sum, dimension: 0), [matrix])
    _ = graph.append(.delay(s, by: 1, truncation: 0), [carried, row])
    _ = graph.append(.delay(s, by: 3, truncation: 20), [carried, three])
    _ = graph.append(.advance(s, by: 1), [carried, row])
    _ = graph.append(.advance(s, by: 3), [carried, three])
    _ = graph.append(.stopGradient, [x])
    _ = graph.append(.clipGradient(.norm(0.25)), [x])
    _ = graph.append(.clipGradient(.norm(2, epsilon: 1e-6)), [x])
    _ = graph.append(.clipGradient(.value(.infinity)), [x])
    let adjoint = graph.append(.incomingAdjoint, [x])
    _ = graph.append(.declaredGradient, [x, adjoint, x, graph.append(.unary(.negate), [adjoint])])
    let state = open(&graph, .advance(t, by: 1), scalar)
    let next = graph.append(.binary(.multiply), [state, scalar])
    close(&graph, state, next)
    graph.setOutput("an output", x)
    graph.setOutput("x", matrix)
    return graph
  }

  private static func open(_ graph: inout Graph, _ operation: EbbGraph.Operation, _ boundary: NodeID) -> NodeID {
    do {
      return try graph.appendOpen(operation, boundary: boundary)
    } catch {
      preconditionFailure(error.message)
    }
  }

  /// Closes a recurrence and settles the domains.
  private static func close(_ graph: inout Graph, _ shift: NodeID, _ next: NodeID) {
    do {
      try graph.close(shift, with: next)
      try graph.inferDomains()
    } catch {
      preconditionFailure(error.message)
    }
  }
}

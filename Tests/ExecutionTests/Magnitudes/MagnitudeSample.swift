import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Equations of inputs that lie side by side, run with their derivatives by the executor and by the interpreter, and
/// judged by wider arithmetic.
struct MagnitudeSample<Scalar: BinaryFloatingPoint, W: Wide> {
  var element: ElementType
  /// Units in the last place of the largest number of a result.
  var ulps = 8.0

  /// Powers of two from the smallest denormal number to the largest finite one, and numbers between them.
  var magnitudes: [Scalar] {
    let least = Int(Scalar.leastNonzeroMagnitude.exponent)
    let normal = Int(Scalar.leastNormalMagnitude.exponent)
    let most = Int(Scalar.greatestFiniteMagnitude.exponent)
    let coarse = stride(from: 0.02, to: 1, by: 0.07).flatMap { [Int(Double(least) * $0), Int(Double(most) * $0)] }
    let exponents = Set(
      coarse + Array(-12...7) + [least, least + 1, least + 4, normal - 1, normal, normal + 1, most - 1])
    let powers = exponents.sorted().flatMap { exponent in
      [1, 1.375].map { Scalar(sign: .plus, exponent: Scalar.Exponent(exponent), significand: $0) }
    }
    return powers + [.greatestFiniteMagnitude / 2, .greatestFiniteMagnitude]
  }

  /// The numbers with both signs, and 0.
  var numbers: [Scalar] { magnitudes.reversed().map { -$0 } + [0] + magnitudes }

  /// A value of `rows` vectors, its sum's derivatives by the inputs, and who computed them.
  struct Outcome {
    var computer: String
    var value: [Double]
    var gradients: [[Double]]
  }

  /// Runs a function of numbers, and its derivatives by all of them.
  func run(_ inputs: [[Scalar]], differentiates: Bool, _ operation: Operation) throws -> [Outcome] {
    var graph = Graph()
    let axis = graph.addAxis(AxisDescription(name: "row", kind: .batch))
    let nodes = inputs.indices.map { graph.appendLeaf(.input, NodeType(element, [axis]), name: "x\($0)") }
    let value = graph.append(operation, nodes)
    graph.setOutput("value", value)
    let loss = differentiates ? graph.append(.reduceAxes(.sum, over: [axis]), [value]) : nil
    return try run(graph, loss, rows: inputs[0].count, inputs)
  }

  /// Runs an equation for each of a number of rows.
  ///
  /// - Parameters:
  ///   - inputs: For each input the numbers of one row after the other.
  ///   - weights: By which the values of a row are multiplied before their sum is differentiated; 1 if nil.
  ///   - isAlone: Whether there is but one row, and no axis for it.
  ///   - isEvaluated: Whether the network is run as it is evaluated, not as it is trained.
  func run(
    rows: Int, _ inputs: [[Scalar]], weights: [Double]? = nil, isAlone: Bool = false, isEvaluated: Bool = false,
    _ equation: (Scope, [Signal]) -> Signal
  ) throws -> [Outcome] {
    let recording = try Recording(element: element) { scope in
      let axes: Domain = isAlone ? [] : [scope.batch("row")]
      let value = equation(scope, inputs.indices.map { scope.input("x\($0)", [inputs[$0].count / rows], over: axes) })
      scope.output("value", value)
      let weighted = weights.map { value * scope.input("weights", [$0.count], over: []) } ?? value
      scope.output("loss", sum(sumOverFeatures(weighted), over: axes))
    }
    var graph = isEvaluated ? recording.evaluationGraph : recording.graph
    let loss = graph.output(named: "loss")
    graph.removeOutputs { $0 == "loss" }
    return try run(graph, loss, rows: rows, inputs, weights)
  }

  /// Runs a graph of inputs x0, x1, … and the output `value`, and the derivatives of `loss`.
  func run(
    _ graph: Graph, _ loss: NodeID?, rows: Int, _ inputs: [[Scalar]], _ weights: [Double]? = nil
  ) throws -> [Outcome] {
    var graph = graph
    if let loss {
      let nodes = try inputs.indices.map { try #require(graph.node(named: "x\($0)")) }
      for (index, gradient) in try graph.gradient(of: loss, withRespectTo: nodes).enumerated() {
        graph.setOutput("d/x\(index)", gradient)
      }
    }
    var bindings = Bindings()
    for (index, numbers) in inputs.enumerated() {
      let node = try #require(graph.node(named: "x\(index)"))
      bindings.values["x\(index)"] = Tensor(
        (graph.type(node).domain.isEmpty ? [] : [rows]) + graph.type(node).shape.array, numbers.map { Double($0) },
        as: element)
    }
    if let weights { bindings.values["weights"] = Tensor([weights.count], weights, as: element) }
    func outcome(_ computer: String, _ results: [String: Tensor]) throws -> Outcome {
      Outcome(
        computer: computer, value: try #require(results["value"]).doubles,
        gradients: loss == nil ? [] : try inputs.indices.map { try #require(results["d/x\($0)"]).doubles })
    }
    let optimized = try Passes.optimized(graph)
    return [
      try outcome("executor", try Executable(optimized, options: .gradual).run(bindings)),
      try outcome("interpreter", try Interpreter.run(graph, bindings)),
      try outcome("interpreter after passes", try Interpreter.run(optimized, bindings)),
    ]
  }

  /// Whether a number is the expected one, rounded: infinite where that is beyond the range, and otherwise off by no more
  /// than some units in the last place, some of the least denormal number, and the allowance.
  func agrees(_ found: Double, _ expected: W, scale: W? = nil, allowance: W = 0, denormals: Double = 2) -> Bool {
    if expected.isNaN || found.isNaN { return expected.isNaN && found.isNaN }
    let most = W(Scalar.greatestFiniteMagnitude)
    let bound =
      W(ulps) * W(Scalar.ulpOfOne) * max(expected.magnitude, scale ?? 0) + W(denormals)
      * W(Scalar.leastNonzeroMagnitude)
      + allowance
    if Scalar(found).isInfinite {
      return (found > 0) == (expected > 0) && expected.magnitude + bound >= most
    }
    return (W(found) - expected).magnitude <= bound
  }
}

extension ExecutionOptions {
  /// Numbers down to the smallest subnormal one are kept.
  static let gradual = ExecutionOptions(underflow: .gradual)
}

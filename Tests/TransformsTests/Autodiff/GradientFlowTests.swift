import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Gradients through time against closed forms, and the two meanings of the gradient of a state.
struct GradientFlowTests {
  /// h = a h₋₁ + x, L = h_T: dL/dhₜ = aᵀ⁻ᵗ, and directly only the last step counts.
  @Test func aLinearRecurrenceDecaysGeometrically() throws {
    var graph = try Graph(
      parsing: """
        axis t: time
        %0 x: f64 {t} = input
        %1 a: f64 = parameter
        %2 h0: f64 = parameter
        %3: f64 {t} = delay(h, initial h0; along t)
        %4: f64 {t} = multiply(a, %3)
        %5 h: f64 {t} = add(%4, x)
        %6 loss: f64 = pick(h; along t, last)
        """)
    let (loss, h, h0) = (try graph.require("loss"), try graph.require("h"), try graph.require("h0"))
    let total = try graph.gradient(of: loss, withRespectTo: [h, h0])
    let direct = try graph.gradient(of: loss, withRespectTo: [h, h0], dependence: .direct)
    let found = try graph.evaluate(
      total + direct, ["x": Tensor([5], [1.0, 2, 3, 4, 5]), "a": Tensor([], [0.5]), "h0": Tensor([], [7.0])])
    #expect(agree(found[0], [0.0625, 0.125, 0.25, 0.5, 1]))
    #expect(agree(found[1], [0.03125]))
    #expect(agree(found[2], [0, 0, 0, 0, 1]))
    // h₀ is in no recurrence: its direct gradient is the total one.
    #expect(agree(found[3], [0.03125]))
  }

  /// hₜ = hₜ₋₁ Mₜ with matrices that do not commute: dL/dhₜ = Mₜ₊₁ … M_T w, in this order.
  @Test func jacobiansMultiplyInTheOrderOfTime() throws {
    var graph = try Graph(
      parsing: """
        axis t: time
        %0 M: f64 {t} [2, 2] = input
        %1 h0: f64 [2] = parameter
        %2 w: f64 [2] = parameter
        %3: f64 {t} [2] = delay(h, initial h0; along t)
        %4 h: f64 {t} [2] = product(%3, M; contracting 0 with 0)
        %5: f64 [2] = pick(h; along t, last)
        %6 loss: f64 = product(%5, w; contracting 0 with 0)
        """)
    let matrices: [[Double]] = [[1, 2, 3, 4], [0, 1, -1, 2], [2, 0, 1, 1]]
    let gradients = try graph.gradient(
      of: graph.require("loss"), withRespectTo: [graph.require("h"), graph.require("h0")])
    let found = try graph.evaluate(
      gradients,
      [
        "M": Tensor([3, 2, 2], matrices.flatMap { $0 }), "h0": Tensor([2], [1.0, 1]), "w": Tensor([2], [3.0, -1]),
      ])
    var expected: [[Double]] = [[3, -1]]
    for matrix in matrices.reversed() {
      let later = expected[0]
      expected.insert(
        [matrix[0] * later[0] + matrix[1] * later[1], matrix[2] * later[0] + matrix[3] * later[1]], at: 0)
    }
    #expect(agree(found[0], expected[1...].flatMap { $0 }))
    #expect(agree(found[1], expected[0]))
  }

  /// An LSTM's cell state with all weights zero: f = σ(b), i ⊙ g = 0, so dL/dcₜ = σ(b)ᵀ⁻ᵗ for L = c_T; and within a
  /// step the direct gradient is that of the loss alone.
  @Test func theForgetBiasSetsTheDecayOfACell() throws {
    var graph = try Graph(
      parsing: """
        axis t: time
        %0 x: f64 {t} [3] = input
        %1 W: f64 [7, 16] = parameter
        %2 bias: f64 [16] = parameter
        %3 zero: f64 [4] = parameter
        %4: f64 {t} [4] = delay(h, initial zero; along t)
        %5: f64 {t} [4] = delay(c, initial zero; along t)
        %6: f64 {t} [7] = concatenate(%4, x; dimension 0)
        %7: f64 {t} [16] = product(%6, W; contracting 0 with 0)
        %8: f64 {t} [16] = add(%7, bias)
        %9: f64 {t} [4] = slice(%8; dimension 0, start 0, count 4)
        %10: f64 {t} [4] = sigmoid(%9)
        %11: f64 {t} [4] = slice(%8; dimension 0, start 4, count 4)
        %12: f64 {t} [4] = sigmoid(%11)
        %13: f64 {t} [4] = slice(%8; dimension 0, start 8, count 4)
        %14: f64 {t} [4] = tanh(%13)
        %15: f64 {t} [4] = slice(%8; dimension 0, start 12, count 4)
        %16: f64 {t} [4] = sigmoid(%15)
        %17: f64 {t} [4] = multiply(%10, %5)
        %18: f64 {t} [4] = multiply(%12, %14)
        %19 c: f64 {t} [4] = add(%17, %18)
        %20: f64 {t} [4] = tanh(c)
        %21 h: f64 {t} [4] = multiply(%16, %20)
        %22: f64 [4] = pick(c; along t, last)
        %23 last: f64 = sumFeatures(%22; dimension 0)
        %24: f64 {t} = sumFeatures(h; dimension 0)
        %25 all: f64 = sumAxes(%24; over {t})
        """)
    let bias: [Double] = [1.5, -1, 0, 3]
    let values = [
      "x": Tensor([6, 3], (0..<18).map { Double($0) / 9 }), "W": Tensor([7, 16], [Double](repeating: 0, count: 112)),
      "bias": Tensor([16], bias + [Double](repeating: 0, count: 12)), "zero": Tensor([4], [0.0, 0, 0, 0]),
    ]
    let c = try graph.require("c")
    let decay = try graph.gradient(of: graph.require("last"), withRespectTo: [c])
    let direct = try graph.gradient(of: graph.require("all"), withRespectTo: [c], dependence: .direct)
    let found = try graph.evaluate(decay + direct, values)
    let expected = (1...6).flatMap { t in
      bias.map { b in (0..<(6 - t)).reduce(1.0) { product, _ in product / (1 + Self.exponential(-b)) } }
    }
    #expect(agree(found[0], expected))
    // c stays 0, so the path within the step is ∂h/∂c = o (1 − tanh² c) = 1/2.
    #expect(agree(found[1], [Double](repeating: 0.5, count: 24)))
  }

  /// eˣ by its series, so that the expected value does not come from the code under test.
  static func exponential(_ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    for n in 1..<60 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  /// The direct gradient by its definition: the total one in a graph whose recurrence stops gradients at its delays.
  @Test(arguments: Array(stride(from: 5000, to: 5024, by: 8)))
  func directMeansThatTheDelaysOfTheOwnRecurrenceStop(from first: Int) throws {
    var options = RandomGraph.Options()
    options.recurrences = 1...3
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      let components = Components(random.graph)
      for (component, members) in components.members.enumerated() where components.isCyclic[component] {
        let states = members.filter { random.graph.type($0).element.isFloat }
        var direct = random.graph
        let found = try direct.gradient(of: random.loss, withRespectTo: states, dependence: .direct)
        var stopped = random.graph
        for node in members where stopped.operation(node).shift != nil {
          let carried = stopped.operand(node, 0)
          guard components[carried] == component, stopped.type(carried).element.isFloat else { continue }
          stopped.setOperand(node, 0, to: stopped.append(.stopGradient, [carried]))
        }
        let expected = try stopped.gradient(of: random.loss, withRespectTo: states)
        let results = try (run(direct, found, random.bindings), run(stopped, expected, random.bindings))
        for (a, b) in zip(results.0, results.1) { #expect(maximumRelativeError(a, b) < 1e-12, "\(random)") }
      }
    }
  }

  private func run(_ graph: Graph, _ nodes: [NodeID], _ bindings: Bindings) throws -> [Tensor] {
    var graph = graph
    for (index, node) in nodes.enumerated() { graph.setOutput("node \(index)", node) }
    let results = try Interpreter.run(graph, bindings)
    return try nodes.indices.map { try #require(results["node \($0)"]) }
  }

  // MARK: Kinks and stops

  /// relu′(0) = abs′(0) = 0, and the first of equals receives the adjoint.
  @Test func kinksFollowTheConventions() throws {
    var graph = try Graph(
      parsing: """
        %0 x: f64 [2] = parameter
        %1 y: f64 [2] = parameter
        %2: f64 [2] = relu(x)
        %3: f64 = sumFeatures(%2; dimension 0)
        %4: f64 [2] = absolute(x)
        %5: f64 = sumFeatures(%4; dimension 0)
        %6: f64 [2] = maximum(x, y)
        %7: f64 = sumFeatures(%6; dimension 0)
        %8: f64 [2] = minimum(x, y)
        %9: f64 = sumFeatures(%8; dimension 0)
        %10: f64 = maxFeatures(x; dimension 0)
        """)
    let nodes = [try graph.require("x"), try graph.require("y")]
    var results: [NodeID] = []
    for loss in [3, 5, 7, 9, 10] { results += try graph.gradient(of: NodeID(loss), withRespectTo: nodes) }
    let zero = Tensor([2], [0.0, 0])
    let found = try graph.evaluate(results, ["x": zero, "y": zero])
    #expect(found[0] == [0, 0])
    #expect(found[2] == [0, 0])
    #expect(found[4] == [1, 1] && found[5] == [0, 0])
    #expect(found[6] == [1, 1] && found[7] == [0, 0])
    #expect(found[8] == [1, 0])
  }

  /// One entry alone is the maximum over a ragged axis and its rows, also where the maximum of a shorter row ends first.
  @Test func theMaximumOverRowsOfDifferentLengthsIsOneEntry() throws {
    var graph = try Graph(
      parsing: """
        axis t: time, lengths lengths
        axis b: batch
        %0 lengths: i32 {b} = input
        %1 x: f64 {t, b} = input
        %2 loss: f64 = maxAxes(x; over {t, b})
        """)
    let gradient = try graph.gradient(of: graph.require("loss"), withRespectTo: [graph.require("x")])
    let values = ["lengths": Tensor([2], [Int32(2), 3]), "x": Tensor([3, 2], [5.0, 0, 1, 0, 99, 9])]
    #expect(try graph.evaluate(gradient, values) == [[0, 0, 0, 0, 0, 1]])
  }

  /// An infinite adjoint of what was not taken is selected away: masks are never multiplied, since 0 · ∞ is not 0.
  @Test func rejectedAdjointsAreSelectedAway() throws {
    var graph = try Graph(
      parsing: """
        %0 x: f64 [2] = parameter
        %1 w: f64 [2] = parameter
        %2: f64 = constant(0)
        %3: f64 [2] = relu(x)
        %4: f64 [2] = multiply(%3, w)
        %5: f64 = sumFeatures(%4; dimension 0)
        %6: f64 [2] = absolute(x)
        %7: f64 [2] = multiply(%6, w)
        %8: f64 = sumFeatures(%7; dimension 0)
        %9: bool [2] = greater(x, %2)
        %10: f64 [2] = select(%9, x, %2)
        %11: f64 [2] = multiply(%10, w)
        %12: f64 = sumFeatures(%11; dimension 0)
        %13: f64 [2] = maximum(x, %2)
        %14: f64 [2] = multiply(%13, w)
        %15: f64 = sumFeatures(%14; dimension 0)
        """)
    let x = try graph.require("x")
    var gradients: [NodeID] = []
    for loss in [5, 12, 15] { gradients += try graph.gradient(of: NodeID(loss), withRespectTo: [x]) }
    let infinite = ["x": Tensor([2], [3.0, -1]), "w": Tensor([2], [2, Double.infinity])]
    for found in try graph.evaluate(gradients, infinite) { #expect(found == [2, 0]) }
    let atKink = try graph.gradient(of: NodeID(8), withRespectTo: [x])
    let values = ["x": Tensor([2], [-3.0, 0]), "w": Tensor([2], [2, Double.infinity])]
    #expect(try graph.evaluate(atKink, values) == [[-2, 0]])
  }

  @Test func stopGradientStopsBothModes() throws {
    var graph = try Graph(
      parsing: """
        %0 x: f64 = parameter
        %1: f64 = stopGradient(x)
        %2 y: f64 = multiply(%1, x)
        """)
    let (x, y) = (try graph.require("x"), try graph.require("y"))
    let gradient = try graph.gradient(of: y, withRespectTo: [x])
    let tangent = try graph.tangent(of: [y, NodeID(1)], along: [x: x])
    let found = try graph.evaluate(gradient + tangent, ["x": Tensor([], [3.0])])
    #expect(found == [[3], [9], [0]])
  }

  /// A node that the loss does not depend on has zeros of its own type.
  @Test func unreachedNodesHaveZeroGradients() throws {
    var graph = try Graph(
      parsing: """
        axis t: time
        %0 x: f64 {t} [2] = input
        %1 p: f64 = parameter
        %2 loss: f64 = square(p)
        """)
    let x = try graph.require("x")
    let gradient = try graph.gradient(of: graph.require("loss"), withRespectTo: [x])
    #expect(graph.type(gradient[0]) == graph.type(x))
    #expect(try graph.evaluate(gradient, ["x": Tensor([1, 2], [1.0, 2]), "p": Tensor([], [3.0])]) == [[0, 0]])
  }
}

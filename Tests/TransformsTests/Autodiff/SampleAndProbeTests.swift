import EbbGraph
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Derivatives with a further axis: a gradient for each sample, a tangent for each probe.
struct SampleAndProbeTests {
  /// A ragged recurrence whose loss is one number for each sample.
  static let network = """
    axis t: time, lengths lengths
    axis b: batch
    axis p: batch

    %0 lengths: i32 {b} = input
    %1 x: f64 {t, b} [2] = input
    %2 position: f64 {t} [3] = input
    %3 W: f64 [2, 3] = parameter
    %4 R: f64 [3, 3] = parameter
    %5 h0: f64 [3] = parameter
    %6: f64 {t, b} [3] = delay(h, initial h0; along t)
    %7: f64 {t, b} [3] = product(x, W; contracting 0 with 0)
    %8: f64 {t, b} [3] = product(%6, R; contracting 0 with 0)
    %9: f64 {t, b} [3] = add(%7, %8)
    %10: f64 {t, b} [3] = multiply(%9, position)
    %11 h: f64 {t, b} [3] = tanh(%10)
    %12: f64 {t, b} [3] = square(h)
    %13: f64 {b} [3] = sumAxes(%12; over {t})
    %14 loss: f64 {b} = sumFeatures(%13; dimension 0)
    %15: i32 = constant(2)
    %16 one: f64 = pick(loss, %15; along b, at)
    %17 all: f64 = sumAxes(loss; over {b})
    %18 direction: f64 {p} [3, 3] = input

    """

  static func values() -> [String: Tensor] {
    func numbers(_ count: Int, _ scale: Double) -> [Double] { (0..<count).map { scale * Double($0 * 7 % 11 - 5) } }
    return [
      "lengths": Tensor([3], [Int32(2), 4, 3]), "x": Tensor([4, 3, 2], numbers(24, 0.2)),
      "position": Tensor([4, 3], numbers(12, 0.3)), "W": Tensor([2, 3], numbers(6, 0.1)),
      "R": Tensor([3, 3], numbers(9, 0.15)), "h0": Tensor([3], [0.5, -0.5, 0.25]),
      "direction": Tensor([9, 3, 3], (0..<81).map { $0 / 9 == $0 % 9 ? 1.0 : 0 }),
    ]
  }

  /// The gradients of sample 2 are row 2 of the gradients that keep the samples apart, and their sum is the whole.
  @Test func eachSampleHasItsOwnGradient() throws {
    var graph = try Graph(parsing: Self.network)
    let names = ["W", "R", "h0", "position", "h", "x"]
    let nodes = try names.map { try graph.require($0) }
    let b = try #require(graph.axis(named: "b"))
    let apart = try graph.gradient(of: graph.require("loss"), withRespectTo: nodes, keeping: [b])
    let one = try graph.gradient(of: graph.require("one"), withRespectTo: nodes)
    let all = try graph.gradient(of: graph.require("all"), withRespectTo: nodes)
    for (node, adjoint) in zip(nodes, apart) {
      let type = graph.type(node)
      #expect(graph.type(adjoint) == NodeType(type.element, type.domain.inserting(b), type.shape))
    }
    let index = graph.append(.axisIndex(b), [])
    let two = graph.appendLeaf(.constant(2), NodeType(.int32))
    let isTwo = graph.append(.compare(.equal), [index, two])
    let zero = graph.appendLeaf(.constant(0), NodeType(.float64))
    var mine: [NodeID] = []
    var sums: [NodeID] = []
    for (node, adjoint) in zip(nodes, apart) {
      if graph.type(node).domain.contains(b) {
        // A node with samples: another sample's entries do not reach this one's loss.
        mine.append(graph.append(.select, [isTwo, adjoint, zero]))
        sums.append(adjoint)
      } else {
        mine.append(graph.append(.pick(b, .at), [adjoint, two]))
        sums.append(graph.append(.reduceAxes(.sum, over: [b]), [adjoint]))
      }
    }
    let found = try graph.evaluate(mine + one + sums + all, Self.values(), lengths: ["p": 9])
    for index in names.indices {
      #expect(agree(found[index], found[6 + index]), "\(names[index]) of sample 2")
      #expect(agree(found[12 + index], found[18 + index]), "\(names[index]) of all")
    }
  }

  /// Steps beyond the end of the picked row are read too, and no value has these: see `checkPicks`.
  @Test func aPickAtStepsThatItsRowLacksHasNoGradient() throws {
    var graph = try Graph(
      parsing: """
        axis b: batch, length 2
        axis t: time, lengths lengths
        %0 lengths: i32 {b} = input
        %1 x: f64 {b} = input
        %2 ids: i32 {t} = input
        %3 y: f64 {t} = pick(x, ids; along b, at)
        %4: f64 {b} = sumAxes(y; over {t})
        %5: f64 = sumAxes(%4; over {b})
        output loss = %5

        """)
    let (loss, x) = (try #require(graph.output(named: "loss")), try graph.require("x"))
    let error = #expect(throws: GraphError.self) { try graph.gradient(of: loss, withRespectTo: [x]) }
    #expect(
      error?.description.contains("y picks along {b} at an index over {t}, which is ragged over {b}") == true,
      "\(String(describing: error))")
  }

  @Test func samplesThatAreMixedHaveNoOwnGradients() throws {
    var graph = try Graph(
      parsing: """
        axis b: batch
        axis t: time
        %0 x: f64 {b} = input
        %1 p: f64 = parameter
        %2 y: f64 {b} = multiply(x, p)
        %3 mean: f64 = sumAxes(y; over {b})
        %4 centred: f64 {b} = subtract(y, mean)
        %5: f64 {t} = delay(h, initial p; along t)
        %6 h: f64 {t} = multiply(%5, p)

        """)
    let p = try graph.require("p")
    let before = graph
    let b = try #require(graph.axis(named: "b"))
    let t = try #require(graph.axis(named: "t"))
    #expect(
      throws: GraphError([
        GraphProblem(
          node: NodeID(3),
          "mean = sumAxes mixes the values along {b}: the gradients of its entries cannot be kept apart")
      ])
    ) { try graph.gradient(of: graph.require("centred"), withRespectTo: [p], keeping: [b]) }
    #expect(
      throws: GraphError([
        GraphProblem(
          node: NodeID(5),
          "%5 = delay mixes the values along {t}: the gradients of its entries cannot be kept apart")
      ])
    ) { try graph.gradient(of: graph.require("h"), withRespectTo: [p], keeping: [t]) }
    #expect(throws: GraphError([GraphProblem(node: NodeID(3), "cannot keep {b}: the loss mean is over {}")])) {
      try graph.gradient(of: graph.require("mean"), withRespectTo: [p], keeping: [b])
    }
    // A failed transform leaves the graph as it was.
    #expect(graph == before)
  }

  /// An axis of probes along unit directions: each index holds one column of the Jacobian.
  @Test func probesAreColumnsOfTheJacobian() throws {
    var graph = try Graph(parsing: Self.network)
    let r = try graph.require("R")
    let columns = try graph.tangent(
      of: [graph.require("all"), graph.require("h")], along: [r: graph.require("direction")])
    let p = try #require(graph.axis(named: "p"))
    #expect(graph.type(columns[0]).domain == [p])
    #expect(graph.type(columns[1]).domain == graph.type(try graph.require("h")).domain.inserting(p))
    let gradient = try graph.gradient(of: graph.require("all"), withRespectTo: [r])
    let found = try graph.evaluate([columns[0]] + gradient, Self.values())
    #expect(agree(found[0], found[1]))
  }

  /// Along one direction for each sample the tangent is each sample's own, by the sample's gradient.
  @Test func directionsMayDifferBySample() throws {
    var graph = try Graph(parsing: Self.network)
    let (r, loss) = (try graph.require("R"), try graph.require("loss"))
    let b = try #require(graph.axis(named: "b"))
    let direction = graph.appendLeaf(.input, NodeType(.float64, [b], [3, 3]), name: "by sample")
    let tangent = try graph.tangent(of: [loss], along: [r: direction])
    let gradient = try graph.gradient(of: loss, withRespectTo: [r], keeping: [b])[0]
    let product = graph.append(.binary(.multiply), [gradient, direction])
    let rows = graph.append(.reduceFeatures(.sum, dimension: 1), [product])
    let expected = graph.append(.reduceFeatures(.sum, dimension: 0), [rows])
    var values = Self.values()
    values["by sample"] = Tensor([3, 3, 3], (0..<27).map { Double($0 * 5 % 7) - 3 })
    let found = try graph.evaluate([tangent[0], expected], values)
    #expect(agree(found[0], found[1], tolerance: 1e-10))
    #expect(
      throws: GraphError([
        GraphProblem(
          node: NodeID(16), "one = pick mixes the values along {b}, over which the directions are many")
      ])
    ) { try graph.tangent(of: [graph.require("one")], along: [r: direction]) }
  }

  /// A direction at a computed node adds to what its operands make of theirs.
  @Test func directionsAddUp() throws {
    var graph = try Graph(
      parsing: """
        %0 x: f64 = parameter
        %1 y: f64 = square(x)
        %2 z: f64 = square(y)
        """)
    let (x, y, z) = (try graph.require("x"), try graph.require("y"), try graph.require("z"))
    let tangents = try graph.tangent(of: [z, y, x], along: [x: x, y: x])
    #expect(try graph.evaluate(tangents, ["x": Tensor([], [3.0])]) == [[378], [21], [3]])
  }

  // MARK: Rejections

  @Test func whatHasNoGradientIsNamed() throws {
    var graph = try Graph(parsing: Self.network)
    let (w, h, lengths, position) = (
      try graph.require("W"), try graph.require("h"), try graph.require("lengths"), try graph.require("position")
    )
    #expect(
      message { _ = try graph.gradient(of: h, withRespectTo: [w]) }
        == "the loss h has features [3]: reduce them to a scalar first")
    #expect(
      message { _ = try graph.gradient(of: lengths, withRespectTo: [lengths]) }
        == "the loss lengths is i32: only a float has a gradient\n"
        + "lengths is no float node of the graph: it has no gradient")
    #expect(
      message { _ = try graph.gradient(of: NodeID(99), withRespectTo: [w]) } == "the loss is no node of the graph")
    let alone = graph.append(.reduceFeatures(.sum, dimension: 0), [position])
    #expect(
      message { _ = try graph.gradient(of: alone, withRespectTo: [w]) }
        == "the loss %19 is over {t}, which is ragged over {b}: sum it over the ragged axis first")
    #expect(
      message { _ = try graph.tangent(of: [lengths], along: [w: h]) }
        == "lengths is no float node of the graph: it has no tangent\n"
        + "the direction of W must have its type, f64 {} [2, 3], or further axes")
    let b = try #require(graph.axis(named: "b"))
    let t = try #require(graph.axis(named: "t"))
    #expect(
      message { _ = try graph.unrolled(b, steps: 0) }
        == "b is no time axis: there is nothing to unroll along it\ncannot unroll b into 0 steps")
    let fixed = try graph.unrolled(t, steps: 4)
    #expect(message { _ = try fixed.unrolled(t, steps: 5) } == "t has the fixed length 4, not 5")
    #expect(
      message { _ = try graph.unrolledBindings(Bindings(Self.values()), over: t, steps: 5) }
        == "x is given with dimensions [4, 3, 2]; dimension 0, the axis t, is unrolled into 5 steps")
  }
}

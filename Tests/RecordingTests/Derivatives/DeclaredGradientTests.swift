import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Gradients that JAX computed: Tests/Vectors/jax-gradients.json, which make_gradients.py wrote.
struct JAXGradients: Decodable {
  struct Spikes: Decodable {
    struct Case: Decodable {
      var name: String
      var loss: [Double]
      var dw: [Double]
      var dx: [Double]
      var second: [Double]
    }
    var w: [Double]
    var x: [Double]
    var read: [Double]
    var cases: [Case]
  }
  struct Memory: Decodable {
    var parameters: [String: [Double]]
    var loss: [Double]
    var gradients: [String: [Double]]
    var second: [String: [Double]]
  }
  var spikes: Spikes
  var memory: Memory

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/jax-gradients.json"))
    self = try JSONDecoder().decode(Self.self, from: data)
  }
}

/// Whether numbers agree to 10⁻¹².
func agree(_ found: [Double]?, _ expected: [Double]?) -> Bool {
  guard let found, let expected, found.count == expected.count else { return false }
  return zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) }
}

@Suite struct DeclaredGradientTests {
  private static let surrogates: [String: SurrogateGradient] = [
    "straightThrough": .straightThrough, "fastSigmoid": .fastSigmoid(slope: 5), "arctangent": .arctangent(),
  ]

  /// Leaky neurons: u' = 0.9 u (1 − s) + x·W, s' = u' > 1.
  private func spiking(_ surrogate: SurrogateGradient) throws -> Recording {
    try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [2], over: [time, batch])
      let read = scope.input("read", [2], over: [time, batch])
      let w = scope.parameter("w", [2, 2], .zeros)
      let (u, s) = (scope.state("u", 2), scope.state("s", 2))
      let potential = u.next(0.9 * u * (1 - s) + matmul(x, w))
      scope.output("loss", sum(read * square(s.next(spike(potential - 1, surrogate)))))
    }
  }

  /// Value, gradients and the derivative of a gradient, as recorded, after parsing, and after all passes.
  @Test func spikesHaveTheGradientsOfJAX() throws {
    let spikes = try JAXGradients().spikes
    let values = [
      "w": Tensor([2, 2], spikes.w), "x": Tensor([5, 2, 2], spikes.x), "read": Tensor([5, 2, 2], spikes.read),
    ]
    for expected in spikes.cases {
      var graph = try spiking(#require(Self.surrogates[expected.name])).graph
      let loss = try #require(graph.output(named: "loss"))
      let (w, x) = (try #require(graph.node(named: "w")), try #require(graph.node(named: "x")))
      let gradients = try graph.gradient(of: loss, withRespectTo: [w, x])
      let norm = graph.append(
        .reduceFeatures(.sum, dimension: 0),
        [graph.append(.reshape([4]), [graph.append(.unary(.square), [gradients[0]])])])
      let second = try graph.gradient(of: norm, withRespectTo: [w])[0]
      for (name, node) in [("dw", gradients[0]), ("dx", gradients[1]), ("second", second)] {
        graph.setOutput(name, node)
      }
      let optimized = try Passes.optimized(graph)
      #expect(!optimized.operations.contains { $0 == .declaredGradient || $0 == .incomingAdjoint })
      for form in [graph, try Graph(parsing: graph.description), optimized] {
        let found = try Interpreter.run(form, Bindings(values))
        #expect(agree(found["loss"]?.doubles, expected.loss), "\(expected.name)")
        #expect(agree(found["dw"]?.doubles, expected.dw), "\(expected.name)")
        #expect(agree(found["dx"]?.doubles, expected.dx), "\(expected.name)")
        #expect(agree(found["second"]?.doubles, expected.second), "\(expected.name)")
      }
    }
  }

  /// Forward mode gives the same derivative: it is the factor of the adjoint.
  @Test func tangentsAreTheDeclaredOnes() throws {
    let spikes = try JAXGradients().spikes
    var graph = try spiking(.arctangent()).graph
    let loss = try #require(graph.output(named: "loss"))
    let w = try #require(graph.node(named: "w"))
    let direction = graph.appendLeaf(.input, graph.type(w), name: "direction")
    graph.setOutput("tangent", try graph.tangent(of: [loss], along: [w: direction])[0])
    let expected = try #require(spikes.cases.first { $0.name == "arctangent" })
    for index in 0..<4 {
      var unit = [0.0, 0, 0, 0]
      unit[index] = 1
      let values = [
        "w": Tensor([2, 2], spikes.w), "x": Tensor([5, 2, 2], spikes.x), "read": Tensor([5, 2, 2], spikes.read),
        "direction": Tensor([2, 2], unit),
      ]
      #expect(agree(try Interpreter.run(graph, Bindings(values))["tangent"]?.doubles, [expected.dw[index]]))
    }
  }

  /// A gradient for each of several inputs; where an input is a scalar, or lacks an axis, it is summed.
  @Test func severalInputs() throws {
    let recording = try Recording(element: .float64) { scope in
      let batch = scope.batch("b", length: 2)
      let x = scope.input("x", [2], over: [batch])
      let (w, c) = (scope.parameter("w", [2], .zeros), scope.parameter("c", [], .zeros))
      let y = withGradient([x, w, c]) {
        $0[0] * $0[1] + $0[2]
      } backward: { inputs, output, adjoint in
        [2 * adjoint, adjoint * inputs[0], output * adjoint]
      }
      scope.output("loss", sum(3 * y))
    }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let nodes = try ["x", "w", "c"].map { try #require(graph.node(named: $0)) }
    for (node, name) in zip(try graph.gradient(of: loss, withRespectTo: nodes), ["dx", "dw", "dc"]) {
      graph.setOutput(name, node)
    }
    let values = ["x": Tensor([2, 2], [1, 2, 3, 4.0]), "w": Tensor([2], [1, -1.0]), "c": Tensor([], [0.5])]
    let found = try Interpreter.run(graph, Bindings(values))
    #expect(found["dx"]?.doubles == [6, 6, 6, 6])
    #expect(found["dw"]?.doubles == [12, 18])
    #expect(found["dc"]?.doubles == [3 * (1.5 - 1.5 + 3.5 - 3.5)])
    // Each gradient is a factor of the adjoint. One that is not has no tangent.
    let tangent = try graph.tangent(of: [loss], along: [nodes[2]: nodes[2]])
    graph.setOutput("tangent", tangent[0])
    #expect(try Interpreter.run(graph, Bindings(values))["tangent"]?.doubles == [0.5 * 3 * (1.5 - 1.5 + 3.5 - 3.5)])
    var clipped = try Recording(element: .float64) { scope in
      let x = scope.input("x", [], over: [])
      scope.output(
        "loss",
        withGradient(x) {
          3 * $0
        } backward: { _, _, adjoint in
          minimum(adjoint, x * 0 + 1)
        })
    }.graph
    let (from, to) = (try #require(clipped.node(named: "x")), try #require(clipped.output(named: "loss")))
    clipped.setOutput("dx", try clipped.gradient(of: to, withRespectTo: [from])[0])
    #expect(try Interpreter.run(clipped, Bindings(["x": Tensor([], [2.0])]))["dx"]?.doubles == [1])
    let error = #expect(throws: GraphError.self) { try clipped.tangent(of: [to], along: [from: from]) }
    #expect(error?.description.contains("is not a factor for each feature of the adjoint: it has no tangent") == true)
  }

  @Test func roundingAndSteps() throws {
    let numbers: [Double] = [-1.5, -0.5, -0.2, 0, 0.49999999999999994, 0.5, 1.5, 4_503_599_627_370_497, -.infinity]
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", [numbers.count], over: [])
      scope.output("round", round(x))
      scope.output("spike", spike(x))
      scope.output("loss", sumOverFeatures(round(x) * straightThrough(x) { sign($0) }))
    }
    var graph = recording.graph
    let (x, loss) = (try #require(graph.node(named: "x")), try #require(graph.output(named: "loss")))
    graph.setOutput("dx", try graph.gradient(of: loss, withRespectTo: [x])[0])
    let found = try Interpreter.run(graph, Bindings(["x": Tensor([numbers.count], numbers)]))
    let rounded: [Double] = [-1, 0, 0, 0, 0, 1, 2, 4_503_599_627_370_497, -.infinity]
    #expect(found["round"]?.doubles == rounded)
    #expect(found["spike"]?.doubles == [0, 0, 0, 0, 1, 1, 1, 1, 0])
    let signs: [Double] = [-1, -1, -1, 0, 1, 1, 1, 1, -1]
    #expect(found["dx"]?.doubles == zip(rounded, signs).map { $0 + $1 })
  }

  /// What cannot be declared is refused when it is recorded.
  @Test func errorsNameTheMistake() {
    func message(_ body: @escaping (Scope, Signal, Axis) -> Void) -> String {
      do {
        _ = try Recording(element: .float64) { scope in
          let time = scope.time("t")
          body(scope, scope.input("x", [2], over: [time]), time)
        }
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      message { scope, x, _ in
        scope.output(
          "y",
          withGradient([x, x]) {
            $0[0]
          } backward: { _, _, adjoint in
            [adjoint]
          })
      }.contains("there are 2 inputs, and backward returns 1 gradients"))
    #expect(
      message { scope, x, _ in
        scope.output(
          "y",
          withGradient(x) {
            $0
          } backward: { _, _, adjoint in
            adjoint[0..<1]
          })
      }.contains("the gradient of input 1 is f64 [1], and must be that of the input, f64 [2]"))
    #expect(
      message { scope, x, _ in
        var leaked = x
        _ = withGradient(x) {
          $0
        } backward: { _, _, adjoint in
          leaked = 2 * adjoint
          return adjoint
        }
        scope.output("y", leaked)
      }.contains("the output y is computed from the adjoint of a declared gradient"))
    #expect(
      message { scope, x, time in
        scope.output(
          "y",
          withGradient(x) {
            $0
          } backward: { _, _, adjoint in
            adjoint * sum(adjoint, over: [time])
          })
      }.contains("reads the adjoint of a declared gradient at other indices of an axis"))
    #expect(
      message { scope, x, _ in
        let h = scope.state("h", 2)
        scope.output(
          "y",
          withGradient(x) {
            $0
          } backward: { _, _, adjoint in
            h.next(h + adjoint)
          })
      }.contains("to another step"))
  }
}

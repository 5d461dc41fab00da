import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbTensors
import EbbTransforms
import Testing

/// A constant that is repeated over features is held once, as one number; whatever reads it sees all of them.
struct RepeatedConstantTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Reads c, the number 0.5 four times, and x and W, which are inputs of the shapes [4] and [4, 3].
    var append: @Sendable (inout Graph, _ c: NodeID, _ x: NodeID, _ w: NodeID) -> NodeID
  }

  static let cases: [Case] = [
    Case(testDescription: "joined before") { graph, c, x, _ in graph.append(.concatenate(dimension: 0), [c, x]) },
    Case(testDescription: "joined behind") { graph, c, x, _ in graph.append(.concatenate(dimension: 0), [x, c]) },
    Case(testDescription: "joined with itself") { graph, c, x, _ in
      graph.append(.concatenate(dimension: 0), [c, x, c, c])
    },
    Case(testDescription: "joined, then cut") { graph, c, x, _ in
      let all = graph.append(.concatenate(dimension: 0), [c, graph.append(.unary(.tanh), [x])])
      return graph.append(.unary(.exp), [graph.append(.slice(dimension: 0, start: 2, count: 4), [all])])
    },
    Case(testDescription: "joined, then multiplied") { graph, c, x, w in
      let cut = graph.append(.slice(dimension: 0, start: 0, count: 2), [x])
      let end = graph.append(.slice(dimension: 0, start: 0, count: 2), [c])
      return graph.append(
        .product(.dimensions(0, 0), over: .empty), [graph.append(.concatenate(dimension: 0), [end, cut]), w])
    },
    Case(testDescription: "cut") { graph, c, _, _ in graph.append(.slice(dimension: 0, start: 1, count: 2), [c]) },
    Case(testDescription: "padded") { graph, c, _, _ in graph.append(.pad(dimension: 0, before: 1, after: 2), [c]) },
    Case(testDescription: "summed") { graph, c, _, _ in graph.append(.reduceFeatures(.sum, dimension: 0), [c]) },
    Case(testDescription: "its norm") { graph, c, _, _ in graph.append(.reduceFeatures(.norm, dimension: 0), [c]) },
    Case(testDescription: "its largest") { graph, c, _, _ in graph.append(.argmaxFeatures(dimension: 0), [c]) },
    Case(testDescription: "multiplied") { graph, c, _, w in
      graph.append(.product(.dimensions(0, 0), over: .empty), [c, w])
    },
    Case(testDescription: "a scalar product") { graph, c, x, _ in
      graph.append(.product(.dimensions(0, 0), over: .empty), [c, x])
    },
    Case(testDescription: "an outer product") { graph, c, x, _ in graph.append(.product(.outer, over: .empty), [c, x])
    },
    Case(testDescription: "outer products, summed, left") { graph, c, x, _ in
      graph.append(.product(.outer, over: [Axis(0)]), [c, x])
    },
    Case(testDescription: "outer products, summed, right") { graph, c, x, _ in
      graph.append(.product(.outer, over: [Axis(0)]), [x, c])
    },
    Case(testDescription: "summed over samples") { graph, c, _, _ in
      graph.append(.reduceAxes(.sum, over: [Axis(0)]), [c])
    },
    Case(testDescription: "gathered") { graph, c, _, _ in
      graph.append(.gather, [c, graph.appendLeaf(.constant(2), NodeType(.int32))])
    },
    Case(testDescription: "chosen") { graph, c, x, _ in
      graph.append(.select, [graph.append(.compare(.less), [x, c]), c, x])
    },
  ]

  @Test(arguments: cases, [ElementType.float64, .float32])
  func agreesWithTheInterpreter(_ example: Case, element: ElementType) throws {
    var graph = Graph()
    let samples = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(element, [samples], [4]), name: "x")
    let w = graph.appendLeaf(.parameter, NodeType(element, .empty, [4, 3]), name: "w")
    let number = graph.appendLeaf(.constant(0.5), NodeType(element))
    let repeated = graph.append(.broadcast(dimension: 0, count: 4), [number])
    let spread = graph.append(.spread([samples]), [repeated])
    graph.setOutput("y", example.append(&graph, spread, x, w))
    graph.setOutput("x", graph.append(.unary(.negate), [x]))
    try graph.verify()
    var bindings = Bindings()
    bindings.values["x"] = Tensor([3, 4], (0..<12).map { 0.1 * Double($0) }, as: element)
    bindings.values["w"] = Tensor([4, 3], (0..<12).map { 1 - 0.2 * Double($0) }, as: element)
    let expected = try Interpreter.run(graph, bindings)["y"]
    for graph in [graph, try Passes.optimized(graph)] {
      let found = try Executable(graph, options: ExecutionOptions(threads: 1)).run(bindings)["y"]
      let pairs = zip(try #require(expected).doubles, try #require(found).doubles)
      #expect(found?.dimensions == expected?.dimensions)
      #expect(pairs.allSatisfy { abs($0 - $1) < 1e-6 }, "\(found?.doubles ?? []) instead of \(expected?.doubles ?? [])")
    }
  }
}

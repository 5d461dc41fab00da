import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTransforms
import Testing

/// A graph to which a rule of a pass almost applies: one of its conditions does not hold.
struct PassCondition: Sendable, CustomTestStringConvertible {
  var pass: String
  var why: String
  /// Whether the pass leaves the graph as it is; otherwise it may do something else.
  var isUnchanged: Bool
  /// Numbered from 20. What nothing reads is an output.
  var equations: String

  init(_ pass: String, _ why: String, isUnchanged: Bool = true, _ equations: String) {
    self.pass = pass
    self.why = why
    self.isUnchanged = isUnchanged
    self.equations = equations
  }

  var testDescription: String { "\(pass): \(why)" }

  static let all = algebra + moving

  func graph() throws -> Graph {
    var graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch
        axis u: batch, length 2
        %0 x: f64 {t, b} [2] = input
        %1 y: f64 {t, b} [2] = input
        %2 q: f64 {t} [2] = input
        %3 v: f64 [2] = parameter
        %4 w: f64 [2] = parameter
        %5 s: f64 = parameter
        %6 W: f64 [2, 2] = parameter
        %7 V: f64 [2, 4] = parameter
        %8 i: i32 {b} = input
        """ + "\n" + equations)
    let read = Set(graph.nodes.flatMap { graph.operands($0) })
    for node in graph.nodes where node.index >= 9 && !read.contains(node) { graph.setOutput("y\(node.index)", node) }
    return graph
  }

  static let bindings: Bindings = {
    func numbers(_ dimensions: [Int], _ phase: Int) -> Tensor {
      Tensor(dimensions, (0..<dimensions.reduce(1, *)).map { Double(($0 * 7 + phase) % 11) / 8 - 0.6 })
    }
    return Bindings([
      "x": numbers([3, 2, 2], 1), "y": numbers([3, 2, 2], 5), "q": numbers([3, 2], 2), "v": numbers([2], 3),
      "w": numbers([2], 6), "s": numbers([], 4), "W": numbers([2, 2], 8), "V": numbers([2, 4], 9),
      "i": Tensor([2], [1, 4] as [Int32]),
    ])
  }()
}

struct PassConditionTests {
  @Test(arguments: PassCondition.all)
  func rulesApplyOnlyWhereTheyHold(sample: PassCondition) throws {
    let graph = try sample.graph()
    let pass = try #require(Passes.registry.first { $0.name == sample.pass })
    let found = try Passes.run([pass], on: graph)
    if sample.isUnchanged { #expect(found.description == graph.description) }
    // Neither the pass nor all of them together change a value.
    let expected = try Interpreter.run(graph, PassCondition.bindings)
    for changed in [found, try Passes.optimized(graph)] {
      let results = try Interpreter.run(changed, PassCondition.bindings)
      for (name, tensor) in expected {
        #expect(agree(try #require(results[name]).doubles, tensor.doubles), "\(name)")
      }
    }
  }
}

import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// A network with the input `x` and the output `loss`: its gradients agree with those of everything else.
struct NetworkAgreement {
  var recording: Recording
  var bindings: Bindings
  /// The graph with the gradients of all parameters and of the input.
  var graph: Graph

  init(_ recording: Recording, _ bindings: Bindings) throws {
    (self.recording, self.bindings) = (recording, bindings)
    graph = recording.graph
    let sources = recording.parameters.map(\.node) + [graph.node(named: "x")!]
    let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: sources)
    for (source, gradient) in zip(sources, gradients) { graph.setOutput("d/\(graph.name(source)!)", gradient) }
  }

  /// Before and after the passes the interpreter's numbers, the same bits on one to three threads, and a plan that reads
  /// back.
  func expectTheInterpreter(_ element: ElementType, _ check: (Plan) -> Void = { _ in }) throws {
    let expected = try Interpreter.run(graph, bindings)
    for optimized in [graph, try Passes.optimized(graph)] {
      let plan = Plan(optimized)
      check(plan)
      #expect(try Plan(parsing: plan.description, of: optimized).description == plan.description)
      var bits: [String: Tensor]?
      for threads in [1, 2, 3] {
        let found = try Executable(plan, options: ExecutionOptions(threads: threads)).run(bindings)
        for (name, tensor) in expected {
          let error = maximumRelativeError(found[name]!, tensor.converted(to: found[name]!.element))
          #expect(error <= (element == .float64 ? 1e-12 : 2e-5), "\(name): \(error)")
        }
        if let bits { #expect(found == bits) } else { bits = found }
      }
    }
  }

  /// The derivative of the loss along a random direction of all parameters, and of the input.
  func expectDifferences(ofInput: Bool = true) throws {
    let outputs = try Interpreter.run(graph, bindings)
    var random = SplitMix(11)
    var direction: [String: Tensor] = [:]
    var gradients: [String: Tensor] = [:]
    for name in recording.parameters.map(\.name) + (ofInput ? ["x"] : []) {
      let dimensions = bindings.values[name]!.dimensions
      let numbers = (0..<dimensions.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
      direction[name] = Tensor(dimensions, numbers)
      gradients[name] = outputs["d/\(name)"]
    }
    let expected = try centralDifference(recording.graph, bindings, output: "loss", direction: direction)
    let found = directionalDerivative(gradients: gradients, direction: direction)
    #expect(abs(found - expected) <= 1e-7 * max(1, abs(expected)), "\(found), differences \(expected)")
  }

  /// The loss and the gradients of parameters are those of the graph that is unrolled along an axis.
  func expectTheUnrolled(_ axis: String, steps: Int) throws {
    let handle = graph.axis(named: axis)!
    let unrolled = try graph.unrolled(handle, steps: steps)
    let expected = try Interpreter.run(graph, bindings)
    let found = try Interpreter.run(unrolled, try graph.unrolledBindings(bindings, over: handle, steps: steps))
    for name in ["loss"] + recording.parameters.map({ "d/\($0.name)" }) {
      #expect(maximumRelativeError(found[name]!, expected[name]!) <= 1e-12, "\(name)")
    }
  }
}

import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import Testing

/// Random graphs: what the executor computes is what the graph means.
@Suite struct RandomGraphTests {
  @Test(arguments: 0..<200)
  func executorAgreesWithInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let expected = try Interpreter.run(sample.graph, sample.bindings)
    let found = try Executable(sample.graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
      let error = maximumRelativeError(found[name]!, tensor.converted(to: found[name]!.element))
      #expect(error < 1e-10, "output \(name) of seed \(seed):\n\(sample)")
    }
  }
}

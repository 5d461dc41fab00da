import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

struct PassRandomGraphTests {
  /// Every pass by itself, on what the passes before it leave, keeps every output.
  @Test(arguments: 0..<3)
  func passesKeepTheOutputsOfRandomGraphs(part: Int) throws {
    for seed in (UInt64(part) * 60)..<(UInt64(part) * 60 + 60) {
      let sample = RandomGraph.make(seed: seed)
      let expected = try Interpreter.run(sample.graph, sample.bindings)
      let optimized = try Passes.optimized(sample.graph)
      let found = try Interpreter.run(optimized, sample.bindings)
      if let name = firstDifference(expected, found) {
        Issue.record("\(name) differs after \(try guiltyPass(sample, expected)): \(sample)")
      }
    }
  }

  /// The first output whose tensors differ by more than rounding.
  private func firstDifference(_ expected: [String: Tensor], _ found: [String: Tensor]) -> String? {
    guard expected.keys.sorted() == found.keys.sorted() else { return "the set of outputs" }
    return expected.keys.sorted().first { name in
      guard let a = expected[name], let b = found[name] else { return true }
      return !(maximumRelativeError(a, b) < 1e-9)
    }
  }

  private func guiltyPass(_ sample: RandomGraph, _ expected: [String: Tensor]) throws -> String {
    for pass in Passes.registry {
      let graph = try Passes.optimized(sample.graph, through: pass.name)
      if firstDifference(expected, try Interpreter.run(graph, sample.bindings)) != nil { return pass.name }
    }
    return "none"
  }
}

import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

struct PassRandomGraphTests {
  private static let seedsPerPart = RandomGraph.seedCount(75) / 3

  private func seeds(_ part: Int) -> Range<UInt64> {
    UInt64(part * Self.seedsPerPart)..<UInt64((part + 1) * Self.seedsPerPart)
  }

  @Test(arguments: 0..<3)
  func passesKeepTheOutputsOfRandomGraphs(part: Int) throws {
    for seed in seeds(part) {
      let sample = RandomGraph.make(seed: seed)
      try check(sample.graph, sample)
    }
  }

  @Test(arguments: 0..<3, RandomGraph.Kind.allCases)
  func passesKeepTheGradientsOfRandomGraphs(part: Int, kind: RandomGraph.Kind) throws {
    let options = RandomGraph.Options(kind)
    for seed in seeds(part) {
      let sample = RandomGraph.make(seed: seed, options: options)
      var graph = sample.graph
      let nodes = sample.parameters + sample.inputs
      guard let gradients = try? graph.gradient(of: sample.loss, withRespectTo: nodes) else { continue }
      for (index, gradient) in gradients.enumerated() { graph.setOutput("gradient\(index)", gradient) }
      // Not every derivative takes rows without a step where the value does: those of an initial state and of a largest value do not.
      guard (try? graph.lengths(for: sample.bindings)) != nil else { continue }
      try check(graph, sample)
    }
  }

  /// One row of what every row of a ragged axis shares is 0 where the row has ended.
  @Test(arguments: 0..<3)
  func passesKeepRowsOfSharedValues(part: Int) throws {
    var options = RandomGraph.Options()
    options.sharedRows = 2...4
    options.operations = 2...4
    options.recurrences = 0...1
    for seed in seeds(part) {
      let sample = RandomGraph.make(seed: seed + 10_000, options: options)
      try check(sample.graph, sample)
    }
  }

  /// The passes keep every output; if not, the report names the pass.
  private func check(_ graph: Graph, _ sample: RandomGraph) throws {
    let expected = try Interpreter.run(graph, sample.bindings)
    let optimized = try Passes.optimized(graph)
    if let name = firstDifference(expected, try Interpreter.run(optimized, sample.bindings)) {
      let pass = try Passes.registry.first { pass in
        let partial = try Passes.optimized(graph, through: pass.name)
        return firstDifference(expected, try Interpreter.run(partial, sample.bindings)) != nil
      }
      Issue.record("\(name) differs after \(pass?.name ?? "no pass"): \(sample)")
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
}

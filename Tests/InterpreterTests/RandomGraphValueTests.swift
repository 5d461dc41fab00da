import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import Testing

struct RandomGraphValueTests {
  @Test(arguments: [ElementType.float64, .float32])
  func graphsAreWellFormedAndTheirResultsAreNumbers(element: ElementType) throws {
    var options = RandomGraph.Options()
    options.element = element
    for seed in UInt64(0)..<150 {
      let sample = RandomGraph.make(seed: seed, options: options)
      do {
        try sample.graph.verify()
        let results = try Interpreter.run(sample.graph, sample.bindings)
        for (name, tensor) in results {
          #expect(tensor.doubles.allSatisfy { $0.isFinite && abs($0) < 1e6 }, "\(name) of \(sample)")
        }
      } catch {
        Issue.record("\(error)\n\(sample)")
      }
    }
  }

  @Test func aSeedDeterminesTheGraphAndItsResults() throws {
    for seed in UInt64(300)..<320 {
      let (first, second) = (RandomGraph.make(seed: seed), RandomGraph.make(seed: seed))
      #expect(first.description == second.description)
      #expect(
        try Interpreter.run(first.graph, first.bindings) == Interpreter.run(second.graph, second.bindings))
    }
  }

  @Test func everyOperationOccurs() {
    var seen: Set<String> = []
    for seed in UInt64(0)..<300 {
      for operation in RandomGraph.make(seed: seed).graph.operations { seen.insert(operation.keyword) }
    }
    let functions =
      UnaryFunction.allCases.map { "\($0)" } + BinaryFunction.allCases.map { "\($0)" }
      + Comparison.allCases.map { "\($0)" }
    // The sample has each operation once, which another test makes sure of.
    let all = Set(functions).union(SampleGraph.everyOperation().operations.map(\.keyword))
    #expect(all.subtracting(seen).isEmpty, "\(all.subtracting(seen))")
  }

  @Test func optionsLeaveOperationsOut() {
    var options = RandomGraph.Options()
    options.allowsRagged = false
    options.allowsGradientCuts = false
    options.allowsKinks = false
    options.allowsRandomNodes = false
    options.allowsRecurrences = false
    let jumps: Set<String> = [
      "relu", "floor", "clipGradient", "stopGradient", "withGradient", "random",
    ]
    for seed in UInt64(0)..<60 {
      let graph = RandomGraph.make(seed: seed, options: options).graph
      #expect(graph.axes.allSatisfy { $0.lengths == nil })
      #expect(!Components(graph).isCyclic.contains(true))
      for node in graph.nodes {
        #expect(!jumps.contains(graph.operation(node).keyword))
        if case .delay(_, _, let truncation) = graph.operation(node) { #expect(truncation == 0) }
      }
    }
  }

  /// Without kinks the loss is smooth: two steps of different size give the same derivative.
  @Test func lossesAreSmoothWhereKinksAreLeftOut() throws {
    var options = RandomGraph.Options()
    options.allowsKinks = false
    for seed in UInt64(0)..<60 {
      let sample = RandomGraph.make(seed: seed, options: options)
      let direction = sample.direction()
      let derivatives = try [1e-4, 2e-4].map { step in
        try centralDifference(sample.graph, sample.bindings, output: "loss", direction: direction, step: step)
      }
      let difference = abs(derivatives[0] - derivatives[1])
      #expect(difference <= 1e-4 * max(1, abs(derivatives[0])), "seed \(seed): \(derivatives)")
    }
  }
}

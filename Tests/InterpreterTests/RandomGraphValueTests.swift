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

  /// Every operation occurs outside of recurrences, and those that have operands on their cycles too.
  @Test func everyOperationOccursOnCyclesAndOff() {
    var (onCycles, off): ([String: Int], [String: Int]) = ([:], [:])
    let options = RandomGraph.Options(.histories)
    for seed in UInt64(0)..<800 {
      let graph = RandomGraph.make(seed: seed, options: options).graph
      let components = Components(graph)
      for node in graph.nodes {
        let word = graph.operation(node).keyword
        if components.isCyclic[components[node]] {
          onCycles[word, default: 0] += 1
        } else {
          off[word, default: 0] += 1
        }
      }
    }
    // The sample has each operation once, which another test makes sure of.
    let operations = SampleGraph.everyOperation().operations
    let all = Set(operations.map(\.keyword))
    let leaves = Set(operations.filter { $0.traits.arity == 0 }.map(\.keyword))
    #expect(all.filter { off[$0] == nil }.isEmpty)
    #expect(all.subtracting(leaves).filter { onCycles[$0, default: 0] < 3 }.isEmpty)
  }

  /// States that are matrices, axes that only a step has inside, ragged sequences, grids and pasts on cycles.
  @Test func everyKindOfRecurrenceOccurs() {
    var options = RandomGraph.Options()
    options.recurrences = 1...2
    options.allowsGrids = true
    options.allowsHistories = true
    var counts = [0, 0, 0, 0, 0, 0]
    for seed in UInt64(0)..<150 {
      let graph = RandomGraph.make(seed: seed, options: options).graph
      let components = Components(graph)
      for (index, members) in components.members.enumerated() where components.isCyclic[index] {
        let sweeps = graph.sweeps(on: index, of: components)
        let states = members.filter { graph.operation($0).shift != nil }.map { graph.type($0) }
        let domain = states.reduce(Domain.empty) { $0.union($1.domain) }
        let holds = [
          states.contains { $0.shape.rank == 2 },
          members.contains { !graph.type($0).domain.isSubset(of: domain) },
          sweeps.contains { graph.description(of: $0.axis).lengths != nil },
          sweeps.count > 1,
          members.contains { graph.operation($0).historyAxes != nil },
          members.contains { graph.operation($0).kind == .mixing },
        ]
        for (place, holds) in holds.enumerated() where holds { counts[place] += 1 }
      }
    }
    #expect(counts.allSatisfy { $0 >= 15 }, "\(counts)")
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

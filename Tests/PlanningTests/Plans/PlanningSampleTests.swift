import EbbGraph
import EbbPlanning
import Testing

/// What each step of planning makes of small graphs, line by line.
@Suite struct PlanningSampleTests {
  @Test(arguments: PlanningSample.all.indices) func stepsDecideAsInTheSamples(index: Int) throws {
    let sample = PlanningSample.all[index]
    let graph = try Graph(parsing: sample.graph)
    let result = sample.step.map { $0.text(graph) } ?? Plan(graph).description
    #expect(result == sample.result + "\n", "\(sample.name)")
  }

  /// Every step has a sample.
  @Test func everyStepHasASample() {
    #expect(Set(PlanningSample.all.compactMap(\.step)) == Set(PlanningStep.allCases))
  }
}

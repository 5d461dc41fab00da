import EbbBench
import EbbCells
import Testing

@Suite struct TrainingStepBenchmarkTests {
  @Test func benchmarkTimesAStep() throws {
    let size = TrainingStepBenchmark.Size("tiny", length: 3, batch: 2, features: 2, units: 3)
    let result = try TrainingStepBenchmark.measure(GRU(units: 3), size, runs: 3)
    #expect(result.runs.count == 3)
    #expect(result.median > 0 && result.startup > 0 && result.memory > 0 && result.operations > 0)
  }
}

import EbbApplications
import EbbTensors
import Testing

@Suite struct AddingProblemTests {
  @Test func theTargetIsTheSumOfTheMarkedNumbers() {
    let task = AddingProblem(length: 9)
    let batch = task.batch(size: 5, seed: 3, step: 4)
    let (x, targets) = (batch["x"]!, batch["target"]!)
    #expect(x.dimensions == [9, 5, 2] && targets.dimensions == [5, 1] && x.element == .float32)
    for sample in 0..<5 {
      let rows: [[Double]] = (0..<9).map { step in
        let start = (step * 5 + sample) * 2
        return [x.doubles[start], x.doubles[start + 1]]
      }
      #expect(rows.allSatisfy { (0..<1).contains($0[0]) })
      #expect(rows.map { $0[1] }.sorted() == [0, 0, 0, 0, 0, 0, 0, 1, 1])
      let marked = rows.filter { $0[1] == 1 }.map { Float($0[0]) }
      #expect(targets.doubles[sample] == Double(marked[0] + marked[1]))
    }
  }

  @Test func theConstantAnswerErrsByASixth() {
    let targets = AddingProblem(length: 10).batch(size: 4000, seed: 1, step: 0)["target"]!.doubles
    let mean = targets.reduce(0, +) / 4000
    let error = targets.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } / 4000
    // Their standard deviations are 0.0065 and about 0.003.
    #expect(abs(mean - 1) < 0.02)
    #expect(abs(error - AddingProblem.constantAnswerError) < 0.01)
    #expect(abs(AddingProblem.constantAnswerError - 0.167) < 0.001)
  }

  /// Each of the fifteen pairs of six steps is marked as often as every other.
  @Test func everyPairOfMarksIsEquallyLikely() {
    let x = AddingProblem(length: 6).batch(size: 5000, seed: 2, step: 0)["x"]!.doubles
    var counts: [[Int]: Int] = [:]
    for sample in 0..<5000 {
      counts[(0..<6).filter { x[($0 * 5000 + sample) * 2 + 1] == 1 }, default: 0] += 1
    }
    #expect(counts.count == 15)
    // 333 with a standard deviation of 18
    for (pair, count) in counts { #expect(abs(count - 333) < 90, "\(pair): \(count)") }
  }

  @Test func batchesDependOnSeedStepAndPurposeAlone() {
    let task = AddingProblem(length: 7)
    let batch = task.batch(size: 3, seed: 1, step: 2)
    #expect(task.batch(size: 3, seed: 1, step: 2) == batch)
    #expect(task.batch(size: 3, seed: 2, step: 2) != batch)
    #expect(task.batch(size: 3, seed: 1, step: 3) != batch)
    #expect(task.batch(size: 3, seed: 1, step: 2, for: .heldOut) != batch)
    // More samples leave the first ones as they are.
    #expect(task.batch(size: 4, seed: 1, step: 2)["target"]!.doubles.prefix(3) == batch["target"]!.doubles[...])
  }
}

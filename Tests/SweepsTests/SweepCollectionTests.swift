import EbbMarkup
import EbbReport
import EbbSweeps
import Testing

/// What a collection says of results, also of few and of missing ones.
@Suite struct SweepCollectionTests {
  private func collection(
    seeds: Int, isLargestBest: Bool = false, _ loss: (SweepTask) -> Double?
  ) throws -> SweepCollection {
    let experiment = try Experiment(
      JSONValue(
        parsing: #"{"command": "train", "grid": {"cell": ["a", "b"], "rate": [0.1, 0.01, 1]}, "seeds": \#(seeds)}"#),
      file: "e.json")
    let metric = SweepMetric("loss", "loss", isLargestBest: isLargestBest)
    return SweepCollection(
      name: "e", experiment: experiment,
      runs: experiment.tasks.map { task in
        guard let loss = loss(task) else { return .init(task: task, state: .failed("too large")) }
        return .init(
          task: task, state: .finished,
          numbers: [
            "loss": .number(loss), "solved": .bool(loss < 2), "norms": .numbers([1e-3, 1e-2, 1]),
            "losses": .numbers([3, 2, loss]),
          ])
      },
      metrics: [metric, SweepMetric("solved", "solved", isLargestBest: true)], best: metric, gradientPath: "norms")
  }

  @Test func theBestSettingIsNamedWithItsSpreadAndTooFewSeedsAreSaid() throws {
    let collection = try collection(seeds: 3) { Double($0.setting + 1) + 0.1 * Double($0.seed) }
    #expect(collection.findings[0].hasPrefix("Best by loss: cell a, rate 0.1, with 1.2 (1.15–1.25) over 3 seeds"))
    #expect(collection.findings[1].contains("3 seeds are too few for 5 comparisons"))
    #expect(collection.settingTable().rowCount == 6)
    let csv = collection.settingTable().csv
    #expect(csv.contains("3 of 3") && csv.contains("0 of 3"))
  }

  @Test func clearDifferencesAreFound() throws {
    let collection = try collection(seeds: 9) { Double($0.setting + 1) + 0.01 * Double($0.seed) }
    #expect(collection.findings[1] == "It is better than each of the next 5 beyond chance at 5%, corrected.")
    let equal = try self.collection(seeds: 9) { task in task.seed % 2 == 0 ? 1 : 2 }
    #expect(equal.findings[1].hasPrefix("Not worse beyond chance: cell a, rate 0.01;"))
  }

  /// Where the largest is best, the best one's differences are above 0.
  @Test func theLargestCanBeBest() throws {
    let collection = try collection(seeds: 9, isLargestBest: true) { Double($0.setting) + 0.01 * Double($0.seed) }
    #expect(collection.findings[0].hasPrefix("Best by loss: cell b, rate 1, with 5.05"))
    #expect(collection.findings[1] == "It is better than each of the next 5 beyond chance at 5%, corrected.")
    let differences = collection.json["comparisons"]?.array?.compactMap { $0["difference"]?.double } ?? []
    #expect(differences.map { $0.rounded() } == [1, 2, 3, 4, 5])
  }

  @Test func failedTasksAreNamedAndStopNobody() throws {
    let collection = try collection(seeds: 2) { $0.number == 3 ? nil : Double($0.number) }
    #expect(collection.isComplete)
    #expect(collection.missingTable.csv.contains("3,\"cell a, rate 0.01\",1,failed,too large"))
    #expect(collection.findings.last == "Tasks: 11 finished, 1 failed.")
    let page = collection.page().html()
    for text in [
      "What is missing", "Parallel coordinates", "loss over rate", "loss over cell and rate", "Gradient through time",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(collection.json["tasks"]?.array?[2]["reason"]?.string == "too large")
  }

  @Test func nothingIsDrawnOfNothing() throws {
    let collection = try collection(seeds: 1) { _ in nil }
    #expect(collection.page().html().contains("</html>"))
    #expect(collection.findings == ["Tasks: 6 failed."])
  }
}

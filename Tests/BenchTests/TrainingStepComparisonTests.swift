import EbbCells
import EbbDiagnostics
import EbbMarkup
import EbbReport
import Testing

@testable import EbbBench

@Suite struct TrainingStepComparisonTests {
  private func comparison(_ medians: [Double], _ peers: [(String, Double)]) -> TrainingStepComparison {
    let size = TrainingStepBenchmark.Size("tiny", length: 2, batch: 3, features: 4, units: 5)
    return TrainingStepComparison(
      cell: "lstm",
      measurements: medians.map { median in
        TrainingStepBenchmark(
          size: size, threads: 2, median: median, runs: [median], startup: 0, operations: 3_000_000, memory: 0)
      }, rounds: [peers.map { PeerScript.Time(peer: $0, median: $1) }])
  }

  @Test func theSlowerMeasurementAndTheBestPeerCount() {
    let row = comparison([0.001, 0.002], [("torch", 0.010), ("jax", 0.006)])
    #expect(row.own.median == 0.002)
    #expect(row.best?.peer == "jax")
    #expect(abs(row.ratio! - 3) < 1e-12)
    let alone = comparison([0.001], [])
    #expect(alone.ratio == nil && alone.best == nil)
    // √(3 · 12); the row without a peer has no part in it.
    let other = comparison([0.0005, 0.0005], [("jax", 0.006)])
    #expect(abs([row, alone, other].meanRatio! - 6) < 1e-12)
    #expect([alone].meanRatio == nil)
  }

  /// Of four measurements the third slowest of Ebb's counts, and of two rounds the faster one of each other framework.
  @Test func mediansOfRoundsCount() {
    var row = comparison([0.004, 0.001, 0.002, 0.009], [("torch", 0.010), ("jax", 0.006)])
    row.rounds.append([PeerScript.Time(peer: "torch", median: 0.005), PeerScript.Time(peer: "jax", median: 0.008)])
    #expect(row.own.median == 0.004)
    #expect(row.peers.map(\.peer) == ["torch", "jax"] && row.peers.map(\.median) == [0.005, 0.006])
    #expect(row.best?.peer == "torch")
    row.measurements.removeLast()
    #expect(row.own.median == 0.002)
  }

  @Test func aMeasurementLastsAsLongAsAsked() throws {
    let size = TrainingStepBenchmark.Size("tiny", length: 3, batch: 2, features: 4, units: 5)
    let result = try TrainingStepBenchmark.measure(SimpleRNN(units: 5), size, runs: 2, minimumTime: 0.01)
    #expect(result.runs.count > 2 && result.runs.reduce(0, +) >= 0.01)
    #expect(try TrainingStepBenchmark.measure(SimpleRNN(units: 5), size, runs: 2).runs.count == 2)
  }

  @Test func theRoofIsAShare() {
    // 3 MFLOP in 2 ms are 1.5 GFLOP/s.
    let row = comparison([0.001, 0.002], [])
    var rate = ProductRate(threads: 2)
    rate.operationsPerSecond = 6e9
    #expect(abs(row.own.operationsPerSecond - 1.5e9) < 1)
    #expect(abs(rate.share(of: row.own) - 0.25) < 1e-12)
    #expect(row.json(rate: rate)["share"]?.double == 0.25)
    #expect([row].table(rate: rate).columns.last?.cells == [.number(25)])
  }

  @Test func aPeerWithoutTheCellHasNoTimeInItsColumn() {
    let rows = [comparison([0.001], [("torch", 0.01), ("jax", 0.02)]), comparison([0.001], [("jax", 0.03)])]
    let columns = rows.table().columns
    #expect(columns.map(\.name) == ["cell", "size", "ebb", "torch", "jax", "best peer", "ratio"])
    #expect(columns[3].cells == [.number(10), .missing])
    #expect(columns[4].cells == [.number(20), .number(30)])
  }

  @Test func theMachineHasARateAndAName() throws {
    let rate = try ProductRate.measure(runs: 1)
    #expect(rate.operationsPerSecond > 0 && rate.rows >= 16)
    #expect(Machine.current.cores >= 1 && !Machine.current.processor.isEmpty)
    let table = "processor\t: 0\nmodel name\t: Some CPU @ 2: fast \n"
    #expect(Machine.name(inProcessorTable: table) == "Some CPU @ 2: fast")
    #expect(Machine.name(inProcessorTable: "processor\t: 0\n") == nil)
    #expect(throws: DiagnosticError.self) { try ProductRate.measure(runs: 0) }
  }

  /// The arithmetic of a step is 2 G T B H (2 (I + H) + H).
  @Test func usefulArithmetic() throws {
    let size = TrainingStepBenchmark.Size("tiny", length: 3, batch: 2, features: 4, units: 5)
    let lstm = try TrainingStepBenchmark.measure(LSTM(units: 5), size, runs: 1)
    #expect(lstm.operations == 2 * 4 * 3 * 2 * 5 * (2 * (4 + 5) + 5))
  }
}

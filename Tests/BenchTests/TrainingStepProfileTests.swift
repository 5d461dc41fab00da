import EbbBench
import EbbCells
import EbbDiagnostics
import EbbMarkup
import EbbReport
import Testing

@testable import EbbExecution

/// A profile with a run that is written by hand: what is derived from it is known.
@Suite struct TrainingStepProfileTests {
  /// Two threads for 10 µs: stage 0 on one, stage 1 on both, 7 µs of 20 spent waiting.
  private func profile() throws -> TrainingStepProfile {
    let size = TrainingStepBenchmark.Size("tiny", length: 3, batch: 2, features: 4, units: 5)
    var profile = try TrainingStepProfile.measure(SimpleRNN(units: 5), size, runs: 1)
    profile.run = RunProfile(
      spans: [
        .init(stage: 0, worker: 0, begin: 500, end: 3_500, label: "pack"),
        .init(stage: 1, worker: 1, begin: 3_500, end: 8_500, label: "steps 0..<3, rows 0..<1"),
        .init(stage: 1, worker: 0, begin: 4_000, end: 9_000, label: "steps 0..<3, rows 1..<2"),
      ], duration: 10_000)
    profile.rate.operationsPerSecond = 1e9
    return profile
  }

  @Test func workSpanAndWaiting() throws {
    let profile = try profile()
    let stages = profile.stages
    #expect(stages.map(\.stage) == Array(stages.indices))
    let expected = [(3e-6, 3e-6, 1), (5.5e-6, 10e-6, 2), (0, 0, 0)]
    for (stage, (elapsed, work, jobs)) in zip(stages, expected) {
      #expect(abs(stage.elapsed - elapsed) < 1e-12 && abs(stage.work - work) < 1e-12 && stage.jobs == jobs)
    }
    #expect(abs(profile.idle - 7e-6) < 1e-12)
    let table = profile.stageTable
    #expect(table.columns[0].cells.suffix(2) == [.text("waiting"), .text("all")])
    #expect(table.rowCount == stages.count + 2)
  }

  /// The forward sweep's product is 2 · T B H² = 300 FLOP; in 10 µs of work on two threads that is 0.06 GFLOP/s.
  @Test func aRateIsThatOfAllThreads() throws {
    let stage = try #require(try profile().json(cell: "rnn")["stages"]?.array?[1])
    let products = stage["instructions"]?.array?.compactMap { $0["product_flop"]?.integer }
    #expect(products?.reduce(0, +) == 300)
    #expect(stage["gflops"]?.double == 0.06 && stage["share_of_roof"]?.double == 0.06)
    #expect(stage["stage"] == "1 forward")
  }

  @Test func theTraceHasATrackForEachWorker() throws {
    let events = try #require(try profile().trace(cell: "rnn")["traceEvents"]?.array)
    let slices = events.filter { $0["ph"] == "X" }
    // Perfetto drops a thread 0.
    #expect(slices.map { $0["tid"] } == [1, 2, 1])
    #expect(slices.map { $0["ts"]?.double } == [0.5, 3.5, 4])
    #expect(slices.map { $0["dur"]?.double } == [3, 5, 5])
    #expect(slices[1]["name"] == "steps 0..<3, rows 0..<1" && slices[1]["args"]?["stage"] == "1 forward")
    let tracks = events.filter { $0["name"] == "thread_name" }
    #expect(tracks.map { $0["tid"] } == [1, 2])
    #expect(tracks.map { $0["args"]?["name"] } == ["worker 0", "worker 1"])
  }
}

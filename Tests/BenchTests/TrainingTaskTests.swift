import EbbExecution
import EbbGraph
import EbbMarkup
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import Testing

@testable import EbbBench

@Suite struct TrainingTaskTests {
  /// The tasks with small sizes.
  private static let small = TrainingTask.all.map { task in
    var task = task
    (task.length, task.batch, task.units) = (6, 3, 4)
    task.features = min(task.features, 9)
    task.embedding = min(task.embedding, 5)
    return task
  }

  @Test(arguments: small)
  func stepsTrain(task: TrainingTask) throws {
    let session = try TrainingTaskSession(task, ExecutionOptions(threads: 1))
    let before = session.values
    let losses = try (0..<20).map { _ in try session.step() }
    #expect(losses.allSatisfy(\.isFinite) && (task.hasDropout || losses[19] < losses[0]), "\(losses)")
    #expect(session.trainer.trainedParameters.allSatisfy { before[$0] != session.values[$0] })
    #expect(session.trainer.clipping == .globalNorm(1))
    let draws = session.trainer.recording.graph.nodes.count {
      if case .random = session.trainer.recording.graph.operation($0) { true } else { false }
    }
    #expect((draws > 0) == task.hasDropout)
  }

  /// Of the texts the longest has all the steps, and what is behind the end of one is padding.
  @Test func textsAreRagged() throws {
    let task = try #require(Self.small.first { $0.kind == .reviews })
    let batch = task.drawnBatch()
    let (words, lengths) = (try #require(batch["words"]), try #require(batch["lengths"]).doubles)
    #expect(lengths.max() == 6 && Set(lengths).count > 1 && lengths.allSatisfy { $0 >= 3 })
    for (place, word) in words.doubles.enumerated() where Double(place / 3) >= lengths[place % 3] { #expect(word == 0) }
  }

  @Test func otherLossesAreOtherWork() {
    #expect(TrainingTaskComparison.difference([1, 0.5, 0.25], [1.0001, 0.5, 0.25]) == nil)
    #expect(
      TrainingTaskComparison.difference([1, 0.5, 0.25], [1, 0.5, 0.2505])?.contains("not the same work") == true)
    #expect(TrainingTaskComparison.difference([1, 0.5], [1]) != nil)
    #expect(TrainingTaskComparison.difference([1], [.nan]) != nil)
  }

  @Test func theSlowerMeasurementAndTheBestPeerCount() {
    var row = TrainingTaskComparison(task: Self.small[0], measurements: [0.001, 0.002], rounds: [])
    #expect(row.own == 0.002 && row.ratio == nil)
    row.rounds = [
      [PeerScript.Time(peer: "torch", median: 0.006), PeerScript.Time(peer: "torch-padded", median: 0.003)]
    ]
    #expect(row.best?.peer == "torch-padded" && abs(row.ratio! - 1.5) < 1e-12)
    #expect(row.json(threads: 2)["ratio"]?.double == 1.5)
  }
}

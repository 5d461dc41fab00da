import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

@testable import EbbPlanning

/// Jobs touch what they declare and nothing else: what lies outside may be anything, and stays as it is.
@Suite struct RegionTests {
  static func check(_ session: Session, _ bindings: Bindings, _ context: @autoclosure () -> String) throws {
    try session.set(bindings)
    // The places of some values hold numbers of other ones; these come from a run.
    session.run(seed: bindings.seed, run: bindings.run)
    let found = session.jobsBeyondTheirRegions()
    #expect(found.isEmpty, "\(found.prefix(3).joined(separator: "\n"))\n\(context())")
  }

  @Test(arguments: BlockTests.cells.indices, [ElementType.float32, .float64])
  func jobsOfCells(cell: Int, element: ElementType) throws {
    for (batch, ragged) in [(1, nil), (19, nil), (3, [37, 5, 14])] as [(Int, [Int]?)] {
      let sample = try BitsTests.sample(
        BlockTests.cells[cell], length: 37, batch: batch, element: element, ragged: ragged)
      let plan = Plan(sample.graph)
      let lengths = try sample.graph.lengths(for: sample.bindings)
      let chunk = plan.chunkSteps(lengths: lengths)
      var tilings = [TimeTiling.none]
      if let blocks = TimeBlocks(plan, lengths: lengths, steps: chunk, ringBlocks: 1) {
        tilings.append(.blocks(blocks))
      }
      if let analysis = SegmentAnalysis(plan), chunk < 37 {
        tilings.append(.segments(RematerializationSegment(analysis: analysis, steps: chunk, snapshots: 1)))
      }
      for tiling in tilings {
        let session = Session(
          plan, lengths: lengths, memory: MemoryPlan(plan, lengths: lengths, tiling: tiling),
          options: ExecutionOptions(threads: 8))
        try Self.check(session, sample.bindings, "batch \(batch), \(tiling)")
      }
    }
  }

  @Test(arguments: [nil, [9, 3, 7, 1, 9, 9, 2, 8, 5]] as [[Int]?])
  func jobsOfLookups(rows: [Int]?) throws {
    let (graph, recording) = try LanguageModelTests.model(.float32, ragged: rows != nil)
    let bindings = LanguageModelTests.bindings(recording, length: 9, lengths: rows, batch: 9)
    let options = ExecutionOptions(threads: 8, strip: 2)
    try Self.check(Session(Plan(graph), lengths: graph.lengths(for: bindings), options: options), bindings, "")
  }

  /// Every operation, step by step.
  @Test(arguments: 0..<UInt64(RandomGraph.seedCount(30)))
  func jobsOfRandomGraphs(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let (plan, lengths) = try BlockTests.plan(sample, chunkRows: 1 + Int(seed % 4))
    let options = ExecutionOptions(threads: 8, strip: 1 + Int(seed % 3))
    try Self.check(Session(plan, lengths: lengths, options: options), sample.bindings, "\(sample)")
  }
}

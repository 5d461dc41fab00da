import EbbCells
import EbbExecution
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Blocks of steps change where values lie and when work is done, and no bit of what is computed.
@Suite struct BlockTests {
  static let cells: [any RecurrentCell] = [
    SimpleRNN(units: 37), LSTM(units: 33), GRU(units: 40), LayerNormLSTM(units: 12), BitsTests.Custom(units: 34),
    Stack([LSTM(units: 9), GRU(units: 8)]), Bidirectional(GRU(units: 6), LSTM(units: 5)),
  ]

  static func bits(_ session: Session, _ bindings: Bindings) throws -> [String: [UInt64]] {
    try session.set(bindings)
    // Twice: nothing may be left over from a run.
    session.run(seed: bindings.seed, run: bindings.run)
    session.run(seed: bindings.seed, run: bindings.run)
    return session.outputs().mapValues { $0.doubles.map(\.bitPattern) }
  }

  static func whole(
    _ plan: Plan, _ lengths: [Int], _ bindings: Bindings, _ set: InstructionSet = .best
  ) throws -> [String: [UInt64]] {
    let memory = MemoryPlan(plan, lengths: lengths, tiling: .none)
    let options = ExecutionOptions(threads: 1, instructionSet: set)
    return try bits(Session(plan, lengths: lengths, memory: memory, options: options), bindings)
  }

  @Test(arguments: cells.indices)
  func blocksChangeNoBit(cell: Int) throws {
    let batches: [(Int, [Int]?)] =
      [(9, nil), (3, [131, 5, 76])] + effort(debug: [], optimized: [(1, nil), (33, nil)])
    for (batch, ragged) in batches {
      let sample = try BitsTests.sample(Self.cells[cell], length: 131, batch: batch, element: .float32, ragged: ragged)
      let lengths = try sample.graph.lengths(for: sample.bindings)
      let plan = Plan(sample.graph)
      let reference = try Self.whole(plan, lengths, sample.bindings)
      let chunk = plan.chunkSteps(lengths: lengths)
      for (factor, ringBlocks) in effort(debug: [(1, 1), (2, 2)], optimized: [(1, 1), (1, 2), (1, 4), (2, 2)]) {
        let found = TimeBlocks(plan, lengths: lengths, steps: chunk * factor, ringBlocks: ringBlocks)
        guard let blocks = found else {
          // Where rows end at steps of their own, a sweep against time writes what lies behind them late.
          let endsAmongSteps = Self.cells[cell] is Bidirectional && ragged != nil
          #expect(chunk * factor * ringBlocks >= 131 || endsAmongSteps, "batch \(batch) has no blocks")
          continue
        }
        let memory = MemoryPlan(plan, lengths: lengths, tiling: .blocks(blocks))
        let runs: [(Int, UInt64?)] = [(3, 1)] + effort(debug: [], optimized: [(1, nil), (3, nil), (8, 2)])
        for (threads, seed) in runs {
          var options = ExecutionOptions(threads: threads)
          options.shuffle = seed
          let session = Session(plan, lengths: lengths, memory: memory, options: options)
          let bits = try Self.bits(session, sample.bindings)
          let wrong = reference.keys.filter { bits[$0] != reference[$0] }.sorted()
          #expect(wrong.isEmpty, "blocks of \(blocks.steps) by \(ringBlocks), \(threads) threads, batch \(batch)")
        }
      }
    }
  }

  /// A random graph with its gradients, planned. A part of time holds whole chunks of each sum; the sequences are short,
  /// so the chunks are of `chunkRows` rows.
  static func plan(_ sample: RandomGraph, chunkRows: Int) throws -> (plan: Plan, lengths: [Int]) {
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (parameter, gradient) in zip(sample.parameters, gradients) {
      graph.setOutput("d/\(graph.name(parameter)!)", gradient)
    }
    let optimized = try Passes.optimized(graph)
    var plan = Plan(optimized)
    plan.sumChunkRows = chunkRows
    return (plan, try optimized.lengths(for: sample.bindings))
  }

  /// The tests on random graphs say something only if many of these can be cut.
  @Test func manyRandomGraphsCanBeCut() throws {
    var (blocks, segments) = (0, 0)
    for seed in 0..<60 as Range<UInt64> {
      let (plan, lengths) = try Self.plan(RandomGraph.make(seed: seed), chunkRows: 1)
      let chunk = plan.chunkSteps(lengths: lengths)
      blocks += TimeBlocks(plan, lengths: lengths, steps: chunk, ringBlocks: 1) == nil ? 0 : 1
      segments += SegmentAnalysis(plan)?.isSegmented.contains(true) ?? false ? 1 : 0
    }
    #expect(blocks >= 10 && segments >= 10, "blocks \(blocks), segments \(segments)")
  }

  /// Graphs that need the check of their order: without it, something was read too early.
  static let seedsOutOfOrder: [UInt64] = [142, 304, 342, 344, 490]

  /// Random graphs in blocks of a step or a few, in orders drawn from those that the dependencies allow.
  @Test(arguments: Array(0..<UInt64(RandomGraph.seedCount(40))) + seedsOutOfOrder)
  func randomGraphsInBlocks(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let (plan, lengths) = try Self.plan(sample, chunkRows: 1 + Int(seed % 4))
    let reference = try Self.whole(plan, lengths, sample.bindings)
    let chunk = plan.chunkSteps(lengths: lengths)
    for ringBlocks in [1, 2, 4] {
      for steps in [chunk, 2 * chunk] {
        guard let blocks = TimeBlocks(plan, lengths: lengths, steps: steps, ringBlocks: ringBlocks) else { continue }
        let memory = MemoryPlan(plan, lengths: lengths, tiling: .blocks(blocks))
        for order in effort(debug: [seed], optimized: [nil, seed, seed + 1000]) as [UInt64?] {
          var options = ExecutionOptions(threads: order == nil ? 1 : 4)
          options.shuffle = order
          let session = Session(plan, lengths: lengths, memory: memory, options: options)
          let bits = try Self.bits(session, sample.bindings)
          let wrong = reference.keys.filter { bits[$0] != reference[$0] }.sorted()
          #expect(wrong.isEmpty, "\(wrong), blocks of \(steps) by \(ringBlocks), seed \(seed):\n\(sample)")
        }
      }
    }
  }

  /// Whole training steps of sizes at which a session chooses blocks by itself.
  @Test func longSequencesRunInBlocks() throws {
    let sample = try BitsTests.sample(LSTM(units: 32), length: 1200, batch: 16, element: .float32)
    let plan = Plan(sample.graph)
    let lengths = [1200, 16]
    let reference = try Self.whole(plan, lengths, sample.bindings)
    let session = try Session(plan, lengths: lengths, options: ExecutionOptions(threads: 2))
    let blocks = try #require(session.memory.tiling.blocks)
    #expect(try Self.bits(session, sample.bindings) == reference)
    // The projection of the inputs and the adjoint of the gates, 4 · 32 numbers each, live in rings.
    let wide = plan.values.indices.filter {
      plan.values[$0].lifetime == .whole && plan.values[$0].features.count == 128
    }
    .filter { plan.values[$0].axes.count == 2 }
    #expect(wide.count == 2)
    #expect(wide.allSatisfy { blocks.isTransient[$0] && session.memory.layouts[$0].slots == blocks.places })
    // Without blocks the two share memory that has all steps.
    let whole = MemoryPlan(plan, lengths: lengths, tiling: .none).bytes
    #expect(session.memory.bytes + blocks.places * 16 * 128 * 4 < whole)
    // A short one fits into the caches as it is.
    #expect(MemoryPlan(plan, lengths: [20, 16]).tiling.blocks == nil)
  }

  /// The gradient of an embedding adds up rows of all steps at once: it waits until its turn has ended, and the rest
  /// still runs in blocks.
  @Test(arguments: [nil, [130, 4, 77, 129, 50, 1, 9, 128, 30]] as [[Int]?])
  func whatTakesAllStepsWaits(ragged: [Int]?) throws {
    let (graph, recording) = try LanguageModelTests.model(.float32, ragged: ragged != nil)
    let bindings = LanguageModelTests.bindings(recording, length: 130, lengths: ragged, batch: 9)
    let plan = Plan(graph)
    let lengths = try graph.lengths(for: bindings)
    let reference = try Self.whole(plan, lengths, bindings)
    let blocks = try #require(TimeBlocks(plan, lengths: lengths, steps: 32, ringBlocks: 2))
    for seed in 0..<4 as Range<UInt64> {
      var options = ExecutionOptions(threads: 3)
      options.shuffle = seed
      let memory = MemoryPlan(plan, lengths: lengths, tiling: .blocks(blocks))
      let session = Session(plan, lengths: lengths, memory: memory, options: options)
      #expect(try Self.bits(session, bindings) == reference)
    }
  }
}

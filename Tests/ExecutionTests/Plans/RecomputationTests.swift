import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

@testable import EbbPlanning

/// A memory budget changes how much is computed, and no bit of what is computed.
@Suite struct RecomputationTests {
  /// Follows a schedule by its definition: which state lies where, and which segments have been taken back.
  @Test(arguments: [(1, 0), (2, 1), (5, 0), (7, 2), (20, 3), (33, 32), (64, 5)])
  func scheduleTakesBackEverySegment(segments: Int, snapshots: Int) {
    let schedule = SnapshotSchedule(segments: segments, snapshots: snapshots)
    var kept: [Int: Int] = [:]
    // The segment before which the state lies in the segment's memory.
    var state = 0
    var isComputed: Int?
    var next = segments - 1
    var computed = 0
    var seen: Set<Int> = []
    for action in schedule.actions {
      switch action {
      case .compute(let segment, let isFirst):
        #expect(state == segment || segment == 0)
        #expect(isFirst == seen.insert(segment).inserted)
        state = segment + 1
        isComputed = segment
        computed += 1
      case .save(let segment, let snapshot):
        #expect(state == segment)
        #expect((0..<snapshots).contains(snapshot))
        kept[snapshot] = segment
      case .restore(let segment, let snapshot):
        #expect(kept[snapshot] == segment)
        state = segment
      case .reverse(let segment):
        #expect(segment == next)
        #expect(isComputed == segment)
        next -= 1
      }
    }
    #expect(next == -1)
    #expect(computed == schedule.cost)
  }

  /// The least cost in closed form: with r repetitions, r·n − C(s + r, s + 1), where C(s + r, s) is at least n and r the
  /// least such (Griewank & Walther 2000, equation 2; counted here with each segment's own computation).
  @Test func costIsTheLeast() {
    func choose(_ n: Int, _ k: Int) -> Int { (0..<k).reduce(1) { $0 * (n - $1) / ($1 + 1) } }
    for segments in 1...40 {
      for snapshots in 0...6 {
        // The start is a snapshot too.
        let s = snapshots + 1
        var r = 0
        while choose(s + r, s) < segments { r += 1 }
        let least = r * segments - choose(s + r, s + 1) + segments
        #expect(SnapshotSchedule(segments: segments, snapshots: snapshots).cost == least, "\(segments), \(snapshots)")
      }
    }
  }

  static let cells: [any RecurrentCell] = [
    SimpleRNN(units: 37), LSTM(units: 33), GRU(units: 40), LayerNormLSTM(units: 12), BitsTests.Custom(units: 34),
    Stack([LSTM(units: 9), GRU(units: 8)]),
  ]

  @Test(arguments: cells.indices)
  func budgetsChangeNoBit(cell: Int) throws {
    for (batch, ragged) in [(9, nil), (3, [67, 5, 38])] as [(Int, [Int]?)] {
      let sample = try BitsTests.sample(Self.cells[cell], length: 67, batch: batch, element: .float32, ragged: ragged)
      let reference = try BitsTests.bits(sample, ExecutionOptions(threads: 1))
      let lengths = try sample.graph.lengths(for: sample.bindings)
      let plan = Plan(sample.graph)
      let whole = MemoryPlan(plan, lengths: lengths).bytes
      let smallest = try smallestBudget(plan, lengths)
      #expect(smallest < whole * 2 / 3)
      for budget in [smallest, (smallest + whole) / 2, whole - 1] {
        let runs: [(Int, UInt64?)] = [(3, 1)] + effort(debug: [], optimized: [(1, nil), (3, nil)])
        for (threads, seed) in runs {
          var options = ExecutionOptions(threads: threads, memoryBudget: budget)
          options.shuffle = seed
          let session = try Session(plan, lengths: lengths, options: options)
          #expect(session.memory.bytes <= budget)
          #expect(session.memory.tiling.segment != nil)
          try session.set(sample.bindings)
          // Twice: nothing may be left over from a run.
          session.run()
          session.run()
          let bits = session.outputs().mapValues { $0.doubles.map(\.bitPattern) }
          let wrong = reference.keys.filter { bits[$0] != reference[$0] }.sorted()
          #expect(
            wrong.isEmpty,
            "budget \(budget) of \(whole), \(threads) threads, batch \(batch), lengths \(String(describing: ragged))")
        }
      }
    }
  }

  /// The gradient of an embedding takes all steps at once, after the way back; what it adds up is kept whole.
  @Test(arguments: [nil, [130, 4, 77, 129, 50, 1, 9, 128, 30]] as [[Int]?])
  func embeddingsMeetABudget(ragged: [Int]?) throws {
    let (graph, recording) = try LanguageModelTests.model(.float32, ragged: ragged != nil)
    let bindings = LanguageModelTests.bindings(recording, length: 130, lengths: ragged, batch: 9)
    let plan = Plan(graph)
    let lengths = try graph.lengths(for: bindings)
    let reference = try BlockTests.whole(plan, lengths, bindings)
    let whole = MemoryPlan(plan, lengths: lengths).bytes
    let smallest = try smallestBudget(plan, lengths)
    #expect(smallest < whole * 2 / 3)
    for seed in [nil, 1, 2] as [UInt64?] {
      var options = ExecutionOptions(threads: 3, memoryBudget: smallest)
      options.shuffle = seed
      let session = try Session(plan, lengths: lengths, options: options)
      #expect(session.memory.tiling.segment != nil)
      #expect(try BlockTests.bits(session, bindings) == reference)
    }
  }

  private func smallestBudget(_ plan: Plan, _ lengths: [Int]) throws -> Int {
    do {
      _ = try MemoryPlan(plan, lengths: lengths, budget: 1)
      Issue.record("a budget of one byte was met")
      return 0
    } catch {
      let words = "\(error)".split(separator: " ")
      let place = try #require(words.firstIndex(of: "least"))
      return try #require(Int(words[place + 1]))
    }
  }

  /// Random graphs under the smallest budget that they have, if they have one.
  /// Seed 300 reads a forward value's next step in rows that end at different ones.
  @Test(arguments: Set(0..<UInt64(RandomGraph.seedCount(30))).union([300]).sorted())
  func randomGraphsUnderABudget(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let (plan, lengths) = try BlockTests.plan(sample, chunkRows: 1 + Int(seed % 8))
    guard let analysis = SegmentAnalysis(plan) else { return }
    let reference = try Executable(plan, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    let length = lengths[analysis.order.axis.index]
    let chunk = plan.chunkSteps(lengths: lengths)
    for steps in 1...length where steps >= analysis.reach && steps % chunk == 0 {
      for snapshots in [0, 1, 100] {
        let count = (length + steps - 1) / steps
        let segment = RematerializationSegment(analysis: analysis, steps: steps, snapshots: min(snapshots, count - 1))
        let memory = MemoryPlan(plan, lengths: lengths, tiling: .segments(segment))
        var options = ExecutionOptions(threads: 4)
        options.shuffle = seed
        let session = Session(plan, lengths: lengths, memory: memory, options: options)
        try session.set(sample.bindings)
        session.run(seed: sample.bindings.seed, run: sample.bindings.run)
        for (name, tensor) in session.outputs() {
          #expect(
            tensor.doubles.map(\.bitPattern) == reference[name]!.doubles.map(\.bitPattern),
            "\(name), segments of \(steps), seed \(seed):\n\(sample)")
        }
      }
    }
  }

  /// Time may turn more often than twice: the gradient through a network that reads both ways, and a gradient of a
  /// gradient. What later turns read is kept whole; the rest still lives in segments.
  @Test(arguments: [false, true])
  func laterTurnsChangeNoBit(isSecondOrder: Bool) throws {
    let cell: any RecurrentCell =
      isSecondOrder ? LSTM(units: 7) : Stack([Bidirectional(GRU(units: 6), GRU(units: 5)), LSTM(units: 7)])
    func record(_ cell: some RecurrentCell) throws -> Recording {
      try Recording(cell, features: 3) { scope, y in scope.output("loss", mean(square(y))) }
    }
    let recording = try record(cell)
    var graph = recording.graph
    let parameters = recording.parameters.map(\.node)
    var gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: parameters)
    if isSecondOrder {
      // The sum of the gradient's entries, differentiated: H · 1.
      let sums = gradients.map { node in
        (0..<graph.type(node).shape.rank).reversed().reduce(node) {
          graph.append(.reduceFeatures(.sum, dimension: $1), [$0])
        }
      }
      let total = sums.dropFirst().reduce(sums[0]) { graph.append(.binary(.add), [$0, $1]) }
      gradients = try graph.gradient(of: total, withRespectTo: parameters)
    }
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput("d/\(parameter.name)", gradient)
    }
    let plan = Plan(try Passes.optimized(graph))
    let lengths = [80, 9]
    var bindings = Bindings(recording.initialValues(seed: 4))
    let x: [Float] = (0..<2160).map { index in Float((index * 37) % 101) / 50 - 1 }
    bindings.values["x"] = Tensor([80, 9, 3], x)
    func bits(_ session: Session) throws -> [String: [UInt64]] {
      try session.set(bindings)
      session.run()
      return session.outputs().mapValues { $0.doubles.map(\.bitPattern) }
    }
    let reference = try bits(try Session(plan, lengths: lengths, options: ExecutionOptions(threads: 1)))
    let analysis = try #require(SegmentAnalysis(plan))
    #expect(analysis.isSegmented.contains(true))
    for steps in [32, 64] {
      let segment = RematerializationSegment(analysis: analysis, steps: steps, snapshots: 1)
      for seed in [nil, 1, 2] as [UInt64?] {
        var options = ExecutionOptions(threads: 3)
        options.shuffle = seed
        let memory = MemoryPlan(plan, lengths: lengths, tiling: .segments(segment))
        let found = try bits(Session(plan, lengths: lengths, memory: memory, options: options))
        #expect(reference.keys.filter { found[$0] != reference[$0] }.isEmpty, "segments of \(steps)")
      }
    }
  }

  /// What only runs forward is cut into segments too, and says what these take at least.
  @Test func segmentsThatDoNotFitAreAnError() throws {
    let recording = try Recording(LSTM(units: 8), features: 3)
    let lengths = [100, 4]
    #expect {
      try Session(Plan(recording.graph), lengths: lengths, options: ExecutionOptions(memoryBudget: 1000))
    } throws: { error in
      "\(error)".contains("1000 bytes cannot be met: with segments of steps it takes at least")
    }
  }

  /// With a thousand steps a tenth of the activations is enough, at a third more arithmetic.
  @Test func aTenthOfTheActivationsIsEnough() throws {
    let sample = try BitsTests.sample(LSTM(units: 64), length: 1000, batch: 16, element: .float32)
    let plan = Plan(sample.graph)
    let lengths = [1000, 16]
    let whole = MemoryPlan(plan, lengths: lengths)
    // What the user gives and asks for: no activations.
    let given = whole.bytes(of: plan) { value in
      (plan.inputs + plan.outputs).contains { $0.view.value == value } || plan.values[value].axes.isEmpty
    }
    let budget = given + (whole.bytes - given) / 10
    let memory = try MemoryPlan(plan, lengths: lengths, budget: budget)
    let segment = try #require(memory.tiling.segment)
    let count = segment.count(length: 1000)
    #expect(memory.bytes <= budget)
    #expect(SnapshotSchedule(segments: count, snapshots: segment.snapshots).cost <= 2 * count)
  }
}

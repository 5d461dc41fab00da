import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// What the levels of stages say, and what follows from it: for running sums, and for memory.
@Suite struct StageTests {
  /// Graphs of several recurrences side by side and one after the other.
  static func branching(_ seed: UInt64) -> RandomGraph {
    var options = RandomGraph.Options()
    options.branches = 2...3
    options.recurrences = 0...2
    options.allowsRagged = seed % 3 == 0
    options.operations = 2...6
    return RandomGraph.make(seed: seed, options: options)
  }

  /// What a plan's stages write and read, of values that have indices.
  struct Traffic {
    var written: [Set<Int>]
    var read: [Set<Int>]

    init(_ plan: Plan) {
      func places(_ stage: Stage, isWrite: Bool) -> Set<Int> {
        Set(
          (stage.prologue + stage.instructions).flatMap { plan.accesses(of: $0) }.compactMap { access in
            guard case .value(let value) = access.memory, access.isWrite == isWrite, !plan.values[value].axes.isEmpty
            else { return nil }
            return value
          })
      }
      written = plan.stages.map { places($0, isWrite: true) }
      read = plan.stages.map { places($0, isWrite: false) }
    }
  }

  static func isSweep(_ stage: Stage) -> Bool { stage.sweep != nil }

  /// Values, gradients and bits of graphs in which backward sweeps run side by side.
  /// Seed 159 repeats a constant of several features that has memory of its own.
  @Test(arguments: Set(0..<UInt64(RandomGraph.seedCount(20))).union([159]).sorted())
  func sweepsSideBySideAgreeWithTheInterpreter(seed: UInt64) throws {
    let sample = Self.branching(seed)
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (parameter, gradient) in zip(sample.parameters, gradients) {
      graph.setOutput("d/\(graph.name(parameter)!)", gradient)
    }
    let expected = try Interpreter.run(graph, sample.bindings)
    let optimized = try Passes.optimized(graph)
    let found = try Executable(optimized, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
      let error = maximumRelativeError(found[name]!, tensor.converted(to: found[name]!.element))
      // Where tanh saturates, 1 − tanh² has lost half of its digits on both sides.
      #expect(error < 1e-7, "output \(name) of seed \(seed):\n\(sample)")
    }
    var plan = Plan(optimized)
    plan.sumChunkRows = 1 + Int(seed % 8)
    let lengths = try optimized.lengths(for: sample.bindings)
    let reference = try BlockTests.whole(plan, lengths, sample.bindings)
    for order in seed..<seed + 2 {
      var options = ExecutionOptions(threads: 8, strip: 1 + Int(order % 2))
      options.shuffle = order
      let session = try Session(plan, lengths: lengths, options: options)
      #expect(try BlockTests.bits(session, sample.bindings) == reference, "order \(order):\n\(sample)")
    }
  }

  /// The tests above and below say something only of graphs that have what they are about.
  @Test func branchingGraphsReachWhatTheyAreFor() throws {
    var (sideBySide, sumsOfProducts, directly) = (0, 0, 0)
    for sample in try Self.branches.get() {
      let (plan, traffic) = (sample.plan, sample.traffic)
      let backward = plan.stages.indices.filter { plan.stages[$0].sweep?.isBackward == true }
      let levels = Dictionary(grouping: backward) { plan.stages[$0].level }.values.filter { $0.count > 1 }
      sideBySide += levels.isEmpty ? 0 : 1
      // A program reads what two of them have written, and what it writes is summed.
      for instruction in plan.stages.flatMap(\.instructions) {
        guard case .program(let program) = instruction.kernel else { continue }
        let touched = plan.accesses(of: instruction)
        func values(isWrite: Bool) -> Set<Int> {
          Set(
            touched.compactMap { access in
              guard case .value(let value) = access.memory, access.isWrite == isWrite else { return nil }
              return value
            })
        }
        let (read, written) = (values(isWrite: false), values(isWrite: true))
        let meets = levels.contains { stages in stages.filter { !traffic.written[$0].isDisjoint(with: read) }.count > 1
        }
        let isSummed = plan.stages.flatMap(\.instructions).contains { sum in
          guard case .sumColumns = sum.kernel, program.features.count > 1 else { return false }
          return plan.accesses(of: sum).contains { access in
            guard case .value(let value) = access.memory, !access.isWrite else { return false }
            return written.contains(value)
          }
        }
        sumsOfProducts += meets && isSummed ? 1 : 0
      }
      // A sweep that reads what another one has written.
      for (later, earlier) in plan.stages.indices.flatMap({ later in (0..<later).map { (later, $0) } })
      where Self.isSweep(plan.stages[later]) && Self.isSweep(plan.stages[earlier]) {
        directly += traffic.written[earlier].isDisjoint(with: traffic.read[later]) ? 0 : 1
      }
    }
    #expect(sideBySide >= 10 && sumsOfProducts >= 5 && directly >= 10, "\(sideBySide), \(sumsOfProducts), \(directly)")
  }

  struct Planned {
    var plan: Plan
    var lengths: [Int]
    var traffic: Traffic

    init(_ plan: Plan, _ lengths: [Int]) {
      self.plan = plan
      self.lengths = lengths
      traffic = Traffic(plan)
    }

    init(_ sample: RandomGraph) throws {
      let (plan, lengths) = try BlockTests.plan(sample, chunkRows: 1)
      self.init(plan, lengths)
    }
  }

  // Planned once for the tests of this suite.
  static let branches = Result { try (0..<40 as Range<UInt64>).map { try Planned(branching($0)) } }
  static let plans = Result {
    let graphs = try (0..<30 as Range<UInt64>).map { try Planned(RandomGraph.make(seed: $0)) }
    let cells = try BlockTests.cells.map { cell in
      Planned(Plan(try BitsTests.sample(cell, length: 3, batch: 2, element: .float32).graph), [40, 9])
    }
    return try branches.get() + graphs + cells
  }

  /// Stages of one level do not depend on one another: what a stage reads or writes again was written on a lower one.
  @Test func whatAStageReadsWasWrittenOnALowerLevel() throws {
    var pairs = 0
    for sample in try Self.plans.get() {
      let (plan, traffic) = (sample.plan, sample.traffic)
      for later in plan.stages.indices {
        for earlier in 0..<later where !traffic.written[earlier].isDisjoint(with: traffic.read[later]) {
          pairs += 1
          #expect(plan.stages[earlier].level < plan.stages[later].level, "\(plan)")
        }
      }
    }
    #expect(pairs > 200)
  }

  /// Neighbouring stages follow one another strip by strip. So what one level reads last never lies where the next one
  /// writes first: the first strip there would wait for the last one here.
  @Test func neighbouringLevelsShareNoMemory() throws {
    var shared = 0
    for sample in try Self.plans.get() {
      let plan = sample.plan
      var levels: [Int: ClosedRange<Int>] = [:]
      for (stage, (written, read)) in zip(plan.stages, zip(sample.traffic.written, sample.traffic.read)) {
        for value in written.union(read) {
          let known = levels[value] ?? stage.level...stage.level
          levels[value] = min(known.lowerBound, stage.level)...max(known.upperBound, stage.level)
        }
      }
      let memory = MemoryPlan(plan, lengths: sample.lengths, tiling: .none)
      for (value, range) in levels {
        for other in memory.shared[value] {
          guard let later = levels[other], later.lowerBound >= range.lowerBound else { continue }
          shared += 1
          #expect(later.lowerBound > range.upperBound + 1, "values \(value) and \(other) of\n\(plan)")
        }
      }
    }
    #expect(shared > 100, "only \(shared) pairs of values share memory")
  }
}

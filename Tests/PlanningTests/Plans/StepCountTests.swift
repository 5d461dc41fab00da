import EbbBench
import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// What the plan of each benchmarked training step consists of, as numbers that no shared machine disturbs.
///
/// For each cell: products and instructions of a step of each sweep, and of everything else in a run; then, for the sizes
/// XS, S, M, L and LONG, the bytes that are kept of every step, and those of the whole arena. A change that makes one of
/// them smaller is welcome: a failure prints the lines as they are now, which then replace these.
@Suite struct StepCountTests {
  static let expected = """
    rnn: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 17
    rnn: 1028 + 304384, 65664 + 5559552, 131072 + 19341952, 262144 + 25050752, 12288 + 16872320
    lstm: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 28
    lstm: 4356 + 1214208, 131072 + 19783552, 524288 + 64386304, 1048576 + 91020544, 61440 + 67804800
    gru: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 26
    gru: 3076 + 911744, 196736 + 16630144, 393216 + 51537024, 786432 + 68467840, 45056 + 52492160
    peephole: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 37
    peephole: 4356 + 1219584, 131072 + 19787392, 524288 + 64593280, 1048576 + 91433344, 61440 + 67808640
    mgu: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 24
    mgu: 2308 + 660224, 147584 + 12759808, 327680 + 41045760, 655360 + 52466432, 36864 + 41839616
    lnlstm: products among instructions: forward 1 of 24, backward 1 of 20, else 3 of 51
    lnlstm: 5696 + 1507968, 214912 + 28187136, 855808 + 99027072, 1707776 + 126941824, 103360 + 109744384
    """

  static let cells: [(name: String, make: @Sendable (Int) -> any RecurrentCell)] = [
    ("rnn", { SimpleRNN(units: $0) }), ("lstm", { LSTM(units: $0) }), ("gru", { GRU(units: $0) }),
    ("peephole", { PeepholeLSTM(units: $0) }), ("mgu", { MinimalGatedUnit(units: $0) }),
    ("lnlstm", { LayerNormLSTM(units: $0) }),
  ]

  @Test(arguments: 0..<6) func countsAreTheExpectedOnes(index: Int) throws {
    let (name, make) = Self.cells[index]
    var counts: Set<String> = []
    var memory: [String] = []
    for size in TrainingStepBenchmark.Size.all {
      let plan = try Self.plan(make(size.units), size)
      counts.insert(Self.counts(plan))
      memory.append(Self.memory(plan, size))
    }
    // The structure is the same for every size.
    #expect(counts.count == 1)
    let lines = (counts.sorted() + [memory.joined(separator: ", ")]).map { "\(name): \($0)" }
    let expected = Self.expected.split(separator: "\n").map(String.init)
    let missing = lines.filter { !expected.contains($0) }
    #expect(missing.isEmpty, "\(name) has other counts; as they are now:\n\(lines.joined(separator: "\n"))")
  }

  static func plan(_ cell: some RecurrentCell, _ size: TrainingStepBenchmark.Size) throws -> Plan {
    Plan(try Passes.optimized(TrainingStepGraph(cell, features: size.features).gradient))
  }

  /// The lengths of a plan's axes.
  static func lengths(_ plan: Plan, length: Int, batch: Int) -> [Int] {
    plan.axes.map { $0.kind == .time ? length : batch }
  }

  static func counts(_ plan: Plan) -> String {
    func text(_ instructions: [Instruction]) -> String {
      let products = instructions.filter {
        switch $0.kernel {
        case .product, .outer: true
        case .strided(let equation): if case .product = equation.operation { true } else { false }
        case .program, .reduceRows, .sumColumns, .pack, .assemble, .copy, .boundary, .general: false
        }
      }
      return "\(products.count) of \(instructions.count)"
    }
    var sweeps: [String] = []
    var rest: [Instruction] = []
    for stage in plan.stages {
      rest += stage.prologue
      if let sweep = stage.sweep {
        sweeps.append("\(sweep.isBackward ? "backward" : "forward") \(text(stage.instructions))")
      } else {
        rest += stage.instructions
      }
    }
    return "products among instructions: \(sweeps.joined(separator: ", ")), else \(text(rest))"
  }

  static func memory(_ plan: Plan, _ size: TrainingStepBenchmark.Size) -> String {
    let lengths = lengths(plan, length: size.length, batch: size.batch)
    let longer = Self.lengths(plan, length: size.length + 1, batch: size.batch)
    let kept = PlanCost(plan, lengths: longer).keptBytes - PlanCost(plan, lengths: lengths).keptBytes
    return "\(kept) + \(MemoryPlan(plan, lengths: lengths).bytes)"
  }
}

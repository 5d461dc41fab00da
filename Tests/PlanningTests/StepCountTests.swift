import EbbCells
import EbbGradientFlow
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
    rnn: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 18
    rnn: 1284 + 305664, 82048 + 6948352, 131072 + 22963072, 262144 + 27025280, 12288 + 20993152
    lstm: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 28
    lstm: 4356 + 1214208, 131072 + 19783552, 524288 + 64386304, 1048576 + 91020544, 61440 + 67804800
    gru: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 27
    gru: 3332 + 911744, 213120 + 17490304, 393216 + 51935232, 786432 + 68467840, 45056 + 54292736
    peephole: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 37
    peephole: 4356 + 1219584, 131072 + 19787392, 524288 + 64593280, 1048576 + 91433344, 61440 + 67808640
    mgu: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 25
    mgu: 2564 + 660224, 163968 + 13883904, 327680 + 41902720, 655360 + 52468224, 36864 + 43730304
    lnlstm: products among instructions: forward 1 of 24, backward 1 of 20, else 3 of 51
    lnlstm: 5696 + 1509888, 214912 + 28272256, 855808 + 99360512, 1707776 + 127608064, 103360 + 109788544
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
    for size in StepBenchmark.Size.all {
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

  static func plan(_ cell: some RecurrentCell, _ size: StepBenchmark.Size) throws -> Plan {
    Plan(try Passes.optimized(StepGraph(cell, features: size.features).gradient))
  }

  /// The lengths of a plan's axes.
  static func lengths(_ plan: Plan, length: Int, batch: Int) -> [Int] {
    plan.graph.axes.map { $0.kind == .time ? length : batch }
  }

  static func counts(_ plan: Plan) -> String {
    func text(_ instructions: [Instruction]) -> String {
      let products = instructions.filter {
        switch $0 {
        case .product, .outer: true
        case .program, .reduceRows, .sumColumns, .pack, .assemble, .copy, .boundary, .general: false
        }
      }
      return "\(products.count) of \(instructions.count)"
    }
    var sweeps: [String] = []
    var rest: [Instruction] = []
    for stage in plan.stages {
      rest += stage.prologue
      switch stage.kind {
      case .whole: rest += stage.instructions
      case .sweep(_, let isBackward):
        sweeps.append("\(isBackward ? "backward" : "forward") \(text(stage.instructions))")
      }
    }
    return "products among instructions: \(sweeps.joined(separator: ", ")), else \(text(rest))"
  }

  static func memory(_ plan: Plan, _ size: StepBenchmark.Size) -> String {
    let lengths = lengths(plan, length: size.length, batch: size.batch)
    let longer = Self.lengths(plan, length: size.length + 1, batch: size.batch)
    let kept = PlanCost(plan, lengths: longer).keptBytes - PlanCost(plan, lengths: lengths).keptBytes
    return "\(kept) + \(MemoryPlan(plan, lengths: lengths).bytes)"
  }
}

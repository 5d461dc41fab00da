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
/// For each cell: products and instructions of a step of each sweep, and of everything else in a run. For each size:
/// bytes that are kept of every step, and bytes of the whole arena. A change that makes one of them smaller is welcome:
/// a failure prints the lines as they are now, which then replace these.
@Suite struct StepCountTests {
  static let expected = """
    rnn: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 19
    rnn XS: 1288 bytes a step, arena 305664
    rnn S: 82176 bytes a step, arena 6961280
    rnn M: 131072 bytes a step, arena 22979584
    rnn L: 262144 bytes a step, arena 27033600
    rnn LONG: 12288 bytes a step, arena 21026048
    lstm: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 29
    lstm XS: 4360 bytes a step, arena 1213184
    lstm S: 131072 bytes a step, arena 19791872
    lstm M: 524288 bytes a step, arena 64382208
    lstm L: 1048576 bytes a step, arena 91012352
    lstm LONG: 61440 bytes a step, arena 67813120
    gru: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 28
    gru XS: 3336 bytes a step, arena 910976
    gru S: 213248 bytes a step, arena 17503232
    gru M: 393216 bytes a step, arena 51943552
    gru L: 786432 bytes a step, arena 68461696
    gru LONG: 45056 bytes a step, arena 54309248
    peephole: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 38
    peephole XS: 4360 bytes a step, arena 1217792
    peephole S: 131072 bytes a step, arena 19795712
    peephole M: 524288 bytes a step, arena 64589184
    peephole L: 1048576 bytes a step, arena 91425152
    peephole LONG: 61440 bytes a step, arena 67816960
    mgu: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 26
    mgu XS: 2568 bytes a step, arena 660224
    mgu S: 164096 bytes a step, arena 13896832
    mgu M: 327680 bytes a step, arena 41911040
    mgu L: 655360 bytes a step, arena 52464128
    mgu LONG: 36864 bytes a step, arena 43746816
    lnlstm: products among instructions: forward 1 of 19, backward 1 of 20, else 3 of 52
    lnlstm XS: 5680 bytes a step, arena 1502208
    lnlstm S: 214272 bytes a step, arena 28213376
    lnlstm M: 854528 bytes a step, arena 99231872
    lnlstm L: 1706496 bytes a step, arena 127543424
    lnlstm LONG: 103040 bytes a step, arena 109473664
    """

  static let cells: [(name: String, make: @Sendable (Int) -> any RecurrentCell)] = [
    ("rnn", { SimpleRNN(units: $0) }), ("lstm", { LSTM(units: $0) }), ("gru", { GRU(units: $0) }),
    ("peephole", { PeepholeLSTM(units: $0) }), ("mgu", { MinimalGatedUnit(units: $0) }),
    ("lnlstm", { LayerNormLSTM(units: $0) }),
  ]

  @Test(arguments: 0..<6) func countsAreTheExpectedOnes(index: Int) throws {
    let (name, make) = Self.cells[index]
    var lines: [String] = []
    for size in StepBenchmark.Size.all {
      let plan = try Self.plan(make(size.units), size)
      // The structure is the same for every size.
      let line = Self.counts(plan, name)
      if lines.isEmpty { lines.append(line) } else { #expect(line == lines[0], "\(size.name)") }
      lines.append(Self.memory(plan, "\(name) \(size.name)", size))
    }
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

  static func counts(_ plan: Plan, _ name: String) -> String {
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
    return "\(name): products among instructions: \(sweeps.joined(separator: ", ")), else \(text(rest))"
  }

  static func memory(_ plan: Plan, _ name: String, _ size: StepBenchmark.Size) -> String {
    let lengths = lengths(plan, length: size.length, batch: size.batch)
    let longer = Self.lengths(plan, length: size.length + 1, batch: size.batch)
    let kept = PlanCost(plan, lengths: longer).keptBytes - PlanCost(plan, lengths: lengths).keptBytes
    return "\(name): \(kept) bytes a step, arena \(MemoryPlan(plan, lengths: lengths).bytes)"
  }
}

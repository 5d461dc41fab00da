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
    rnn: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 18
    rnn XS: 1284 bytes a step, arena 305664
    rnn S: 82048 bytes a step, arena 6948352
    rnn M: 131072 bytes a step, arena 22963072
    rnn L: 262144 bytes a step, arena 27025280
    rnn LONG: 12288 bytes a step, arena 20993152
    lstm: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 28
    lstm XS: 4356 bytes a step, arena 1214208
    lstm S: 131072 bytes a step, arena 19783552
    lstm M: 524288 bytes a step, arena 64386304
    lstm L: 1048576 bytes a step, arena 91020544
    lstm LONG: 61440 bytes a step, arena 67804800
    gru: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 27
    gru XS: 3332 bytes a step, arena 911744
    gru S: 213120 bytes a step, arena 17490304
    gru M: 393216 bytes a step, arena 51935232
    gru L: 786432 bytes a step, arena 68467840
    gru LONG: 45056 bytes a step, arena 54292736
    peephole: products among instructions: forward 1 of 2, backward 1 of 2, else 3 of 37
    peephole XS: 4356 bytes a step, arena 1219584
    peephole S: 131072 bytes a step, arena 19787392
    peephole M: 524288 bytes a step, arena 64593280
    peephole L: 1048576 bytes a step, arena 91433344
    peephole LONG: 61440 bytes a step, arena 67808640
    mgu: products among instructions: forward 2 of 4, backward 2 of 4, else 4 of 25
    mgu XS: 2564 bytes a step, arena 660224
    mgu S: 163968 bytes a step, arena 13883904
    mgu M: 327680 bytes a step, arena 41902720
    mgu L: 655360 bytes a step, arena 52468224
    mgu LONG: 36864 bytes a step, arena 43730304
    lnlstm: products among instructions: forward 1 of 24, backward 1 of 20, else 3 of 51
    lnlstm XS: 5696 bytes a step, arena 1509888
    lnlstm S: 214912 bytes a step, arena 28272256
    lnlstm M: 855808 bytes a step, arena 99360512
    lnlstm L: 1707776 bytes a step, arena 127608064
    lnlstm LONG: 103360 bytes a step, arena 109788544
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

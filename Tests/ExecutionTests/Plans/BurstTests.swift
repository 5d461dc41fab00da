import EbbCells
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

@testable import EbbExecution

/// Sweeps whose instructions each take several steps before the next one.
@Suite struct BurstTests {
  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var cell: any RecurrentCell
    /// The steps of a burst of each sweep, with 4 samples.
    var steps: [Int]

    init(_ description: String, _ cell: any RecurrentCell, _ steps: Int...) {
      (self.description, self.cell, self.steps) = (description, cell, steps)
    }
  }

  /// A state of which parts are read by other parts that overlap them, 32 features being a panel.
  struct Overlapping: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", 128)
      let u = scope.affine("input", [x], 64)
      return h.next(concatenate([tanh(0.9 * h[32..<96] + u), tanh(0.9 * h[0..<64] - u)]))
    }
  }

  static let cases = [
    Case("overlapping", Overlapping(), 1, 1),
    Case("lstm", LSTM(units: 33), 1, 1), Case("gru", GRU(units: 5), 1, 1), Case("rnn", SimpleRNN(units: 5), 1, 1),
    Case("s4d", S4D(units: 33), 16, 16), Case("lru", LinearRecurrentUnit(units: 5), 16, 16),
    Case("mingru", MinGRU(units: 40), 16, 16), Case("minlstm", MinLSTM(units: 40), 16, 16),
    Case("rwkv", RWKVTimeMixing(units: 34), 16, 16, 16, 16), Case("indrnn", IndRNN(units: 34), 16, 16),
    Case("mamba", SelectiveStateSpace(units: 8), 16, 16), Case("lif", LeakyIntegrateAndFire(units: 34), 1, 1),
    Case("gla", GatedLinearAttention(units: 8), 16, 16), Case("mlstm", MatrixLSTM(units: 8), 16, 16, 16, 16, 16),
  ]

  /// Products with a state make each step wait for the one before; elementwise recurrences do not wait.
  @Test(arguments: cases) func whatWaitsForNothingRunsInBursts(_ example: Case) throws {
    let sample = try BitsTests.sample(example.cell, length: 23, batch: 4, element: .float32)
    let plan = Plan(sample.graph)
    let bursts = MemoryPlan(plan, lengths: [23, 4]).bursts
    let steps = zip(plan.stages, bursts.steps).filter { $0.0.sweep != nil }.map(\.1)
    #expect(steps == example.steps, "\(plan)")
  }

  /// What instructions leave to one another in a burst fits a cache.
  @Test func burstsAreShorterForMoreRows() throws {
    let plan = Plan(try BitsTests.sample(S4D(units: 64), length: 23, batch: 4, element: .float32).graph)
    let steps = [1, 16, 64, 1000].map { MemoryPlan(plan, lengths: [200, $0]).bursts.steps.max() }
    #expect(steps == [16, 8, 1, 1])
  }

  @Test(arguments: cases) func burstsChangeNoBit(_ example: Case) throws {
    let batches: [(Int, ElementType, [Int]?)] = [
      (1, .float32, nil), (19, .float64, nil), (3, .float32, [23, 5, 14]), (19, .float32, nil),
    ]
    for (batch, element, ragged) in effort(debug: Array(batches.prefix(3)), optimized: batches) {
      let sample = try BitsTests.sample(example.cell, length: 23, batch: batch, element: element, ragged: ragged)
      func bits(_ burst: Int?, _ options: ExecutionOptions) throws -> [String: [UInt64]] {
        var plan = Plan(sample.graph)
        plan.burstSteps = burst
        plan.sumChunkRows = 8
        return try Executable(plan, options: options).run(sample.bindings).mapValues { $0.doubles.map(\.bitPattern) }
      }
      let reference = try bits(1, ExecutionOptions(threads: 1))
      for (burst, strip) in [(nil, nil), (2, 7), (3, nil), (16, 7)] as [(Int?, Int?)] {
        let found = try bits(burst, ExecutionOptions(threads: 2, strip: strip))
        #expect(found == reference, "\(burst ?? 0) steps, strips of \(strip ?? 0), batch \(batch), \(element)")
      }
    }
  }
}

import EbbCells
import EbbExecution
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

/// Many threads on short jobs, and again and again: what the thread sanitizer watches. Without it, the bits are compared.
///
/// The sanitizer sees loads and stores of up to sixteen bytes, the vectors of the baseline.
@Suite struct RaceTests {
  /// A state that is read three steps later, and no product: strips of fewer steps share no number.
  struct Skipping: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units, steps: 3)
      return h.next(tanh(0.9 * h + scope.affine("input", [x], units)))
    }
  }

  static let cells: [any RecurrentCell] = [
    LSTM(units: 9), LayerNormLSTM(units: 5), Bidirectional(GRU(units: 4), BitsTests.Custom(units: 5)),
  ]

  static func expectSameBits(
    _ plan: Plan, _ lengths: [Int], _ bindings: Bindings, tiling: TimeTiling = .none, strips: [Int?],
    context: String
  ) throws {
    let reference = try BlockTests.whole(plan, lengths, bindings, .baseline)
    let memory = MemoryPlan(plan, lengths: lengths, tiling: tiling)
    for strip in strips {
      let options = ExecutionOptions(threads: 8, instructionSet: .baseline, strip: strip)
      let session = Session(plan, lengths: lengths, memory: memory, options: options)
      let bits = try BlockTests.bits(session, bindings)
      let wrong = reference.keys.filter { bits[$0] != reference[$0] }.sorted()
      #expect(wrong.isEmpty, "\(wrong), \(context), strips of \(strip ?? 0)")
    }
  }

  /// A loss of one number for each row, in strips of one step and of whole chunks of the sums.
  @Test(arguments: cells.indices, [ElementType.float32, .float64])
  func threadsMeetNowhere(cell: Int, element: ElementType) throws {
    for (batch, ragged) in [(19, nil), (3, [60, 7, 23])] as [(Int, [Int]?)] {
      let sample = try BitsTests.sample(Self.cells[cell], length: 60, batch: batch, element: element, ragged: ragged)
      try Self.expectSameBits(
        Plan(sample.graph), sample.graph.lengths(for: sample.bindings), sample.bindings, strips: [nil, 1, 8],
        context: "batch \(batch)")
    }
  }

  @Test func skippedStepsMeetNowhere() throws {
    let sample = try BitsTests.sample(Skipping(units: 33), length: 150, batch: 9, element: .float32)
    try Self.expectSameBits(
      Plan(sample.graph), sample.graph.lengths(for: sample.bindings), sample.bindings, strips: [1],
      context: "three steps back")
  }

  /// Lookups, and a table's gradient, whose rows any token may touch.
  @Test(arguments: [nil, [19, 3, 40, 1, 9, 9, 2, 8, 5]] as [[Int]?])
  func lookupsMeetNowhere(rows: [Int]?) throws {
    let (graph, recording) = try LanguageModelTests.model(.float32, ragged: rows != nil)
    let bindings = LanguageModelTests.bindings(recording, length: 70, lengths: rows, batch: 9)
    let plan = Plan(graph)
    let lengths = try graph.lengths(for: bindings)
    let blocks = try #require(TimeBlocks(plan, lengths: lengths, steps: 32, ringBlocks: 2))
    for tiling in [TimeTiling.none, .blocks(blocks)] {
      try Self.expectSameBits(plan, lengths, bindings, tiling: tiling, strips: [nil], context: "\(tiling)")
    }
  }
}

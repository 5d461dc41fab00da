import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Recurrences over a grid are swept row by row, and equal the interpreter.
@Suite struct GridTests {
  /// What varies between the networks of these tests.
  struct Variant: Sendable, CustomTestStringConvertible {
    var element = ElementType.float64
    var sizes = (rows: 4, columns: 3, batch: 2)
    var units = 3
    var rowsBackward = false
    var columnsBackward = false
    var raggedRows = false
    var raggedColumns = false
    var isLSTM = true
    var testDescription: String {
      "\(isLSTM ? "lstm" : "rnn") \(element.name) \(sizes.rows) × \(sizes.columns) × \(sizes.batch), \(units) units"
        + (rowsBackward ? ", up" : "") + (columnsBackward ? ", to the left" : "")
        + (raggedRows ? ", ragged rows" : "") + (raggedColumns ? ", ragged columns" : "")
    }
  }

  static let variants: [Variant] = {
    var variants: [Variant] = []
    for up in [false, true] {
      for left in [false, true] {
        variants.append(Variant(rowsBackward: up, columnsBackward: left))
        variants.append(Variant(rowsBackward: up, columnsBackward: left, raggedRows: true, isLSTM: false))
        variants.append(Variant(units: 18, rowsBackward: up, columnsBackward: left, raggedColumns: true))
      }
    }
    variants.append(Variant(raggedRows: true, raggedColumns: true))
    variants.append(Variant(element: .float32, sizes: (5, 7, 17), units: 20))
    variants.append(Variant(element: .float32, sizes: (3, 2, 16), units: 33, raggedRows: true, isLSTM: false))
    for sizes in [(1, 1, 1), (1, 6, 2), (6, 1, 9)] { variants.append(Variant(sizes: sizes, units: 5)) }
    return variants
  }()

  /// h = tanh(W [h above, h beside, x] + b), which starts at parameters.
  private struct Plain: RecurrentCell {
    var units: Int
    var columns: Axis
    var direction: Direction

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let start = scope.parameter("start", [units], .between(-1, 1))
      let h = scope.state("h", units, initial: start)
      let beside = h.before(along: columns, initial: -start, direction: direction)
      return h.next(tanh(scope.affine("recurrent", [h, beside, x], units)))
    }
  }

  /// A two-dimensional LSTM (Graves, Fernández & Schmidhuber 2007): a forget gate for each of the two states before.
  private struct GridLSTM: RecurrentCell {
    var units: Int
    var columns: Axis
    var direction: Direction

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let c = scope.state("c", units)
      let beside = (
        h: h.before(along: columns, direction: direction), c: c.before(along: columns, direction: direction)
      )
      func gate(_ name: String) -> Signal { scope.affine(name, [h, beside.h, x], units) }
      let kept = sigmoid(gate("above")) * c + sigmoid(gate("left")) * beside.c
      let cell = c.next(kept + sigmoid(gate("input")) * tanh(gate("candidate")))
      return h.next(sigmoid(gate("output")) * tanh(cell))
    }
  }

  static func recording(_ variant: Variant) throws -> Recording {
    try Recording(element: variant.element) { scope in
      let (rows, columns, batch) = (scope.time("r"), scope.time("c"), scope.batch("b"))
      if variant.raggedRows { scope.lengths("heights", of: rows, over: [batch]) }
      if variant.raggedColumns { scope.lengths("widths", of: columns, over: [batch]) }
      let x = scope.input("x", [2], over: [rows, columns, batch])
      let along = variant.rowsBackward ? scope.over(rows).reversed : scope.over(rows)
      let direction = variant.columnsBackward ? Direction.backward : .forward
      let y =
        variant.isLSTM
        ? along.run(GridLSTM(units: variant.units, columns: columns, direction: direction), x)
        : along.run(Plain(units: variant.units, columns: columns, direction: direction), x)
      scope.output("y", y)
      scope.output("loss", sum(sumOverFeatures(square(y + 0.3)), over: [rows, columns, batch]))
    }
  }

  static func bindings(_ variant: Variant, _ recording: Recording) -> Bindings {
    var random = SplitMix(7)
    var values = recording.initialValues(seed: 3)
    let (rows, columns, batch) = variant.sizes
    let numbers = (0..<rows * columns * batch * 2).map { _ in Double.random(in: -1...1, using: &random) }
    values["x"] = Tensor([rows, columns, batch, 2], numbers, as: variant.element)
    if variant.raggedRows {
      values["heights"] = Tensor([batch], (0..<batch).map { Double(max(1, rows - $0)) }, as: .int32)
    }
    if variant.raggedColumns {
      values["widths"] = Tensor([batch], (0..<batch).map { Double(max(1, columns - ($0 + 1) % 2)) }, as: .int32)
    }
    return Bindings(values)
  }

  private static func agreement(_ variant: Variant) throws -> NetworkAgreement {
    let recording = try recording(variant)
    return try NetworkAgreement(recording, bindings(variant, recording))
  }

  @Test(arguments: variants)
  func gridsAgreeWithTheInterpreter(variant: Variant) throws {
    try Self.agreement(variant).expectTheInterpreter(variant.element) { plan in
      let sweeps = plan.stages.compactMap(\.sweep)
      #expect(sweeps.count == 2 && sweeps.allSatisfy { $0.outer.count == 1 })
    }
  }

  @Test(arguments: variants.filter { $0.element == .float64 })
  func gradientsOfGridsAgreeWithDifferences(variant: Variant) throws {
    try Self.agreement(variant).expectDifferences()
  }

  /// A grid whose rows, or columns, are unrolled is a recurrence over the other axis.
  @Test(arguments: ["r", "c"])
  func anUnrolledGridHasTheSameValues(axis: String) throws {
    for variant in [Variant(), Variant(rowsBackward: true, raggedColumns: true, isLSTM: false)] {
      let steps = axis == "r" ? variant.sizes.rows : variant.sizes.columns
      try Self.agreement(variant).expectTheUnrolled(axis, steps: steps)
    }
  }
}

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

  /// The graph with the gradients of all parameters and of the input.
  static func differentiated(_ recording: Recording) throws -> Graph {
    var graph = recording.graph
    let sources = recording.parameters.map(\.node) + [graph.node(named: "x")!]
    let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: sources)
    for (source, gradient) in zip(sources, gradients) { graph.setOutput("d/\(graph.name(source)!)", gradient) }
    return graph
  }

  @Test(arguments: variants)
  func gridsAgreeWithTheInterpreter(variant: Variant) throws {
    let recording = try Self.recording(variant)
    let bindings = Self.bindings(variant, recording)
    let graph = try Self.differentiated(recording)
    let expected = try Interpreter.run(graph, bindings)
    for optimized in [graph, try Passes.optimized(graph)] {
      let plan = Plan(optimized)
      let sweeps = plan.stages.compactMap(\.sweep)
      #expect(sweeps.count == 2 && sweeps.allSatisfy { $0.outer.count == 1 })
      #expect(try Plan(parsing: plan.description, of: optimized).description == plan.description)
      var bits: [String: Tensor]?
      for threads in [1, 2, 3] {
        let found = try Executable(plan, options: ExecutionOptions(threads: threads)).run(bindings)
        for (name, tensor) in expected {
          let error = maximumRelativeError(found[name]!, tensor.converted(to: found[name]!.element))
          #expect(error <= (variant.element == .float64 ? 1e-12 : 2e-5), "\(name): \(error)")
        }
        if let bits { #expect(found == bits) } else { bits = found }
      }
    }
  }

  @Test(arguments: variants.filter { $0.element == .float64 })
  func gradientsOfGridsAgreeWithDifferences(variant: Variant) throws {
    let recording = try Self.recording(variant)
    let bindings = Self.bindings(variant, recording)
    let outputs = try Interpreter.run(try Self.differentiated(recording), bindings)
    var random = SplitMix(11)
    var direction: [String: Tensor] = [:]
    var gradients: [String: Tensor] = [:]
    for name in recording.parameters.map(\.name) + ["x"] {
      let dimensions = bindings.values[name]!.dimensions
      let numbers = (0..<dimensions.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
      direction[name] = Tensor(dimensions, numbers)
      gradients[name] = outputs["d/\(name)"]
    }
    let expected = try centralDifference(recording.graph, bindings, output: "loss", direction: direction)
    let found = directionalDerivative(gradients: gradients, direction: direction)
    #expect(abs(found - expected) <= 1e-7 * max(1, abs(expected)), "\(found), differences \(expected)")
  }

  /// A grid whose rows, or columns, are unrolled is a recurrence over the other axis.
  @Test(arguments: ["r", "c"])
  func anUnrolledGridHasTheSameValues(axis: String) throws {
    for variant in [Variant(), Variant(rowsBackward: true, raggedColumns: true, isLSTM: false)] {
      let recording = try Self.recording(variant)
      let bindings = Self.bindings(variant, recording)
      let graph = try Self.differentiated(recording)
      let handle = graph.axis(named: axis)!
      let steps = axis == "r" ? variant.sizes.rows : variant.sizes.columns
      let unrolled = try graph.unrolled(handle, steps: steps)
      let expected = try Interpreter.run(graph, bindings)
      let found = try Interpreter.run(unrolled, try graph.unrolledBindings(bindings, over: handle, steps: steps))
      for name in ["loss", "d/start", "d/recurrent.weight", "d/above.weight"] {
        guard let value = expected[name] else { continue }
        #expect(maximumRelativeError(found[name]!, value) <= 1e-12)
      }
    }
  }
}

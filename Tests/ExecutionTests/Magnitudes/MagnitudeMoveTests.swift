import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

/// What moves, compares, converts and chooses numbers leaves every one as it is, from the smallest denormal number to the
/// largest finite one.
@Suite struct MagnitudeMoveTests {
  private static let single = MagnitudeSample<Float, Double>(element: .float32)
  private static let double = MagnitudeSample<Double, Double>(element: .float64)

  @Test(arguments: Move.allCases) func numbersAreMovedAsTheyAre(_ move: Move) throws {
    try check(move, Self.single)
    try check(move, Self.double)
  }

  private func check<S, W>(_ move: Move, _ sample: MagnitudeSample<S, W>) throws {
    let numbers = Array(sample.numbers.dropLast(sample.numbers.count % 4))
    let rows = numbers.count / 4
    var graph = Graph()
    let axis = graph.addAxis(AxisDescription(name: "row", kind: .time, length: rows))
    let x = graph.appendLeaf(.input, NodeType(sample.element, [axis], [2, 2]), name: "x0")
    let value = move.append(to: &graph, x, axis)
    #expect(graph.operations.contains { MagnitudeCoverage.of($0) == .move(move) })
    graph.setOutput("value", value)
    var loss = value
    for _ in 0..<graph.type(loss).shape.rank { loss = graph.append(.reduceFeatures(.sum, dimension: 0), [loss]) }
    let domain = graph.type(loss).domain
    if !domain.isEmpty { loss = graph.append(.reduceAxes(.sum, over: domain), [loss]) }
    func inRows<Entry>(_ entries: [Entry]) -> [[Entry]] { (0..<rows).map { Array(entries[4 * $0..<4 * $0 + 4]) } }
    let expected = move.moved(inRows(numbers.map { Double($0) }), zero: 0)
    // A number's derivative is how often it is there.
    var uses = Array(repeating: 0.0, count: numbers.count)
    for index in move.moved(inRows(Array(numbers.indices)), zero: -1) where index >= 0 { uses[index] += 1 }
    if move == .stopGradient { uses = Array(repeating: 0, count: numbers.count) }
    for outcome in try sample.run(graph, loss, rows: rows, [numbers]) {
      #expect(outcome.value == expected, "\(outcome.computer)")
      #expect(outcome.gradients[0] == uses, "\(outcome.computer)")
    }
  }

  @Test func constantsAreTheNumbersWritten() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      var graph = Graph()
      for (index, number) in sample.numbers.enumerated() {
        graph.setOutput("\(index)", graph.appendLeaf(.constant(Double(number)), NodeType(sample.element)))
      }
      let found = try Executable(graph, options: .gradual).run(Bindings())
      for (index, number) in sample.numbers.enumerated() { #expect(found["\(index)"]?.doubles == [Double(number)]) }
    }
    try check(Self.single)
    try check(Self.double)
  }

  /// Every third number with every third one.
  @Test(arguments: Comparison.allCases) func comparisons(_ comparison: Comparison) throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      let some = sample.numbers.enumerated().filter { $0.offset % 3 == 1 || $0.element == 0 }.map(\.element)
      let pairs = some.flatMap { x in some.map { (x, $0) } }
      let expected = pairs.map { x, y in
        switch comparison {
        case .equal: x == y
        case .notEqual: x != y
        case .less: x < y
        case .lessOrEqual: x <= y
        case .greater: x > y
        case .greaterOrEqual: x >= y
        }
      }
      for outcome in try sample.run([pairs.map(\.0), pairs.map(\.1)], differentiates: false, .compare(comparison)) {
        #expect(outcome.value == expected.map { $0 ? 1 : 0 }, "\(outcome.computer)")
      }
    }
    try check(Self.single)
    try check(Self.double)
  }

  /// To the nearest number of the other width, whose derivative is 1; whole numbers where Int32 has them; and whether a
  /// number is another than 0.
  @Test func conversions() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>, other: ElementType, _ nearest: (Double) -> Double) throws {
      for outcome in try sample.run([sample.numbers], differentiates: true, .convert(other)) {
        // The interpreter computes in Float64 throughout.
        let isReference = outcome.computer != "executor"
        #expect(
          (isReference ? outcome.value.map(nearest) : outcome.value) == sample.numbers.map { nearest(Double($0)) },
          "\(outcome.computer)")
        #expect(outcome.gradients[0].allSatisfy { $0 == 1 }, "\(outcome.computer)")
      }
      let small = sample.numbers.filter { $0.magnitude < 0x1p31 }
      for outcome in try sample.run([small], differentiates: false, .convert(.int32)) {
        #expect(outcome.value == small.map { Double($0).rounded(.towardZero) }, "\(outcome.computer)")
      }
      for outcome in try sample.run([sample.numbers], differentiates: false, .convert(.bool)) {
        #expect(outcome.value == sample.numbers.map { $0 == 0 ? 0 : 1 }, "\(outcome.computer)")
      }
    }
    try check(Self.single, other: .float64) { $0 }
    try check(Self.double, other: .float32) { Double(Float($0)) }
  }

  /// The first of the largest entries, of features and of rows.
  @Test func largestEntries() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      for shape in MagnitudeVectorTests.shapes {
        let vectors = sample.magnitudes.flatMap { magnitude in
          [shape.map { magnitude * S($0) }, shape.map { -magnitude * S($0) }]
        }
        let expected = vectors.map { vector in Double(vector.firstIndex(of: vector.max() ?? 0) ?? -1) }
        var graph = Graph()
        let axis = graph.addAxis(AxisDescription(name: "row", kind: .batch))
        let entries = graph.addAxis(AxisDescription(name: "entry", kind: .batch, length: shape.count))
        let x = graph.appendLeaf(.input, NodeType(sample.element, [axis], [shape.count]), name: "x0")
        for operation in [Operation.argmaxFeatures(dimension: 0), .argmaxAxis(entries)] {
          let source = operation == .argmaxAxis(entries) ? graph.append(.featureToAxis(entries), [x]) : x
          graph.setOutput("value", graph.append(operation, [source]))
          for outcome in try sample.run(graph, nil, rows: vectors.count, [vectors.flatMap { $0 }]) {
            #expect(outcome.value == expected, "\(outcome.computer): \(operation)")
          }
        }
      }
    }
    try check(Self.single)
    try check(Self.double)
  }

  /// All entries in order, either way.
  @Test func orders() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      let numbers = Array(sample.numbers.enumerated().sorted { $0.offset * 7 % 11 < $1.offset * 7 % 11 }.map(\.element))
      for isDescending in [false, true] {
        let expected = numbers.indices.sorted {
          let (x, y) = isDescending ? (numbers[$1], numbers[$0]) : (numbers[$0], numbers[$1])
          return x < y || x == y && $0 < $1
        }
        var graph = Graph()
        let axis = graph.addAxis(AxisDescription(name: "row", kind: .batch))
        let x = graph.appendLeaf(.input, NodeType(sample.element, [axis], [numbers.count]), name: "x0")
        let operation = Operation.argsortFeatures(dimension: 0, descending: isDescending)
        graph.setOutput("value", graph.append(operation, [x]))
        for outcome in try sample.run(graph, nil, rows: 1, [numbers]) {
          #expect(outcome.value == expected.map { Double($0) }, "\(outcome.computer)")
        }
      }
    }
    try check(Self.single)
    try check(Self.double)
  }

  /// In training a feature is 0 or x / (1 − p), as its derivative says; in an evaluation it is itself. A state that is zoned
  /// out is its old value or the new one, in an evaluation z h + (1 − z) v.
  @Test func dropoutAndZoneout() throws {
    func check<S, W>(_ sample: MagnitudeSample<S, W>) throws {
      // Of the largest ones the quotients are infinite.
      let numbers = sample.numbers.filter { $0.magnitude < S.greatestFiniteMagnitude / 4 }
      func run(isEvaluated: Bool, _ equation: (Scope, [Signal]) -> Signal) throws -> [MagnitudeSample<S, W>.Outcome] {
        try sample.run(
          rows: numbers.count, [numbers, numbers.map { 0.5 * $0 }], isEvaluated: isEvaluated, equation)
      }
      func dropout(_ scope: Scope, _ x: [Signal]) -> Signal {
        scope.dropout(x[0], 0.25, over: x[0].domain) + 0 * x[1]
      }
      func zoneout(_ scope: Scope, _ x: [Signal]) -> Signal { scope.zoneout(x[0], x[1], 0.25, over: x[0].domain) }
      for outcome in try run(isEvaluated: false, dropout) {
        for (number, (value, slope)) in zip(numbers, zip(outcome.value, outcome.gradients[0])) {
          #expect(slope == 0 || sample.agrees(slope, 4 / 3 as W))
          #expect(sample.agrees(value, slope == 0 ? 0 : W(number) / 0.75), "\(outcome.computer): \(number)")
        }
        #expect(Set(outcome.gradients[0]).count == 2)
      }
      for outcome in try run(isEvaluated: true, dropout) { #expect(outcome.value == numbers.map { Double($0) }) }
      for outcome in try run(isEvaluated: false, zoneout) {
        for (index, number) in numbers.enumerated() {
          let isOld = outcome.gradients[0][index] == 1
          #expect(outcome.gradients[1][index] == (isOld ? 0 : 1))
          #expect(outcome.value[index] == Double(isOld ? number : 0.5 * number))
        }
        #expect(Set(outcome.gradients[0]).count == 2)
      }
      for outcome in try run(isEvaluated: true, zoneout) {
        for (number, value) in zip(numbers, outcome.value) {
          #expect(sample.agrees(value, W(number) * 0.25 + W(0.5 * number) * 0.75, denormals: 3))
        }
      }
    }
    try check(Self.single)
    try check(Self.double)
  }
}

import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

/// A state's own past as an axis: equal to the interpreter, to differences, to an unrolled graph and to loops.
@Suite struct HistoryTests {
  /// What varies between the networks of these tests.
  struct Variant: Sendable, CustomTestStringConvertible {
    var element = ElementType.float64
    var sizes = (steps: 6, batch: 3)
    var units = 3
    var isBackward = false
    var isRagged = false
    var kind = Kind.attention
    var truncation = 0
    var testDescription: String {
      "\(kind) \(element.name) \(sizes.steps) × \(sizes.batch), \(units) units" + (isBackward ? ", backward" : "")
        + (isRagged ? ", ragged" : "") + (truncation > 0 ? ", truncated" : "")
    }
  }

  enum Kind: CaseIterable {
    /// Attention of an RNN to its own states.
    case attention
    /// The mean, the largest and the last of the past.
    case reductions
    /// One earlier step, whose index is computed.
    case pick
    /// Attention over a sequence that is no recurrence.
    case sequence
    /// The last three steps.
    case recent
  }

  static let variants: [Variant] = {
    var variants: [Variant] = []
    for kind in Kind.allCases {
      for isBackward in [false, true] {
        variants.append(Variant(isBackward: isBackward, kind: kind))
        variants.append(Variant(units: 18, isBackward: isBackward, isRagged: true, kind: kind))
      }
      variants.append(Variant(element: .float32, sizes: (7, 17), units: 33, kind: kind))
      variants.append(Variant(sizes: (1, 1), kind: kind))
      variants.append(Variant(sizes: (9, 1), units: 5, kind: kind))
    }
    variants.append(Variant(truncation: 2))
    variants.append(Variant(kind: .recent, truncation: 4))
    return variants
  }()

  /// An RNN that reads something of its own past.
  struct Remembering: RecurrentCell {
    var units: Int
    var kind: Kind

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let key = scope.state("key", units)
      let context = read(h, key, x, scope)
      let new = h.next(tanh(scope.affine("recurrent", [h, context, x], units)))
      _ = key.next(scope.affine("key", [new], units))
      return new
    }

    private func read(_ h: Signal, _ key: Signal, _ x: Signal, _ scope: Scope) -> Signal {
      if kind == .recent {
        let window = scope.recent(h, 3)
        return matmul(softmax(matmul(window, h)), window)
      }
      let past = scope.past()
      let states = h.history(along: past)
      switch kind {
      case .attention, .sequence, .recent:
        let weights = softmax(sumOverFeatures(key.history(along: past) * h), over: [past])
        return sum(weights * states, over: [past])
      case .reductions:
        let largest = max(states * 2 - 1, over: [past])
        return mean(exp(states), over: [past]) + largest + last(states, along: past) * first(states, along: past)
      case .pick:
        let index = convert(floor(sumOverFeatures(square(x)) * 3), to: .int32)
        return pick(states, at: index, along: past) + 0.5
      }
    }
  }

  static func recording(_ variant: Variant) throws -> Recording {
    try Recording(element: variant.element) { scope in
      let (t, b) = (scope.time("t", truncation: variant.truncation), scope.batch("b"))
      if variant.isRagged { scope.lengths("lengths", of: t, over: [b]) }
      let x = scope.input("x", [2], over: [t, b])
      let along = variant.isBackward ? scope.over(t).reversed : scope.over(t)
      let y: Signal
      if variant.kind == .sequence {
        let past = along.past()
        let z = scope.affine("z", [x], variant.units)
        let weights = softmax(sumOverFeatures(z.history(along: past) * z), over: [past])
        y = sum(weights * tanh(z).history(along: past), over: [past])
      } else {
        y = along.run(Remembering(units: variant.units, kind: variant.kind), x)
      }
      scope.output("y", y)
      scope.output("loss", sum(sumOverFeatures(square(y + 0.3)), over: [t, b]))
    }
  }

  static func bindings(_ variant: Variant, _ recording: Recording) -> Bindings {
    var random = SplitMix(7)
    var values = recording.initialValues(seed: 3)
    let (steps, batch) = variant.sizes
    let numbers = (0..<steps * batch * 2).map { _ in Double.random(in: -1...1, using: &random) }
    values["x"] = Tensor([steps, batch, 2], numbers, as: variant.element)
    if variant.isRagged {
      values["lengths"] = Tensor([batch], (0..<batch).map { Double(Swift.max(1, steps - 2 * $0)) }, as: .int32)
    }
    return Bindings(values)
  }

  private static func agreement(_ variant: Variant) throws -> NetworkAgreement {
    let recording = try recording(variant)
    return try NetworkAgreement(recording, bindings(variant, recording))
  }

  @Test(arguments: variants)
  func historiesAgreeWithTheInterpreter(variant: Variant) throws {
    try Self.agreement(variant).expectTheInterpreter(variant.element)
  }

  @Test(arguments: variants.filter { $0.element == .float64 && $0.truncation == 0 })
  func gradientsAgreeWithDifferences(variant: Variant) throws {
    // Where the index of a pick changes, the loss has a step.
    try Self.agreement(variant).expectDifferences(ofInput: variant.kind != .pick)
  }

  @Test(arguments: variants.filter { $0.element == .float64 })
  func anUnrolledHistoryHasTheSameValues(variant: Variant) throws {
    try Self.agreement(variant).expectTheUnrolled("t", steps: variant.sizes.steps)
  }

  /// A sequence among longer ones remembers what it remembers alone.
  @Test(arguments: variants.filter(\.isRagged))
  func aShorterSequenceIsAsItIsAlone(variant: Variant) throws {
    let recording = try Self.recording(variant)
    let bindings = Self.bindings(variant, recording)
    let together = try Interpreter.run(recording.graph, bindings)["y"]!
    for (sample, length) in bindings.values["lengths"]!.doubles.map({ Int($0) }).enumerated() {
      func own(_ tensor: Tensor) -> Tensor {
        let (batch, width) = (tensor.dimensions[1], tensor.dimensions[2])
        let starts = (0..<length).map { ($0 * batch + sample) * width }
        return Tensor([length, 1, width], starts.flatMap { tensor.doubles[$0..<$0 + width] })
      }
      var alone = bindings
      alone.values["x"] = own(bindings.values["x"]!)
      alone.values["lengths"] = Tensor([1], [Double(length)], as: .int32)
      let found = try Interpreter.run(recording.graph, alone)["y"]!
      #expect(maximumRelativeError(found, own(together)) <= 1e-13, "sample \(sample)")
    }
  }

  /// The derivative of the gradient along a direction agrees with differences of the gradient.
  @Test(arguments: [false, true])
  func secondDerivativesAgreeWithDifferences(isBackward: Bool) throws {
    let variant = Variant(sizes: (5, 2), isBackward: isBackward, isRagged: true)
    let recording = try Self.recording(variant)
    let bindings = Self.bindings(variant, recording)
    var graph = try NetworkAgreement(recording, bindings).graph
    let weight = graph.node(named: "recurrent.weight")!
    let gradient = graph.output(named: "d/recurrent.weight")!
    let size = graph.append(.binary(.multiply), [gradient, gradient])
    let row = graph.append(.reduceFeatures(.sum, dimension: 0), [size])
    let loss = graph.append(.reduceFeatures(.sum, dimension: 0), [row])
    graph.setOutput("size", loss)
    graph.setOutput("second", try graph.gradient(of: loss, withRespectTo: [weight])[0])
    let expected = try Interpreter.run(graph, bindings)
    let found = try Executable(Plan(try Passes.optimized(graph))).run(bindings)
    #expect(maximumRelativeError(found["second"]!, expected["second"]!) <= 1e-11)
    var random = SplitMix(5)
    let dimensions = bindings.values["recurrent.weight"]!.dimensions
    let numbers = (0..<dimensions.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
    let direction = ["recurrent.weight": Tensor(dimensions, numbers)]
    let difference = try centralDifference(graph, bindings, output: "size", direction: direction)
    let derivative = directionalDerivative(
      gradients: ["recurrent.weight": expected["second"]!], direction: direction)
    #expect(abs(derivative - difference) <= 1e-6 * Swift.max(1, abs(difference)))
  }

  /// What has no place for a history says so.
  @Test func whatCannotHoldAHistoryRefusesIt() throws {
    let recording = try Self.recording(Variant(sizes: (40, 3)))
    let bindings = Self.bindings(Variant(sizes: (40, 3)), recording)
    let graph = try Passes.optimized(try NetworkAgreement(recording, bindings).graph)
    let error = #expect(throws: BindingError.self) {
      try Executable(graph, options: ExecutionOptions(memoryBudget: 20_000)).run(bindings)
    }
    #expect(error?.description.contains("it reads the history of a state") == true, "\(String(describing: error))")
    let axis = graph.axis(named: "past")!
    let refused = #expect(throws: GraphError.self) { try graph.unrolled(axis, steps: 40) }
    #expect(refused?.description.contains("past is the axis of a history") == true)
  }

  /// The length of a past is that of its time axis.
  @Test func aPastHasTheLengthOfTime() throws {
    let recording = try Self.recording(Variant())
    var bindings = Self.bindings(Variant(), recording)
    #expect(try recording.graph.lengths(for: bindings) == [6, 3, 6])
    bindings.lengths["past"] = 7
    let error = #expect(throws: BindingError.self) { try recording.graph.lengths(for: bindings) }
    #expect(error?.description == "axis past has length 7 in the given lengths and 6 in the steps of t")
  }

  /// A history that runs against its recurrence, and one of a value that has no time.
  @Test func impossibleHistoriesAreRefused() throws {
    let backward = #expect(throws: RecordingError.self) {
      try Recording { scope in
        let t = scope.time("t")
        let past = scope.over(t).reversed.past()
        let h = scope.over(t).state("h", 2)
        let x = scope.input("x", [2], over: [t])
        scope.output("y", h.next(tanh(x + sum(h.history(along: past), over: [past]))))
      }
    }
    #expect(backward?.description.contains("let the history and the recurrence have one direction") == true)
    let constant = #expect(throws: RecordingError.self) {
      try Recording { scope in
        let t = scope.time("t")
        let past = scope.over(t).past()
        let weight = scope.parameter("w", [2], .zeros)
        scope.output("y", sum(weight.history(along: past), over: [past]) * scope.input("x", over: [t]))
      }
    }
    #expect(constant?.description.contains("only what varies along t has a history") == true)
    let noPast = #expect(throws: RecordingError.self) {
      try Recording { scope in
        let t = scope.time("t")
        scope.output("y", scope.input("x", over: [t]).history(along: t))
      }
    }
    #expect(noPast?.description.contains("the axis t is no past; declare one with scope.past()") == true)
  }

  /// h_t = tanh(Σ_{s<t} h_s + x_t), from the initial zeros on, in closed form for the first steps.
  @Test func theFirstStepsAreThoseOfTheEquation() throws {
    let recording = try Recording(element: .float64) { scope in
      let t = scope.time("t")
      let past = scope.over(t).past()
      let h = scope.over(t).state("h", shape: [])
      let x = scope.input("x", over: [t])
      scope.output("h", h.next(tanh(sum(h.history(along: past), over: [past]) + x)))
    }
    let x = [0.3, -0.2, 0.7, 0.1]
    var expected: [Double] = []
    for number in x { expected.append(Foundation.tanh(expected.reduce(0, +) + number)) }
    let found = try Executable(Plan(try Passes.optimized(recording.graph))).run(Bindings(["x": Tensor([4], x)]))
    #expect(maximumRelativeError(found["h"]!, Tensor([4], expected)) <= 1e-15)
  }

  /// A step attends to all earlier ones without a copy of them for each step.
  @Test func memoryGrowsWithTheLengthAlone() throws {
    let graph = try Passes.optimized(try Self.agreement(Variant(units: 40)).graph)
    let plan = Plan(graph)
    let axes = ["t", "past"].map { graph.axis(named: $0)! }
    let ofPairs = plan.values.filter { value in axes.allSatisfy(value.axes.contains) && value.features.count > 1 }
    #expect(!ofPairs.isEmpty)
    #expect(ofPairs.allSatisfy { $0.lifetime != .whole }, "\(plan)")
    #expect(plan.stages.filter { $0.sweep != nil }.count == 2)
  }

  /// Attention over a sequence that is known stores numbers for each pair of steps, and no vector, and has no sweep.
  @Test(arguments: [false, true]) func attentionOverASequenceIsTwoProducts(isBackward: Bool) throws {
    let variant = Variant(units: 40, isBackward: isBackward, kind: .sequence)
    let graph = try Passes.optimized(try Self.agreement(variant).graph)
    let plan = Plan(graph)
    let axes = ["t", "past"].map { graph.axis(named: $0)! }
    let ofPairs = plan.values.filter { value in axes.allSatisfy(value.axes.contains) && value.features.count > 1 }
    #expect(ofPairs.isEmpty, "\(plan)")
    #expect(plan.stages.allSatisfy { $0.sweep == nil })
  }
}

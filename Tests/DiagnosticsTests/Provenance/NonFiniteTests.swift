import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// h' = h / 2 + w ⊙ log(x)
private struct LogCell: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let scale = scope.parameter("w", [2], .constant(1))
    return h.next(0.5 * h + (scale * log(x)).named("scaled"))
  }
}

/// h' = h / 2 + √((w ⊙ x)²): finite at 0, but not its derivative.
private struct RootCell: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let scale = scope.parameter("w", [2], .constant(1))
    return h.next(0.5 * h + sqrt(square(scale * x).named("root")))
  }
}

/// h' = h / 2 + (log(w ⊙ x) where x > 0, else 0): the value is finite, and the derivative 0 / 0.
private struct GuardedCell: RecurrentCell {
  var isInput: Bool
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let scale = scope.parameter("w", [2], .constant(1))
    let guarded = isInput ? select(x .> 0, log(x), 0) : select(x .> 0, log(scale * x), 0)
    return h.next(0.5 * h + scale * guarded)
  }
}

/// h' = A h with an A that makes it 10¹⁰ times as large.
private struct Explosion: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    return h.next(scope.affine("grow", [h], 2, weights: [.constant(0.5e10)]) + x)
  }
}

@Suite struct NonFiniteTests {
  private func origin(
    _ cell: some RecurrentCell, steps: Int = 6, element: ElementType = .float64, isLast: Bool = true,
    parameters: [String: Tensor] = [:], at changes: [(step: Int, sample: Int, unit: Int, value: Double)]
  ) throws -> NonFiniteOrigin? {
    let recording = try Recording(cell, features: 2, element: element) { scope, y in
      guard let time = y.domain.first(where: { _ in true }) else { return }
      scope.output("loss", sumOverFeatures(isLast ? last(y, along: time) : sum(y, over: [time])))
    }
    var x = [Double](repeating: 1, count: steps * 3 * 2)
    for change in changes { x[((change.step - 1) * 3 + change.sample) * 2 + change.unit] = change.value }
    var bindings = Bindings(recording.initialValues(seed: 1).merging(parameters) { $1 })
    bindings.values["x"] = Tensor([steps, 3, 2], x, as: element)
    return try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings))
  }

  @Test func logarithmOfANegativeInputIsNamedWithItsPlace() throws {
    let found = try #require(
      try origin(LogCell(), at: [(step: 4, sample: 1, unit: 1, value: -2), (step: 5, sample: 0, unit: 0, value: -1)]))
    #expect(found.pass == .forward)
    #expect(found.operation == "log")
    #expect(found.expression == "log(x)")
    #expect(found.leadsTo == "scaled")
    #expect(found.step == 4)
    #expect(found.sample == 1)
    #expect(found.unit == 1)
    #expect(found.value.isNaN)
    #expect(found.operands.map(\.expression) == ["x"])
    #expect(found.operands.map(\.value) == [-2])
    #expect(found.reached == ["loss", "dL/dw"])
    #expect(
      found.description
        == "log(x) is nan at step 4, sample 1, unit 1, on the way to scaled (forward): x = -2")
  }

  @Test func finiteRunsHaveNoOrigin() throws {
    #expect(try origin(LogCell(), at: []) == nil)
    #expect(try Diagnostics.nonFiniteOrigin(of: FlowExperiment(length: 5).trial(of: LSTM(units: 3))) == nil)
  }

  @Test func derivativeOfARootAtZeroIsFoundInTheBackwardPass() throws {
    let found = try #require(
      try origin(RootCell(), at: [(step: 2, sample: 0, unit: 0, value: 0), (step: 5, sample: 2, unit: 1, value: 0)]))
    #expect(found.pass == .backward)
    #expect(found.operation == "divide")
    // The backward pass meets step 5 first.
    #expect(found.step == 5)
    #expect(found.sample == 2)
    #expect(found.unit == 1)
    #expect(found.value == .infinity)
    #expect(found.name == "dL/droot")
    #expect(found.reached == ["dL/dw"])
    #expect(found.operands.map(\.value).last == 0)
  }

  @Test func valueThatASelectLeavesOutCountsOnlyWhereItsDerivativeDoesHarm() throws {
    let zero = [(step: 3, sample: 1, unit: 0, value: 0.0)]
    #expect(try origin(GuardedCell(isInput: true), at: zero) == nil)
    let found = try #require(try origin(GuardedCell(isInput: false), at: zero))
    #expect(found.pass == .backward)
    #expect(found.value.isNaN)
    #expect(found.step == 3)
    #expect(found.sample == 1)
    #expect(found.unit == 0)
    #expect(found.reached == ["dL/dw"])
  }

  @Test func overflowOfARecurrenceIsFoundAtItsFirstStep() throws {
    // h₁ = 1, h₂ = 10¹⁰, h₃ = 10²⁰, h₄ = 10³⁰, h₅ = 10⁴⁰, which no Float32 holds.
    let found = try #require(try origin(Explosion(), element: .float32, at: []))
    #expect(found.operation == "product")
    #expect(found.step == 5)
    #expect(found.name == "affine grow")
    #expect(found.expression == "h[t−1] · grow.weight")
    #expect(found.value == .infinity)
    #expect(try #require(found.operands.first?.value) > 1e29)
  }

  @Test func onlyWhatReachesTheLossCounts() throws {
    // The loss of each sample reads the last step; at step 2 only a value that nothing reads is NaN.
    struct Unused: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        log(x).named("unused")
        return scope.run(LogCell(), abs(x), named: "layer")
      }
    }
    #expect(try origin(Unused(), at: [(step: 2, sample: 0, unit: 0, value: -1)]) == nil)
    let found = try #require(
      try origin(
        Unused(), at: [(step: 2, sample: 0, unit: 0, value: -1), (step: 6, sample: 2, unit: 1, value: 0)]))
    #expect(found.step == 6)
    #expect(found.value == -.infinity)
    #expect(found.leadsTo == "layer.scaled")
  }

  @Test func stepsThatAreNotReadDoNotCount() throws {
    struct Fresh: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        scope.parameter("w", [2], .constant(1)) + scope.state("h", 2).next(log(x))
      }
    }
    let second = (step: 2, sample: 0, unit: 0, value: -1.0)
    #expect(try origin(Fresh(), at: [second]) == nil)
    let found = try #require(try origin(Fresh(), at: [second, (step: 6, sample: 2, unit: 0, value: -1)]))
    #expect(found.step == 6)
    #expect(found.name == "h")
  }

  @Test func parameterThatIsNoNumberIsItsOwnOrigin() throws {
    let found = try #require(try origin(LogCell(), parameters: ["w": Tensor([2], [1.0, .nan])], at: []))
    #expect(found.operation == "parameter")
    #expect(found.name == "w")
    #expect(found.step == nil)
    #expect(found.unit == 1)
  }

  @Test func whatLiesBeyondARaggedSequenceIsNotSeen() throws {
    let recording = try Recording(LogCell(), features: 2, element: .float64, ragged: true) { scope, y in
      scope.output("loss", mean(y))
    }
    var x = [Double](repeating: 1, count: 5 * 2 * 2)
    var bindings = Bindings(recording.initialValues(seed: 1))
    let lengths: [Int32] = [3, 5]
    bindings.values["lengths"] = Tensor([2], lengths)
    // Step 4 of sample 0, which has 3 steps.
    x[(3 * 2 + 0) * 2] = -1
    bindings.values["x"] = Tensor([5, 2, 2], x)
    #expect(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings)) == nil)
    x[(4 * 2 + 1) * 2] = -1
    bindings.values["x"] = Tensor([5, 2, 2], x)
    let found = try #require(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings)))
    #expect(found.step == 5)
    #expect(found.sample == 1)
  }

  /// The derivative of a clipped recurrence reads copies of what is downstream of the clip. Numbers arise in the
  /// equations that the user wrote, not in those copies.
  @Test func copiesAreNoOrigins() throws {
    struct Saturating: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 2)
        let grown = exp(scope.parameter("w", [2], .constant(1)) * (1e3 * h)).named("grown")
        return h.next(select(grown .> 1, tanh(x), grown))
      }
    }
    for clip in [GradientClip?.none, .norm(10)] {
      let recording = try Recording(Saturating(), features: 2, element: .float64, clip: clip) { scope, y in
        guard let time = y.domain.first(where: { _ in true }) else { return }
        scope.output("loss", sumOverFeatures(last(y, along: time)))
      }
      var bindings = Bindings(recording.initialValues(seed: 1))
      bindings.values["x"] = Tensor([6, 1, 2], [Double](repeating: 1, count: 12))
      let origin = try #require(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings)))
      #expect(origin.pass == .forward && origin.name == "grown" && origin.operation == "exp" && origin.step == 2)
    }
  }
}

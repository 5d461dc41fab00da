import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// s' = s + x, or what the initial value makes of it.
private struct Accumulator: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let s = scope.state("s", 1)
    return s.next(s + x)
  }
}

@Suite struct StateTests {
  /// Runs a cell over the input 1, 2, 3, 4 of one feature, without a batch.
  private func run(
    _ configure: (Scope, Axis) -> Scope = { scope, _ in scope }, _ extra: [String: Tensor] = [:],
    _ cell: some RecurrentCell = Accumulator()
  ) throws -> [Double] {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      scope.output("y", configure(scope, time).run(cell, x))
    }
    let x = Tensor([4, 1], [1.0, 2, 3, 4])
    return try EbbRecordingTests.run(model, extra.merging(["x": x]) { $1 })["y"]?.doubles ?? []
  }

  @Test func aStateHoldsTheStepBefore() throws {
    #expect(try run() == [1, 3, 6, 10])
  }

  @Test func aReversedStateHoldsTheStepAfter() throws {
    #expect(try run { scope, _ in scope.reversed } == [10, 9, 7, 4])
    #expect(try run { scope, _ in scope.reversed.reversed } == [1, 3, 6, 10])
  }

  @Test func statesCanBeginAtAParameterOrAnInput() throws {
    let start = ["s.initial": Tensor([1], [10.0])]
    #expect(try run({ scope, _ in scope.starting(.parameter) }, start) == [11, 13, 16, 20])
    #expect(try run({ scope, _ in scope.starting(.input(over: [])) }, start) == [11, 13, 16, 20])
    let model = try Recording(LSTM(units: 2), features: 1, initial: { .input(over: [$0]) })
    #expect(model.inputs.map(\.name) == ["x", "h.initial", "c.initial"])
    #expect(model.states.map { $0.initial.flatMap { model.graph.name($0) } } == ["h.initial", "c.initial"])
  }

  @Test func aStateCanBeGivenItsInitialValue() throws {
    struct Given: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let s = scope.state("s", 1, initial: scope.parameter("start", [1], .zeros))
        return s.next(2 * s + x)
      }
    }
    #expect(try run({ scope, _ in scope }, ["start": Tensor([1], [1.0])], Given()) == [3, 8, 19, 42])
  }

  @Test func statesCanBeginAsValuesByName() throws {
    let start = ["start": Tensor([1], [10.0])]
    func named(_ scope: Scope) -> Signal { 2 * scope.parameter("start", [1], .zeros) }
    #expect(try run({ scope, _ in scope.starting(["s": named(scope)]) }, start) == [21, 23, 26, 30])
    // Two states of one name, in scopes of their own: each takes its own value, and the rest begin as they would.
    let stack = Stack([Accumulator(), Accumulator()])
    #expect(try run({ scope, _ in scope.starting(["layer1.s": named(scope)]) }, start, stack) == [21, 24, 30, 40])
  }

  @Test func aFirstValueForNoStateIsAnError() {
    let error = #expect(throws: RecordingError.self) {
      try run { scope, _ in scope.starting(["S": scope.constant(1)]) }
    }
    #expect(error?.problems.map(\.message) == ["starting: there is no state S; the states are s"])
    let shape = #expect(throws: RecordingError.self) {
      try run { scope, _ in scope.starting(["s": scope.constant(1)]) }
    }
    #expect(shape?.problems.first?.message.contains("the initial value is f64 []") == true)
  }

  @Test func aStateCanLookBackSeveralSteps() throws {
    struct Dilated: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let s = scope.state("s", 1, steps: 2)
        return s.next(s + x)
      }
    }
    #expect(try run({ scope, _ in scope }, [:], Dilated()) == [1, 2, 4, 6])
  }

  @Test func truncationStandsOnEveryDelayOfItsAxis() throws {
    let model = try Recording(LSTM(units: 2), features: 1, truncation: 20)
    for state in model.states {
      #expect(model.graph.operation(state.previous) == .delay(state.axis, by: 1, truncation: 20))
    }
  }

  /// The clip stands on the value that feeds both the next step and the outside: it sees the state's whole adjoint.
  @Test func clippingStandsOnTheNextValue() throws {
    let model = try Recording(SimpleRNN(units: 2), features: 1, clip: .norm(0.5))
    let state = model.states[0]
    #expect(model.graph.operation(state.value) == .clipGradient(.norm(0.5)))
    #expect(model.graph.operand(state.previous, 0) == state.value)
    #expect(model.graph.output(named: "y") == state.value)
  }

  @Test func aStateWhoseValueHasANameGetsAnIdentity() throws {
    let model = try Recording { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let h = scope.state("h", 1)
      scope.output("h", h.next(x))
    }
    #expect(model.graph.node(named: "x") == model.inputs[0].node)
    #expect(model.graph.node(named: "h") == model.states[0].value)
    #expect(model.states[0].value != model.inputs[0].node)
  }

  @Test func sharedParametersAreOneNodeUnderTwoScopes() throws {
    let model = try Recording { scope in
      let time = scope.time("t")
      let x = scope.input("x", [2], over: [time])
      let first = scope.child("first")
      let a = first.run(SimpleRNN(units: 2), x)
      let b = scope.child("second", sharing: first).run(SimpleRNN(units: 2), a)
      scope.output("b", b)
    }
    #expect(model.parameters.map(\.name) == ["first.recurrent.weight", "first.recurrent.bias"])
    #expect(model.states.map(\.name) == ["first.h", "second.h"])
  }

  @Test func intermediatesAreNamedWithinTheRunningCell() throws {
    struct Tapped: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 1)
        let gate = sigmoid(scope.affine("gate", [h, x], 1)).named("gate")
        return h.next(gate * x)
      }
    }
    let model = try Recording { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let h = scope.run(Tapped(), x, named: "layer0")
      scope.output("squared", square(h).named("squared"))
    }
    #expect(model.intermediates.map(\.name) == ["layer0.gate", "squared"])
    let gate = try #require(model.graph.node(named: "layer0.gate"))
    #expect(model.graph.operation(gate) == .unary(.sigmoid))
  }

  /// A decoder that looks at all steps of an encoder: two time axes, one recurrence after the other.
  @Test func aCellCanAttendOverAnotherTimeAxis() throws {
    let model = try Recording { scope in
      let source = scope.time("s")
      let target = scope.time("t")
      let x = scope.input("x", [1], over: [source])
      let y = scope.input("y", [1], over: [target])
      let encoded = scope.run(SimpleRNN(units: 2), x, named: "encoder")
      scope.over(target).within("decoder") { scope in
        let h = scope.state("h", 2)
        let weights = softmax(sumOverFeatures(h * encoded), over: [source]).named("weights")
        let context = sum(weights * encoded, over: [source])
        scope.output("h", h.next(tanh(scope.affine("recurrent", [context, y], 2))))
      }
    }
    let source = try #require(model.graph.axis(named: "s"))
    let target = try #require(model.graph.axis(named: "t"))
    #expect(model.states.map(\.name) == ["encoder.h", "decoder.h"])
    #expect(model.graph.type(model.states[1].value).domain == [target])
    #expect(model.intermediates.map(\.name) == ["decoder.weights"])
    #expect(model.graph.type(model.intermediates[0].node).domain == [source, target])
  }
}

import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// The design's example of a custom cell, as it stands there.
private struct MinimalGated: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let forget = sigmoid(scope.affine("forget", [h, x], units))
    let candidate = tanh(scope.affine("candidate", [forget * h, x], units))
    return h.next((1 - forget) * h + forget * candidate)
  }
}

/// The same equations under other names.
private struct Renamed: RecurrentCell {
  var size: Int
  func callAsFunction(_ token: Signal, _ place: Scope) -> Signal {
    let memory = place.state("memory", size)
    let u = sigmoid(place.affine("u", [memory, token], size))
    let proposal = tanh(place.affine("proposal", [u * memory, token], size))
    return memory.next((1 - u) * memory + u * proposal)
  }
}

/// A cell that declares an axis of its own.
private struct Heads: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let heads = scope.batch("heads", length: 2)
    let c = scope.state("c", 3)
    let parts = featureToAxis(reshape(scope.affine("input", [x], 6), [2, 3]), heads)
    return reshape(axisToFeature(c.next(0.5 * c + parts), heads), [6])
  }
}

@Suite struct NamingTests {
  /// Two layers have an axis each; texts have the short name where it is the only one.
  @Test func axesOfCellsAreNamedByScope() throws {
    let two = try Recording(Stack([Heads(), Bidirectional(Heads(), Heads())]), features: 2).graph
    #expect(two.axes.count == 5 && Set(two.axes.map(\.name)).count == 5)
    #expect(two.axes[2].name == "layer0.heads")
    #expect(two.names(of: [Axis(0), Axis(2)]) == "{t, layer0.heads}")
    #expect(try Graph(parsing: two.description) == two)
    let one = try Recording(Stack([Heads(), LSTM(units: 2)]), features: 2).graph
    #expect(one.axes[2].name == "layer0.heads" && one.names(of: [Axis(1), Axis(2)]) == "{b, heads}")
    let alone = try Recording(Heads(), features: 2).graph
    #expect(alone.axes.map(\.name) == ["t", "b", "heads"])
  }

  @Test func parametersAreFoundByFirstUseAndNamedByScope() throws {
    let model = try Recording { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [3], over: [time, batch])
      let h = scope.run(LSTM(units: 4), x, named: "layer0")
      scope.output("h", scope.run(MinimalGated(units: 2), h, named: "layer1"))
    }
    let gates = ["input", "forget", "candidate", "output"]
    let expected = gates.flatMap { ["layer0.\($0).weight", "layer0.\($0).bias"] }
    #expect(
      model.parameters.map(\.name) == expected + [
        "layer1.forget.weight", "layer1.forget.bias", "layer1.candidate.weight", "layer1.candidate.bias",
      ])
    #expect(model.parameters[0].shape == [4 + 3, 4])
    #expect(model.parameters[1].shape == [4])
    #expect(model.parameters[8].shape == [2 + 4, 2])
    #expect(model.states.map(\.name) == ["layer0.h", "layer0.c", "layer1.h"])
    let state = model.states[0]
    #expect(model.graph.node(named: "layer0.h") == state.value)
    #expect(model.graph.operand(state.previous, 0) == state.value)
    let time = try #require(model.graph.axis(named: "t"))
    let batch = try #require(model.graph.axis(named: "b"))
    for state in model.states {
      #expect(model.graph.type(state.value).domain == [time, batch])
      #expect(state.initial == nil)
    }
  }

  @Test func renamingThePartsOfACellChangesNothingButNames() throws {
    let first = try Recording(MinimalGated(units: 4), features: 3).graph
    let second = try Recording(Renamed(size: 4), features: 3).graph
    #expect(first.operations == second.operations)
    #expect(first.types == second.types)
    #expect(first.outputs == second.outputs)
    for node in first.nodes { #expect(Array(first.operands(node)) == Array(second.operands(node))) }
    #expect(first.names.values.sorted() != second.names.values.sorted())
  }

  @Test func aTrailingClosureDeclaresTheOutputsOfACell() throws {
    let recording = try Recording(GRU(units: 3), features: 2) { scope, y in
      scope.output("loss", mean(square(y)))
    }
    #expect(recording.graph.outputs.map(\.name) == ["loss"])
    let clipped = try Recording(
      GRU(units: 3), features: 2, ragged: true, clip: .norm(1), initial: { .input(over: [$0]) }
    ) { scope, y in scope.output("all", y) }
    #expect(clipped.graph.outputs.map(\.name) == ["all"])
    #expect(try Recording(GRU(units: 3), features: 2).graph.outputs.map(\.name) == ["y"])
  }
}

import EbbCells
import EbbGraph
import EbbRecording
import EbbStableHLO
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// What the loops of recurrences over grids carry, and those of values that remember their own past.
@Suite struct GridAndHistoryTests {
  /// The text for 7 rows, or steps, 5 columns and 3 samples, with the gradients of all parameters.
  private static func text(_ model: Recording, gradient: Bool = true) throws -> String {
    var graph = model.graph
    if gradient, let loss = graph.output(named: "loss") {
      let gradients = try graph.gradient(of: loss, withRespectTo: model.parameters.map(\.node))
      for (parameter, gradient) in zip(model.parameters, gradients) { graph.setOutput("d " + parameter.name, gradient) }
    }
    let lengths = ["r": 7, "c": 5, "t": 7, "b": 3].filter { graph.axis(named: $0.key) != nil }
    return try Passes.optimized(graph).stableHLO(lengths: lengths).text
  }

  /// The depth of loops of each line that has these words.
  private static func depths(_ text: String, _ words: String) -> [Int] {
    let bodies = text.split(separator: "\n").filter { $0.contains(words) }
    return bodies.map { ($0.prefix { $0 == " " }.count - 4) / 2 }
  }

  private static func grid(reversed: Bool) throws -> Recording {
    try Recording { scope in
      let (r, c, b) = (scope.time("r"), scope.time("c"), scope.batch("b"))
      let x = scope.input("x", [2], over: [r, c, b])
      let along = reversed ? scope.over(r).reversed : scope.over(r)
      let y = along.run(MultidimensionalRNN(units: 4, columns: c, direction: reversed ? .backward : .forward), x)
      scope.output("loss", sum(sumOverFeatures(square(y)), over: [r, c, b]))
    }
  }

  /// Two loops forward and two back. The outer one carries a row of the state, the inner one the place beside.
  @Test(arguments: [false, true]) func aGridIsALoopInALoop(reversed: Bool) throws {
    let text = try Self.text(try Self.grid(reversed: reversed))
    #expect(Self.depths(text, "stablehlo.while") == [0, 1, 0, 1])
    let (first, second) = reversed ? ("backward", "forward") : ("forward", "backward")
    let lines = text.split(separator: "\n")
    let comments = lines.map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("//") }
    let expected = [first, second].flatMap { way in ["r", "c"].map { "// \(way) along \($0)" } }
    #expect(comments.map(String.init) == expected)
    // h and its adjoint: a row of 5 columns is read and written at a place of it.
    let rows = lines.filter { $0.contains("dynamic_update_slice") && $0.contains("-> tensor<5x3x4xf32>") }
    #expect(rows.count == 2)
    // One product in each inner loop.
    #expect(Self.depths(text, "dot_general").filter { $0 > 1 }.count == 2)
  }

  /// Attention over the states so far: forward they fill one array in place, and nothing has an entry for each pair of
  /// steps but the weights.
  @Test func aHistoryIsTheSequenceThatIsFilled() throws {
    let model = try Recording { scope in
      let (t, b) = (scope.time("t"), scope.batch("b"))
      let y = scope.over(t).run(Remembering(units: 4), scope.input("x", [2], over: [t, b]))
      scope.output("y", y)
      scope.output("loss", sum(sumOverFeatures(square(y)), over: [t, b]))
    }
    for gradient in [false, true] {
      let text = try Self.text(model, gradient: gradient)
      let types = Set(text.matches(of: #/tensor<([0-9x]+)xf32>/#).map { String($0.output.1) })
      let ofPairs = types.filter { $0.split(separator: "x").count { $0 == "7" } > 1 }
      #expect(!ofPairs.contains { $0.hasSuffix("x4") }, "\(ofPairs)")
      #expect(types.contains("3x7x4"))
    }
  }

  /// The length of a history's axis is that of its time axis.
  @Test func lengthsOfHistories() throws {
    let model = try Recording { scope in
      let t = scope.time("t")
      let past = scope.over(t).past()
      scope.output("y", sum(scope.input("x", over: [t]).history(along: past), over: [past]))
    }
    let past = try #require(model.graph.axes.last?.name)
    #expect(try model.graph.stableHLO(lengths: ["t": 3]) == model.graph.stableHLO(lengths: ["t": 3, past: 3]))
    #expect(throws: BindingError("axis \(past) has the steps of t, 3, and 4 is given")) {
      try model.graph.stableHLO(lengths: ["t": 3, past: 4])
    }
  }
}

/// h = tanh(W [h, c, x]) with c the mean of all states so far, weighted by their products with h.
private struct Remembering: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let past = scope.past()
    let states = h.history(along: past)
    let weights = softmax(sumOverFeatures(states * h), over: [past])
    return h.next(tanh(scope.affine("new", [h, sum(weights * states, over: [past]), x], units)))
  }
}

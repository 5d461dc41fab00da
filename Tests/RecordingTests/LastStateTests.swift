import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// States as signals, and final states as the first ones of another run.
@Suite struct LastStateTests {
  /// s' = 0.5 s₋ₖ + x, with a memory of k steps.
  private struct Dilated: RecurrentCell {
    var steps: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let s = scope.state("s", 2, steps: steps)
      return s.next(0.5 * s + scope.affine("input", [x], 2))
    }
  }

  /// What is run in two pieces, the second from the final states of the first, is what is run in one.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - steps: The number of steps of the two pieces, in the order of the sequence.
  ///   - isBackward: Whether the cell reads the second piece first.
  private func check(_ cell: some RecurrentCell, _ steps: (Int, Int), isBackward: Bool = false) throws {
    let (rows, features) = (2, 3)
    let model = try Recording(element: .float64) { scope in
      let (left, right, whole) = (scope.time("left"), scope.time("right"), scope.time("whole"))
      let batch = scope.batch("b")
      let start = scope.starting(.parameter)
      let all = start.over(whole).child("all")
      scope.output("all", all.run(cell, scope.input("x", [features], over: [whole, batch])))
      let pieces = [
        (left, scope.input("x0", [features], over: [left, batch])),
        (right, scope.input("x1", [features], over: [right, batch])),
      ]
      let (early, late) = isBackward ? (1, 0) : (0, 1)
      let first = start.over(pieces[early].0).child("first", sharing: all)
      scope.output("y\(early)", first.run(cell, pieces[early].1))
      let second = scope.over(pieces[late].0).child("second", sharing: all).starting(first.lastStates())
      scope.output("y\(late)", second.run(cell, pieces[late].1))
    }
    let x = randomTensor([steps.0 + steps.1, rows, features], seed: 8)
    var values = Weights(model).values
    values["x"] = x
    values["x0"] = Tensor([steps.0, rows, features], Array(x.doubles[..<(steps.0 * rows * features)]))
    values["x1"] = Tensor([steps.1, rows, features], Array(x.doubles[(steps.0 * rows * features)...]))
    let outputs = try EbbRecordingTests.run(model, values).mapValues(\.doubles)
    let pieces = ["y0", "y1"].flatMap { outputs[$0] ?? [] }
    let all = outputs["all"] ?? []
    #expect(pieces.count == all.count && !all.isEmpty)
    for (a, b) in zip(all, pieces) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func aSequenceGoesOnFromFinalStates() throws {
    try check(LSTM(units: 3), (3, 4))
    try check(Stack([GRU(units: 3), LSTM(units: 2)]), (2, 3))
    try check(Reversed(LSTM(units: 3)), (3, 4), isBackward: true)
  }

  /// Also where a piece is shorter than the recurrence reads back.
  @Test(arguments: [2, 3])
  func severalStepsAreKept(_ steps: Int) throws {
    for pieces in [(4, 3), (1, 4), (2, 2)] {
      try check(Dilated(steps: steps), pieces)
      try check(Reversed(Dilated(steps: steps)), (pieces.1, pieces.0), isBackward: true)
    }
  }

  /// c of an LSTM at every step; names are those within the scope.
  @Test func statesAreSignals() throws {
    let model = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [2], over: [time, batch])
      let encoder = scope.child("encoder")
      _ = encoder.run(Stack([Bidirectional(LSTM(units: 3)), GRU(units: 2)]), x)
      _ = scope.run(LSTM(units: 1), x, named: "encoder2")
      let states = encoder.states
      scope.output(
        "names",
        scope.constant(
          Double(
            Set(states.keys) == [
              "layer0.forward.h", "layer0.forward.c", "layer0.backward.h", "layer0.backward.c", "layer1.h",
            ] ? 1 : 0)))
      if let c = states["layer0.backward.c"] { scope.output("c", c) }
      if let first = encoder.lastStates()["layer0.backward.c"] { scope.output("first", first) }
      if let last = scope.lastStates()["encoder.layer1.h"] { scope.output("last", last) }
    }
    var values = Weights(model).values
    values["x"] = randomTensor([4, 1, 2], seed: 5)
    let outputs = try EbbRecordingTests.run(model, values).mapValues(\.doubles)
    #expect(outputs["names"] == [1])
    #expect(outputs["first"] == outputs["c"].map { Array($0[..<3]) })
    #expect(outputs["last"]?.count == 2)
  }

  /// In a ragged batch, each sequence's own last step.
  @Test func raggedSequencesEndWhereTheyEnd() throws {
    let model = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [1], over: [time, batch])
      _ = scope.run(Dilated(steps: 2), x)
      scope.output("last", scope.lastStates()["s"] ?? x)
    }
    let values = [
      "x": Tensor([3, 2, 1], [1, 10, 2, 20, 4, 99] as [Double]), "lengths": Tensor([2], [3, 2] as [Int32]),
      "input.weight": Tensor([1, 2], [1, 2] as [Double]), "input.bias": Tensor([2], [0, 0] as [Double]),
    ]
    let last = try EbbRecordingTests.run(model, values)["last"]
    #expect(last?.dimensions == [2, 2, 2])
    #expect(last?.doubles == [2, 4, 4.5, 9, 10, 20, 20, 40])
  }

  @Test func whatHasNoFinalStateIsAnError() {
    struct Early: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let s = scope.state("s", 1)
        _ = scope.lastStates()
        return s.next(s + x)
      }
    }
    let open = #expect(throws: RecordingError.self) { try Recording(Early(), features: 1) }
    #expect(open?.problems.first?.message == "lastStates: the state s has no next value yet")
    let empty = #expect(throws: RecordingError.self) {
      try Recording(LSTM(units: 1), features: 1) { scope, _ in _ = scope.child("encoder").lastStates() }
    }
    #expect(empty?.problems.first?.message.contains("no cell with a state was run in encoder") == true)
  }
}

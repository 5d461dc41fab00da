import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// What Keras makes of masked sequences: Tests/Vectors/keras-masked.json, which make_masked.py wrote.
private struct KerasMasked: Decodable {
  struct Case: Decodable {
    var name: String
    var kind: String
    var parameters: [String: [Double]]
    /// Time first.
    var y: [Double]
  }
  var mask: [Bool]
  var x: [Double]
  var ids: [Int32]
  var cases: [Case]

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: folder.appendingPathComponent("Vectors/keras-masked.json"))
    self = try JSONDecoder().decode(Self.self, from: data)
  }
}

/// A cell whose output is no state: y = s + 1.
private struct Shifted: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let s = scope.state("s", 1)
    return s.next(s + x) + 1
  }
}

@Suite struct MaskedTests {
  /// The recording's values with parameters given flat.
  private func values(_ model: Recording, _ flat: [String: [Double]]) throws -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    for parameter in model.parameters {
      let numbers = try #require(flat[parameter.name], "\(parameter.name)")
      values[parameter.name] = Tensor(parameter.shape.array, numbers)
    }
    return values
  }

  private func network(_ name: String, _ kind: String, _ steps: Masked.Steps) throws -> Recording {
    let cell: any RecurrentCell = kind == "GRU" ? GRU(units: 2) : LSTM(units: 2)
    let isLast = !name.hasSuffix("sequences") && !name.hasSuffix("zero")
    let isTokens = name.hasSuffix("tokens")
    return try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      var x = scope.input(
        isTokens ? "ids" : "x", isTokens ? [] : [2], over: [time, batch], as: isTokens ? .int32 : nil)
      var inner = scope
      if isTokens {
        // The embedding has no states: the mask of the ids holds for the cell above it.
        inner = scope.masking(x .!= 0)
        x = gather(scope.parameter("table", [4, 2], .zeros), x)
      }
      func run(_ cell: any RecurrentCell) -> Signal {
        let isZero = name.hasSuffix("zero") || name.contains("bidirectional sequences")
        if isTokens { return inner.run(cell, x) }
        return inner.run(Masked(cell, where: steps, output: isZero ? .zero : .held), x)
      }
      if name.contains("bidirectional") {
        let ends: any RecurrentCell = isLast ? Stack([LastStep()]) : Stack([])
        // Each direction ends where it read last.
        let y = run(Bidirectional(Ended(cell, ends), Ended(cell, ends)))
        scope.output("y", y)
      } else {
        scope.output("y", isLast ? last(run(cell), along: time) : run(cell))
      }
    }
  }

  /// A cell, then another, in the scope of the first.
  private struct Ended: RecurrentCell {
    var cell: any RecurrentCell
    var end: any RecurrentCell
    init(_ cell: any RecurrentCell, _ end: any RecurrentCell) { (self.cell, self.end) = (cell, end) }
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal { scope.run(end, scope.run(cell, x)) }
  }

  @Test func kerasGivesTheSameNumbers() throws {
    let keras = try KerasMasked()
    #expect(keras.cases.count == 12)
    for peer in keras.cases {
      for steps in [Masked.Steps.differing(from: 0), .input("mask")] {
        let model = try network(peer.name, peer.kind, steps)
        var inputs = try values(model, peer.parameters)
        inputs["x"] = Tensor([5, 5, 2], keras.x)
        inputs["ids"] = Tensor([5, 5], keras.ids)
        inputs["mask"] = Tensor([5, 5], keras.mask)
        inputs = inputs.filter { model.graph.node(named: $0.key) != nil }
        let y = try #require(try run(model, inputs)["y"]).doubles
        #expect(y.count == peer.y.count, "\(peer.name)")
        let worst = zip(y, peer.y).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-12, "\(peer.name), \(steps): \(worst)")
      }
    }
  }

  /// The outputs of a cell over 1, 2, 4, 8 with a mask, without a batch.
  private func outputs(
    _ cell: some RecurrentCell, _ mask: [Bool], _ output: MaskedOutput, reversed: Bool = false
  ) throws -> (y: [Double], states: [String]) {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let masked = scope.masking(scope.input("mask", over: [time], as: .bool), output: output)
      scope.output("y", (reversed ? masked.reversed : masked).run(cell, x))
    }
    let inputs = ["x": Tensor([4, 1], [1.0, 2, 4, 8]), "mask": Tensor([4], mask)]
    return (try run(model, inputs)["y"]?.doubles ?? [], model.states.map(\.name))
  }

  @Test func anOutputThatIsNoStateIsHeldToo() throws {
    #expect(try outputs(Shifted(), [false, true, false, true], .held).y == [0, 3, 3, 11])
    #expect(try outputs(Shifted(), [false, true, false, true], .held).states == ["s", "held"])
    #expect(try outputs(Shifted(), [false, true, false, true], .zero).y == [0, 3, 0, 11])
    #expect(try outputs(Shifted(), [false, true, false, true], .zero).states == ["s"])
    #expect(try outputs(Shifted(), [true, true, false, false], .held, reversed: true).y == [4, 3, 0, 0])
    // h of an LSTM is a state and is held without another one, unless it begins elsewhere.
    func states(_ cell: any RecurrentCell) throws -> [String] {
      try Recording(Masked(cell), features: 1).states.map(\.name)
    }
    #expect(try states(LSTM(units: 1)) == ["h", "c"])
    #expect(try states(LearnedStart(LSTM(units: 1))) == ["h", "c", "held"])
  }

  /// The states of a masked cell, and those that another run starts from, are the cell's own.
  @Test func aHeldOutputIsNoStateOfTheCell() throws {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      let encoder = scope.child("encoder")
      _ = encoder.run(Stack([Masked(Shifted()), Masked(LearnedStart(LSTM(units: 1)))]), x)
      let expected: Set = ["layer0.s", "layer1.h", "layer1.c"]
      #expect(Set(encoder.states.keys) == expected)
      #expect(Set(encoder.lastStates().keys) == expected)
    }
    #expect(model.states.count == 5)
  }

  /// Held outputs of cells within a stack are held once, and layers without states know of no mask.
  @Test func innermostCellsAreHeld() throws {
    let stack = Stack([Shifted(), Dense(units: 1), Shifted()])
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [1], over: [time])
      scope.output("y", scope.run(Masked(stack, where: .differing(from: 2)), x))
    }
    #expect(model.states.map(\.name) == ["layer0.s", "layer0.held", "layer2.s", "layer2.held"])
    let inputs = [
      "x": Tensor([4, 1], [1.0, 2, 4, 8]), "layer1.dense.weight": Tensor([1, 1], [1.0]),
      "layer1.dense.bias": Tensor([1], [10.0]),
    ]
    // 2, 2, 6, 14 and 12, 12, 16, 24; sums 12, –, 28, 52
    #expect(try run(model, inputs)["y"]?.doubles == [13, 13, 29, 53])
  }

  @Test func masksThatAreNoneAreErrors() throws {
    func message(_ body: (Scope, Signal, Axis) -> Void) -> String {
      do {
        _ = try Recording { scope in
          let time = scope.time("t")
          body(scope, scope.input("x", [2], over: [time]), time)
        }
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message { scope, x, _ in scope.output("y", scope.masking(x .!= 0).run(SimpleRNN(units: 2), x)) }
        .contains("masking: a mask is one Bool at each step, as x .!= 0 of tokens, and not bool [2]"))
    #expect(
      message { scope, x, time in
        scope.output("y", scope.masking(scope.input("m", over: [time])).run(SimpleRNN(units: 2), x))
      }.contains("and not f32 []"))
    #expect(
      message { scope, x, _ in
        let s = scope.state("s", 2)
        scope.output("y", s.next(scope.run(Masked(Dense(units: 2), where: .input("m")), s + x)))
      }.contains("Masked inside a recurrence cannot know the axes of its mask"))
  }
}

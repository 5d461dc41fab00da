import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// Each way in which a recording can go wrong, with its whole message: the place is that of the nearest recorded call.
@Suite struct ErrorTests {
  private static let file = "EbbRecordingTests/ErrorTests.swift"

  /// What a recording says of `body`, which is given a time axis and an input `x` of three features over it.
  private func messages(_ body: (Scope, _ x: Signal, _ time: Axis) -> Void) -> [String] {
    do {
      _ = try Recording { scope in
        let time = scope.time("t")
        body(scope, scope.input("x", [3], over: [time]), time)
      }
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func weightsOfMoreThanAnInt32AreProblems() {
    let largest = Int(Int32.max)
    let columns = messages { scope, x, _ in _ = scope.affine("wide", [x], largest + 1) }
    #expect(columns.count == 1 && columns.first?.contains("1 ... 2147483647; found [3, 2147483648]") == true)
    let rows = messages { scope, _, time in
      let long = scope.input("long", [largest], over: [time])
      _ = scope.affine("high", [long, long], 2)
    }
    #expect(rows.count == 1 && rows.first?.contains("affine \"high\"") == true)
    #expect(rows.first?.contains("found [4294967294, 2]") == true)
  }

  /// What `before` does not take: what is no state, an axis twice, one without an order, another shape, a closed state.
  @Test func statesOfGrids() {
    func message(_ body: (Scope, Signal, _ x: Signal, _ columns: Axis) -> Void) -> String {
      messages { scope, x, time in
        let columns = scope.time("c")
        body(scope.over(time), scope.over(time).state("h", 3), x, columns)
      }.first ?? ""
    }
    #expect(message { _, _, x, c in _ = x.before(along: c) }.contains("before: this value is no state"))
    #expect(
      message { scope, h, _, _ in _ = h.before(along: scope.axis ?? Axis(0)) }.contains(
        "the state h already runs along t; the state itself is the value before"))
    #expect(
      message { _, h, _, c in
        _ = h.before(along: c)
        _ = h.before(along: c)
      }.contains("the state h already runs along c"))
    #expect(
      message { scope, h, x, c in _ = h.before(along: c, initial: scope.parameter("p", [2], .zeros)) }.contains(
        "the initial value of h along c is f32 [2], and must be f32 [3]"))
    #expect(
      message { _, h, x, c in
        h.next(x)
        _ = h.before(along: c)
      }.contains("the state h already has a next value; read what is before it first"))
    #expect(
      message { scope, h, _, _ in _ = h.before(along: scope.batch("b")) }.contains(
        "delay runs along a time axis, and b is not ordered"))
  }

  @Test func zerosAndRepetitionsThatCannotBe() {
    let line = #line + 2
    let found = messages { _, x, _ in
      _ = pad(x, before: -1)
      _ = pad(x, after: .max)
      _ = pad(x, dimension: 1)
      _ = repeated(x, 0)
      _ = repeated(x, 2, dimension: 2)
      _ = repeated(x, .max)
      _ = broadcast(x, to: [2, 4])
      _ = broadcast(x, to: [])
      _ = broadcast(x, to: [0])
    }
    let words = [
      "near pad: pad(f32 [3]): padding cannot be negative",
      "near pad: pad(f32 [3]): padding is at most 2147483647 zeros",
      "near pad: pad(f32 [3]): there is no feature dimension 1 in [3]",
      "near repeated: broadcast(f32 [3]): cannot insert 0 entries at dimension 0",
      "near repeated: broadcast(f32 [3]): cannot insert 2 entries at dimension 2",
      "near repeated: broadcast(f32 [3]): cannot insert \(Int.max) entries at dimension 0",
      "near broadcast: broadcast: [3] cannot be repeated to [2, 4]; counted from the last, each dimension must have "
        + "the new length, or 1",
      "near broadcast: broadcast: [3] cannot be repeated to []; counted from the last, each dimension must have the "
        + "new length, or 1",
      "near broadcast: broadcast: a feature shape has at most four dimensions, each in 1 ... 2147483647; found [0]",
    ]
    #expect(found.count == words.count)
    for (index, (message, words)) in zip(found, words).enumerated() {
      #expect(message.hasPrefix("\(Self.file):\(line + index): ") && message.contains(words), "\(message)")
    }
  }

  private struct Mismatched: RecurrentCell {
    static let line = #line
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", 4)
      let gate = sigmoid(scope.affine("gate", [h, x], 3))
      return h.next(gate * h)
    }
  }

  @Test func shapesThatDifferNameTheCellTheOperationBothShapesAndTheirPlaces() {
    let line = Mismatched.line
    let call = #line + 1
    let found = messages { scope, x, _ in _ = scope.run(Mismatched(), x, named: "layer0") }
    #expect(
      found == [
        """
        \(Self.file):\(line + 3): in Mismatched (layer0), near affine "gate": multiply(f32 [3], f32 [4]): \
        the feature shapes differ; they must be equal, or [] which is repeated
          f32 {t} [3], recorded near affine "gate" at \(Self.file):\(line + 3)
          layer0.h: f32 {t} [4], recorded near state "h" at \(Self.file):\(line + 2)
          within run Mismatched at \(Self.file):\(call)
        """
      ])
  }

  @Test func allProblemsAreThrownAtOnce() {
    var line = 0
    let found = messages { scope, x, _ in
      line = #line
      _ = x + scope.input("y", [2], over: [])
      _ = slice(x, 2..<5)
      _ = scope.state("s", 2)
    }
    #expect(found.count == 3)
    #expect(found.first?.hasPrefix("\(Self.file):\(line + 1): in Recording, near input \"y\": add(") == true)
    #expect(
      found.dropFirst().first?.hasPrefix("\(Self.file):\(line + 2): in Recording, near slice: slice(f32 [3]): entries")
        == true)
    #expect(
      found.last == "\(Self.file):\(line + 3): in Recording, near state \"s\": the state s is read but never given its "
        + "next value; end with `s.next(value)`")
  }

  /// The first line of the only problem, after its place.
  private func message(_ body: (Scope, _ x: Signal, _ time: Axis) -> Void) -> String {
    let found = messages(body)
    let firstLine = found.first?.split(separator: "\n").first.map(String.init) ?? "nothing wrong"
    guard found.count == 1 else { return "\(found.count) problems: \(found)" }
    return firstLine.split(separator: ": ", maxSplits: 1).last.map(String.init) ?? firstLine
  }

  @Test func afterACellTheNearestCallIsItsRun() {
    var line = 0
    let found = messages { scope, x, _ in
      line = #line
      let h = scope.run(SimpleRNN(units: 2), x)
      _ = h + x
    }
    #expect(found.first?.hasPrefix("\(Self.file):\(line + 1): in Recording, near run SimpleRNN: add(") == true)
  }

  @Test func states() {
    #expect(
      message { scope, x, _ in
        let s = scope.state("s", 3)
        s.next(x)
        s.next(x)
      }.hasPrefix("in Recording, near next of \"s\": the state s already has a next value, given at \(Self.file):"))
    #expect(
      message { _, x, _ in x.next(x) }
        == "in Recording, near next: next: this value is no state; only what scope.state gave can be given a next value"
    )
    #expect(
      message { scope, x, _ in scope.state("s", 2).next(x) }
        == "in Recording, near next of \"s\": the next value has type f32 [3], but the state s is f32 [2]")
    #expect(
      message { scope, x, _ in _ = scope.state("s", 2, initial: scope.constant(0)) }
        == "in Recording, near state \"s\": state \"s\": the initial value is f32 [], and must be f32 [2]")
    #expect(
      message { scope, x, _ in _ = scope.state("s", 0) }
        == "in Recording, near state \"s\": state \"s\": a feature shape has at most four dimensions, each in "
        + "1 ... 2147483647; found [0]")
    #expect(
      message { scope, x, _ in
        _ = scope.time("u")
        _ = scope.state("s", 2)
      } == "in Recording, near state \"s\": state \"s\": there are 2 time axes; choose one with scope.over(axis)")
    #expect(
      message { scope, x, _ in scope.state("s", 3, initial: x).next(x) }
        == "in Recording, near state \"s\": delay: the boundary value must not depend on the axis t")
  }

  @Test func namesAreGivenOnce() {
    #expect(
      message { scope, x, _ in
        _ = scope.run(LSTM(units: 3), scope.run(SimpleRNN(units: 3), x))
      }.hasPrefix("in LSTM, near state \"h\": the name h is already that of state \"h\" at EbbCells/SimpleRNN.swift:"))
    #expect(
      message { _, x, _ in square(x).named("a b") }
        == "in Recording, near named \"a b\": \"a b\" cannot be a name; letters, digits, '_', '-' and '.' can be in one"
    )
    #expect(
      message { scope, x, _ in
        scope.output("y", x)
        scope.output("y", x)
      } == "in Recording, near output \"y\": there are two outputs named y")
  }

  @Test func parametersKeepTheirShape() {
    #expect(
      message { scope, x, _ in
        _ = scope.affine("w", [x], 2, bias: nil)
        _ = scope.affine("w", [x], 4, bias: nil)
      }
        == "in Recording, near affine \"w\": the parameter w.weight is [3, 4] here and [3, 2] where it was first used; "
        + "give one of the cells a name of its own: scope.run(cell, x, named: \"layer1\")")
    #expect(
      message { scope, x, _ in _ = scope.parameter("w", [3], .orthogonal()) }
        == "in Recording, near parameter \"w\": parameter w: this initialiser fills matrices, not [3]")
  }

  @Test func affineTakesFloatVectors() {
    #expect(
      message { scope, x, _ in _ = scope.affine("w", [scope.index(of: Axis(0)), x], 2) }
        == "in Recording, near affine \"w\": affine \"w\": the operands must be f32 vectors")
    #expect(
      message { scope, x, _ in _ = scope.affine("w", [x], 2, weights: [.zeros, .zeros]) }
        == "in Recording, near affine \"w\": affine \"w\": takes at least one operand and one unit, and no initialisers "
        + "or one for each operand; found 1 operands, 2 units, 2 initialisers")
  }

  @Test func recurrencesCannotLookAtAllOfTheirSteps() {
    #expect(
      message { scope, x, time in
        let s = scope.state("s", 3)
        s.next(x + last(s, along: time))
      }.hasSuffix("pick uses all steps of t inside the recurrence over it; only earlier steps exist there"))
  }

  @Test func sumsOverAnAxisThatIsNotThere() {
    #expect(
      message { scope, x, _ in _ = sum(x, over: [scope.batch("b")]) }
        .hasSuffix("cannot reduce over {b}, which no operand has; the axes are {t}"))
  }

  @Test func meansOverEverythingNeedKnownAxes() {
    #expect(
      message { scope, x, _ in
        let s = scope.state("s", 3)
        s.next(x * mean(s))
      }
        == "in Recording, near mean: mean over everything: inside a recurrence the axes are not known yet; name them: "
        + "mean(x, over: [batch]), or meanOverFeatures(x)")
  }

  @Test func axesAndLengths() {
    #expect(
      message { scope, _, _ in _ = scope.batch("t") }
        == "in Recording, near batch \"t\": there are two axes named t; those of cells have the "
        + "names of their scopes: scope.run(cell, x, named: \"layer1\")")
    #expect(
      message { scope, x, time in scope.lengths("n", of: time, over: [scope.batch("b")]) }
        == "in Recording, near lengths \"n\": lengths \"n\": declare the lengths before anything that is indexed by the "
        + "axis")
  }

  @Test func signalsOfTwoRecordings() throws {
    var stray: Signal?
    _ = try Recording { scope in stray = scope.constant(1) }
    let other = try #require(stray)
    #expect(
      message { _, x, _ in _ = x + other }
        == "in Recording, near input \"x\": add: an operand belongs to another recording; record both in one")
  }

  @Test func elementTypes() {
    do {
      _ = try Recording(element: .int32) { _ in }
      Issue.record("an integer network was recorded")
    } catch {
      #expect(error.problems[0].message == "states and parameters are floats, not i32")
    }
  }
}

import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import EbbTransforms
import Testing

private let file = "EbbDiagnosticsTests/RefusalPlaceTests.swift"

/// A network with its values, over an axis t of 4 steps and an axis b of 2 samples.
private struct Subject {
  var recording: Recording
  var bindings: Bindings

  static let line = #line + 3
  init(truncation: Int = 0, isRagged: Bool = false, _ body: (Scope, _ x: Signal, _ time: Axis) -> Void) throws {
    recording = try Recording(element: .float64) { scope in
      let time = scope.time("t", truncation: truncation)
      let batch = scope.batch("b")
      if isRagged { scope.lengths("lengths", of: time, over: [batch]) }
      body(scope, scope.input("x", [2], over: [time, batch]), time)
    }
    bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["x"] = Tensor([4, 2, 2], [Double](repeating: 0.5, count: 16))
    if isRagged { bindings.values["lengths"] = Tensor([2], [4, 2] as [Int32]) }
  }

  /// What is said of it when it is measured; nothing if nothing is wrong.
  func message(_ measure: (Recording, Bindings) throws -> Void) -> String {
    do {
      try measure(recording, bindings)
      return ""
    } catch {
      return "\(error)"
    }
  }
}

/// h' = tanh(W [h, x] + b), whose loss is that of the last step.
private func last(_ y: Signal, _ scope: Scope, _ time: Axis) {
  scope.output("loss", sumOverFeatures(square(last(y, along: time))))
}

/// A cell that asks for its clip itself.
private struct Clipped: RecurrentCell {
  static let line = #line
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let inner = clipGradient(h, .value(3))
    return h.next(tanh(scope.affine("a", [inner, x], 2)))
  }
}

/// Refusals say which line of the user's source they are about.
@Suite struct RefusalPlaceTests {
  @Test func aClipIsWhereItWasAskedFor() throws {
    var line = 0
    var run = 0
    let scoped = try Subject { scope, x, time in
      line = #line + 1
      let inner = scope.clipping(.norm(4))
      run = #line + 1
      last(inner.run(GRU(units: 2), x), scope, time)
    }
    let place = "the gradient of h is clipped at the norm 4.0 (clipping at \(file):\(line)"
    for text in [
      scoped.message { _ = try Diagnostics.hessian(of: Trial($0, $1)) },
      scoped.message { _ = try Diagnostics.logNorms(of: Trial($0, $1)) },
      scoped.message {
        _ = try Diagnostics.theory(of: Trial($0, $1), beside: Diagnostics.gradientFlow(of: Trial($0, $1)))
      },
    ] {
      #expect(text.hasPrefix(place + ")") || text.hasPrefix(place + ", within run GRU at \(file):\(run))"), "\(text)")
    }

    let own = try Subject { scope, x, time in
      run = #line + 1
      last(scope.run(Clipped(), x, named: "first"), scope, time)
    }
    let text = own.message { _ = try Diagnostics.hessian(of: Trial($0, $1)) }
    let expected = "(clipGradient at \(file):\(Clipped.line + 3), within run Clipped at \(file):\(run))"
    #expect(text.contains(expected), "\(text)")
  }

  @Test func aTruncationIsThatOfItsAxis() throws {
    let subject = try Subject(truncation: 2) { scope, x, time in last(scope.run(GRU(units: 2), x), scope, time) }
    for text in [
      subject.message { _ = try Diagnostics.hessian(of: Trial($0, $1)) },
      subject.message { _ = try Diagnostics.logNorms(of: Trial($0, $1)) },
    ] {
      #expect(
        text.hasPrefix("the gradient of h is truncated every 2 steps (time \"t\" at \(file):\(Subject.line))"),
        "\(text)")
    }
  }

  @Test func statesAndLossesAreWhereTheyWereRecorded() throws {
    var line = 0
    let backward = try Subject { scope, x, time in
      line = #line + 1
      let h = scope.reversed.state("h", 2)
      last(h.next(tanh(h + x)), scope, time)
    }
    #expect(
      backward.message { _ = try Diagnostics.truncation(of: Trial($0, $1), to: [2]) }
        .hasPrefix("the state h (state \"h\" at \(file):\(line)) runs backward in time"))

    var output = 0
    let both = try Subject { scope, x, time in
      line = #line + 1
      let h = scope.state("h", 2)
      let g = scope.reversed.state("g", 2)
      let y = h.next(tanh(h + x)) + g.next(tanh(g + x))
      output = #line + 1
      scope.output("loss", sum(sumOverFeatures(y)))
      scope.output("pairs", sumOverFeatures(y))
    }
    #expect(
      both.message { _ = try Diagnostics.stepJacobians(of: Trial($0, $1)) }.hasPrefix(
        "the states h (state \"h\" at \(file):\(line)) and g (state \"g\" at \(file):\(line + 1)) do not run"))
    #expect(
      both.message { _ = try Diagnostics.noise(of: Trial($0, $1)) }
        .contains("the loss loss (sum at \(file):\(output)) is not over one axis of samples"))

    let ragged = try Subject(isRagged: true) { scope, x, time in last(scope.run(GRU(units: 2), x), scope, time) }
    #expect(
      ragged.message { _ = try Diagnostics.stepJacobians(of: Trial($0, $1)) }
        .hasPrefix("the sequences along t (time \"t\" at \(file):\(Subject.line)) have several lengths"))
  }

  @Test func whatMixesStepsOrSamplesIsWhereItWasRecorded() throws {
    var line = 0
    let mixing = try Subject { scope, x, time in
      let h = scope.state("h", 2)
      line = #line + 1
      let average = mean(h + x, over: [Axis(1)])
      last(h.next(tanh(average + x + scope.parameter("w", [2], .zeros))), scope, time)
    }
    for text in [
      mixing.message { _ = try Diagnostics.stepJacobians(of: Trial($0, $1)) },
      mixing.message { _ = try Diagnostics.logNorms(of: Trial($0, $1)) },
    ] { #expect(text.hasSuffix("(sum at \(file):\(line))"), "\(text)") }
    // A loss of each sample whose gradient cannot be kept apart from those of the others.
    #expect(
      mixing.message { _ = try Diagnostics.noise(of: Trial($0, $1)) }
        .contains("cannot be kept apart (sum at \(file):\(line))"))
  }

  /// A cell of the framework in an experiment has no line of a user's, and a file none at all.
  @Test func withoutALineNothingIsSaid() throws {
    let experiment = FlowExperiment(length: 3, features: 1, batch: 1, clip: .norm(4), element: .float64)
    #expect {
      try Diagnostics.hessian(of: experiment.trial(of: LSTM(units: 2)))
    } throws: {
      "\($0)".hasPrefix("the gradient of h is clipped at the norm 4.0: it is no derivative")
        || "\($0)".hasPrefix("the gradient of c is clipped at the norm 4.0: it is no derivative")
    }
  }

  @Test func trainersSayItToo() throws {
    var line = 0
    let counting = try Subject { scope, x, time in
      line = #line + 1
      let h = scope.state("h", 2)
      last(h.next(tanh(h + x + convert(scope.index(of: time), to: .float64))), scope, time)
    }
    #expect(
      counting.message { recording, _ in _ = try Trainer(recording, carrying: StateCarrying()) }
        .hasPrefix("a state (state \"h\" at \(file):\(line)) depends on the number of the step"))
    let twoSteps = try Subject { scope, x, time in
      line = #line + 1
      let h = scope.state("h", 2, steps: 2)
      let loss = sumOverFeatures(square(last(h.next(tanh(h + x)), along: time)))
      scope.output("loss", sum(loss))
      scope.output("wide", x)
    }
    #expect(
      twoSteps.message { recording, _ in _ = try Trainer(recording, regularizers: [GradientFlossing(count: 1)]) }
        .hasSuffix("its exponents cannot be flossed (state \"h\" at \(file):\(line))"))
    #expect(
      twoSteps.message { recording, _ in _ = try Trainer(recording, loss: "wide") }
        .contains("(input \"x\" at \(file):\(Subject.line + 3))"))
  }
}

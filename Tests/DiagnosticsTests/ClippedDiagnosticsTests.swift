import EbbApplications
import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import Testing

@testable import EbbDiagnostics
@testable import EbbTransforms

/// a' = 2 a + x + w, and if there are two states c' = 2 c + a': the first may be clipped or the scope clips both.
private struct Doubling: RecurrentCell {
  var clip: GradientClip?
  var hasSecond = false
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let w = scope.parameter("w", [1], .zeros)
    let a = scope.state("a", 1, clip: clip)
    let next = a.next(2 * a + (x.shape == [1] ? x : sumOverFeatures(x)) + w)
    guard hasSecond else { return next }
    let c = scope.state("c", 1)
    return c.next(2 * c + next)
  }
}

/// Every diagnostic hands out one gradient of a state, that which goes on: after a clip, and cut by truncation.
struct ClippedDiagnosticsTests {
  /// One recurrence, and ‖dL/ds‖ of each state at each step, sample by sample.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var clip: GradientClip?
    var scopeClip: GradientClip?
    var hasSecond = false
    var truncation = 0
    /// The loss of each sample is this times the last output.
    var weights = [1.0]
    var expected: [String: [[Double]]]
    /// ‖dL/da‖ at each step without truncation, where there is one.
    var whole: [Double]?
  }

  static let cases: [Case] = [
    Case(testDescription: "norm", clip: .norm(4), expected: ["a": [[4], [4], [4], [2], [1]]]),
    Case(testDescription: "value", clip: .value(4), expected: ["a": [[4], [4], [4], [2], [1]]]),
    Case(testDescription: "scope", scopeClip: .norm(4), expected: ["a": [[4], [4], [4], [2], [1]]]),
    Case(testDescription: "free", expected: ["a": [[16], [8], [4], [2], [1]]]),
    Case(testDescription: "none passes", clip: .value(0), expected: ["a": [[0], [0], [0], [0], [0]]]),
    Case(
      testDescription: "truncated", truncation: 2, expected: ["a": [[0], [0], [0], [0], [1]]],
      whole: [16, 8, 4, 2, 1]),
    Case(
      testDescription: "clipped and truncated", clip: .norm(1.5), truncation: 3,
      expected: ["a": [[0], [0], [0], [1.5], [1]]], whole: [1.5, 1.5, 1.5, 1.5, 1]),
    Case(
      testDescription: "each sample", clip: .norm(4), weights: [1, -10, 0],
      expected: ["a": [[4, 4, 0], [4, 4, 0], [4, 4, 0], [2, 4, 0], [1, 4, 0]]]),
    // c̄ = 16, 8, 4, 2, 1; āₜ = clip(c̄ₜ + 2 āₜ₊₁)
    Case(
      testDescription: "one of two", clip: .norm(10), hasSecond: true,
      expected: ["a": [[10], [10], [10], [4], [1]], "c": [[16], [8], [4], [2], [1]]]),
    Case(
      testDescription: "both of two", scopeClip: .value(3), hasSecond: true,
      expected: ["a": [[3], [3], [3], [3], [1]], "c": [[3], [3], [3], [2], [1]]]),
  ]

  private func record(_ example: Case) throws -> (recording: Recording, bindings: Bindings) {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t", truncation: example.truncation)
      let batch = scope.batch("b")
      let x = scope.input("x", [1], over: [time, batch])
      let weight = scope.input("weight", [], over: [batch])
      var inner = scope.over(time)
      if let clip = example.scopeClip { inner = inner.clipping(clip) }
      let y = inner.run(Doubling(clip: example.clip, hasSecond: example.hasSecond), x)
      scope.output("loss", weight * sumOverFeatures(last(y, along: time)))
      scope.output("step", weight * sumOverFeatures(y))
    }
    var bindings = Bindings(recording.initialValues(seed: 1))
    let samples = example.weights.count
    bindings.values["x"] = Tensor([5, samples, 1], [Double](repeating: 0.1, count: 5 * samples))
    bindings.values["weight"] = Tensor([samples], example.weights)
    return (recording, bindings)
  }

  @Test(arguments: cases) func allHandOutTheSame(_ example: Case) throws {
    let (recording, bindings) = try record(example)
    let loss = try #require(recording.graph.output(named: "loss"))
    func check(_ what: String, _ state: String, _ found: [[Double]]) {
      #expect(found == example.expected[state], "\(what) of \(state)")
    }
    func run(_ graph: Graph) throws -> [[String: Tensor]] {
      [try Interpreter.run(graph, bindings)]
        + (try runOptions().map { try CompiledDiagnostic(graph, over: Axis(0), bindings, $0).run(bindings).outputs })
    }
    #expect(recording.states.map(\.name).sorted() == example.expected.keys.sorted())

    // The graph itself, by the interpreter and in every way of execution.
    var graph = recording.graph
    let adjoints = try graph.gradient(of: loss, withRespectTo: recording.states.map(\.value))
    for (state, adjoint) in zip(recording.states, adjoints) { graph.setOutput(state.name, adjoint) }
    for outputs in try run(graph) {
      for state in recording.states {
        let numbers = try #require(outputs[state.name]).rows(over: 0)
        check("graph.gradient", state.name, numbers.map { $0.map(abs) })
      }
    }

    for isUnrolled in [false, true] {
      let flow = try Diagnostics.gradientFlow(
        of: Trial(recording, bindings, run: RunOptions(isUnrolled: isUnrolled)))
      for state in flow.states {
        check("measure", state.name, state.total.samples)
        // At the last step nothing comes from later ones.
        #expect(state.direct?.samples.last == example.expected[state.name]?.last)
      }
      // A clip that changes a norm is an event, and what it leaves is what is handed out.
      for event in flow.clips {
        #expect(event.before > event.after)
        #expect(event.after == example.expected[event.state]?[event.step - 1][event.sample])
      }
    }
    // A training step's norms come from its own sweep.
    var step = recording.graph
    let gradients = try step.gradients(
      of: loss, withRespectTo: recording.parameters.map(\.node) + recording.states.map(\.value))
    let norms = GradientNorms(
      in: &step, states: recording.states,
      total: Gradients(adjoints: Array(gradients.adjoints.dropFirst()), clips: gradients.clips, copies: [:]))
    for outputs in try run(step) {
      for state in norms.flow(outputs, loss: 0).states { check("GradientNorms", state.name, state.total.samples) }
    }

    for run in runOptions() {
      let detail = try Diagnostics.gradientDetail(of: Trial(recording, bindings, run: run))
      for value in detail.values where value.isState { check("gradientDetail", value.name, value.total.norms) }
      // The row of the last step: of samples apart it is their mean.
      let credit = try Diagnostics.creditMatrix(of: Trial(recording, loss: "step", bindings, run: run))
      for state in credit.states {
        let means = example.expected[state.name].map { $0.map { $0.reduce(0, +) / Double($0.count) } }
        #expect(means.map { state.norms[4].distance(to: $0) < 1e-15 } == true, "credit of \(state.name)")
      }
      let split = try Diagnostics.stepwiseGradients(of: Trial(recording, bindings, run: run))
      // w is added to a at each step: its gradient is a's, summed over the samples.
      if example.weights.count == 1 {
        #expect(split["w"]?.norms == example.expected["a"]?.map { $0[0] })
      }
      #expect(split.parameters.allSatisfy { $0.discrepancy < 1e-15 })
      let noise = try Diagnostics.noise(of: Trial(recording, bindings, run: run))
      if example.weights.count == 1 {
        for state in noise.states { check("noise", state.name, state.steps.map { [$0.meanNorm] }) }
      }
    }

    // Of the sums over the steps: a window leaves what arises within it, after the clip of what arises there.
    if example.weights.count == 1, !example.hasSecond {
      let bias = try Diagnostics.truncation(of: Trial(recording, bindings), to: [1, 5])
      let whole = example.whole ?? example.expected["a"]?.map { $0[0] } ?? []
      let last = try #require(whole.last)
      let ratios = bias.truncations.map(\.all.normRatio)
      if whole.contains(where: { $0 != 0 }) {
        #expect(ratios.distance(to: [last / whole.reduce(0, +), 1]) < 1e-15, "truncation: \(ratios)")
      }
    }

    // A trainer's norms, of features and samples together, and what is measured of it.
    let trainer = try Trainer(recording)
    let parameters = Set(recording.parameters.map(\.name))
    let batch = bindings.values.filter { !parameters.contains($0.key) }
    let joint = try trainer.jointGradientNorms(
      on: batch, parameters: bindings.values.filter { parameters.contains($0.key) })
    for state in recording.states {
      let expected = try #require(example.expected[state.name]).map { $0.norm }
      let found = try #require(joint[state.name])
      #expect(found.distance(to: expected) < 1e-14, "Trainer.jointGradientNorms of \(state.name)")
    }
    let watched = try GradientDetailMonitor(recording).diagnostic.graph
    for outputs in try run(watched) {
      for state in recording.states {
        let numbers = try #require(outputs["total/" + state.name]).rows(over: 0)
        check("GradientDetailMonitor", state.name, numbers.map { $0.map(abs) })
      }
    }
  }

  // MARK: What has no such meaning

  /// Rows of several steps are estimated from a sum of losses, which a clip does not pass on loss by loss.
  @Test func creditOfBlocksIsRefusedWhereAClipActs() throws {
    let blocks = CreditMatrix.Settings(block: 2, probes: 4)
    func measure(_ example: Case) throws {
      let (recording, bindings) = try record(example)
      _ = try Diagnostics.creditMatrix(of: Trial(recording, loss: "step", bindings), blocks)
    }
    #expect { try measure(Self.cases[0]) } throws: {
      "\($0)".contains("the gradient of a is clipped at the norm 4.0") && "\($0)".contains("rows of one step")
    }
    for position in [3, 4, 5] { try measure(Self.cases[position]) }
  }

  /// A rescaled adjoint cannot be clipped, also not at a value within the step that is no state.
  @Test func logNormsRefuseEveryClipInsideTheRecurrence() throws {
    struct Inner: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 1)
        return h.next(tanh(clipGradient(2 * h, .norm(4)) + x + scope.parameter("b", [1], .zeros)))
      }
    }
    let experiment = FlowExperiment(length: 5, features: 1, batch: 1)
    #expect { try Diagnostics.logNorms(of: experiment.trial(of: Inner())) } throws: { "\($0)".contains("clipped") }
    #expect { try Diagnostics.hessian(of: experiment.trial(of: Inner())) } throws: {
      "\($0)".contains("clipped at the norm 4.0")
    }
    // A clip through which no parameter's gradient flows changes no second derivative.
    struct Beside: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 1)
        return h.next(tanh(scope.parameter("w", [1], .constant(0.5)) * h + clipGradient(x, .norm(1))))
      }
    }
    #expect(try Diagnostics.hessian(of: experiment.trial(of: Beside())).times([1]).allSatisfy { $0.isFinite })
  }
}

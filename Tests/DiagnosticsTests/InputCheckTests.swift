import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import EbbTransforms
import Testing

@testable import EbbDiagnostics

/// Ids, targets and numbers that a network cannot mean are refused by everything that measures it: the graph itself reads
/// 0 there, and the gradients of something else would look sound.
@Suite struct InputCheckTests {
  /// A language model of 5 tokens with a loss for each sample and one for each step, and binary targets beside.
  private static func record() throws -> Recording {
    try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let tokens = scope.input("tokens", over: [time, batch], as: .int32)
      let targets = scope.input("targets", over: [time, batch], as: .int32)
      let answer = scope.input("answer", over: [batch])
      let vectors = scope.run(Embedding(tokens: 5, units: 2), tokens)
      let h = scope.over(time).run(SimpleRNN(units: 3), vectors)
      let logits = scope.run(Dense(units: 4), h, named: "readout")
      let step = crossEntropy(logits, targets, over: [])
      let isRight = binaryCrossEntropy(sumOverFeatures(last(h, along: time)), answer, over: [])
      scope.output("step", step)
      scope.output("loss", sum(step, over: [time]) + isRight)
    }
  }

  private static func bindings(_ recording: Recording) -> Bindings {
    var bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["tokens"] = Tensor([3, 2], [0, 4, 1, 2, 3, 0] as [Int32])
    bindings.values["targets"] = Tensor([3, 2], [3, 0, 1, 2, 0, 0] as [Int32])
    bindings.values["answer"] = Tensor([2], [1, 0] as [Double])
    return bindings
  }

  typealias Measurement = @Sendable (Recording, Bindings) throws -> Void
  static let measurements: [(name: String, run: Measurement)] = [
    ("measure", { _ = try Diagnostics.gradientFlow(of: Trial($0, $1)) }),
    (
      "measure, unrolled",
      { _ = try Diagnostics.gradientFlow(of: Trial($0, $1, run: RunOptions(isUnrolled: true))) }
    ),
    ("detail", { _ = try Diagnostics.gradientDetail(of: Trial($0, $1)) }),
    ("credit", { _ = try Diagnostics.creditMatrix(of: Trial($0, loss: "step", $1)) }),
    ("by step", { _ = try Diagnostics.stepwiseGradients(of: Trial($0, loss: "step", $1), byLag: true) }),
    ("noise", { _ = try Diagnostics.noise(of: Trial($0, $1)) }),
    ("log norms", { _ = try Diagnostics.logNorms(of: Trial($0, $1)) }),
    ("truncation", { _ = try Diagnostics.truncation(of: Trial($0, $1), to: [2]) }),
    ("hessian", { _ = try Diagnostics.hessian(of: Trial($0, $1)) }),
    ("jacobians", { _ = try Diagnostics.stepJacobians(of: Trial($0, $1)) }),
    ("jacobian spectra", { _ = try Diagnostics.jacobianSpectra(of: Trial($0, $1)) }),
    ("lyapunov", { _ = try Diagnostics.lyapunovSpectrum(of: Trial($0, $1)) }),
    ("dynamics", { _ = try Diagnostics.stepDynamics(of: Trial($0, $1)) }),
    ("activations", { _ = try Diagnostics.activations(of: Trial($0, $1)) }),
    (
      "gates",
      { recording, bindings in
        let flow = try Diagnostics.gradientFlow(of: Trial(recording, InputCheckTests.bindings(recording)))
        _ = try Diagnostics.gates(of: Trial(recording, bindings), beside: flow)
      }
    ),
    (
      "theory",
      { recording, bindings in
        let flow = try Diagnostics.gradientFlow(of: Trial(recording, InputCheckTests.bindings(recording)))
        _ = try Diagnostics.theory(of: Trial(recording, bindings), beside: flow)
      }
    ),
    ("origin", { _ = try Diagnostics.nonFiniteOrigin(of: Trial($0, $1)) }),
    (
      "watch",
      { recording, bindings in
        let inputs = bindings.values.filter { name, _ in recording.inputs.contains { $0.name == name } }
        _ = try GradientDetailMonitor(recording).detail(of: Trainer(recording), on: inputs, at: 0)
      }
    ),
  ]

  @Test(arguments: measurements.indices) func refuses(_ index: Int) throws {
    let (name, run) = Self.measurements[index]
    let recording = try Self.record()
    let sound = Self.bindings(recording)
    try run(recording, sound)
    func found(_ input: String, _ tensor: Tensor) -> String {
      var bindings = sound
      bindings.values[input] = tensor
      do {
        try run(recording, bindings)
        return "nothing"
      } catch DiagnosticError.input(let error) {
        return error.description
      } catch {
        return "another error: \(error)"
      }
    }
    for id in [5, -1, .max] as [Int32] {
      #expect(
        found("tokens", Tensor([3, 2], [0, 4, 1, id, 3, 0]))
          == "tokens at sample 1, step 1 is \(id); it is a row of table, which are 0 ... 4", "\(name)")
    }
    for target in [4, -1, -100, 1_000_000] as [Int32] {
      #expect(
        found("targets", Tensor([3, 2], [3, 0, 1, 2, 0, target]))
          == "targets at sample 1, step 2 is \(target); it is one of 4 classes, which are 0 ... 3", "\(name)")
    }
    #expect(
      found("answer", Tensor([2], [0, 1.5] as [Double]))
        == "answer at sample 1 is 1.5; a target of binaryCrossEntropy is in 0 ... 1", "\(name)")
  }

  /// Floats that are not finite are what a search looks for, and what every other measurement refuses.
  @Test func onlyTheSearchTakesWhatIsNotFinite() throws {
    let recording = try Recording(SimpleRNN(units: 2), features: 1, element: .float64) { scope, y in
      scope.output("loss", sumOverFeatures(sum(y, over: [Axis(0)])))
    }
    var bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["x"] = Tensor([3, 1, 1], [0, .nan, 0] as [Double])
    let origin = try #require(try Diagnostics.nonFiniteOrigin(of: Trial(recording, bindings)))
    #expect(origin.step == 2 && origin.name == "x")
    for (name, run) in Self.measurements.prefix(1) {
      #expect(throws: DiagnosticError.self, "\(name)") { try run(recording, bindings) }
    }
  }
}

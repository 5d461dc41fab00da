import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Every cell: its gradients against central differences, and its fused program against the interpreter.
@Suite struct CellGradientTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    var name: String
    var cell: any RecurrentCell
    var testDescription: String { name }
  }

  static let subjects = [
    Subject(name: "IRNN", cell: SimpleRNN(units: 3, activation: .relu, recurrent: .identity())),
    Subject(name: "LSTM, chrono", cell: LSTM(units: 3, longestDependency: 9)),
    Subject(name: "GRU, chrono", cell: GRU(units: 3, longestDependency: 9)),
    Subject(name: "CIFG", cell: CoupledGateLSTM(units: 3)),
    Subject(name: "UGRNN", cell: UpdateGateRNN(units: 3)),
    Subject(name: "MUT1", cell: MUT1(units: 3)),
    Subject(name: "MUT2", cell: MUT2(units: 3)),
    Subject(name: "MUT3", cell: MUT3(units: 3)),
    Subject(name: "sLSTM", cell: ScalarLSTM(units: 3)),
    Subject(name: "sLSTM, exponential", cell: ScalarLSTM(units: 3, forgetGate: .exponential)),
    Subject(name: "IndRNN", cell: IndRNN(units: 3)),
    Subject(name: "minGRU", cell: MinGRU(units: 3)),
    Subject(name: "minLSTM", cell: MinLSTM(units: 3)),
    Subject(name: "LRU", cell: LinearRecurrentUnit(units: 3, outputs: 2)),
    Subject(name: "antisymmetric", cell: AntisymmetricRNN(units: 3, step: 0.2)),
    Subject(name: "antisymmetric, gated", cell: AntisymmetricRNN(units: 3, isGated: true, step: 0.2)),
    Subject(name: "coRNN", cell: CoRNN(units: 3, timeStep: 0.3)),
    Subject(name: "UnICORNN", cell: UnICORNN(units: 3, timeStep: 0.3)),
    Subject(name: "LEM", cell: LongExpressiveMemory(units: 3)),
    Subject(name: "echo state", cell: EchoState(units: 3, leakage: 0.4)),
  ]

  @Test(arguments: subjects)
  func gradientsAgreeWithDifferences(_ subject: Subject) throws {
    let check = try GradientCheck.run(subject.cell, .init(length: 4, features: 2, batch: 2))
    #expect(check.largestError < 1e-6, "\(check.entries)")
  }

  @Test(arguments: subjects, [ElementType.float32, .float64])
  func executorAgreesWithInterpreter(_ subject: Subject, element: ElementType) throws {
    var trial = try Trial(subject.cell, features: 2, steps: 6, batch: 3, element: element)
    if trial.values["n.initial"] != nil { trial["n.initial"] = trial["n.initial"].map { abs($0) + 0.5 } }
    let names = trial.model.parameters.map(\.name) + trial.model.inputs.map(\.name)
    let graph = try trial.graph(gradients: names)
    let expected = try Interpreter.run(graph, Bindings(trial.values))
    let program = Executable(try Passes.optimized(graph), options: ExecutionOptions(threads: 1))
    let found = try program.run(Bindings(trial.values))
    for (name, value) in expected {
      let tolerance = element == .float64 ? 1e-12 : 2e-5
      let floor = name.hasSuffix("/m") ? 1.0 : 1e-6
      let error = found[name].map { maximumRelativeError($0.converted(to: .float64), value, floor: floor) }
      #expect((error ?? .infinity) < tolerance, "\(name)")
    }
  }
}

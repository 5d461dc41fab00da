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
    Subject(name: "expRNN", cell: ExponentialRNN(units: 3)),
    Subject(name: "S4D", cell: S4D(units: 3, order: 2)),
    Subject(name: "S5", cell: S5(units: 3, outputs: 2)),
    Subject(name: "Mamba", cell: SelectiveStateSpace(units: 3, order: 2)),
    Subject(name: "RWKV", cell: RWKVTimeMixing(units: 3)),
    Subject(name: "RWKV, channels", cell: RWKVChannelMixing(units: 3, hidden: 4)),
    Subject(name: "LMU", cell: LegendreMemoryUnit(units: 3, order: 4, window: 5)),
    Subject(name: "LIF", cell: LeakyIntegrateAndFire(units: 3)),
    Subject(name: "adaptive LIF", cell: AdaptiveIntegrateAndFire(units: 3)),
    Subject(name: "phased LSTM", cell: PhasedLSTM(units: 3)),
    Subject(name: "clockwork", cell: ClockworkRNN(units: 3, groups: 2)),
    Subject(name: "ODE-RNN", cell: ODERNN(units: 3, steps: 2)),
    Subject(name: "ODE-RNN, intervals", cell: ODERNN(units: 3, hidden: 2, interval: nil)),
    Subject(name: "multiplicative LSTM", cell: MultiplicativeLSTM(units: 3)),
    Subject(name: "HyperLSTM", cell: HyperLSTM(units: 3, hyperUnits: 2, embedding: 2)),
    Subject(name: "LSTMN", cell: LSTMN(units: 3)),
    Subject(name: "an equilibrium at each step", cell: EquilibriumCell(units: 3)),
    Subject(name: "updates until each sample halts", cell: AdaptiveCell(units: 3)),
  ]

  @Test(arguments: subjects)
  func gradientsAgreeWithDifferences(_ subject: Subject) throws {
    let check = try GradientCheck.run(subject.cell, .init(length: 4, features: 2, batch: 2))
    #expect(check.largestError < 1e-6, "\(check.entries)")
  }

  @Test(arguments: subjects, [ElementType.float32, .float64])
  func executorAgreesWithInterpreter(_ subject: Subject, element: ElementType) throws {
    var trial = try Trial(subject.cell, features: 2, steps: 6, batch: 3, element: element)
    // The normalisers of an sLSTM and of RWKV.
    for name in ["n.initial", "b.initial"] where trial.values[name] != nil {
      trial[name] = trial[name].map { abs($0) + 0.5 }
    }
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

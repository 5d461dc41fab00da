import EbbCells
import EbbDiagnostics
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Settings of cells at values other than their defaults, each against a loop over its equations.
@Suite struct SettingTests {
  let tolerance = 1e-12

  private func softsign(_ x: Vector) -> Vector { x.map { $0 / (1 + abs($0)) } }
  private func hardSigmoid(_ x: Vector) -> Vector { x.map { min(max($0 * 0.2 + 0.5, 0), 1) } }
  private func clipped(_ x: Vector, _ limit: Double) -> Vector { x.map { min(max($0, -limit), limit) } }

  /// (v − mean v) / √(var v + ε)
  private func normalized(_ x: Vector, _ epsilon: Double) -> Vector {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return x.map { ($0 - mean) / (variance + epsilon).squareRoot() }
  }

  @Test func lstm() throws {
    let cell = LSTM(
      units: 4, gateActivation: .hardSigmoid(slope: 0.2), activation: .softsign, outputActivation: .relu,
      hasBias: false, preactivationLimit: 0.5)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String) -> Vector { hardSigmoid(clipped(w.affine(name, s[0], x), 0.5)) }
      let (i, f, o) = (gate("input"), gate("forget"), gate("output"))
      s[1] = f * s[1] + i * softsign(clipped(w.affine("candidate", s[0], x), 0.5))
      s[0] = o * relu(s[1])
      return s[0]
    }
    #expect(worst < tolerance)
    #expect(try Recording(cell, features: 2).parameters.count == 4)
  }

  @Test(arguments: CoupledGateLSTM.LearnedGate.allCases, [false, true])
  func coupledGateLSTM(_ learnedGate: CoupledGateLSTM.LearnedGate, hasPeepholes: Bool) throws {
    let cell = CoupledGateLSTM(
      units: 4, learnedGate: learnedGate, hasPeepholes: hasPeepholes, gateActivation: .hardSigmoid(slope: 0.2),
      activation: .softsign, outputActivation: .relu, hasBias: hasPeepholes, preactivationLimit: 0.5)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String, _ c: Vector) -> Vector {
        let peephole = hasPeepholes ? w[name + ".peephole"] * c : Vector(repeating: 0, count: 4)
        return hardSigmoid(clipped(w.affine(name, s[0], x) + peephole, 0.5))
      }
      let g = gate(learnedGate == .forget ? "forget" : "input", s[1])
      let candidate = softsign(clipped(w.affine("candidate", s[0], x), 0.5))
      s[1] = learnedGate == .forget ? g * s[1] + (1 - g) * candidate : (1 - g) * s[1] + g * candidate
      s[0] = gate("output", s[1]) * relu(s[1])
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func peepholeLSTM() throws {
    let cell = PeepholeLSTM(
      units: 4, gateActivation: .hardSigmoid(slope: 0.2), activation: .softsign, outputActivation: .relu,
      hasBias: false, preactivationLimit: 0.5)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String, _ c: Vector) -> Vector {
        hardSigmoid(clipped(w.affine(name, s[0], x) + w[name + ".peephole"] * c, 0.5))
      }
      let (i, f) = (gate("input", s[1]), gate("forget", s[1]))
      s[1] = f * s[1] + i * softsign(clipped(w.affine("candidate", s[0], x), 0.5))
      s[0] = gate("output", s[1]) * relu(s[1])
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test(arguments: [false, true])
  func layerNormLSTM(carriesNormalizedCell: Bool) throws {
    let cell = LayerNormLSTM(
      units: 4, epsilon: 0.1, carriesNormalizedCell: carriesNormalizedCell, gateActivation: .hardSigmoid(slope: 0.2),
      activation: .softsign, outputActivation: .relu)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String) -> Vector {
        w[name + ".scale"] * normalized(matrixProduct(s[0].joined(x), w[name + ".weight"]), 0.1) + w[name + ".bias"]
      }
      let (i, f, o) = (hardSigmoid(gate("input")), hardSigmoid(gate("forget")), hardSigmoid(gate("output")))
      let sum = f * s[1] + i * softsign(gate("candidate"))
      let cell = w["cell.scale"] * normalized(sum, 0.1) + w["cell.bias"]
      s[1] = carriesNormalizedCell ? cell : sum
      s[0] = o * relu(cell)
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func projectedLSTM() throws {
    let cell = ProjectedLSTM(
      units: 4, outputs: 2, gateActivation: .hardSigmoid(slope: 0.2), activation: .softsign, outputActivation: .relu,
      hasBias: false)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String) -> Vector { hardSigmoid(w.affine(name, s[0], x)) }
      let (i, f, o) = (gate("input"), gate("forget"), gate("output"))
      s[1] = f * s[1] + i * softsign(w.affine("candidate", s[0], x))
      s[0] = w.affine("projection", o * relu(s[1]))
      return s[0]
    }
    #expect(worst < tolerance)
  }

  /// Both reset conventions, of every cell that has them; dropout of rate 0 draws nothing.
  @Test(arguments: ResetConvention.allCases, [false, true])
  func gatedRecurrentUnits(_ reset: ResetConvention, hasBias: Bool) throws {
    let gate = Activation.hardSigmoid(slope: 0.2)
    let variational = VariationalGRU(
      units: 4, reset: reset, gateActivation: gate, activation: .softsign, hasBias: hasBias)
    func worst(_ cell: some RecurrentCell, _ limit: Double) throws -> Double {
      try Trial(cell).largestDifference { w, s, x in
        let u = hardSigmoid(clipped(w.affine("update", s[0], x), limit))
        let r = hardSigmoid(clipped(w.affine("reset", s[0], x), limit))
        switch reset {
        case .before:
          let candidate = softsign(clipped(w.affine("candidate", r * s[0], x), limit))
          s[0] = (1 - u) * s[0] + u * candidate
        case .after:
          let proposal = w.affine("candidate", x) + r * w.affine("recurrentCandidate", s[0])
          s[0] = (1 - u) * softsign(clipped(proposal, limit)) + u * s[0]
        }
        return s[0]
      }
    }
    #expect(try worst(variational, .infinity) < tolerance)
    switch reset {
    case .before:
      let cell = GRU(
        units: 4, gateActivation: gate, activation: .softsign, hasBias: hasBias, preactivationLimit: 0.4)
      #expect(try worst(cell, 0.4) < tolerance)
    case .after:
      let cell = ResetAfterGRU(
        units: 4, gateActivation: gate, activation: .softsign, hasBias: hasBias, preactivationLimit: 0.4)
      #expect(try worst(cell, 0.4) < tolerance)
    }
    #expect(
      try Recording(variational, features: 2).parameters.count == (hasBias ? 6 : 3)
        + (reset == .before ? 0 : hasBias ? 2 : 1))
  }

  @Test(arguments: ResetConvention.allCases)
  func minimalGatedUnit(_ reset: ResetConvention) throws {
    let cell = MinimalGatedUnit(units: 4, reset: reset, gateActivation: .hardSigmoid(slope: 0.2), activation: .softsign)
    let worst = try Trial(cell).largestDifference { w, s, x in
      let f = hardSigmoid(w.affine("forget", s[0], x))
      switch reset {
      case .before: s[0] = (1 - f) * s[0] + f * softsign(w.affine("candidate", f * s[0], x))
      case .after:
        let candidate = softsign(w.affine("candidate", x) + f * w.affine("recurrentCandidate", s[0]))
        s[0] = (1 - f) * candidate + f * s[0]
      }
      return s[0]
    }
    #expect(worst < tolerance)
    #expect(try Recording(MinimalGatedUnit(units: 2, hasBias: false), features: 2).parameters.count == 2)
  }

  /// Its masks are those of the cell with the reset before; without noise it is the other GRU.
  @Test func variationalGRUWithTheResetAfter() throws {
    let plain = try Trial(ResetAfterGRU(units: 3))
    let expected = try plain.run()["y"] ?? []
    let noisy = try Trial(VariationalGRU(units: 3, inputDropout: 0.4, recurrentDropout: 0.4, reset: .after))
    let found = try Interpreter.run(noisy.model.evaluationGraph, Bindings(plain.values))["y"]?.doubles ?? []
    #expect(distance(found, expected) < tolerance)
    #expect(distance(try noisy.run()["y"] ?? [], expected) > 0.01)
  }

  @Test func variationalLSTM() throws {
    let cell = VariationalLSTM(
      units: 4, gateActivation: .hardSigmoid(slope: 0.2), activation: .softsign, outputActivation: .relu,
      hasBias: false)
    let worst = try Trial(cell).largestDifference { w, s, x in
      func gate(_ name: String) -> Vector { hardSigmoid(w.affine(name, s[0], x)) }
      let (i, f, o) = (gate("input"), gate("forget"), gate("output"))
      s[1] = f * s[1] + i * softsign(w.affine("candidate", s[0], x))
      s[0] = o * relu(s[1])
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func layersWithoutBiases() throws {
    let worst = try Trial(SimpleRNN(units: 4, activation: .elu(scale: 0.5), hasBias: false)).largestDifference {
      w, s, x in
      s[0] = w.affine("recurrent", s[0], x).map { $0 > 0 ? $0 : 0.5 * Foundation.expm1($0) }
      return s[0]
    }
    #expect(worst < tolerance)
    let names = try Recording(
      Stack([SimpleRNN(units: 2, hasBias: false), Dense(units: 1, hasBias: false)]), features: 1
    )
    .parameters.map(\.name)
    #expect(names == ["layer0.recurrent.weight", "layer1.dense.weight"])
  }

  // MARK: Functions

  private func value(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .identity: x
    case .tanh: Foundation.tanh(x)
    case .relu: max(x, 0)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .softplus: Foundation.log1p(Foundation.exp(x))
    case .softsign: x / (1 + abs(x))
    case .exponential: Foundation.exp(x)
    case .silu: x / (1 + Foundation.exp(-x))
    case .gelu: x * Foundation.erfc(-x / 2.0.squareRoot()) / 2
    case .hardSigmoid(let slope): min(max(slope * x + 0.5, 0), 1)
    case .elu(let scale): x > 0 ? x : scale * Foundation.expm1(x)
    case .leakyReLU(let slope): x > 0 ? x : slope * x
    case .selu: 1.0507009873554804934 * (x > 0 ? x : 1.6732632423543772848 * Foundation.expm1(x))
    }
  }

  @Test(arguments: Activation.allCases + [.hardSigmoid(slope: 0.2), .elu(scale: 2), .leakyReLU(slope: 0.3)])
  func activations(_ activation: Activation) throws {
    let points = [-800, -4, -1.7, -0.3, 0.2, 1.1, 2.9, 700] as Vector
    let model = try Recording(element: .float64) { scope in
      let x = scope.input("x", [points.count], over: [scope.time("t")])
      let y = activation(x)
      scope.output("y", y)
      scope.output("loss", sum(y))
    }
    var graph = model.graph
    let loss = try #require(graph.output(named: "loss"))
    graph.setOutput("dx", try graph.gradient(of: loss, withRespectTo: [try #require(graph.node(named: "x"))])[0])
    let found = try Interpreter.run(graph, Bindings(["x": Tensor([1, points.count], points)])).mapValues(\.doubles)
    for (index, x) in points.enumerated() {
      let expected = value(activation, x)
      let y = try #require(found["y"])[index]
      #expect(y == expected || abs(y - expected) < 1e-13 * max(1, abs(expected)), "\(activation) of \(x): \(y)")
      if abs(x) > 100 && activation == .exponential { continue }
      let difference = (value(activation, x + 1e-6) - value(activation, x - 1e-6)) / 2e-6
      let slope = try #require(found["dx"])[index]
      #expect(abs(slope - difference) < 1e-7 * max(1, abs(difference)), "\(activation)′ of \(x): \(slope)")
    }
  }

  // MARK: Directions

  /// Each way to merge, from the two outputs by themselves.
  @Test(arguments: Bidirectional.Merge.allCases, [false, true])
  func directionsAreMerged(_ merge: Bidirectional.Merge, sharesWeights: Bool) throws {
    let both = Bidirectional(LSTM(units: 2), merge: merge, sharesWeights: sharesWeights)
    let merged = try Trial(both)
    #expect(merged.model.parameters.count == (sharesWeights ? 8 : 16))
    let found = try #require(try merged.run()["y"])
    let parts = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [3], over: [time, batch])
      let (ahead, back) = both.outputs(x, scope.over(time).starting(.input(over: [batch])))
      scope.output("forward", ahead)
      scope.output("backward", back)
    }
    let values = merged.values.filter { $0.key != "readout" }
    let outputs = try Interpreter.run(parts.graph, Bindings(values)).mapValues(\.doubles)
    let (ahead, back) = (try #require(outputs["forward"]), try #require(outputs["backward"]))
    #expect(distance(ahead, back) > 0.01)
    let expected: Vector =
      switch merge {
      case .concatenate:
        ahead.indices.flatMap { $0 % 2 == 0 ? [] : [ahead[$0 - 1], ahead[$0], back[$0 - 1], back[$0]] }
      case .sum: ahead + back
      case .average: 0.5 * (ahead + back)
      case .product: ahead * back
      }
    #expect(distance(found, expected) < tolerance)
  }

  /// With shared weights, one direction of a reversed sequence is the other direction reversed.
  @Test func aReversedCellReadsTheSequenceBackward() throws {
    let (steps, units) = (5, 2)
    var forward = try Trial(LSTM(units: units), steps: steps, batch: 1)
    var backward = try Trial(Reversed(LSTM(units: units)), steps: steps, batch: 1)
    for (name, value) in forward.values where name != "readout" { backward.values[name] = value }
    forward["x"] = (0..<steps).reversed().flatMap { forward.row($0, of: backward["x"], of: steps) }
    let y = try #require(try forward.run()["y"])
    let expected = (0..<steps).reversed().flatMap { forward.row($0, of: y, of: steps) }
    #expect(distance(try backward.run()["y"] ?? [], expected) < tolerance)
  }

  @Test func aReversedLayersLastStepIsTheFirst() throws {
    func output(_ layers: [any RecurrentCell]) throws -> Vector {
      let model = try Recording(Stack(layers), features: 2, element: .float64)
      var values = model.initialValues(seed: 4)
      values["x"] = Tensor([3, 1, 2], [0.3, -1, 0.7, 0.2, 1.4, -0.6] as Vector)
      return try Interpreter.run(model.graph, Bindings(values))["y"]?.doubles ?? []
    }
    let all = try output([Reversed(GRU(units: 2))])
    #expect(try output([Reversed(GRU(units: 2)), Reversed(LastStep())]) == Array(all[..<2]))
    let nested = Reversed(Stack([GRU(units: 2), LastStep()]))
    #expect(try Recording(nested, features: 2).parameters.first?.name == "layer0.update.weight")
  }

  // MARK: Gradients

  static let subjects: [CellGradientTests.Subject] = [
    .init(
      name: "LSTM",
      cell: LSTM(
        units: 3, gateActivation: .hardSigmoid(), activation: .softsign, outputActivation: .silu, hasBias: false,
        preactivationLimit: 0.9)),
    .init(
      name: "coupled, peepholes", cell: CoupledGateLSTM(units: 3, learnedGate: .input, hasPeepholes: true)),
    .init(name: "normalised cell", cell: LayerNormLSTM(units: 3, epsilon: 0.1, carriesNormalizedCell: true)),
    .init(name: "GRU", cell: GRU(units: 3, activation: .gelu, hasBias: false, preactivationLimit: 0.9)),
    .init(name: "GRU, after", cell: ResetAfterGRU(units: 3, activation: .selu, hasBias: false)),
    .init(name: "MGU, after", cell: MinimalGatedUnit(units: 3, reset: .after)),
    .init(name: "variational, after", cell: VariationalGRU(units: 3, reset: .after)),
    .init(name: "product", cell: Bidirectional(GRU(units: 2), merge: .product)),
    .init(name: "average, shared", cell: Bidirectional(GRU(units: 2), merge: .average, sharesWeights: true)),
    .init(name: "reversed", cell: Reversed(Stack([LSTM(units: 2), GRU(units: 3)]))),
  ]

  @Test(arguments: subjects)
  func gradientsAgreeWithDifferences(_ subject: CellGradientTests.Subject) throws {
    let check = try GradientCheck.run(subject.cell, .init(length: 4, features: 2, batch: 2))
    #expect(check.largestError < 1e-6, "\(check.entries)")
  }

  @Test(arguments: subjects, [ElementType.float32, .float64])
  func executorAgreesWithInterpreter(_ subject: CellGradientTests.Subject, element: ElementType) throws {
    try CellGradientTests().executorAgreesWithInterpreter(subject, element: element)
  }
}

extension Vector {
  fileprivate func joined(_ other: Vector) -> Vector { [self, other].flatMap { $0 } }
}

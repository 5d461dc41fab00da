import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import EbbTransforms
import Foundation
import Testing

/// h' = tanh(h A + x), of two units.
private struct TanhCell: RecurrentCell {
  var isLinear = false
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let sum = matmul(h, scope.parameter("A", [2, 2], .zeros)) + x
    return h.next(isLinear ? sum : tanh(sum))
  }
}

/// The same cell on plain arrays, with the loss ½ ‖h_T‖² of each sample.
private struct PlainCell {
  static let steps = 7
  static let samples = 2
  static let a = [0.9, -0.4, 0.5, 1.1]
  static let x = (0..<steps * samples * 2).map { 0.4 * sin(1.3 * Double($0) + 0.2) }

  /// h₁ … h_T of a sample.
  static func states(_ a: [Double], sample: Int) -> [[Double]] {
    var h = [0.0, 0.0]
    return (0..<steps).map { t in
      let before = h
      h = (0..<2).map { j in
        tanh(before[0] * a[j] + before[1] * a[2 + j] + x[(t * samples + sample) * 2 + j])
      }
      return h
    }
  }

  /// gᵀJ of the step to h: (Jᵀg)ᵢ = Σⱼ Aᵢⱼ (1 − hⱼ²) gⱼ
  static func pulled(_ g: [Double], at h: [Double], _ a: [Double]) -> [Double] {
    let d = (0..<2).map { (1 - h[$0] * h[$0]) * g[$0] }
    return (0..<2).map { i in a[i * 2] * d[0] + a[i * 2 + 1] * d[1] }
  }

  /// Ω with values and gradients of `a`, and the A of the explicit Jacobians apart.
  static func omega(_ a: [Double], explicit: [Double], isPaper: Bool) -> Double {
    func square(_ v: [Double]) -> Double { v[0] * v[0] + v[1] * v[1] }
    var sum = 0.0
    for sample in 0..<samples {
      let h = states(a, sample: sample)
      var g = h[steps - 1]
      for t in (1..<steps).reversed() {
        let ratio = square(pulled(g, at: h[t], explicit)) / square(g)
        sum += pow((isPaper ? ratio.squareRoot() : ratio) - 1, 2)
        g = pulled(g, at: h[t], a)
      }
    }
    return sum / Double(isPaper ? samples : samples * (steps - 1))
  }

  /// Σ over steps of ln |det J|.
  static func logDeterminant(_ a: [Double], sample: Int) -> Double {
    let determinant = abs(a[0] * a[3] - a[1] * a[2])
    return states(a, sample: sample).reduce(0.0) { sum, h in
      let slopes: Double = (1 - h[0] * h[0]) * (1 - h[1] * h[1])
      return sum + log(determinant * slopes)
    }
  }
}

@Suite struct RegularizerTests {
  private func trainer(
    _ regularizers: [any Regularizer], isLinear: Bool = false, a: [Double] = PlainCell.a,
    steps: Int = PlainCell.steps
  ) throws -> (trainer: Trainer, batch: [String: Tensor]) {
    let recording = try Recording(TanhCell(isLinear: isLinear), features: 2, element: .float64) { scope, y in
      guard let time = y.domain.first(where: { _ in true }) else { return }
      scope.output("loss", 0.5 * sumOverFeatures(square(last(y, along: time))))
    }
    let trainer = try Trainer(recording, regularizers: regularizers, optimizer: Adam(learningRate: 0.02))
    try trainer.setParameters(["A": Tensor([2, 2], a)])
    let x = steps == PlainCell.steps ? PlainCell.x : [Double](repeating: 0, count: steps * 2 * 2)
    return (trainer, ["x": Tensor([steps, 2, 2], x)])
  }

  /// The gradient of a single penalty alone.
  private func penaltyGradient(_ regularizer: some Regularizer, a: [Double] = PlainCell.a) throws -> [Double] {
    let (with, batch) = try trainer([regularizer], a: a)
    let (without, _) = try trainer([], a: a)
    let sum = try #require(try with.gradients(batch).gradients["A"]).doubles
    let loss = try #require(try without.gradients(batch).gradients["A"]).doubles
    return zip(sum, loss).map { $0 - $1 }
  }

  /// W = 2 I over 70 steps: each ratio of norms is 2, while squares of the gradients leave the range of Float32.
  @Test(arguments: VanishingGradientPenalty.Convention.allCases, [1, 1e-30])
  func explodingGradientsHaveAPenalty(_ convention: VanishingGradientPenalty.Convention, _ last: Double) throws {
    let recording = try Recording(TanhCell(isLinear: true), features: 2, element: .float32) { scope, y in
      guard let time = y.domain.first(where: { _ in true }) else { return }
      scope.output("loss", last * sumOverFeatures(EbbRecording.last(y, along: time)))
    }
    for derivative in VanishingGradientPenalty.Derivative.allCases {
      var graph = recording.graph
      let penalty = VanishingGradientPenalty(convention: convention, derivative: derivative, bound: 0)
      let omega = try penalty.append(to: &graph, recording, loss: #require(graph.output(named: "loss")))
      graph.setOutput("omega", omega)
      graph.setOutput("gradient", try graph.gradient(of: omega, withRespectTo: [#require(graph.node(named: "A"))])[0])
      let bindings = Bindings([
        "A": Tensor([2, 2], [Float(2), 0, 0, 2]), "x": Tensor([70, 1, 2], [Float](repeating: 1e-20, count: 140)),
      ])
      let results = try Executable(Passes.optimized(graph)).run(bindings)
      // Of the paper (2 − 1)² for each of 69 steps; of the program the mean of (4 − 1)².
      let expected: Double = convention == .paper ? 69 : 9
      #expect(abs(try #require(results["omega"]).doubles[0] / expected - 1) < 1e-5)
      // Along the gradient's direction (1, 1) / √2 the ratio moves by ½ for each entry of W.
      let slope: Double = convention == .paper ? 69 : 12
      for number in try #require(results["gradient"]).doubles { #expect(abs(number / slope - 1) < 1e-4) }
    }
  }

  private func differences(_ function: ([Double]) throws -> Double) rethrows -> [Double] {
    try (0..<4).map { index in
      var (up, down) = (PlainCell.a, PlainCell.a)
      up[index] += 1e-5
      down[index] -= 1e-5
      return try (function(up) - function(down)) / 2e-5
    }
  }

  // MARK: Ω

  @Test(arguments: VanishingGradientPenalty.Convention.allCases)
  func omegaIsThatOfItsFormula(_ convention: VanishingGradientPenalty.Convention) throws {
    let (trainer, batch) = try trainer([VanishingGradientPenalty(convention: convention)])
    let expected = PlainCell.omega(PlainCell.a, explicit: PlainCell.a, isPaper: convention == .paper)
    #expect(abs(try trainer.gradients(batch).penalties[0] - expected) < 1e-12 * expected)
  }

  @Test(arguments: VanishingGradientPenalty.Convention.allCases)
  func fullDerivativeIsThatOfOmega(_ convention: VanishingGradientPenalty.Convention) throws {
    let found = try penaltyGradient(VanishingGradientPenalty(convention: convention, derivative: .full))
    let expected = differences { PlainCell.omega($0, explicit: $0, isPaper: convention == .paper) }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 })
  }

  @Test(arguments: VanishingGradientPenalty.Convention.allCases)
  func immediateDerivativeMovesTheExplicitWeightsOnly(_ convention: VanishingGradientPenalty.Convention) throws {
    let found = try penaltyGradient(VanishingGradientPenalty(convention: convention))
    let expected = differences {
      PlainCell.omega(PlainCell.a, explicit: $0, isPaper: convention == .paper)
    }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 })
    #expect(expected.contains { abs($0) > 0.01 })
  }

  /// With a loss at the end, ‖vₜJₜ‖ is ‖vₜ₋₁‖, and v₁ … v_T₋₁ are the adjoints of what the next step reads.
  @Test func omegaOfSeveralStatesIsOverAllCoordinates() throws {
    let recording = try Recording(LSTM(units: 3), features: 2, element: .float64) { scope, y in
      guard let time = y.domain.first(where: { _ in true }) else { return }
      scope.output("loss", sumOverFeatures(last(y, along: time)))
    }
    let x = Tensor([5, 1, 2], (0..<10).map { sin(2.1 * Double($0)) })
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let adjoints = try graph.gradient(of: loss, withRespectTo: recording.states.map(\.previous))
    for (index, adjoint) in adjoints.enumerated() { graph.setOutput("\(index)", adjoint) }
    let outputs = try Executable(graph).run(Bindings(recording.initialValues(seed: 4).merging(["x": x]) { $1 }))
    let (h, c) = (try #require(outputs["0"]).doubles, try #require(outputs["1"]).doubles)
    // v_T is 1 for each feature of h and 0 for c.
    let read = (1..<5).map { t -> Double in
      let vector = h[t * 3..<t * 3 + 3] + c[t * 3..<t * 3 + 3]
      return vector.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
    }
    let norms = read + [Double(3).squareRoot()]
    let terms = zip(norms, norms.dropFirst()).map { pow($0 / $1 - 1, 2) }
    let expected = terms.reduce(0, +)
    let trainer = try Trainer(recording, regularizers: [VanishingGradientPenalty()], seed: 4)
    let found = try trainer.gradients(["x": x]).penalties[0]
    #expect(abs(found - expected) < 1e-12, "\(found) instead of \(expected)")
  }

  @Test func trainingOnOmegaKeepsTheGradient() throws {
    let (trainer, batch) = try trainer([VanishingGradientPenalty(weight: 10)], a: [0.5, 0.1, 0, 0.4])
    let first = try trainer.step(batch).penalties[0]
    for _ in 0..<100 { _ = try trainer.step(batch) }
    #expect(try trainer.gradients(batch).penalties[0] < 0.3 * first)
  }

  // MARK: Clipped and truncated

  /// A penalty that is a function of a clipped or truncated gradient, or of Jacobians along a recurrence that is: its
  /// derivative is that of its value.
  @Test(arguments: [0, 1, 2, 3], [0, 1, 2]) func derivativeIsThatOfTheValueThatWasComputed(
    _ mark: Int, _ number: Int
  ) throws {
    let regularizers: [any Regularizer] = [
      VanishingGradientPenalty(derivative: .full), VanishingGradientPenalty(convention: .program, derivative: .full),
      GradientFlossing(count: 2, transient: 1, target: 0.1),
    ]
    let clips: [GradientClip?] = [.norm(0.3), .value(0.2), nil, .norm(0.3)]
    let recording = try Recording(
      TanhCell(), features: 2, element: .float64, truncation: mark < 2 ? 0 : 3, clip: clips[mark]
    ) { scope, y in
      guard let time = y.domain.first(where: { _ in true }) else { return }
      scope.output("loss", 0.5 * sumOverFeatures(square(last(y, along: time))))
    }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let penalty = try regularizers[number].append(to: &graph, recording, loss: loss)
    let a = try #require(recording.parameters.first).node
    let one = graph.appendLeaf(.input, NodeType(.float64, .empty, [2, 2]), name: "direction")
    graph.setOutput("penalty", penalty)
    graph.setOutput("gradient", try graph.gradient(of: penalty, withRespectTo: [a])[0])
    graph.setOutput("tangent", try graph.tangent(of: [penalty], along: [a: one])[0])
    try graph.verify()
    let executable = Executable(try Passes.optimized(graph))
    func run(_ a: [Double], along direction: [Double] = [1, 0, 0, 0]) throws -> [String: Tensor] {
      try executable.run(
        Bindings([
          "A": Tensor([2, 2], a), "x": Tensor([PlainCell.steps, 2, 2], PlainCell.x),
          "direction": Tensor([2, 2], direction),
        ]))
    }
    let found = try #require(try run(PlainCell.a)["gradient"]).doubles
    let expected = try differences { try #require(try run($0)["penalty"]).doubles[0] }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 * max(1, abs($1)) }, "\(found), \(expected)")
    #expect(expected.contains { abs($0) > 1e-3 })
    for index in 0..<4 {
      let direction = (0..<4).map { $0 == index ? 1.0 : 0 }
      let tangent = try #require(try run(PlainCell.a, along: direction)["tangent"]).doubles[0]
      #expect(abs(tangent - found[index]) < 1e-10 * max(1, abs(tangent)))
    }
  }

  // MARK: Flossing

  @Test func exponentsOfALinearMapAreTheLogarithmsOfItsFactors() throws {
    // A triangular A: the exponents are those of its diagonal, the directions turn.
    for count in [1, 2] {
      let (trainer, batch) = try trainer(
        [GradientFlossing(count: count, transient: 100)], isLinear: true, a: [1.1, 0.3, 0, 0.7], steps: 200)
      let (first, second): (Double, Double) = (log(1.1), log(0.7))
      let expected = count == 1 ? first * first : (first * first + second * second) / 2
      #expect(abs(try trainer.gradients(batch).penalties[0] - expected) < 1e-12)
    }
  }

  @Test func sumOfAllExponentsIsTheMeanLogarithmOfDeterminants() throws {
    let recording = try Recording(TanhCell(), features: 2, element: .float64)
    var graph = recording.graph
    let exponents = try GradientFlossing(count: 2).appendExponents(to: &graph, recording)
    for (index, exponent) in exponents.enumerated() { graph.setOutput("\(index)", exponent) }
    try graph.verify()
    let outputs = try Executable(try Passes.optimized(graph)).run(
      Bindings(["A": Tensor([2, 2], PlainCell.a), "x": Tensor([PlainCell.steps, 2, 2], PlainCell.x)]))
    for sample in 0..<2 {
      let sum = (0..<2).reduce(0.0) { $0 + (outputs["\($1)"]?.doubles[sample] ?? .nan) }
      let expected = PlainCell.logDeterminant(PlainCell.a, sample: sample) / Double(PlainCell.steps)
      #expect(abs(sum - expected) < 1e-12)
    }
  }

  @Test(arguments: [1, 2]) func derivativeOfFlossingIsThatOfItsExponents(_ count: Int) throws {
    let regularizer = GradientFlossing(count: count, transient: 1, target: 0.1)
    let found = try penaltyGradient(regularizer)
    let expected = try differences { a in
      let (trainer, batch) = try trainer([regularizer], a: a)
      return try trainer.gradients(batch).penalties[0]
    }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-7 })
    #expect(expected.contains { abs($0) > 0.01 })
  }

  @Test func flossingPushesExponentsToZero() throws {
    let (trainer, batch) = try trainer([GradientFlossing(count: 2)], a: [0.5, 0.1, 0, 0.4])
    let first = try trainer.step(batch).penalties[0]
    for _ in 0..<100 { _ = try trainer.step(batch) }
    #expect(first > 0.5)
    #expect(try trainer.gradients(batch).penalties[0] < 0.02)
  }

  @Test(arguments: [0, 1, 2]) func bothWorkForLibraryCells(_ number: Int) throws {
    let cells: [any RecurrentCell] = [
      LSTM(units: 3), Stack([GRU(units: 2), SimpleRNN(units: 2)]), PeepholeLSTM(units: 2),
    ]
    func check(_ cell: some RecurrentCell) throws {
      let recording = try Recording.sequenceToOne(cell, features: 2)
      let trainer = try Trainer(
        recording,
        regularizers: [
          VanishingGradientPenalty(weight: 0.1, derivative: .full), GradientFlossing(weight: 0.1, count: 2),
        ])
      let x = Tensor([6, 2, 2], (0..<24).map { Float(sin(Double($0))) })
      let target: [Float] = [0.5, -0.5]
      for _ in 0..<3 {
        let result = try trainer.step(["x": x, "target": Tensor([2, 1], target)])
        #expect(result.penalties.allSatisfy { $0.isFinite && $0 > 0 })
      }
    }
    try check(cells[number])
  }

  @Test func settingsWithoutMeaningAreNamed() throws {
    let recording = try Recording.sequenceToOne(LSTM(units: 2), features: 1)
    #expect { try Trainer(recording, regularizers: [GradientFlossing(count: 5)]) } throws: {
      "\($0)".contains("1 ... 4")
    }
    #expect { try Trainer(recording, regularizers: [VanishingGradientPenalty(states: ["q"])]) } throws: {
      "\($0)".contains("no state named q; the states are h, c")
    }
  }
}

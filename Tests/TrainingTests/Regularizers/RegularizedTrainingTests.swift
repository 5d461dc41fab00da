import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

@testable import EbbTraining

/// Regularizers are an option of the trainer like all others, and go with all of them.
@Suite struct RegularizedTrainingTests {
  private static let samples = 6
  private static let batch: [String: Tensor] = [
    "x": Tensor([5, samples, 2], (0..<5 * samples * 2).map { Float(sin(1.7 * Double($0))) }),
    "target": Tensor([samples, 1], (0..<samples).map { Float(cos(Double($0))) }),
  ]

  private func trainer(
    _ regularizers: [any Regularizer] = [VanishingGradientPenalty(weight: 0.5, derivative: .full)],
    optimizer: any Optimizer = Adam(learningRate: 0.01, weightDecay: .decoupled(0.1)),
    nonFinitePolicy: NonFinitePolicy = .throw, groups: [ParameterGroup] = []
  ) throws -> Trainer {
    try Trainer(
      .sequenceToOne(GRU(units: 3), features: 2), regularizers: regularizers, optimizer: optimizer,
      clipping: .globalNorm(1), nonFinitePolicy: nonFinitePolicy, groups: groups,
      averaging: .exponential(decay: 0.9), seed: 3)
  }

  /// In a call with a schedule, a plateau and a stopping rule, interrupted after each step in turn and restored from the
  /// bytes of its checkpoint.
  @Test func aCheckpointGoesOnToTheBit() throws {
    let groups = [
      ParameterGroup("readout.*", rateFactor: 0.5), ParameterGroup("*.bias", weightDecay: WeightDecay.none),
    ]
    func run(_ trainer: Trainer, steps: Int, stopAfter: Int? = nil) throws -> [Double] {
      let validation = Validation(
        every: 2, plateau: PlateauDecay(factor: 0.5, patience: 0, tolerance: 0.9),
        earlyStopping: EarlyStopping(patience: 20)
      ) { trainer throws(TrainingError) in try trainer.loss(on: Self.batch, with: .averaged) }
      return try trainer.train(
        until: StoppingCriteria(steps: steps), schedule: .cosine(0.02, steps: 8), validation: validation,
        batch: { _ in Self.batch }, progress: { $0.completed == stopAfter ? .stop : .continue }
      ).losses
    }
    let whole = try trainer(groups: groups)
    let losses = try run(whole, steps: 8)
    for step in 1...7 {
      let first = try trainer(groups: groups)
      #expect(try run(first, steps: 8, stopAfter: step) == Array(losses[..<step]))
      let second = try trainer(groups: groups)
      try second.restore(Checkpoint(bytes: Checkpoint(first).bytes))
      // A resumed call reports the steps before it too.
      #expect(try run(second, steps: 8 - step) == losses)
      #expect(second.state == whole.state)
    }
  }

  /// A step along the rows of a grid leaves out what comes along its columns.
  @Test(arguments: [GradientFlossing(count: 1), VanishingGradientPenalty()] as [any Regularizer])
  func termsOfStepsRefuseGrids(term: any Regularizer) throws {
    let model = try Recording { scope in
      let (rows, columns) = (scope.time("row"), scope.time("column"))
      let x = scope.input("x", [2], over: [rows, columns])
      let h = scope.over(rows).run(MultidimensionalRNN(units: 2, columns: columns), x)
      scope.output("loss", mean(square(h)))
    }
    let error = #expect(throws: TrainingError.self) { try Trainer(model, regularizers: [term]) }
    #expect("\(String(describing: error))".contains("the state h runs along several axes"))
  }

  /// One step of all samples that `fit` makes is the step that `step` makes.
  @Test func fitHasTheTermToo() throws {
    let (fitted, plain, stepped) = (try trainer(), try trainer([]), try trainer())
    try fitted.fit(Self.batch, epochs: 1, batchSize: Self.samples)
    try plain.fit(Self.batch, epochs: 1, batchSize: Self.samples)
    _ = try stepped.step(Self.batch)
    // The samples come in another order, so sums are rounded in another way.
    func distance(_ one: Trainer, _ other: Trainer) -> Double {
      one.parameters.map { name, value in
        zip(value.doubles, other.parameters[name]!.doubles).map { abs($0 - $1) }.max() ?? 0
      }.max() ?? 0
    }
    #expect(distance(fitted, stepped) < 1e-5)
    #expect(distance(fitted, plain) > 1e-3)
  }

  /// Several batches make the step of one that holds all of their samples.
  @Test func batchesAddUp() throws {
    func part(_ rows: Range<Int>) -> [String: Tensor] {
      func taken(_ name: String, _ inner: Int) -> [Float] {
        let values = Self.batch[name]!.doubles
        return stride(from: 0, to: values.count, by: Self.samples * inner).flatMap { block in
          values[block + rows.lowerBound * inner..<block + rows.upperBound * inner].map { Float($0) }
        }
      }
      return [
        "x": Tensor([5, rows.count, 2], taken("x", 2)), "target": Tensor([rows.count, 1], taken("target", 1)),
      ]
    }
    let penalty = GradientFlossing(weight: 0.3)
    let (whole, parts) = (try trainer([penalty]), try trainer([penalty]))
    let one = try whole.step(Self.batch)
    let two = try parts.step(accumulating: [part(0..<3), part(3..<6)])
    // Exponents are those of each sample, and their squares a mean over the samples.
    #expect(abs(one.penalties[0] / two.penalties[0] - 1) < 1e-5 && abs(one.gradientNorm / two.gradientNorm - 1) < 1e-4)
  }

  /// An output of the recording as a term.
  private struct OutputTerm: Regularizer {
    let weight = 0.5
    let name = "pull"
    func append(to graph: inout Graph, _ recording: Recording, loss: NodeID) throws(GraphError) -> NodeID {
      guard let node = recording.graph.output(named: "pull") else { throw GraphError([GraphProblem("no pull")]) }
      return node
    }
  }

  /// ‖p‖² leaves the range of Float32 where its gradient 2 p does not: what is minimised is not finite, so there is no step.
  @Test func aTermThatIsNotFiniteIsNoStep() throws {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let h = scope.over(time).run(GRU(units: 3), scope.input("x", [2], over: [time, batch]))
      scope.output("loss", mean(square(last(h, along: time))))
      scope.output("pull", sumOverFeatures(square(scope.parameter("p", [2], .constant(1e20)))))
    }
    let batch = ["x": Self.batch["x"]!]
    let skipping = try Trainer(recording, regularizers: [OutputTerm()], nonFinitePolicy: .skip)
    let before = skipping.parameters
    let result = try skipping.step(batch)
    #expect(result.loss.isFinite && result.gradientNorm.isFinite && result.penalties == [.infinity])
    #expect(result.nonFinite == NonFiniteEvent(step: 0, loss: result.loss, regularizers: ["pull"], parameters: []))
    #expect(skipping.parameters == before && skipping.state.skippedSteps == 1)
    let throwing = try Trainer(recording, regularizers: [OutputTerm()])
    #expect { try throwing.step(batch) } throws: {
      "\($0)".hasSuffix("; not finite: the terms of pull; all gradients are finite")
    }
  }
}

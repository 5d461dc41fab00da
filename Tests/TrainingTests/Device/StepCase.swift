import EbbApplications
import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors

@testable import EbbTraining

/// A training with settings that change what a step on a device contains.
struct StepCase: CustomStringConvertible, Sendable {
  var description: String
  var optimizer: any ElementwiseOptimizer = Adam(learningRate: 0.02)
  var clipping = ParameterGradientClipping.globalNorm(0.5)
  var groups: [ParameterGroup] = []
  var averaging: WeightAveraging?
  var regularizers: [any Regularizer] = []
  var network = Network.adding

  enum Network: Sendable { case adding, carried, buffered, grid, remembering, dropout }

  static let all: [StepCase] = optimizers + clippings + others

  /// Masks over steps and samples, and over samples alone.
  static let dropout = StepCase(description: "dropout", averaging: .uniform(), network: .dropout)

  private static let optimizers: [StepCase] = [
    StepCase(description: "SGD", optimizer: SGD(learningRate: 0.1)),
    StepCase(description: "momentum", optimizer: SGD(learningRate: 0.1, momentum: 0.9, weightDecay: .l2(0.1))),
    StepCase(description: "Nesterov", optimizer: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true)),
    StepCase(description: "Adam", optimizer: Adam(learningRate: 0.02, weightDecay: .l2(0.01))),
    StepCase(description: "AMSGrad", optimizer: Adam(learningRate: 0.02, beta2: 0.5, amsgrad: true)),
    StepCase(description: "AdamW", optimizer: AdamW(learningRate: 0.02, decay: 0.1)),
    StepCase(description: "Lion", optimizer: Lion(learningRate: 0.01, weightDecay: .decoupled(0.1))),
    StepCase(description: "RMSprop", optimizer: RMSprop(learningRate: 0.01)),
    StepCase(
      description: "centred RMSprop with momentum",
      optimizer: RMSprop(learningRate: 0.01, momentum: 0.5, isCentered: true, epsilon: 1e-4)),
    StepCase(description: "Adagrad", optimizer: Adagrad(learningRate: 0.05, initialAccumulator: 0.1)),
  ]

  private static let clippings: [StepCase] = [
    .none, .globalNorm(0.3, p: 3), .globalNorm(0.1, p: .infinity), .parameterNorm(0.2), .parameterNorm(0.2, p: 1),
    .value(0.05), .adaptive(0.02),
  ].map { StepCase(description: "\($0)", clipping: $0) }

  private static let others: [StepCase] = [
    StepCase(
      description: "groups", optimizer: AdamW(learningRate: 0.02),
      groups: [
        ParameterGroup("*.b*", rateFactor: 0.1, weightDecay: WeightDecay.none),
        ParameterGroup("readout*", isFrozen: true),
      ]),
    StepCase(description: "exponential mean", averaging: .exponential(decay: 0.7)),
    StepCase(description: "uniform mean", averaging: .uniform(after: 2)),
    StepCase(description: "regularizer", regularizers: [VanishingGradientPenalty(weight: 0.3)]),
    StepCase(description: "carried states", averaging: .uniform(), network: .carried),
    StepCase(description: "buffers", network: .buffered),
    StepCase(description: "grid", network: .grid),
    StepCase(description: "own past", network: .remembering),
  ]

  /// A trainer of doubles, or of floats.
  func trainer(_ element: ElementType, options: ExecutionOptions = ExecutionOptions()) throws -> Trainer {
    try Trainer(
      recording(element), regularizers: regularizers, optimizer: optimizer, clipping: clipping, groups: groups,
      averaging: averaging, carrying: network == .carried ? StateCarrying() : nil, seed: 7, options: options)
  }

  private func recording(_ element: ElementType) throws -> Recording {
    switch network {
    case .adding:
      return try .sequenceToOne(LSTM(units: 5), features: 2, element: element)
    case .carried:
      return try Recording(element: element) { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        let x = scope.input("x", [2], over: [time, batch])
        let h = scope.run(GRU(units: 4), x)
        scope.output("loss", mean(square(scope.dropout(h, 0.2, over: [time, batch]) - 0.3)))
      }
    case .dropout:
      return try Recording(element: element) { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        let x = scope.dropout(scope.input("x", [2], over: [time, batch]), 0.3, over: [time, batch])
        let h = scope.dropout(scope.run(LSTM(units: 4), x), 0.5, over: [batch])
        scope.output("loss", mean(square(h - 0.3)))
      }
    case .grid:
      return try Recording(element: element) { scope in
        let (time, column, batch) = (scope.time("t"), scope.time("column", length: 2), scope.batch("b"))
        let x = featureToAxis(scope.input("x", [2], over: [time, batch]), column)
        let h = scope.over(time).run(MultidimensionalLSTM(units: 3, columns: column), reshape(x, [1]))
        scope.output("loss", mean(square(h - 0.3)))
      }
    case .remembering:
      return try Recording(element: element) { scope in
        let x = scope.input("x", [2], over: [scope.time("t"), scope.batch("b")])
        scope.output("loss", mean(square(scope.run(Remembering(units: 3), x) - 0.3)))
      }
    case .buffered:
      return try Recording(element: element) { scope in
        let batch = scope.batch("b")
        let x = scope.input("x", [2], over: [scope.time("t"), batch])
        let running = scope.buffer("mean", [2], initial: .constant(1))
        let own = mean(x)
        running.update(0.75 * running + 0.25 * own)
        let w = scope.parameter("w", [2], .constant(0.5))
        scope.output("loss", mean(square(w * (x - own) - 1)))
      }
    }
  }

  /// The batch of a step.
  func batch(_ step: Int, _ element: ElementType) -> [String: Tensor] {
    var batch = AddingProblem(length: 6).batch(size: 4, seed: 1, step: step)
    if network != .adding { batch = ["x": batch["x"] ?? Tensor([], [0.0])] }
    return batch.mapValues { $0.element.isFloat ? Tensor($0.dimensions, $0.doubles, as: element) : $0 }
  }
}

/// A cell that attends to its states so far.
private struct Remembering: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let past = scope.past()
    let states = h.history(along: past)
    let weights = softmax(sumOverFeatures(states * h), over: [past])
    return h.next(tanh(scope.affine("new", [h, sum(weights * states, over: [past]), x], units)))
  }
}

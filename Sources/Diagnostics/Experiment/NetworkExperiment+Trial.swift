internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension NetworkExperiment {
  /// The names that the recording declares; parameters have those of the network.
  enum Name {
    static let input = "x"
    static let lengths = "lengths"
    static let target = "target"
    static let direction = "direction"
  }

  public func trial(loss: FlowExperiment.Objective) throws(DiagnosticError) -> Trial {
    let recording = try record(loss)
    return Trial(recording, loss: loss.rawValue, try bindings(for: recording), run: experiment.run)
  }

  /// Records the network over the axes t and b with its loss, one number per sample; for an objective of each step also
  /// with that.
  private func record(_ objective: FlowExperiment.Objective) throws(DiagnosticError) -> Recording {
    let isStepwise = objective != .loss
    if let value = experiment.value {
      try readingOutput.record(.loss).checkReadable(value)
    }
    return try diagnosing {
      try Recording(element: experiment.element) { scope in
        let time = scope.time("t")
        let batch = scope.batch("b")
        if sequences.lengths != nil { scope.lengths(Name.lengths, of: time, over: [batch]) }
        let dimensions = sequences.input.dimensions
        let x = scope.input(
          Name.input, Array(dimensions[2...]), over: [time, batch],
          as: sequences.input.element == .int32 ? .int32 : nil)
        var inner = scope.over(time)
        if let clip = experiment.clip { inner = inner.clipping(clip) }
        let y = experiment.read(inner.run(network, x), in: inner)
        let compare = comparison(y, scope, time, batch)
        guard isStepwise else {
          scope.output(FlowExperiment.Objective.loss.rawValue, compare.wholeLoss(y))
          return
        }
        let read = compare.atEachStep(y)
        let stepLoss = experiment.loss.share(read, along: time, in: scope)
        scope.output(FlowExperiment.Objective.loss.rawValue, sum(stepLoss, over: [time]))
        scope.output(FlowExperiment.Objective.stepLoss.rawValue, stepLoss)
        scope.output(FlowExperiment.Objective.stepRead.rawValue, read)
      }
    }
  }

  /// How an output becomes a loss: by a direction, or by targets.
  private struct Comparison {
    var direction: Signal?
    var target: Signal?
    var targets: Targets?
    var time: Axis
    var experiment: FlowExperiment
    var scope: Scope

    /// The loss of one output.
    private func loss(_ y: Signal, _ target: Signal?) -> Signal {
      if let targets, let target { return targets.comparison(y, target) }
      guard let direction else { return FlowExperiment.sumOverAllFeatures(y) }
      return experiment.product(direction, y, in: scope)
    }

    func atEachStep(_ y: Signal) -> Signal { loss(y, target) }

    func wholeLoss(_ y: Signal) -> Signal {
      let place = experiment.loss
      // A direction is the same at all steps.
      guard targets != nil else { return loss(place.read(y, along: time, in: scope), nil) }
      switch place {
      case .all: return mean(loss(y, target), over: [time])
      case .last, .step:
        let end = targets?.isAtEachStep == true ? target.map { place.read($0, along: time, in: scope) } : target
        let read = loss(place.read(y, along: time, in: scope), end)
        guard case .step(let index) = place else { return read }
        return select(scope.length(of: time) .> Double(index), read, 0)
      }
    }
  }

  private func comparison(_ y: Signal, _ scope: Scope, _ time: Axis, _ batch: Axis) -> Comparison {
    guard let targets else {
      return Comparison(
        direction: scope.input(Name.direction, y.shape.array, over: [batch]), target: nil, targets: nil, time: time,
        experiment: experiment, scope: scope)
    }
    let places = targets.isAtEachStep ? 2 : 1
    let target = scope.input(
      Name.target, Array(targets.values.dimensions[places...]), over: targets.isAtEachStep ? [time, batch] : [batch],
      as: targets.values.element == .int32 ? .int32 : nil)
    return Comparison(
      direction: nil, target: target, targets: targets, time: time, experiment: experiment, scope: scope)
  }

  /// The data and the parameters, in the experiment's precision.
  private func bindings(for recording: Recording) throws(DiagnosticError) -> Bindings {
    let element = experiment.element
    func converted(_ tensor: Tensor) -> Tensor { tensor.element.isFloat ? tensor.converted(to: element) : tensor }
    var values: [String: Tensor] = [:]
    for parameter in recording.parameters {
      guard let tensor = parameters[parameter.name] else {
        throw .setting("the parameter \(parameter.name) \(parameter.shape.array) of the network has no value")
      }
      values[parameter.name] = converted(tensor)
    }
    values[Name.input] = converted(sequences.input)
    if let lengths = sequences.lengths {
      values[Name.lengths] = Tensor([lengths.count], lengths.map { Int32($0) })
    }
    if let targets {
      values[Name.target] = converted(targets.values)
    } else if let shape = recording.graph.node(named: Name.direction).map({ recording.graph.type($0).shape }) {
      values[Name.direction] = Tensor(
        [experiment.batch] + shape.array, experiment.directions(of: shape.count), as: element)
    }
    return Bindings(values, seed: experiment.seed)
  }
}

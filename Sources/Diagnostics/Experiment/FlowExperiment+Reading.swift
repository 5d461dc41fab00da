internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension FlowExperiment {
  /// The same experiment with a loss that reads the output.
  var readingOutput: FlowExperiment {
    var experiment = self
    (experiment.value, experiment.loss) = (nil, .last)
    return experiment
  }

  /// What the loss reads, in a scope in which the network was run: its output y, or the experiment's value.
  ///
  /// Axes besides the steps and the samples, as the places of a convolution, stay.
  func read(_ y: Signal, in scope: Scope) -> Signal { value.flatMap { scope.value(named: $0) } ?? y }

  /// v · y, with a vector v of length 1 over the features. A value over further axes, such as the n places of a
  /// convolution, is summed over them and divided by √n, so that the length stays 1.
  func product(_ direction: Signal, _ read: Signal, in scope: Scope) -> Signal {
    var product = Self.sumOverAllFeatures(direction * read)
    guard value != nil else { return product }
    let places = read.sequenceDomain.subtracting(direction.domain)
    guard !places.isEmpty else { return product }
    for axis in places { product = product / sqrt(convert(scope.length(of: axis), to: element)) }
    return sum(product, over: places)
  }
}

extension FlowExperiment.Loss {
  /// y where the loss reads it; its mean over the steps for a loss at all of them.
  func read(_ y: Signal, along time: Axis, in scope: Scope) -> Signal {
    switch self {
    case .last: EbbRecording.last(y, along: time)
    case .all: mean(y, over: [time])
    case .step(let index): pick(y, at: scope.constant(Double(index), as: .int32), along: time)
    }
  }

  /// The contribution of each step to the loss, from the loss that each would have alone.
  func share(_ loss: Signal, along time: Axis, in scope: Scope) -> Signal {
    switch self {
    case .last: select(scope.index(of: time) .== scope.length(of: time) - 1, loss, 0)
    case .all: loss / convert(scope.length(of: time), to: scope.element)
    case .step(let index): select(scope.index(of: time) .== Double(index), loss, 0)
    }
  }
}

extension FlowExperiment.Loss: CustomStringConvertible {
  /// `at the last step`, `at all steps`, or `at step 100`, counted from 1 as pages do.
  public var description: String {
    switch self {
    case .last: "at the last step"
    case .all: "at all steps"
    case .step(let index): "at step \(index + 1)"
    }
  }
}

internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension Trainer {
  /// The name of the input of a weighted loss.
  static var weightsName: String { "weights" }

  /// The samples with the weights of a weighted loss: those given, times those of the classes, or ones.
  ///
  /// - Parameters:
  ///   - samples: Inputs by name.
  ///   - layout: The order of their dimensions.
  ///   - weights: In that order; nil for those among the samples, or ones.
  ///   - classes: The weight of each class; 1 for all others.
  func weighted(
    _ samples: [String: Tensor], in layout: SampleLayout, by weights: Tensor? = nil, classes: [Int: Double] = [:]
  ) throws(TrainingError) -> [String: Tensor] {
    let graph = recording.graph
    guard let input = recording.inputs.first(where: { $0.name == Self.weightsName }) else {
      if weights == nil && classes.isEmpty { return samples }
      throw .setting(
        "the network takes no weights of samples; give it a loss that does, such as loss: .crossEntropy.weighted()")
    }
    let type = graph.type(input.node)
    guard type.element.isFloat, type.shape.rank == 0 else { return samples }
    var samples = samples
    if let weights { samples[input.name] = weights.element.isFloat ? weights.converted(to: type.element) : weights }
    if samples[input.name] == nil {
      let lengths = graph.axisLengths(arranged(samples, from: layout))
      let axes = Array(type.domain)
      let dimensions = layout.order(type.domain, in: graph).map { lengths[axes[$0]] ?? 1 }
      let ones = [Double](repeating: 1, count: dimensions.reduce(1, *))
      samples[input.name] = Tensor(dimensions, ones, as: type.element)
    }
    guard !classes.isEmpty, let own = samples[input.name] else { return samples }
    let factors = try classWeights(classes, samples, of: type)
    guard factors.count == own.count else {
      throw .setting("there are \(own.count) weights for \(factors.count) targets; give each target one")
    }
    samples[input.name] = Tensor(own.dimensions, zip(own.doubles, factors).map { $0 * $1 }, as: type.element)
    return samples
  }

  /// The weight of each target's class.
  private func classWeights(
    _ classes: [Int: Double], _ samples: [String: Tensor], of weights: NodeType
  ) throws(TrainingError) -> [Double] {
    let graph = recording.graph
    guard let target = recording.inputs.first(where: { $0.name == "target" }), let values = samples["target"] else {
      throw .setting("weights of classes need the input target")
    }
    let type = graph.type(target.node)
    guard type.shape.count == 1 else {
      throw .setting("weights of classes need one class a target, and a target here is \(type.shape.count) numbers")
    }
    guard type.domain == weights.domain else {
      throw .setting(
        "weights of classes need a weight at each step, as the targets have one: .weighted(atEachStep: true)")
    }
    for (number, weight) in classes.sorted(by: { $0.key < $1.key }) where !(weight.isFinite && number >= 0) {
      throw .setting("the classes are 0, 1, … and their weights finite numbers; found \(number): \(weight)")
    }
    var factors: [Double] = []
    for value in values.doubles {
      guard let number = Int(exactly: value) else {
        throw .setting("weights of classes need targets that are classes 0, 1, …, and one of them is \(value)")
      }
      factors.append(classes[number] ?? 1)
    }
    return factors
  }
}

internal import EbbTensors

extension NetworkExperiment.Sequences {
  /// Random inputs for a network without data: numbers from N(0, 1), as in a `FlowExperiment`, or tokens that are all
  /// equally likely.
  ///
  /// - Parameters:
  ///   - settings: The length, the samples, the seed and the element type.
  ///   - features: The features of a step; nil for tokens.
  ///   - tokens: How many tokens there are.
  public static func random(
    _ settings: FlowExperiment, features: Int?, tokens: Int = 1
  ) -> NetworkExperiment.Sequences {
    let (length, batch) = (settings.length, settings.batch)
    let stream = RandomStream(seed: settings.seed, stream: 1)
    if let features {
      return .init(
        Tensor([length, batch, features], stream.normals(length, batch, features), as: settings.element))
    }
    var ids: [Int32] = []
    for step in 0..<length {
      for sample in 0..<batch {
        let number = stream.value(.uniform, at: [UInt32(step), UInt32(sample), 0], element: 0)
        ids.append(Int32(min(Double(tokens - 1), number * Double(tokens))))
      }
    }
    return .init(Tensor([length, batch], ids))
  }
}

internal import EbbTensors

/// How a network's inputs are scaled, feature by feature: (x − mean) / deviation.
public struct InputScales: Hashable, Sendable {
  /// The module that does it, under its name in the file.
  public var module: String
  /// A number for each feature.
  public var means: [Double]
  /// A number above 0 for each feature.
  public var deviations: [Double]

  /// Scales of a module.
  public init(module: String, means: [Double], deviations: [Double]) {
    (self.module, self.means, self.deviations) = (module, means, deviations)
  }
}

extension NetworkTensors {
  /// Keras's `Normalization`: y = (x − mean) / max(√variance, 10⁻⁷), from its weights or, where it was given numbers, from
  /// its settings. Nil if there is none for so many features, or more than one.
  func kerasScales(_ features: Int) -> (scales: InputScales, names: Set<String>)? {
    guard framework == .keras else { return nil }
    var found: [(InputScales, Set<String>)] = []
    func add(_ module: String, _ means: [Double], _ variances: [Double], _ names: Set<String> = []) {
      guard means.count == features, variances.count == features,
        (means + variances).allSatisfy(\.isFinite),
        variances.allSatisfy({ $0 >= 0 })
      else { return }
      found.append(
        (
          InputScales(
            module: module, means: means, deviations: variances.map { max($0.squareRoot(), 1e-7) }),
          names
        ))
    }
    for name in shapes.keys where NetworkNames.last(name) == "variance" {
      let module = NetworkNames.dropping(1, from: name, "/")
      guard let means = contents.tensors[module + "/mean"], let variances = contents.tensors[name]
      else { continue }
      add(module, means.doubles, variances.doubles, [module + "/mean", name, module + "/count"])
    }
    for layer in KerasConfiguration(contents.metadata).layers {
      guard let (means, variances) = layer.moments else { continue }
      add(layer.path, means, variances)
    }
    return found.count == 1 ? found[0] : nil
  }
}

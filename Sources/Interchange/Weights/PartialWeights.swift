public import EbbTensors

/// What a file has of a network, if it does not have all of it, or more: as a checkpoint of another task has.
public struct PartialWeights: Hashable, Sendable {
  /// The parameters of which the file has every number, by name.
  public var parameters: [String: Tensor]
  /// The tensors that are not in the file, or not in the shape or the type of the network's, by name.
  public var missing: [WeightProblem]
  /// The file's tensors that have no place in the network, within and outside of its modules, by name.
  public var superfluous: [WeightProblem]
}

extension PartialWeights: CustomStringConvertible {
  /// How many parameters there are, then a line for each tensor that is missing or superfluous.
  public var description: String {
    (["\(parameters.count) parameters are in the file"] + (missing + superfluous).map(\.description))
      .joined(separator: "\n")
  }
}

extension WeightMap {
  /// The parameters that a file has, and what it lacks and has besides, in place of an error:
  ///
  /// ```swift
  /// let found = map.partialParameters(from: file)
  /// print(found)
  /// let values = recording.initialValues(seed: 0).merging(found.parameters) { $1 }
  /// ```
  ///
  /// Parameters that the framework does not have are zeros, as in `parameters(from:)`. It is `strict=False` of
  /// PyTorch's `load_state_dict`, except that a tensor of a wrong shape is missing.
  public func partialParameters(
    from file: TensorFile.Contents, as element: ElementType = .float32
  ) -> PartialWeights {
    precondition(element.isFloat, "parameters are floats, not \(element.name)")
    var usable = file.tensors.filter { tensorShapes[$0.key] != nil }
    var missing = file.unread.filter { tensorShapes[$0.key] != nil }
      .map { (name: $0.key, problem: WeightProblem.unread(name: $0.key, type: $0.value.type, reason: $0.value.reason)) }
    for (name, shape) in tensorShapes where file.unread[name] == nil {
      guard let tensor = file.tensors[name] else {
        missing.append((name, .missing(name: name, shape: shape)))
        continue
      }
      if tensor.dimensions != shape {
        missing.append((name, .shape(name: name, found: tensor.dimensions, expected: shape)))
      } else if !tensor.element.isFloat {
        missing.append((name, .element(name: name, found: tensor.element.name)))
      } else {
        continue
      }
      usable[name] = nil
    }
    let lacking = Set(blocks.filter { usable[$0.tensor] == nil }.map(\.parameter))
    var part = self
    part.blocks.removeAll { lacking.contains($0.parameter) }
    part.parameterShapes = parameterShapes.filter { !lacking.contains($0.key) }
    let superfluous = file.tensors.mapValues(\.dimensions).merging(file.unread.mapValues(\.dimensions)) { first, _ in
      first
    }
    .filter { tensorShapes[$0.key] == nil }.sorted { $0.key < $1.key }
    return PartialWeights(
      parameters: part.placed(usable, as: element), missing: missing.sorted { $0.name < $1.name }.map(\.problem),
      superfluous: superfluous.map { .superfluous(name: $0.key, shape: $0.value) })
  }
}

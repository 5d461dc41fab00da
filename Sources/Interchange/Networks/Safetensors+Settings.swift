internal import EbbCells

extension Safetensors {
  /// The value of a module's setting: under its whole name, or under the last parts of it; nil if the file has none.
  func setting(_ setting: String, of module: String) -> String? {
    // As a layer of ONNX has it.
    if let value = metadata["\(module).\(setting)"] { return value }
    let settings = WeightFile(self).settings
    let parts = NetworkNames.parts(module)
    return parts.indices.lazy.compactMap {
      settings[parts[$0...].map { $0 + "/" }.joined() + setting]
    }.first
  }

  /// The same with another value of a module's setting; nil if the file does not have the first one.
  ///
  /// - Parameters:
  ///   - module: The module's name.
  ///   - setting: The framework's word for the setting.
  ///   - value: A value that no cell here has.
  ///   - other: The value in its place.
  func settled(_ module: String, _ setting: String, _ value: String, as other: String) -> Safetensors? {
    guard self.setting(setting, of: module) == value else { return nil }
    var result = self
    let separator = metadata["\(module).\(setting)"] == nil ? "/" : "."
    result.metadata[module + separator + setting] = other
    return result
  }

  /// The same, with dense layers that have a softmax taken for linear ones, and their names. No cell has a softmax,
  /// because it belongs to the cross-entropy here, and no weight depends on it.
  ///
  /// - Parameter layers: The layers of the file.
  package func withLinearSoftmax(of layers: [NamedLayer]) -> (file: Safetensors, names: [String]) {
    var (result, names): (Safetensors, [String]) = (self, [])
    for layer in layers where layer.cell is Dense {
      guard let linear = result.settled(layer.name, "activation", "softmax", as: "linear") else { continue }
      result = linear
      names.append(layer.name)
    }
    return (result, names)
  }
}

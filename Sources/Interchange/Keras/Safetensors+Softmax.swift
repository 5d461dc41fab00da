internal import EbbCells

extension Safetensors {
  /// The same, with dense layers that have a softmax taken for linear ones, and their names. No cell has a softmax,
  /// because it belongs to the cross-entropy here, and no weight depends on it.
  ///
  /// - Parameter layers: The layers of the file.
  package func withLinearSoftmax(of layers: [NamedLayer]) -> (file: Safetensors, names: [String]) {
    let settings = WeightFile(self).settings
    let names = layers.filter { layer in
      let parts = NetworkNames.parts(layer.name)
      let keys = parts.indices.map { parts[$0...].map { $0 + "/" }.joined() + "activation" }
      return layer.cell is Dense && keys.lazy.compactMap { settings[$0] }.first == "softmax"
    }.map(\.name)
    var result = self
    for name in names { result.metadata[name + "/activation"] = "linear" }
    return (result, names)
  }
}

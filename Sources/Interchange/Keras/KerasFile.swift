internal import EbbFiles
internal import EbbMarkup
internal import EbbTensors
internal import Foundation

/// The files that Keras writes: HDF5 for weights, and for a model either HDF5 or a zip archive, `.keras`:
///
///     config.json         the architecture, as `model.to_json()` has it
///     metadata.json       the version of Keras
///     model.weights.h5    the weights, as `model.save_weights` writes them
///     assets/             files of layers, such as vocabularies
///
/// The architecture becomes the string `keras_config` of the metadata.
enum KerasFile {
  private static let weights = "model.weights.h5"
  private static let configuration = "config.json"

  /// Reads an HDF5 file. Older models have their architecture in an attribute of the root.
  static func hdf5(_ bytes: Data, source: String) throws(FileError) -> TensorFile.Contents {
    var contents = try HDF5.read(bytes, source: source)
    if let text = contents.metadata.removeValue(forKey: "model_config") { contents.metadata["keras_config"] = text }
    return contents
  }

  /// Reads an archive; nil if it is no model of Keras. Assets are left out.
  static func read(
    _ archive: ZipArchive, _ members: [ZipArchive.Member], source: String
  ) throws(FileError) -> TensorFile.Contents? {
    func content(of name: String) throws(FileError) -> Data? {
      guard let member = members.first(where: { $0.name == name }) else { return nil }
      return try archive.content(of: member)
    }
    guard let weights = try content(of: weights) else { return nil }
    var contents = try hdf5(weights, source: "\(source): \(Self.weights)")
    if let text = try content(of: configuration) {
      guard let text = String(validating: text, as: UTF8.self) else {
        throw FileError(source, "\(configuration) in the archive is not UTF-8")
      }
      contents.metadata["keras_config"] = text
    }
    if let text = try content(of: "metadata.json"),
      let json = try? JSONValue(parsing: String(decoding: text, as: UTF8.self))
    {
      contents.metadata["keras_version"] = json["keras_version"]?.string
    }
    return contents
  }

  /// The bytes of an HDF5 file. In a `.weights.h5` file, tensors with the names of Keras's layers are where
  /// `model.load_weights` looks for them. In an `.h5` file they keep their names, and lists name them for Keras; the
  /// architecture, if there is one, is where `load_model` looks for it.
  static func bytes(
    of tensors: [String: Tensor], metadata: [String: String], path: String
  ) throws(FileError) -> [UInt8] {
    let recorded = NamedLayer.recorded(in: metadata).map(\.name)
    let order = recorded.isEmpty ? KerasConfiguration(metadata).layers.map(\.path) : recorded
    let places = KerasPlaces(tensors.mapValues(\.dimensions), order: order)
    var metadata = metadata
    if !path.hasSuffix(".weights.h5") {
      if let text = metadata.removeValue(forKey: "keras_config") { metadata["model_config"] = text }
      if !KerasPaths(tensors.mapValues(\.dimensions), metadata).isStored {
        metadata.merge(places.lists) { first, _ in first }
      }
      return try HDF5.bytes(of: tensors, metadata: metadata, source: path)
    }
    metadata.merge(places.attributes) { first, _ in first }
    var placed: [String: Tensor] = [:]
    for (name, tensor) in tensors {
      guard placed.updateValue(tensor, forKey: places.names[name] ?? name) == nil else {
        throw FileError(path, "\(places.names[name] ?? name) is there twice: by this name, and by that of a layer")
      }
    }
    return try HDF5.bytes(of: placed, metadata: metadata, source: path)
  }
}

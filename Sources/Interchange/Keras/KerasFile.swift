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
  /// The version whose form is written.
  private static let version = "3.15.1"

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
    let places = KerasPlaces(tensors.mapValues(\.dimensions), metadata)
    var metadata = metadata
    if !path.hasSuffix(".weights.h5") {
      if let text = metadata.removeValue(forKey: "keras_config") { metadata["model_config"] = text }
      if !KerasPaths(tensors.mapValues(\.dimensions), metadata).isStored {
        metadata.merge(places.lists) { first, _ in first }
      }
      return try HDF5.bytes(of: tensors, metadata: metadata, source: path)
    }
    metadata.merge(places.attributes) { first, _ in first }
    return try HDF5.bytes(of: placed(tensors, places, path), metadata: metadata, source: path)
  }

  /// The bytes of an archive that `keras.saving.load_model` opens.
  ///
  /// Tensors with the names of layers are a `Sequential` of them. Those of a model that was read from such a file, by the
  /// names that it has there, stay in its own architecture.
  ///
  /// - Throws: `FileError` with the reason if the tensors are no model of Keras.
  static func archive(
    of tensors: [String: Tensor], metadata: [String: String], path: String
  ) throws(FileError) -> [UInt8] {
    var strings = metadata
    let (text, version) = (strings.removeValue(forKey: "keras_config"), strings.removeValue(forKey: "keras_version"))
    let paths = KerasPaths(tensors.mapValues(\.dimensions), metadata)
    let architecture: String
    var placed = tensors
    if let text, paths.isNumbered {
      architecture = text
    } else {
      let tensors = Safetensors(tensors, metadata: metadata).withKerasPaths.tensors
      let shapes = tensors.mapValues(\.dimensions)
      let order = KerasOrder(shapes, metadata)
      let places = KerasPlaces(shapes, order, KerasConfiguration([:]))
      if let name = tensors.keys.sorted().first(where: { places.names[$0] == nil }) {
        throw FileError(
          path,
          "\(name) \(shapes[name] ?? []) is no weight of an LSTM, a GRU, a SimpleRNN, a Bidirectional, a Dense, an "
            + "Embedding or a LayerNormalization by its name in Keras, and a .keras file has such layers here; --to keras "
            + "gives names of Keras, and a name that ends in .weights.h5 takes all tensors"
        )
      }
      guard !order.layers.isEmpty else { throw FileError(path, "there are no layers, and so no model of Keras") }
      architecture = try KerasArchitecture.text(of: tensors, order, metadata, source: path)
      placed = try Self.placed(tensors, places, path)
      // Settings are in the architecture, and lists of names in the groups.
      strings = strings.filter { $0.key.hasPrefix("ebb.") || $0.key == "cell" || $0.key == "readout" }
        .merging(places.attributes) { _, own in own }
    }
    // A file is a function of its contents; a zip's time begins with this year.
    let date = JSONValue.object(
      JSONObject([
        ("keras_version", .string(version ?? Self.version)), ("date_saved", "1980-01-01@00:00:00"),
      ]))
    var archive = ZipWriter()
    try archive.add("metadata.json", Array(date.text(indented: false).utf8))
    try archive.add(configuration, Array(architecture.utf8))
    try archive.add(weights, HDF5.bytes(of: placed, metadata: strings, source: path))
    return archive.finish()
  }

  private static func placed(
    _ tensors: [String: Tensor], _ places: KerasPlaces, _ path: String
  ) throws(FileError) -> [String: Tensor] {
    var placed: [String: Tensor] = [:]
    for (name, tensor) in tensors {
      guard placed.updateValue(tensor, forKey: places.names[name] ?? name) == nil else {
        throw FileError(path, "\(places.names[name] ?? name) is there twice: by this name, and by that of a layer")
      }
    }
    return placed
  }
}

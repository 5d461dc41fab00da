public import EbbFiles
internal import EbbInterchange
public import EbbRecording
public import EbbTensors
internal import Foundation

/// A trained model as a file: its parameters, the equations of its network, and everything else that a program needs to
/// use it (sizes, vocabulary, scales, …).
///
/// The file is in the safetensors format: other tools read the parameters under their names, and the rest as metadata.
/// A program needs nothing but the file, not even the cells of the network.
///
/// ```swift
/// try ModelFile(
///   kind: "text", configuration: settings, parameters: trainer.parameters, recording: trainer.recording
/// ).write(to: "model.safetensors")
/// let file = try ModelFile(contentsOf: "model.safetensors")
/// let settings = try file.configuration(TextSettings.self, kind: "text")
/// let outputs = try StreamingModel(file).run(["x": x])
/// ```
public struct ModelFile: Hashable, Sendable {
  /// The kind of model, such as "text"; a file of another kind is rejected.
  public let kind: String
  /// The parameters by name.
  public let parameters: [String: Tensor]
  /// The file or other source of the model, for errors.
  public let source: String
  /// The configuration as JSON, with sorted keys, so that equal models are equal files.
  private let json: String
  /// The recording as JSON; nil in older files, without equations.
  private let network: String?

  /// - Parameters:
  ///   - kind: The kind of model, such as "text", which its readers require.
  ///   - configuration: Everything else that a program needs, kept as JSON.
  ///   - parameters: The trained values by name.
  ///   - recording: The network of the parameters, as trained; nil for a file without equations.
  public init(
    kind: String, configuration: some Encodable, parameters: [String: Tensor], recording: Recording? = nil
  ) throws(FileError) {
    json = try Self.text(configuration, "the configuration", kind)
    network = try recording.map { recording throws(FileError) in try Self.text(recording, "the network", kind) }
    self.kind = kind
    self.parameters = parameters
    source = "model"
  }

  private static func text(
    _ value: some Encodable, _ what: String, _ source: String
  ) throws(FileError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw FileError(source, "\(what) cannot be written as JSON: \(error)")
    }
  }

  // MARK: Files

  /// Reads a file that `write` made.
  public init(contentsOf path: String) throws(FileError) {
    let file: Safetensors
    do {
      file = try Safetensors(contentsOf: path)
    } catch {
      throw FileError(path, "this is no model: \(error.message)")
    }
    guard let kind = file.metadata[Key.kind], let json = file.metadata[Key.configuration] else {
      throw FileError(path, "this safetensors file was not written as a model")
    }
    self.kind = kind
    self.json = json
    network = file.metadata[Key.network]
    parameters = file.tensors
    source = path
  }

  /// Writes all of the file or nothing: it then holds this model or its previous contents.
  public func write(to path: String) throws(FileError) {
    var metadata = [Key.kind: kind, Key.configuration: json]
    metadata[Key.network] = network
    try Safetensors(parameters, metadata: metadata).withChecksum.write(to: path)
  }

  /// The keys in the file's metadata.
  private enum Key {
    static let kind = "ebb.model"
    static let configuration = "ebb.configuration"
    static let network = "ebb.network"
  }

  // MARK: Contents

  /// The settings that the program stored with the parameters.
  public func configuration<Configuration: Decodable>(
    _ type: Configuration.Type, kind expected: String
  ) throws(FileError) -> Configuration {
    guard kind == expected else {
      throw FileError(source, "this is a model of the kind '\(kind)'; one of the kind '\(expected)' is needed")
    }
    return try decoded(type, json, "its configuration makes no sense")
  }

  /// Whether the file holds the equations of its network.
  public var holdsNetwork: Bool { network != nil }

  /// The network as it was trained, ready to be trained on, evaluated or run step by step; nil in older files, without
  /// equations.
  ///
  /// - Throws: `FileError` if the equations are damaged or do not match the parameters.
  public func recording() throws(FileError) -> Recording? {
    guard let network else { return nil }
    let recording = try decoded(Recording.self, network, "its equations cannot be read")
    do {
      try recording.check(parameters)
    } catch {
      throw FileError(source, "the model is damaged: \(error)")
    }
    return recording
  }

  private func decoded<Value: Decodable>(
    _ type: Value.Type, _ text: String, _ problem: String
  ) throws(FileError) -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try decoder.decode(type, from: Data(text.utf8))
    } catch DecodingError.dataCorrupted(let context) {
      throw FileError(source, "the model is damaged: \(problem): \(context.debugDescription)")
    } catch {
      throw FileError(source, "the model is damaged: \(problem): \(error)")
    }
  }
}

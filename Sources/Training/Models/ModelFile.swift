internal import EbbInterchange
public import EbbTensors
internal import Foundation

/// A trained model as a file: its parameters, and what a program must know to record the same graph again (cell, sizes,
/// vocabulary, scales, …).
///
/// The file is in the safetensors format: other tools read the parameters under their names, and the rest as metadata.
///
/// ```swift
/// try ModelFile(kind: "text", configuration: settings, parameters: trainer.parameters).write(to: "model.safetensors")
/// let file = try ModelFile(contentsOf: "model.safetensors")
/// let settings = try file.configuration(TextSettings.self, kind: "text")
/// ```
public struct ModelFile: Hashable, Sendable {
  /// What kind of model it is, such as "text"; a file of another kind is refused by name.
  public let kind: String
  public let parameters: [String: Tensor]
  /// The file or what else the model came from, for errors.
  public let source: String
  /// The configuration as JSON, with sorted keys, so that equal models are equal files.
  private let json: String

  public init(kind: String, configuration: some Encodable, parameters: [String: Tensor]) throws(ModelFileError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      json = String(decoding: try encoder.encode(configuration), as: UTF8.self)
    } catch {
      throw ModelFileError(kind, "the configuration cannot be written as JSON: \(error)")
    }
    self.kind = kind
    self.parameters = parameters
    source = "model"
  }

  /// Reads a file that `write` made.
  public init(contentsOf path: String) throws(ModelFileError) {
    let file: Safetensors
    do {
      file = try Safetensors(contentsOf: path)
    } catch {
      throw ModelFileError(path, "this is no model: \(error.message)")
    }
    guard let kind = file.metadata[Place.kind], let json = file.metadata[Place.configuration] else {
      throw ModelFileError(path, "this safetensors file was not written as a model")
    }
    self.kind = kind
    self.json = json
    parameters = file.tensors
    source = path
  }

  /// What the program stored beside the parameters.
  public func configuration<Configuration: Decodable>(
    _ type: Configuration.Type, kind expected: String
  ) throws(ModelFileError) -> Configuration {
    guard kind == expected else {
      throw ModelFileError(source, "this is a model of the kind '\(kind)'; one of the kind '\(expected)' is needed")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(json.utf8))
    } catch {
      throw ModelFileError(source, "the model is damaged: its configuration makes no sense: \(error)")
    }
  }

  /// Writes all of the file or nothing: it then holds this model, or what it held before.
  public func write(to path: String, in files: some FileStore = DiskStore()) throws(ModelFileError) {
    let metadata = [Place.kind: kind, Place.configuration: json]
    do {
      try files.replace(path, with: Safetensors(parameters, metadata: metadata).bytes)
    } catch {
      throw ModelFileError(error.path, error.reason)
    }
  }

  /// The keys in the file's metadata.
  private enum Place {
    static let kind = "ebb.model"
    static let configuration = "ebb.configuration"
  }
}

/// Why a model could not be written or read.
public struct ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public var source: String
  public var reason: String
  public init(_ source: String, _ reason: String) {
    self.source = source
    self.reason = reason
  }
  public var description: String { "\(source): \(reason)" }
}

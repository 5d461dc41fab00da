import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

/// A file that h5py or Keras wrote, and what they read from it: an object of Tests/Vectors, see make_hdf5_vectors.py.
struct HDF5Vector: CustomTestStringConvertible, Sendable {
  var name: String
  var bytes: [UInt8]
  /// The tensors by name, in the types that they have here.
  var tensors: [String: Tensor] = [:]
  var types: [String: String] = [:]
  var attributes: [String: String] = [:]
  /// `weight.path` by the tensor's name.
  var paths: [String: String] = [:]
  var layers: [String] = []

  var testDescription: String { name }

  static let h5py = read("hdf5.json")
  static let growing = read("hdf5-growing.json")
  static let keras = read("keras-files.json")

  static func keras(_ name: String) throws -> HDF5Vector { try #require(keras.first { $0.name == name }) }
  static func h5py(_ name: String) throws -> HDF5Vector { try #require(h5py.first { $0.name == name }) }
  static func growing(_ name: String) throws -> HDF5Vector { try #require(growing.first { $0.name == name }) }

  private static func read(_ file: String) -> [HDF5Vector] {
    guard let text = try? String(contentsOfFile: PeerVector.path(file), encoding: .utf8),
      let files = try? JSONValue(parsing: text).object
    else { return [] }
    return files.members.compactMap { try? HDF5Vector($0.key, $0.value) }
  }

  private init(_ name: String, _ json: JSONValue) throws {
    self.name = name
    let packed = try #require(json["deflated"]?.string.flatMap { Data(base64Encoded: $0) })
    bytes = try Inflate.expand(Array(packed), count: #require(json["size"]?.integer), source: name)
    for (key, value) in json["tensors"]?.object?.members ?? [] {
      let type = try #require(value["type"]?.string)
      let numbers = try #require(value["numbers"]?.array).compactMap(\.double).map { $0 / 32 }
      let shape = try #require(value["shape"]?.array).compactMap(\.integer)
      tensors[key] = Tensor(shape, numbers, as: Self.element(type))
      // NumPy has no name for bfloat16.
      types[key] = type == "|V2" ? "bfloat16" : type
    }
    func texts(_ key: String) -> [String: String] {
      Dictionary(
        (json[key]?.object?.members ?? []).map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 })
    }
    (attributes, paths) = (texts("attributes"), texts("paths"))
    layers = json["layers"]?.array?.compactMap(\.string) ?? []
  }

  private static func element(_ type: String) -> ElementType {
    switch type {
    case "<f8", ">f8": .float64
    case "|b1": .bool
    case "<f4", ">f4", "<f2", ">f2", "|V2": .float32
    case _: .int32
    }
  }
}

/// Calls the body with the path of a file of these bytes.
func withFile(_ name: String, _ bytes: [UInt8], _ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let path = folder.appendingPathComponent(name).path
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  try body(path)
}

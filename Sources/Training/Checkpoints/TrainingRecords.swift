internal import Foundation

/// What others note about a training as it goes, such as tests of the network: lists of values in JSON, by name. They
/// travel with the checkpoint, and no bit of the training depends on them.
package struct TrainingRecords: Hashable, Sendable {
  var texts: [String: [String]] = [:]

  package init() {}

  /// Adds a value at the end of a list.
  package mutating func add(_ value: some Encodable, to name: String) { texts[name, default: []].append(text(value)) }

  /// Makes a list of this value alone.
  package mutating func set(_ value: some Encodable, _ name: String) { texts[name] = [text(value)] }

  /// The values of a list, every bit as it was added; empty if there are none, or if they are of another kind.
  package func values<Value: Decodable>(_ name: String, _: Value.Type = Value.self) -> [Value] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (try? texts[name]?.map { try decoder.decode(Value.self, from: Data($0.utf8)) }) ?? []
  }

  private func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { preconditionFailure("numbers and texts have a form in JSON") }
    return String(decoding: data, as: UTF8.self)
  }
}

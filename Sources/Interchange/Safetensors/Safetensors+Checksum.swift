internal import EbbTensors

/// A checksum in the file's metadata, where other programs ignore it.
///
/// It covers the file's contents, not its bytes: a program that writes the same tensors and metadata in another order
/// preserves it. A file with a wrong checksum is not read.
extension Safetensors {
  /// The metadata's name for it.
  public static let checksumName = "ebb.checksum"

  /// Whether the contents match the checksum; nil if the file carries none.
  var hasSoundChecksum: Bool? { metadata[Self.checksumName].map { $0 == checksum } }

  /// The same, carrying its checksum.
  public var withChecksum: Safetensors {
    var file = self
    file.metadata[Self.checksumName] = checksum
    return file
  }

  /// The checksum of all names, tensors and metadata, except the checksum itself.
  private var checksum: String {
    var sum = Fingerprint()
    sum.add(UInt64(tensors.count))
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      sum.add(name)
      sum.add(tensor)
    }
    for (name, text) in metadata.sorted(by: { $0.key < $1.key }) where name != Self.checksumName {
      sum.add(name)
      sum.add(text)
    }
    return sum.text
  }
}

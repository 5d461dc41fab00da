internal import EbbTensors

/// A checksum that the file carries in its metadata, where other programs leave it alone.
///
/// It is over what the file says, not over its bytes: a program that writes the same tensors and metadata in another
/// order keeps it. A file whose contents have another one is not read.
extension Safetensors {
  /// The metadata's name for it.
  public static let checksumName = "ebb.checksum"

  /// Whether the contents are those that were written; nil where the file carries no checksum.
  var hasSoundChecksum: Bool? { metadata[Self.checksumName].map { $0 == checksum } }

  /// The same, carrying its checksum.
  public var withChecksum: Safetensors {
    var file = self
    file.metadata[Self.checksumName] = checksum
    return file
  }

  /// The sum over all names, tensors and metadata, but for the checksum itself.
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

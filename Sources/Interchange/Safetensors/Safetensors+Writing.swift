public import EbbFiles
internal import EbbMarkup
internal import EbbTensors

extension Safetensors {
  /// The file's bytes: a function of only the tensors and the metadata. Tensors with larger elements come first, then
  /// by name, so that each is aligned to its element.
  public var bytes: [UInt8] {
    let entries = tensors.sorted {
      let (left, right) = (StoredType($0.value.element).byteCount, StoredType($1.value.element).byteCount)
      return left == right ? $0.key < $1.key : left > right
    }
    var members: [String] = []
    if !metadata.isEmpty {
      let strings = metadata.sorted { $0.key < $1.key }.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"__metadata__\":{\(strings.joined(separator: ","))}")
    }
    var end = 0
    for (name, tensor) in entries {
      precondition(name != "__metadata__", "a tensor cannot be named __metadata__")
      let start = end
      let type = StoredType(tensor.element)
      end += tensor.count * type.byteCount
      let shape = tensor.dimensions.map(String.init).joined(separator: ",")
      members.append(
        "\(jsonString(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    // Spaces, so that the numbers start at a multiple of 8.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)

    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    bytes.append(littleEndian: UInt64(header.count))
    bytes += header
    for (_, tensor) in entries { tensor.append(to: &bytes) }
    return bytes
  }

  /// Writes all of the file or nothing: a reader sees the old file or the new one, and after an error the old one
  /// remains. A link is followed and remains a link.
  public func write(to path: String) throws(FileError) { try DiskStore().replace(path, with: bytes) }
}

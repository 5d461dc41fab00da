public import EbbFiles
internal import EbbTensors
internal import Foundation

extension Safetensors {
  /// The longest header that is read; a longer one counts as damage.
  public static let maximumHeaderLength = 100_000_000

  /// Reads a file, which is mapped into memory, not copied, and must not be truncated meanwhile.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(InputFile.bytes(path, expecting: "a safetensors file"), source: path)
  }

  /// Reads the bytes of a file, strictly: the header must have exactly the format's form, and the tensors must fill the
  /// rest of the bytes without gap or overlap. Nothing is allocated beyond the bytes that exist.
  public init(bytes: [UInt8], source: String = "safetensors") throws(FileError) {
    try self.init(Data(bytes), source: source)
  }

  init(_ bytes: Data, source: String) throws(FileError) {
    guard bytes.count >= 8 else {
      throw FileError(
        source, "has \(bytes.count) bytes; a safetensors file begins with 8 that give its header's length")
    }
    let length = bytes.integer(at: 0, UInt64.self)
    guard length <= UInt64(Self.maximumHeaderLength), let text = bytes.part(from: 8, count: Int(length)),
      let data = bytes.part(from: 8 + Int(length), count: bytes.count - 8 - Int(length))
    else {
      throw FileError(
        source,
        "the header is said to be \(length) bytes long, and \(bytes.count - 8) follow; this is no safetensors file, "
          + "or it is cut off")
    }
    let header = try SafetensorsHeader(Array(text), source: source)
    tensors = [:]
    metadata = header.metadata
    try read(header.entries, from: data, source)
    guard hasSoundChecksum != false else {
      throw FileError(
        source,
        "the checksum in its metadata is not that of its contents: the file is damaged, or was changed without taking "
          + "\(Self.checksumName) out of the metadata")
    }
  }

  private mutating func read(
    _ entries: [SafetensorsHeader.Entry], from data: Data, _ source: String
  ) throws(FileError) {
    var end = 0
    for entry in entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      func fail(_ message: String) -> FileError {
        FileError(source, "tensor \"\(entry.name)\": \(message)")
      }
      guard entry.start == end, entry.end >= entry.start, entry.end <= data.count else {
        throw fail(
          "its bytes are said to be \(entry.start) ..< \(entry.end) of \(data.count), and the next ones begin at \(end)"
        )
      }
      end = entry.end
      let content = try StoredTensor(
        entry.type, StoredType(rawValue: entry.type), known: StoredType.allCases.map(\.rawValue), entry.shape,
        data[data.startIndex + entry.start..<data.startIndex + entry.end], fail: fail)
      add(content, named: entry.name)
    }
    guard end == data.count else {
      throw FileError(source, "\(data.count - end) bytes at the end belong to no tensor")
    }
  }
}

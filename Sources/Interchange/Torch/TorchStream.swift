internal import EbbFiles
internal import Foundation

/// The storages of a file from before PyTorch 1.6, or of `_use_new_zipfile_serialization=False`.
struct TorchStream {
  /// 0x1950a86a20f9469cfc6c: the first pickle's value, little-endian, and in decimal as protocols 0 and 1 have it.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let magicText = "119547037146038801333356"
  private static let version = 1001

  private let source: String
  private var parts: [String: Data] = [:]

  /// Whether bytes begin as a pickle does: with a protocol, or with the magic number. A safetensors file, which begins
  /// with a length of 8 bytes, may have the first two bytes, but then has zeros where a pickle without a frame has none.
  static func begins(_ bytes: Data) -> Bool {
    let start = Array(bytes.prefix(32))
    if start.starts(with: "L\(magicText)".utf8) { return true }
    guard start.count >= 8, start[0] == 0x80, start[1] <= 5 else { return false }
    return start[4..<8].contains { $0 != 0 } || start.indices.contains { start[$0...].starts(with: magic) }
  }

  static func read(_ bytes: Data, source: String) throws(FileError) -> (PickleValues, PickleValue, TorchStream) {
    var reader = PickleReader(Array(bytes.prefix(PickleReader.maximumLength)), source: source)
    let magic = try reader.read()
    guard isMagic(magic, reader.values) else {
      throw FileError(source, "this is a pickle, and not one of torch.save. \(PickleReader.advice)")
    }
    let version = try reader.read()
    guard reader.values.integer(version) == Self.version else {
      throw FileError(source, "the version of the file is none that is known here; it must be \(Self.version)")
    }
    // The properties of the machine do not matter: the numbers are little-endian on any.
    _ = try reader.read()
    let root = try reader.read()
    let keys = try reader.read()
    var stream = TorchStream(source: source)
    try stream.split(bytes, from: reader.position, keys: keys, reader.values)
    return (reader.values, root, stream)
  }

  private static func isMagic(_ value: PickleValue, _ values: PickleValues) -> Bool {
    switch value {
    case .long(let range): values.bytes[range].elementsEqual(magic)
    case .bytes(let range): values.bytes[range].elementsEqual(magicText.utf8)
    case .none, .truth, .integer, .number, .text, .object: false
    }
  }

  private init(source: String) { self.source = source }

  /// Finds the numbers of each storage: its length in 8 bytes, then its numbers.
  private mutating func split(
    _ bytes: Data, from start: Int, keys: PickleValue, _ values: PickleValues
  ) throws(FileError) {
    var sizes: [String: Int] = [:]
    for case .storage(let storage) in values.objects.lazy.map(\.kind) { sizes[storage.key] = storage.byteCount }
    guard let list = values.object(keys), case .list = list.kind else {
      throw FileError(source, "the keys of the storages, which follow the value, are no list")
    }
    var position = start
    for item in list.items {
      guard let key = values.text(item), let size = sizes[key], parts[key] == nil else {
        throw FileError(source, "a key of the storages is none of the value's, or is there twice")
      }
      guard let head = bytes.part(from: position, count: 8),
        case let count = head.integer(at: 0, UInt64.self), count <= UInt64(bytes.count),
        let part = bytes.part(from: position + 8, count: Int(count) * size)
      else { throw FileError(source, "storage \(key), at byte \(position), is cut off") }
      parts[key] = part
      position += 8 + part.count
    }
    guard position == bytes.count else {
      throw FileError(source, "\(bytes.count - position) bytes at the end belong to no storage")
    }
  }

  func bytes(_ key: String) throws(FileError) -> Data {
    guard let bytes = parts[key] else { throw FileError(source, "its storage \(key) is not in the file") }
    return bytes
  }
}

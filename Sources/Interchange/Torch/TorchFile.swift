internal import EbbFiles
internal import Foundation

/// A file of `torch.save`: a pickle, and the numbers of its storages.
///
///     a zip archive, since PyTorch 1.6    NAME/data.pkl, NAME/data/0, NAME/data/1, …, NAME/byteorder, NAME/version
///     one stream, before                  pickles: a number, a version, the machine's properties, the value, the keys of
///                                         the storages; then for each its length in 8 bytes and its numbers
///
/// The pickle is read and never run; see `PickleReader`.
struct TorchFile {
  private let source: String
  private let byteCount: Int
  private let storages: TorchStorages
  /// The storages that have been read, by their keys.
  private var read: [String: Data] = [:]
  private let leaves: TorchLeaves
  private var notes: [String]

  /// The tensors of an archive with these members.
  static func read(
    _ archive: ZipArchive, _ members: [ZipArchive.Member], byteCount: Int, path: String
  ) throws(FileError) -> TensorFile.Contents {
    let storages = try TorchArchive(archive, members, source: path)
    let pickle = try storages.pickle()
    var reader = PickleReader(pickle, source: path)
    let root = try reader.read()
    var file = try TorchFile(reader.values, root, .archive(storages), byteCount: byteCount, path)
    return try file.contents()
  }

  /// The tensors of a stream.
  static func read(_ bytes: Data, path: String) throws(FileError) -> TensorFile.Contents {
    let (values, root, storages) = try TorchStream.read(bytes, source: path)
    var file = try TorchFile(values, root, .stream(storages), byteCount: bytes.count, path)
    return try file.contents()
  }

  private init(
    _ values: PickleValues, _ root: PickleValue, _ storages: TorchStorages, byteCount: Int, _ source: String
  ) throws(FileError) {
    self.source = source
    self.byteCount = byteCount
    self.storages = storages
    notes = storages.notes
    if case .foreign(let name)? = values.object(root)?.kind { throw Self.isObject(name, source) }
    leaves = try TorchLeaves(values, root, source: source)
  }

  private static func isObject(_ name: String, _ source: String) -> FileError {
    let kind = name.hasPrefix(PickleReader.scripted) ? "a program of TorchScript" : "an object of \(name)"
    return FileError(source, "this is \(kind), and not the tensors of one. \(PickleReader.advice)")
  }

  /// What is neither tensor nor number nor text.
  private var others: String {
    let list = leaves.others.prefix(8).map { $0.name.isEmpty ? $0.kind : "\($0.name) (\($0.kind))" }
    return list.joined(separator: ", ") + (leaves.others.count > 8 ? ", … (\(leaves.others.count))" : "")
  }

  private mutating func contents() throws(FileError) -> TensorFile.Contents {
    var contents = TensorFile.Contents([:])
    guard !leaves.tensors.isEmpty || !leaves.arrays.isEmpty || !leaves.unread.isEmpty || leaves.others.isEmpty else {
      throw FileError(source, "there is no tensor in it, but \(others). \(PickleReader.advice)")
    }
    let ways = leaves.tensors.map(\.name) + leaves.arrays.map(\.name) + leaves.unread.map(\.name)
    let model = TorchModel(states: leaves.states, isMixed: leaves.isMixed, names: ways)
    if let note = model.note { notes.append(note) }
    // A tensor that is the file's whole value has the file's name.
    let stem = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
    var names: Set<String> = []
    func name(_ way: String) throws(FileError) -> String {
      let name = way.isEmpty ? stem : model.name(of: way)
      guard names.insert(name).inserted else { throw FileError(source, "the name \"\(name)\" is there twice") }
      return name
    }
    for (way, tensor) in leaves.unread { contents.unread[try name(way)] = tensor }
    // Views may repeat the numbers of a storage; all together a file cannot hold many times its size.
    var room = 8 * byteCount + 16_000_000
    for (way, tensor) in leaves.tensors {
      let name = try name(way)
      let size = (tensor.count ?? 0) * tensor.type.byteCount
      guard size <= room else {
        contents.unread[name] = UnreadTensor(
          type: tensor.type.rawValue, dimensions: tensor.sizes,
          reason: "its \(tensor.count ?? 0) numbers repeat those of the file too often; save .clone()")
        continue
      }
      room -= size
      contents.add(try numbers(of: tensor, name), named: name)
    }
    for (way, array) in leaves.arrays {
      let name = try name(way)
      guard array.bytes.count <= room else {
        contents.unread[name] = UnreadTensor(
          type: array.type, dimensions: array.dimensions, reason: "it is in the file too often")
        continue
      }
      room -= array.bytes.count
      contents.add(try array.tensor { FileError(source, "array \"\(name)\": \($0)") }, named: name)
    }
    contents.metadata = leaves.texts
    // That of a safetensors file that was converted says nothing about this one.
    contents.metadata[Safetensors.checksumName] = nil
    if !leaves.others.isEmpty {
      notes.append("no tensors, numbers or texts, and left out: \(others)")
    }
    contents.notes = notes
    return contents
  }

  /// The bytes of a storage, as many as it is said to have; those of an archive are checked once.
  private mutating func bytes(of storage: TorchStorage, _ fail: (String) -> FileError) throws(FileError) -> Data {
    let bytes: Data
    if let known = read[storage.key] {
      bytes = known
    } else {
      do {
        bytes = try storages.bytes(storage.key)
      } catch {
        throw fail(error.message)
      }
      read[storage.key] = bytes
    }
    let end = (storage.start + storage.count) * storage.byteCount
    // A part may end before the whole does.
    guard storage.isPart ? bytes.count >= end : bytes.count == end else {
      throw fail("its storage \(storage.key) is said to have \(end) bytes, and has \(bytes.count)")
    }
    return bytes
  }

  private mutating func numbers(of tensor: TorchTensor, _ name: String) throws(FileError) -> StoredTensor {
    let source = source
    func fail(_ message: String) -> FileError { FileError(source, "tensor \"\(name)\": \(message)") }
    let bytes = try bytes(of: tensor.storage, fail)
    guard tensor.type.stored != nil else {
      return .unread(
        UnreadTensor(
          type: tensor.type.rawValue, dimensions: tensor.sizes,
          reason: "the type \(tensor.type) is not known here; the types are \(TorchType.known.joined(separator: ", "))")
      )
    }
    return try StoredTensor(
      tensor.type.rawValue, tensor.type.stored, known: TorchType.known, tensor.sizes,
      tensor.numbers(of: bytes, isBigEndian: storages.isBigEndian), fail: fail)
  }
}

/// Where the numbers are.
enum TorchStorages {
  case archive(TorchArchive)
  case stream(TorchStream)

  var notes: [String] {
    switch self {
    case .archive(let archive): archive.notes
    case .stream: []
    }
  }

  /// A stream is little-endian on any machine.
  var isBigEndian: Bool {
    switch self {
    case .archive(let archive): archive.isBigEndian
    case .stream: false
    }
  }

  /// The bytes of the storage with this key; throws why there are none.
  func bytes(_ key: String) throws(FileError) -> Data {
    switch self {
    case .archive(let archive): try archive.bytes(key)
    case .stream(let stream): try stream.bytes(key)
    }
  }
}

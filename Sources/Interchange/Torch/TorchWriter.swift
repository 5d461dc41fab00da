internal import EbbFiles
internal import EbbTensors

/// Writes tensors as `torch.save` writes a state dict: an OrderedDict, in an archive of PyTorch 1.6 and later.
///
/// The bytes depend only on the tensors, in the order of their names. `torch.load` reads them with `weights_only=True`, and
/// with `mmap=True`, since each storage begins at a multiple of 64.
enum TorchWriter {
  private static let root = "archive/"
  private static let alignment = 64

  static func bytes(of tensors: [String: Tensor]) throws(FileError) -> [UInt8] {
    let sorted = tensors.sorted { $0.key < $1.key }
    var writer = ZipWriter()
    var pickle = PickleWriter()
    for (index, (name, tensor)) in sorted.enumerated() { pickle.add(name, tensor, storage: String(index)) }
    try writer.add(root + "data.pkl", pickle.finish(), alignment: alignment)
    try writer.add(root + ".format_version", Array("1".utf8), alignment: alignment)
    try writer.add(root + ".storage_alignment", Array(String(alignment).utf8), alignment: alignment)
    try writer.add(root + "byteorder", Array("little".utf8), alignment: alignment)
    for (index, (_, tensor)) in sorted.enumerated() {
      var numbers: [UInt8] = []
      tensor.append(to: &numbers)
      try writer.add(root + "data/\(index)", numbers, alignment: alignment)
    }
    // The version of the archive's format, on which `torch.load` insists.
    try writer.add(root + "version", Array("3\n".utf8), alignment: alignment)
    return writer.finish()
  }
}

/// Writes the pickle of an OrderedDict of tensors, protocol 2.
private struct PickleWriter {
  private var bytes: [UInt8] = [0x80, 2]
  /// The places of names in the memo.
  private var memo: [String: Int] = [:]

  init() {
    name("collections", "OrderedDict")
    put(.emptyTuple, .reduce, .mark)
  }

  /// name: _rebuild_tensor_v2(('storage', class, key, 'cpu', count), 0, sizes, strides, False, OrderedDict())
  mutating func add(_ name: String, _ tensor: Tensor, storage: String) {
    text(name)
    self.name("torch._utils", "_rebuild_tensor_v2")
    put(.mark, .mark)
    text("storage")
    guard let type = TorchType(StoredType(tensor.element)).storageName else {
      preconditionFailure("PyTorch has the types of tensors")
    }
    self.name("torch", type)
    text(storage)
    text("cpu")
    integer(tensor.count)
    put(.tuple, .binPersID)
    integer(0)
    tuple(tensor.dimensions)
    var strides: [Int] = []
    for extent in tensor.dimensions.reversed().dropLast() { strides.append((strides.last ?? 1) * max(1, extent)) }
    tuple(tensor.dimensions.isEmpty ? [] : strides.reversed() + [1])
    put(.newFalse)
    self.name("collections", "OrderedDict")
    put(.emptyTuple, .reduce, .tuple, .reduce)
  }

  /// The whole pickle.
  mutating func finish() -> [UInt8] {
    put(.setItems, .stop)
    return bytes
  }

  private mutating func put(_ opcodes: PickleOpcode...) { bytes += opcodes.map(\.rawValue) }

  /// A name, from the memo if it was there before.
  private mutating func name(_ module: String, _ name: String) {
    let whole = "\(module)\n\(name)\n"
    if let place = memo[whole] {
      put(.binGet)
      bytes.append(UInt8(place))
      return
    }
    put(.global)
    bytes += whole.utf8
    // At most one for each type of storages, and two functions.
    put(.binPut)
    bytes.append(UInt8(memo.count))
    memo[whole] = memo.count
  }

  private mutating func text(_ text: String) {
    put(.binUnicode)
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes += text.utf8
  }

  /// A number of at least 0.
  private mutating func integer(_ value: Int) {
    if let small = UInt8(exactly: value) {
      put(.binInt1)
      bytes.append(small)
    } else if let small = Int32(exactly: value) {
      put(.binInt)
      bytes.append(littleEndian: UInt32(bitPattern: small))
    } else {
      put(.long1)
      bytes.append(8)
      bytes.append(littleEndian: UInt64(value))
    }
  }

  private mutating func tuple(_ values: [Int]) {
    put(.mark)
    for value in values { integer(value) }
    put(.tuple)
  }
}

/// Pickles made by hand, one instruction after another.
struct TorchPickle {
  var bytes: [UInt8] = []
  private var hasStorage = false

  init(bytes: [UInt8] = [], hasStorage: Bool = false) {
    self.bytes = bytes
    self.hasStorage = hasStorage
  }

  /// Instructions of one letter each.
  func op(_ letters: String) -> TorchPickle { adding(Array(letters.utf8)) }

  func raw(_ bytes: UInt8...) -> TorchPickle { adding(bytes) }

  func name(_ module: String, _ name: String) -> TorchPickle { op("c\(module)\n\(name)\n") }

  func text(_ text: String) -> TorchPickle { op("X").number(text.utf8.count, 4).op(text) }

  func int(_ value: Int) -> TorchPickle { op("J").number(value, 4) }

  /// Little-endian.
  func number(_ value: Int, _ count: Int) -> TorchPickle {
    adding((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  func ints(_ values: [Int]) -> TorchPickle { values.reduce(op("(")) { $0.int($1) }.op("t") }

  /// A call with texts.
  func call(_ module: String, _ name: String, _ arguments: String...) -> TorchPickle {
    arguments.reduce(self.name(module, name).op("(")) { $0.text($1) }.op("tR")
  }

  /// The storage "0" of the class.
  func storage(_ kind: String = "FloatStorage", count: Int = 6) -> TorchPickle {
    let made = op("(").text("storage").name("torch", kind).text("0").text("cpu").int(count).op("tQ")
    return TorchPickle(bytes: made.bytes, hasStorage: true)
  }

  func tensor(_ sizes: [Int] = [2, 3], _ strides: [Int] = [3, 1], offset: Int = 0, count: Int = 6) -> TorchPickle {
    name("torch._utils", "_rebuild_tensor_v2").op("(").storage(count: count).int(offset).ints(sizes).ints(strides)
      .raw(0x89).name("collections", "OrderedDict").op(")RtR")
  }

  func adding(_ other: TorchPickle) -> TorchPickle {
    TorchPickle(bytes: bytes + other.bytes, hasStorage: hasStorage || other.hasStorage)
  }

  private func adding(_ more: [UInt8]) -> TorchPickle { TorchPickle(bytes: bytes + more, hasStorage: hasStorage) }

  /// The file of before PyTorch 1.6 with this value, and a storage of six numbers if it has one.
  var file: [UInt8] {
    let magic = TorchPickle().raw(0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).op(".")
    let head = magic.raw(0x80, 2, 0x4D, 0xE9, 3).op(".}.")
    let tail = hasStorage ? TorchPickle().op("]").text("0").op("a.").number(6, 8) : TorchPickle().op("].")
    let numbers: [UInt8] =
      hasStorage ? (0..<6).flatMap { TorchPickle().number(Int(Float($0).bitPattern), 4).bytes } : []
    return head.bytes + bytes + [UInt8(ascii: ".")] + tail.bytes + numbers
  }
}

internal import EbbFiles

/// The type of the elements of a dataset or an attribute.
struct HDF5Type {
  enum Kind {
    case number(StoredType, isBigEndian: Bool)
    /// Text of a fixed length.
    case text
    /// Text of any length, which is in a global heap.
    case heapText
    /// Bytes without a meaning, such as bfloat16 as h5py writes it.
    case opaque
    /// Something else.
    case other
  }

  var kind: Kind
  /// Bytes of an element.
  var size: Int
  /// NumPy's name, where it has one.
  var name: String

  init(_ cursor: inout HDF5Cursor) throws(FileError) {
    let start = cursor.position
    let first = try cursor.byte()
    guard (1...5).contains(first >> 4) else {
      throw cursor.failure("the type has the version \(first >> 4); the versions are 1 to 5", at: start)
    }
    let flags = try cursor.number(3)
    size = try cursor.word()
    switch first & 15 {
    case 0: (kind, name) = try Self.integer(&cursor, flags, size)
    case 1: (kind, name) = try Self.float(&cursor, flags, size)
    case 3: (kind, name) = (.text, "S\(size)")
    case 5: (kind, name) = (.opaque, "V\(size)")
    case 8: (kind, name) = try Self.enumeration(&cursor, flags, version: first >> 4, size)
    case 9 where flags & 15 == 1: (kind, name) = (.heapText, "string")
    case let number:
      let names = [2: "time", 4: "bitfield", 6: "compound", 7: "reference", 9: "variable length", 10: "array"]
      (kind, name) = (.other, names[number] ?? "class \(number)")
    }
    guard size > 0 else { throw cursor.failure("an element has no bytes", at: start) }
  }

  /// Bit offset and precision follow.
  private static func integer(
    _ cursor: inout HDF5Cursor, _ flags: Int, _ size: Int
  ) throws(FileError) -> (Kind, String) {
    let (isBig, isSigned) = (flags & 1 != 0, flags & 8 != 0)
    let (offset, precision) = (try cursor.short(), try cursor.short())
    let name = numpyName(isSigned ? "i" : "u", size, isBig)
    guard offset == 0, precision == 8 * size,
      let type = StoredType(npyName: numpyName(isSigned ? "i" : "u", size, false))
    else { return (.other, "\(name) of \(precision) bits from bit \(offset)") }
    return (.number(type, isBigEndian: isBig), name)
  }

  /// The places and sizes of the exponent and the fraction, and the exponent's bias: those of IEEE 754, or bfloat16's.
  private static func float(
    _ cursor: inout HDF5Cursor, _ flags: Int, _ size: Int
  ) throws(FileError) -> (Kind, String) {
    let (offset, precision) = (try cursor.short(), try cursor.short())
    var fields: [Int] = []
    for _ in 0..<4 { fields.append(try cursor.byte()) }
    let bias = try cursor.word()
    let (isBig, sign) = (flags & 1 != 0, flags >> 8 & 255)
    let name = numpyName("f", size, isBig)
    // Exponent's place and size, fraction's place and size, bias.
    let known: [(StoredType, [Int], Int)] = [
      (.f64, [52, 11, 0, 52], 1023), (.f32, [23, 8, 0, 23], 127), (.f16, [10, 5, 0, 10], 15),
      (.bf16, [7, 8, 0, 7], 127),
    ]
    // The flags: VAX's order of bytes, and a leading 1 that is not stored.
    guard offset == 0, precision == 8 * size, sign == precision - 1, flags & 0x40 == 0, flags >> 4 & 3 == 2,
      let type = known.first(where: { $0.0.byteCount == size && $0.1 == fields && $0.2 == bias })?.0
    else { return (.other, "\(name) with another form than IEEE 754's") }
    return (.number(type, isBigEndian: isBig), type == .bf16 ? "bfloat16" : name)
  }

  /// h5py's truth values are an enumeration: FALSE 0, TRUE 1. Other enumerations are their integers.
  private static func enumeration(
    _ cursor: inout HDF5Cursor, _ flags: Int, version: Int, _ size: Int
  ) throws(FileError) -> (Kind, String) {
    let start = cursor.position
    // The type of an integer: its class, its flags and its size, as above.
    let first = try cursor.byte()
    let baseFlags = try cursor.number(3)
    let baseSize = try cursor.word()
    guard first & 15 == 0, baseSize == size else {
      throw cursor.failure("an enumeration is not of integers of its own size", at: start)
    }
    let (kind, name) = try integer(&cursor, baseFlags, baseSize)
    var names: [String] = []
    for _ in 0..<(flags & 0xFFFF) {
      let start = cursor.position
      names.append(try cursor.text())
      if version < 3 { try cursor.align(from: start) }
    }
    guard names == ["FALSE", "TRUE"], size == 1, try cursor.byte() == 0, try cursor.byte() == 1 else {
      return (kind, name)
    }
    return (.number(.bool, isBigEndian: false), "|b1")
  }

  private static func numpyName(_ kind: String, _ size: Int, _ isBig: Bool) -> String {
    (size == 1 ? "|" : isBig ? ">" : "<") + kind + "\(size)"
  }
}

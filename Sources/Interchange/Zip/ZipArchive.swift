internal import EbbFiles
internal import Foundation

/// The members of a zip archive, stored or compressed with DEFLATE (PKWARE's APPNOTE 6.3.10, sections 4.3.7 to 4.3.16).
///
///     for each member    a local header, the member's bytes
///     the directory      for each member its name, its size, its checksum and where its local header begins
///     the end            how long the directory is and where it begins
struct ZipArchive {
  struct Member {
    var name: String
    var checksum: UInt32
    var header: Int
    /// The member's bytes as stored in the archive.
    var content: Data
    /// How many bytes they stand for.
    var size: Int
    var isCompressed: Bool
  }

  static let localSignature: UInt32 = 0x0403_4B50
  static let directorySignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let wideEndSignature: UInt32 = 0x0606_4B50
  /// The record with wide numbers, and where it is.
  private static let wideEndLength = 76

  private let bytes: Data
  private let source: String

  init(_ bytes: Data, source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// The members in the order of the file; none is read yet.
  func members() throws(FileError) -> [Member] {
    guard let end = endRecord() else {
      throw failure("has no end of a zip archive; this is none, or it is cut off")
    }
    var count = Int(end.integer(at: 10, UInt16.self))
    var size = Int(end.integer(at: 12, UInt32.self))
    var start = Int(end.integer(at: 16, UInt32.self))
    guard end.integer(at: 4, UInt32.self) == 0, Int(end.integer(at: 8, UInt16.self)) == count else {
      throw failure("is a part of an archive in several files")
    }
    // Before the end there may be the 76 bytes with the numbers of archives above 4 GiB or 65,534 members; PyTorch
    // always writes them.
    let place = end.startIndex - bytes.startIndex
    let wide = bytes.part(from: place - Self.wideEndLength, count: Self.wideEndLength)
      .flatMap { $0.integer(at: 0, UInt32.self) == Self.wideEndSignature ? $0 : nil }
    if count == Int(UInt16.max) || size == Int(UInt32.max) || start == Int(UInt32.max) {
      guard let wide else {
        throw failure("is said to be an archive of 4 GiB or of 65,535 members, and lacks the record with their numbers")
      }
      count = Int(clamping: wide.integer(at: 32, UInt64.self))
      size = Int(clamping: wide.integer(at: 40, UInt64.self))
      start = Int(clamping: wide.integer(at: 48, UInt64.self))
    }
    guard let directory = bytes.part(from: start, count: size),
      place - start - size == 0 || wide != nil && place - start - size == Self.wideEndLength
    else { throw failure("the archive's directory is not where its end says; the file is damaged") }
    var members: [Member] = []
    var position = 0
    for _ in 0..<count { members.append(try member(in: directory, &position, before: start)) }
    guard position == size else { throw failure("the archive's directory is longer than its members") }
    members.sort { $0.header < $1.header }
    for (left, right) in zip(members, members.dropFirst()) where left.content.endIndex > right.header + bytes.startIndex
    {
      throw failure("\(left.name) and \(right.name) overlap")
    }
    return members
  }

  /// A member's bytes, expanded, or else as they lie in the archive; throws if their number or checksum differs from the
  /// archive's entry.
  ///
  /// - Parameter isChecked: Whether the entry has a checksum.
  func content(of member: Member, isChecked: Bool = true) throws(FileError) -> Data {
    var bytes = member.content
    if member.isCompressed {
      bytes = Data(try Inflate.expand(Array(bytes), count: member.size, source: "\(source): \(member.name)"))
    }
    guard !isChecked || CyclicCheck.zip.sum(of: bytes) == member.checksum else {
      throw failure("\(member.name) is damaged: its checksum does not hold")
    }
    return bytes
  }

  /// The last 22 bytes, or the 22 before a comment that extends to the end of the file.
  private func endRecord() -> Data? {
    let tail = Array(bytes.suffix(22 + Int(UInt16.max)))
    for start in stride(from: tail.count - 22, through: 0, by: -1)
    where tail[start] == UInt8(truncatingIfNeeded: Self.endSignature) {
      let record = bytes.part(from: bytes.count - tail.count + start, count: 22)
      if let record, record.integer(at: 0, UInt32.self) == Self.endSignature,
        Int(record.integer(at: 20, UInt16.self)) == tail.count - start - 22
      {
        return record
      }
    }
    return nil
  }

  private func member(
    in directory: Data, _ position: inout Int, before limit: Int
  ) throws(FileError) -> Member {
    guard let fixed = directory.part(from: position, count: 46),
      fixed.integer(at: 0, UInt32.self) == Self.directorySignature
    else { throw failure("the archive's directory is damaged") }
    let nameLength = Int(fixed.integer(at: 28, UInt16.self))
    guard let text = directory.part(from: position + 46, count: nameLength),
      let name = String(validating: text, as: UTF8.self)
    else { throw failure("the archive's directory has a name that is cut off or no UTF-8") }
    let extra = directory.part(from: position + 46 + nameLength, count: Int(fixed.integer(at: 30, UInt16.self)))
    position +=
      46 + nameLength + Int(fixed.integer(at: 30, UInt16.self)) + Int(fixed.integer(at: 32, UInt16.self))
    guard let extra, position <= directory.count else { throw failure("the archive's directory is cut off") }

    guard fixed.integer(at: 8, UInt16.self) & 1 == 0 else { throw failure("\(name) is encrypted") }
    let method = fixed.integer(at: 10, UInt16.self)
    guard method == 0 || method == 8 else {
      throw failure(
        "\(name) is compressed with zip's method \(method); what is read is stored or deflated, as numpy.savez and "
          + "numpy.savez_compressed write it")
    }
    guard let numbers = Self.numbers(fixed, extra) else {
      throw failure("\(name) is said to have 4 GiB or more, and its entry lacks the field with its size")
    }
    let (size, stored, header) = (numbers[0], numbers[1], numbers[2])
    guard method != 0 || size == stored else { throw failure("\(name) is stored in two sizes") }
    // The local header repeats the name, which must be the same, and has its own extra fields.
    guard let local = bytes.part(from: header, count: 30),
      local.integer(at: 0, UInt32.self) == Self.localSignature,
      let localName = bytes.part(from: header + 30, count: Int(local.integer(at: 26, UInt16.self))), localName == text
    else { throw failure("\(name) is not where the archive's directory says") }
    let start = header + 30 + nameLength + Int(local.integer(at: 28, UInt16.self))
    guard let content = bytes.part(from: start, count: stored), start + stored <= limit else {
      throw failure("\(name) is cut off")
    }
    return Member(
      name: name, checksum: fixed.integer(at: 16, UInt32.self), header: header, content: content, size: size,
      isCompressed: method == 8)
  }

  /// A member's size, stored size and place. Those that do not fit the entry's fields are in an extra field, in this
  /// order; nil if they are not.
  private static func numbers(_ fixed: Data, _ extra: Data) -> [Int]? {
    var wide: [Int] = []
    var position = 0
    while let head = extra.part(from: position, count: 4) {
      let length = Int(head.integer(at: 2, UInt16.self))
      if head.integer(at: 0, UInt16.self) == 1, let field = extra.part(from: position + 4, count: length) {
        wide = (0..<length / 8).map { Int(clamping: field.integer(at: 8 * $0, UInt64.self)) }
      }
      position += 4 + length
    }
    var numbers: [Int] = []
    for offset in [24, 20, 42] {
      let number = fixed.integer(at: offset, UInt32.self)
      guard number == UInt32.max else {
        numbers.append(Int(number))
        continue
      }
      guard !wide.isEmpty else { return nil }
      numbers.append(wide.removeFirst())
    }
    return numbers
  }

  private func failure(_ message: String) -> FileError { FileError(source, message) }
}

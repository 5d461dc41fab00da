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

  private let bytes: Data
  private let source: String

  init(_ bytes: Data, source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// The members in the order of the file; none is read yet.
  mutating func members() throws(FileError) -> [Member] {
    guard let end = endRecord() else {
      throw failure("has no end of a zip archive; this is no npz file, or it is cut off")
    }
    let count = Int(end.integer(at: 10, UInt16.self))
    let size = Int(end.integer(at: 12, UInt32.self))
    let start = Int(end.integer(at: 16, UInt32.self))
    guard count < Int(UInt16.max), size < Int(UInt32.max), start < Int(UInt32.max) else {
      throw failure("is an archive of 4 GiB or of 65,535 members; write a safetensors file instead")
    }
    guard end.integer(at: 4, UInt32.self) == 0, Int(end.integer(at: 8, UInt16.self)) == count else {
      throw failure("is a part of an archive in several files")
    }
    // Between the two there may be the 76 bytes that archives above 4 GiB add to the end; PyTorch always writes them.
    let gap = end.startIndex - bytes.startIndex - start - size
    let isWide = gap == 76 && bytes.integer(at: start + size, UInt32.self) == Self.wideEndSignature
    guard gap == 0 || isWide, let directory = bytes.part(from: start, count: size) else {
      throw failure("the archive's directory is not where its end says; the file is damaged")
    }
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

  /// A member's bytes, expanded; throws if their number or checksum differs from the archive's entry.
  func content(of member: Member) throws(FileError) -> Data {
    var bytes = Array(member.content)
    if member.isCompressed {
      bytes = try Inflate.expand(bytes, count: member.size, source: "\(source): \(member.name)")
    }
    guard CyclicCheck.zip.sum(of: bytes) == member.checksum else {
      throw failure("\(member.name) is damaged: its checksum does not hold")
    }
    return Data(bytes)
  }

  /// The last 22 bytes, or the 22 before a comment that extends to the end of the file.
  private func endRecord() -> Data? {
    for comment in 0...Int(UInt16.max) {
      guard let record = bytes.part(from: bytes.count - 22 - comment, count: 22) else { return nil }
      if record.integer(at: 0, UInt32.self) == Self.endSignature,
        Int(record.integer(at: 20, UInt16.self)) == comment
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
    position +=
      46 + nameLength + Int(fixed.integer(at: 30, UInt16.self)) + Int(fixed.integer(at: 32, UInt16.self))
    guard position <= directory.count else { throw failure("the archive's directory is cut off") }

    guard fixed.integer(at: 8, UInt16.self) & 1 == 0 else { throw failure("\(name) is encrypted") }
    let method = fixed.integer(at: 10, UInt16.self)
    guard method == 0 || method == 8 else {
      throw failure(
        "\(name) is compressed with zip's method \(method); what is read is stored or deflated, as numpy.savez and "
          + "numpy.savez_compressed write it")
    }
    let stored = fixed.integer(at: 20, UInt32.self)
    let size = fixed.integer(at: 24, UInt32.self)
    let header = Int(fixed.integer(at: 42, UInt32.self))
    guard size < UInt32.max, stored < UInt32.max, header < Int(UInt32.max) else {
      throw failure("\(name) has 4 GiB or more; write a safetensors file instead")
    }
    guard method != 0 || size == stored else { throw failure("\(name) is stored in two sizes") }
    // The local header repeats the name, which must be the same, and has its own extra fields.
    guard let local = bytes.part(from: header, count: 30),
      local.integer(at: 0, UInt32.self) == Self.localSignature,
      let localName = bytes.part(from: header + 30, count: Int(local.integer(at: 26, UInt16.self))), localName == text
    else { throw failure("\(name) is not where the archive's directory says") }
    let start = header + 30 + nameLength + Int(local.integer(at: 28, UInt16.self))
    guard start + Int(stored) <= limit, let content = bytes.part(from: start, count: Int(stored)) else {
      throw failure("\(name) is cut off")
    }
    return Member(
      name: name, checksum: fixed.integer(at: 16, UInt32.self), header: header, content: content, size: Int(size),
      isCompressed: method == 8)
  }

  private func failure(_ message: String) -> FileError { FileError(source, message) }
}

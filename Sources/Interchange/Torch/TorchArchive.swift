internal import EbbFiles
internal import Foundation

/// The storages of an archive of PyTorch 1.6 and later.
struct TorchArchive {
  private let archive: ZipArchive
  private let source: String
  /// The members by their names without the archive's own.
  private var members: [String: ZipArchive.Member] = [:]
  private(set) var isBigEndian = false
  private(set) var notes: [String] = []
  /// `torch.serialization.set_crc32_options(False)` writes zeros.
  private let hasChecksums: Bool

  /// Whether an archive with these members is one of PyTorch.
  static func holds(_ members: [ZipArchive.Member]) -> Bool {
    members.contains { isPickle($0.name) }
  }

  private static func isPickle(_ name: String) -> Bool { name == "data.pkl" || name.hasSuffix("/data.pkl") }

  init(_ archive: ZipArchive, _ members: [ZipArchive.Member], source: String) throws(FileError) {
    self.archive = archive
    self.source = source
    hasChecksums = members.contains { $0.checksum != 0 }
    let pickles = members.map(\.name).filter(Self.isPickle)
    guard let pickle = pickles.min(by: { ($0.count, $0) < ($1.count, $1) }) else {
      throw FileError(source, "the archive has no data.pkl")
    }
    let prefix = pickle.dropLast("data.pkl".count)
    for member in members where member.name.hasPrefix(prefix) {
      let name = String(member.name.dropFirst(prefix.count))
      guard self.members.updateValue(member, forKey: name) == nil else {
        throw FileError(source, "\(member.name) is in the archive twice")
      }
    }
    if self.members["constants.pkl"] != nil {
      notes.append("this is a program of TorchScript, of which the tensors are read and nothing is run")
    }
    if !hasChecksums { notes.append("the file has no checksums, so that damage to its numbers would not show") }
    // Before 2.1 there is no such member; all but a few machines are little-endian.
    guard let order = self.members["byteorder"] else { return }
    switch String(decoding: try content(of: order), as: UTF8.self) {
    case "little": break
    case "big": isBigEndian = true
    case let other: throw FileError(source, "its byte order is \"\(other)\", and must be little or big")
    }
  }

  /// The bytes of the pickle.
  func pickle() throws(FileError) -> [UInt8] {
    guard let member = members["data.pkl"] else { throw FileError(source, "the archive has no data.pkl") }
    guard member.size <= PickleReader.maximumLength else {
      throw FileError(
        source, "\(member.name) has \(member.size) bytes, and at most \(PickleReader.maximumLength) are read")
    }
    return Array(try content(of: member))
  }

  func bytes(_ key: String) throws(FileError) -> Data {
    guard let member = members["data/" + key] else {
      throw FileError(source, "its storage data/\(key) is not in the archive")
    }
    return try content(of: member)
  }

  private func content(of member: ZipArchive.Member) throws(FileError) -> Data {
    try archive.content(of: member, isChecked: hasChecksums)
  }
}

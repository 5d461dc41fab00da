internal import EbbFiles
internal import Foundation

/// The beginning of a file: the sizes of addresses and lengths, where the file ends and where its root is.
struct HDF5Superblock {
  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The address of the root group's header.
  let root: Int
  let file: HDF5Bytes

  init(_ bytes: Data, source: String) throws(FileError) {
    var file = HDF5Bytes(bytes, source: source)
    guard bytes.starts(with: Self.signature) else {
      throw FileError(source, "does not begin as an HDF5 file does, with \\x89HDF\\r\\n\\x1a\\n")
    }
    var cursor = try file.cursor(at: Self.signature.count, "the superblock")
    let version = try cursor.expectVersion(0...3, of: "the superblock")
    // Versions of the free space, the root's symbol table, a reserved byte and the shared header.
    if version < 2 { try cursor.skip(4) }
    for size in [\HDF5Bytes.addressSize, \.lengthSize] {
      file[keyPath: size] = try cursor.byte()
      guard [2, 4, 8].contains(file[keyPath: size]) else {
        throw cursor.failure("addresses and lengths have 2, 4 or 8 bytes, not \(file[keyPath: size])")
      }
    }
    // Version 2 has one byte of flags; the older ones a reserved byte, the widths of trees, and flags.
    try cursor.skip(version < 2 ? 1 + 4 + 4 + (version == 1 ? 4 : 0) : 1)
    cursor = try file.cursor(at: cursor.position, "the superblock")
    guard try cursor.address() == 0 else {
      throw cursor.failure("the addresses do not begin at the file's first byte, as they must here")
    }
    // The free space, or the superblock's extension.
    _ = try cursor.address()
    guard let end = try cursor.address(), end == bytes.count else {
      throw cursor.failure("the file is said to end elsewhere, and has \(bytes.count) bytes: damaged or cut off")
    }
    // The driver, then the root's entry, which begins with where its name is.
    if version < 2 {
      _ = try cursor.address()
      _ = try cursor.address()
    }
    guard let root = try cursor.address() else { throw cursor.failure("there is no root") }
    if version >= 2 { try cursor.expectChecksum(from: 0) }
    self.root = root
    self.file = file
  }
}

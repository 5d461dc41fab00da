internal import EbbFiles

/// Writes a zip archive of uncompressed members; the bytes depend only on the members.
struct ZipWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// - Parameter alignment: The content begins at a multiple of this.
  mutating func add(_ name: String, _ content: [UInt8], alignment: Int = 1) throws(FileError) {
    let name = Array(name.utf8)
    guard name.count <= Int(UInt16.max), count < Int(UInt16.max) - 1,
      bytes.count + content.count + directory.count + 2 * name.count + 200 + alignment < Int(UInt32.max)
    else {
      throw FileError("the archive", "a name is too long, or it is too large; write a safetensors file instead")
    }
    var fields: [UInt8] = []
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    for field: UInt16 in [20, 0x0800, 0, 0, 0x0021] { fields.append(littleEndian: field) }
    for field in [CyclicCheck.zip.sum(of: content), UInt32(content.count), UInt32(content.count)] {
      fields.append(littleEndian: field)
    }
    fields.append(littleEndian: UInt16(name.count))
    // Beside the content, an extra field fills up to its beginning: an identity, a length, zeros.
    let gap = (alignment - (bytes.count + 30 + name.count) % alignment) % alignment
    let padding = gap == 0 ? 0 : gap < 4 ? gap + alignment : gap

    directory.append(littleEndian: ZipArchive.directorySignature)
    directory.append(littleEndian: UInt16(20))
    directory += fields
    // No extra field, no comment, the first disk, no attributes.
    directory += [UInt8](repeating: 0, count: 12)
    directory.append(littleEndian: UInt32(bytes.count))
    directory += name

    bytes.append(littleEndian: ZipArchive.localSignature)
    bytes += fields
    bytes.append(littleEndian: UInt16(padding))
    bytes += name
    if padding > 0 {
      bytes += Array("FB".utf8)
      bytes.append(littleEndian: UInt16(padding - 4))
      bytes += [UInt8](repeating: 0, count: padding - 4)
    }
    bytes += content
    count += 1
  }

  /// The archive with its directory.
  func finish() -> [UInt8] {
    var end: [UInt8] = []
    end.append(littleEndian: ZipArchive.endSignature)
    // The first disk.
    end.append(littleEndian: UInt32(0))
    for _ in 0..<2 { end.append(littleEndian: UInt16(count)) }
    end.append(littleEndian: UInt32(directory.count))
    end.append(littleEndian: UInt32(bytes.count))
    // No comment.
    end.append(littleEndian: UInt16(0))
    return bytes + directory + end
  }
}

internal import EbbFiles

/// Writes a zip archive of uncompressed members; the bytes depend only on the members.
struct ZipWriter {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  mutating func add(_ name: String, _ content: [UInt8]) throws(FileError) {
    let name = Array(name.utf8)
    guard name.count <= Int(UInt16.max), count < Int(UInt16.max) - 1,
      bytes.count + content.count + directory.count + 2 * name.count + 200 < Int(UInt32.max)
    else {
      throw FileError("npz", "a name is too long, or the archive too large; write a safetensors file instead")
    }
    var fields: [UInt8] = []
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    for field: UInt16 in [20, 0x0800, 0, 0, 0x0021] { fields.append(littleEndian: field) }
    for field in [CyclicCheck.zip.sum(of: content), UInt32(content.count), UInt32(content.count)] {
      fields.append(littleEndian: field)
    }
    fields.append(littleEndian: UInt16(name.count))
    // No extra field.
    fields.append(littleEndian: UInt16(0))

    directory.append(littleEndian: ZipArchive.directorySignature)
    directory.append(littleEndian: UInt16(20))
    directory += fields
    // No comment, the first disk, no attributes.
    directory += [UInt8](repeating: 0, count: 10)
    directory.append(littleEndian: UInt32(bytes.count))
    directory += name

    bytes.append(littleEndian: ZipArchive.localSignature)
    bytes += fields + name + content
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

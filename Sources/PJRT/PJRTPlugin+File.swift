internal import Foundation

extension PJRTPlugin {
  /// Throws if the file ends before what its own header says lies in it, as where a download was cut off: the loader would
  /// map what is not there, and the process would end when it reads that. What has another format is left to the loader.
  static func checkLength(_ path: String) throws(PJRTError) {
    guard let file = FileHandle(forReadingAtPath: path) else { return }
    defer { try? file.close() }
    /// Bytes of the file; nil if it ends before them.
    func bytes(_ start: Int, _ count: Int) -> [UInt8]? {
      guard (try? file.seek(toOffset: UInt64(start))) != nil, let data = try? file.read(upToCount: count),
        data.count == count
      else { return nil }
      return Array(data)
    }
    /// A number whose lowest byte comes first.
    func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int {
      bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    // The magic, 64 bits, the lowest byte first; the parts of the file that are mapped: their place, the size of an
    // entry, their number.
    guard let header = bytes(0, 64), header.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
      let end = try? file.seekToEnd(), header[39] < 0x40
    else { return }
    let (place, size, count) = (number(header, 32, 8), number(header, 54, 2), number(header, 56, 2))
    guard size >= 40 else { return }
    var needed = place + size * count
    for index in 0..<count {
      guard let entry = bytes(place + size * index, 40) else { break }
      // What is mapped: its offset and its size in the file.
      guard number(entry, 0, 4) == 1, entry[15] < 0x40, entry[39] < 0x40 else { continue }
      needed = max(needed, number(entry, 8, 8) &+ number(entry, 32, 8))
    }
    guard Int(end) >= needed else {
      throw PJRTError(
        "\(path) is cut off: it has \(end) bytes, and its header tells of \(needed); fetch it again")
    }
  }
}

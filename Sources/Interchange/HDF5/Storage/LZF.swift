internal import EbbFiles

/// Expands what LibLZF compressed, h5py's filter `lzf`: runs of bytes as they are, and copies of earlier ones.
///
///     000lllll                        the next l + 1 bytes
///     lllooooo oooooooo               l + 2 bytes from o + 1 bytes back, 1 ≤ l ≤ 6
///     111ooooo llllllll oooooooo      l + 9 bytes from o + 1 bytes back
enum LZF {
  /// The most bytes that one compressed byte can stand for: three give at most 264.
  static let largestRatio = 88

  /// The expanded bytes. There must be `count` of them, and they must use up the input.
  static func expand(_ bytes: [UInt8], count: Int, source: String) throws(FileError) -> [UInt8] {
    func failure(_ place: Int, _ reason: String) -> FileError {
      FileError(source, "its lzf data, at byte \(place): \(reason)")
    }
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      let start = place
      let control = Int(bytes[place])
      place += 1
      guard control >= 32 else {
        guard control < bytes.count - place else { throw failure(start, "a run ends beyond them") }
        result += bytes[place...place + control]
        place += control + 1
        continue
      }
      var length = control >> 5
      guard bytes.count - place >= (length == 7 ? 2 : 1) else { throw failure(start, "a copy is cut off") }
      if length == 7 {
        length += Int(bytes[place])
        place += 1
      }
      let back = (control & 31) << 8 + Int(bytes[place]) + 1
      place += 1
      guard back <= result.count else { throw failure(start, "a copy begins \(back) bytes back, of \(result.count)") }
      // What is copied may itself be a part of the copy.
      for _ in 0..<length + 2 { result.append(result[result.count - back]) }
      guard result.count <= count else { break }
    }
    guard result.count == count else {
      throw FileError(source, "its lzf data expand to \(result.count) bytes, and must to \(count)")
    }
    return result
  }
}

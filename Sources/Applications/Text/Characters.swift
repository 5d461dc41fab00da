extension Substring {
  /// A character, as a byte if it is ASCII. That covers most of most texts and is many times faster.
  enum Piece {
    case ascii(UInt8)
    case other(Character)
  }

  /// Calls `body` for each character, with its place and the next one's.
  ///
  /// - Parameter progress: Called from time to time with the fraction done.
  func forEachCharacter(
    progress: (Double) -> Void = { _ in }, _ body: (_ piece: Piece, _ place: Index, _ next: Index) -> Void
  ) {
    let bytes = utf8
    var place = startIndex
    var (done, due) = (0, Self.interval)
    while place < endIndex {
      let byte = bytes[place]
      var next = bytes.index(after: place)
      // An ASCII byte before another one is a character, except a carriage return before a line feed.
      if byte < 0x80, byte != UInt8(ascii: "\r"), next == endIndex || bytes[next] < 0x80 {
        done += 1
        body(.ascii(byte), place, next)
      } else {
        let character = self[place]
        next = index(after: place)
        done += character.utf8.count
        body(.other(character), place, next)
      }
      place = next
      if done >= due {
        due = done + Self.interval
        progress(Double(done) / Double(bytes.count))
      }
    }
  }

  /// The bytes between two reports of progress.
  private static var interval: Int { 1 << 22 }
}

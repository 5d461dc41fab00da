public import EbbFiles
internal import EbbInterchange
internal import EbbTensors
internal import Foundation

/// A text as a file holds it.
public struct TextFile: Hashable, Sendable {
  /// The file or another name of the text, for messages.
  public let source: String
  /// The text, which is not empty.
  public let text: String

  /// A text; throws if it is empty.
  public init(_ text: String, source: String = "text") throws(FileError) {
    guard !text.isEmpty else { throw FileError(source, "the file is empty; a text is expected") }
    self.source = source
    self.text = text
  }

  /// Reads a file in UTF-8. Other line ends become "\n", and a byte order mark is dropped.
  ///
  /// - Parameters:
  ///   - path: The path of the file; `-` is standard input.
  ///   - progress: Called during reading with the fraction done.
  /// - Throws: `FileError` if the file cannot be read, is empty, or is not UTF-8, with the line of the first wrong
  ///   byte.
  public init(contentsOf path: String, progress: (Double) -> Void = { _ in }) throws(FileError) {
    let bytes = try InputFile.bytes(path, expecting: "a text file")
    var reader = TextReader(source: path, size: bytes.count)
    for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
      let end = min(start + 1 << 20, bytes.count)
      try reader.add(bytes[start..<end])
      progress(Double(end) / Double(bytes.count))
    }
    try self.init(try reader.finish(), source: path)
  }
}

/// Builds a text from a file's bytes, part by part.
private struct TextReader {
  let source: String
  private var text = ""
  private var lines = 0
  /// The incomplete end of the parts so far: the first bytes of a character, or a carriage return.
  private var rest: [UInt8] = []

  init(source: String, size: Int) {
    self.source = source
    text.reserveCapacity(size)
  }

  mutating func add(_ part: Data) throws(FileError) {
    rest += part
    let end = Self.completeEnd(rest)
    let complete = Array(rest[..<end])
    rest.removeFirst(end)
    try append(complete)
  }

  mutating func finish() throws(FileError) -> String {
    try append(rest)
    rest = []
    return text
  }

  private mutating func append(_ bytes: [UInt8]) throws(FileError) {
    guard let part = String(validating: Self.withLineFeeds(bytes), as: UTF8.self) else {
      throw FileError(
        source, line: bytes.firstInvalidLine.map { lines + $0 }, "this is no UTF-8 text; convert the file to UTF-8")
    }
    lines += bytes.count { $0 == UInt8(ascii: "\n") }
    // A byte order mark is not part of the text.
    text += text.isEmpty && part.unicodeScalars.first == "\u{FEFF}" ? String(part.unicodeScalars.dropFirst()) : part
  }

  /// The start of the last character if it may continue in the next part; otherwise the end.
  private static func completeEnd(_ bytes: [UInt8]) -> Int {
    guard let last = bytes.last else { return 0 }
    if last == UInt8(ascii: "\r") { return bytes.count - 1 }
    if last < 0x80 { return bytes.count }
    let start = bytes.suffix(4).lastIndex { $0 & 0xC0 != 0x80 } ?? bytes.count
    return start
  }

  private static func withLineFeeds(_ bytes: [UInt8]) -> [UInt8] {
    let (feed, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    guard bytes.contains(carriage) else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      if byte == carriage {
        result.append(feed)
      } else if byte != feed || index == 0 || bytes[index - 1] != carriage {
        result.append(byte)
      }
    }
    return result
  }
}

extension TextFile {
  /// Identifies the text in a checkpoint: its length, and a checksum.
  public var fingerprint: String {
    var sum = Fingerprint()
    sum.add(text)
    return "\(text.utf8.count) bytes (\(sum.text))"
  }
}

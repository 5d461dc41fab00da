internal import EbbTensors
public import EbbTraining
internal import Foundation

/// A text as a file holds it.
public struct TextFile: Hashable, Sendable {
  /// The file or another name of the text, for messages.
  public let source: String
  /// The text, which is not empty.
  public let text: String

  /// A text; throws if it is empty.
  public init(_ text: String, source: String = "text") throws(DataError) {
    guard !text.isEmpty else { throw DataError(source, "the file is empty; a text is expected") }
    self.source = source
    self.text = text
  }

  /// Reads a file in UTF-8. Other line ends become "\n", and a byte order mark is dropped.
  ///
  /// - Parameter progress: Called during reading with the fraction done, if the file's length is known.
  /// - Throws: `DataError` if the file cannot be read, is empty, or is not UTF-8, with the line of the first wrong
  ///   byte.
  public init(contentsOf path: String, progress: (Double) -> Void = { _ in }) throws(DataError) {
    var isFolder: ObjCBool = false
    let isInput = path == "-"
    guard unsafe isInput || FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DataError(path, "there is no such file")
    }
    guard !isFolder.boolValue else { throw DataError(path, "this is a folder; give a text file") }
    guard let file = isInput ? FileHandle.standardInput : FileHandle(forReadingAtPath: path) else {
      throw DataError(path, "the file cannot be read")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let size = attributes?[.size] as? Int ?? 0
    var reader = TextReader(source: path, size: size)
    while true {
      let part: Data?
      do {
        part = try file.read(upToCount: 1 << 20)
      } catch {
        throw DataError(path, "the file cannot be read")
      }
      guard let part, !part.isEmpty else { break }
      try reader.add(part)
      if size > 0 { progress(min(1, Double(reader.byteCount) / Double(size))) }
    }
    try self.init(try reader.finish(), source: path)
  }
}

/// Builds a text from a file's bytes, part by part.
private struct TextReader {
  let source: String
  private(set) var byteCount = 0
  private var text = ""
  private var lines = 0
  /// The incomplete end of the parts so far: the first bytes of a character, or a carriage return.
  private var rest: [UInt8] = []

  init(source: String, size: Int) {
    self.source = source
    text.reserveCapacity(size)
  }

  mutating func add(_ part: Data) throws(DataError) {
    byteCount += part.count
    rest += part
    let end = Self.completeEnd(rest)
    let complete = Array(rest[..<end])
    rest.removeFirst(end)
    try append(complete)
  }

  mutating func finish() throws(DataError) -> String {
    try append(rest)
    rest = []
    return text
  }

  private mutating func append(_ bytes: [UInt8]) throws(DataError) {
    guard let part = String(validating: Self.withLineFeeds(bytes), as: UTF8.self) else {
      throw DataError(
        source, line: lines + Self.lineOfDamage(bytes), "this is no UTF-8 text; convert the file to UTF-8")
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

  /// The line, from 1, of the first byte that is not UTF-8.
  private static func lineOfDamage(_ bytes: [UInt8]) -> Int {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { break }
      line += 1
    }
    return line
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

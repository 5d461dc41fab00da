internal import Foundation

/// A text as a file holds it.
public struct TextFile: Hashable, Sendable {
  /// The file, or another name of the text, for messages.
  public let source: String
  public let text: String

  public init(_ text: String, source: String = "text") throws(DataError) {
    guard !text.isEmpty else { throw DataError(source, "the file is empty; a text is expected") }
    self.source = source
    self.text = text
  }

  /// Reads a file in UTF-8. Line ends of other systems become "\n", and a byte order mark is left out.
  ///
  /// - Throws: `DataError` if the file cannot be read, is empty, or is no UTF-8, with the line of the first wrong byte.
  public init(contentsOf path: String) throws(DataError) {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DataError(path, "there is no such file")
    }
    guard !isFolder.boolValue else { throw DataError(path, "this is a folder; give a text file") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw DataError(path, "the file cannot be read")
    }
    var bytes = Array(data)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataError(path, line: Self.lineOfDamage(bytes), "this is no UTF-8 text; convert the file to UTF-8")
    }
    let hasReturns = bytes.contains(UInt8(ascii: "\r"))
    try self.init(
      hasReturns
        ? text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n") : text,
      source: path)
  }

  /// The line, from 1, of the first byte that is no UTF-8.
  private static func lineOfDamage(_ bytes: [UInt8]) -> Int {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { break }
      line += 1
    }
    return line
  }
}

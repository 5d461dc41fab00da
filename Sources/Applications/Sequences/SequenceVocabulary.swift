public import EbbFiles
internal import EbbInterchange
internal import EbbMarkup
internal import EbbTensors
internal import Foundation

/// The numbers of a language model's tokens, for texts that it reads.
public struct SequenceVocabulary: Sendable {
  /// The file, for messages.
  public let source: String
  private enum Table: Sendable {
    case own(Vocabulary)
    case tokens([String: Int], isCharacters: Bool, unknown: Int?)
  }
  private let table: Table

  /// The vocabulary that a language model of this library has in its file; nil if the file is another.
  public init?(modelMetadata metadata: [String: String], source: String) {
    guard let text = metadata["ebb.configuration"],
      let configuration = try? JSONDecoder().decode(TextModel.Configuration.self, from: Data(text.utf8))
    else { return nil }
    self.source = source
    table = .own(configuration.vocabulary)
  }

  /// Reads a file: JSON, an object of numbers by token or an array of tokens; or a text with a token on each line, the
  /// first of which is number 0.
  ///
  /// If all tokens but those in brackets, such as `<unk>`, have one character, the model reads characters; otherwise
  /// words between spaces.
  public init(contentsOf path: String) throws(FileError) {
    let bytes = try InputFile.bytes(path, expecting: "a vocabulary")
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileError(path, "this is no UTF-8 text; a vocabulary is JSON, or a token on each line")
    }
    var numbers: [String: Int] = [:]
    let start = text.first { !$0.isWhitespace }
    if start == "{" || start == "[" {
      let json: JSONValue
      do {
        json = try JSONValue(parsing: text)
      } catch {
        throw FileError(path, "\(error)")
      }
      if let list = json.array {
        for (number, token) in list.enumerated() {
          guard let token = token.string else {
            throw FileError(path, "element \(number) of the list is no string; a token is expected")
          }
          numbers[token] = numbers[token] ?? number
        }
      } else {
        for (token, number) in json.object?.members ?? [] {
          guard let number = number.double.flatMap({ Int(exactly: $0) }), number >= 0 else {
            throw FileError(path, "\"\(token)\" has no whole number; an object of numbers by token is expected")
          }
          numbers[token] = number
        }
      }
    } else {
      var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
      if lines.last?.isEmpty == true { lines.removeLast() }
      for (number, token) in lines.enumerated() { numbers[String(token)] = numbers[String(token)] ?? number }
    }
    guard !numbers.isEmpty else { throw FileError(path, "there are no tokens") }
    source = path
    let ordinary = numbers.keys.filter { !Self.isSpecial($0) }
    let unknown = ["<unk>", "<UNK>", "[UNK]", "[unk]", Vocabulary.unknown].lazy.compactMap { numbers[$0] }.first
    table = .tokens(numbers, isCharacters: ordinary.allSatisfy { $0.count <= 1 }, unknown: unknown)
  }

  private static func isSpecial(_ token: String) -> Bool {
    token.count > 2 && (token.hasPrefix("<") && token.hasSuffix(">") || token.hasPrefix("[") && token.hasSuffix("]"))
  }

  /// One more than the largest number of a token.
  public var count: Int {
    switch table {
    case .own(let vocabulary): vocabulary.count
    case .tokens(let numbers, _, _): (numbers.values.max() ?? -1) + 1
    }
  }

  /// `character` or `word`.
  public var tokenName: String {
    switch table {
    case .own(let vocabulary): vocabulary.tokenKind == .characters ? "character" : "word"
    case .tokens(_, let isCharacters, _): isCharacters ? "character" : "word"
    }
  }

  /// The numbers of a text's tokens.
  ///
  /// - Parameter source: The text's file, for messages.
  /// - Throws: `FileError` at the first token that is not in the vocabulary, if that has none for unknown ones.
  func encode(_ text: String, source: String) throws(FileError) -> [Int32] {
    switch table {
    case .own(let vocabulary): return vocabulary.encode(text)
    case .tokens(let numbers, let isCharacters, let unknown):
      var ids: [Int32] = []
      var line = 1
      func id(_ token: String) throws(FileError) -> Int32 {
        guard let number = numbers[token] ?? unknown, let id = Int32(exactly: number) else {
          throw FileError(
            source, line: line,
            "the \(tokenName) \"\(token.prefix(40))\" is not in the vocabulary of \(self.source), which has none for unknown ones"
          )
        }
        return id
      }
      if isCharacters {
        for character in text {
          ids.append(try id(String(character)))
          if character.isNewline { line += 1 }
        }
      } else {
        for row in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
          for word in row.split(whereSeparator: \.isWhitespace) { ids.append(try id(String(word))) }
          line += 1
        }
      }
      return ids
    }
  }
}

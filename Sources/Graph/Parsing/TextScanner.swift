/// Cuts the text of a graph or a plan into tokens, one at a time.
package struct TextScanner {
  package enum Token: Equatable {
    /// A bare word: a keyword or a name.
    case word(String)
    /// A quoted name, without its quotes and escapes.
    case quoted(String)
    /// Text that starts like a number, as written.
    case number(String)
    /// `%12`.
    case handle(Int)
    case symbol(Unicode.Scalar)
    case endOfLine
    case endOfText
  }

  /// A place in the text, for messages.
  package struct Location {
    var line = 1
    var column = 1
  }

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var line = 1
  private var lineStart = 0
  /// The next token, and where it begins.
  package private(set) var token = Token.endOfText
  package private(set) var place = Location()

  package init(_ text: String) throws(ParseError) {
    scalars = Array(text.unicodeScalars)
    try advance()
  }

  /// Goes on to the next token.
  package mutating func advance() throws(ParseError) {
    skipSpaceAndComment()
    place = here
    guard position < scalars.count else {
      token = .endOfText
      return
    }
    let first = scalars[position]
    switch first {
    case "\n":
      position += 1
      line += 1
      lineStart = position
      token = .endOfLine
    case "\"":
      token = .quoted(try quotedText())
    case "%":
      position += 1
      let digits = run { ("0"..."9").contains($0) }
      guard let number = Int32(digits) else {
        throw error("expected a handle such as %12, found %\(digits)")
      }
      token = .handle(Int(number))
    case "0"..."9", "-", "+":
      position += 1
      token = .number(String(first) + run { $0.continuesBareName || $0 == "+" || $0 == "-" })
    default:
      if first.beginsBareName {
        token = .word(run(while: \.continuesBareName))
      } else {
        position += 1
        token = .symbol(first)
      }
    }
  }

  /// An error at the next token.
  package func error(_ message: String) -> ParseError { Self.error(message, at: place) }

  package static func error(_ message: String, at place: Location) -> ParseError {
    ParseError(line: place.line, column: place.column, message)
  }

  /// The next token, as a message shows it.
  package var found: String {
    switch token {
    case .word(let text), .number(let text): Self.shortened(text)
    case .quoted(let text): Self.shortened(EbbGraph.quoted(text))
    case .handle(let number): "%\(number)"
    case .symbol(let scalar): EbbGraph.quoted(String(scalar))
    case .endOfLine: "the end of the line"
    case .endOfText: "the end of the text"
    }
  }

  private static func shortened(_ text: String) -> String { text.count > 60 ? text.prefix(60) + "…" : text }

  private var here: Location { Location(line: line, column: position - lineStart + 1) }

  private mutating func skipSpaceAndComment() {
    while position < scalars.count {
      switch scalars[position] {
      case " ", "\t", "\r": position += 1
      case "#":
        while position < scalars.count, scalars[position] != "\n" { position += 1 }
      default: return
      }
    }
  }

  private mutating func run(while belongs: (Unicode.Scalar) -> Bool) -> String {
    var text = String.UnicodeScalarView()
    while position < scalars.count, belongs(scalars[position]) {
      text.append(scalars[position])
      position += 1
    }
    return String(text)
  }

  /// The name between quotes, starting at the opening one.
  private mutating func quotedText() throws(ParseError) -> String {
    position += 1
    var text = String.UnicodeScalarView()
    while position < scalars.count, scalars[position] != "\n" {
      let scalar = scalars[position]
      position += 1
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try escape())
      default: text.append(scalar)
      }
    }
    throw error("the quoted name has no end; expected a closing \"")
  }

  /// The character that an escape in a quoted name stands for.
  private mutating func escape() throws(ParseError) -> Unicode.Scalar {
    let start = Location(line: line, column: position - lineStart)
    let wrong = Self.error("expected one of the escapes \\\" \\\\ \\n \\t \\u{…}", at: start)
    guard position < scalars.count else { throw wrong }
    let kind = scalars[position]
    position += 1
    switch kind {
    case "\"", "\\": return kind
    case "n": return "\n"
    case "t": return "\t"
    case "u":
      guard position < scalars.count, scalars[position] == "{" else { throw wrong }
      position += 1
      let digits = run(while: \.properties.isASCIIHexDigit)
      guard position < scalars.count, scalars[position] == "}", let value = UInt32(digits, radix: 16),
        let scalar = Unicode.Scalar(value)
      else { throw wrong }
      position += 1
      return scalar
    default: throw wrong
    }
  }
}

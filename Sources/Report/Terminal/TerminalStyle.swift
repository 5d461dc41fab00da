import Foundation

/// The capabilities of a terminal or its substitute.
public struct TerminalStyle: Sendable, Hashable {
  /// Whether to write escape codes for colour.
  public var usesColor: Bool
  /// How many columns a line has.
  public var width: Int

  /// A style; widths below 20 become 20.
  public init(usesColor: Bool, width: Int = 80) {
    self.usesColor = usesColor
    self.width = max(20, width)
  }

  /// No escape codes: for pipes and files.
  public static let plain = TerminalStyle(usesColor: false)
  /// 256 colours.
  public static let color = TerminalStyle(usesColor: true)

  /// The style for output to `descriptor`.
  ///
  /// Colour needs a terminal that is not `TERM=dumb`, and no `NO_COLOR` (any value but an empty one, no-color.org). The
  /// width is `COLUMNS` if set, else the terminal's own, else 80.
  ///
  /// - Parameters:
  ///   - descriptor: A file descriptor: 1 is the standard output, 2 the standard error.
  ///   - environment: `nil` uses the process's own.
  public static func detected(descriptor: Int32 = 1, environment: [String: String]? = nil) -> TerminalStyle {
    detected(
      isTerminal: isTerminal(descriptor: descriptor), ownWidth: terminalWidth(descriptor),
      environment: environment ?? ProcessInfo.processInfo.environment)
  }

  /// Whether `descriptor` is a terminal, so that lines can be rewritten in place.
  public static func isTerminal(descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  package static func detected(isTerminal: Bool, ownWidth: Int?, environment: [String: String]) -> TerminalStyle {
    let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let usesColor = isTerminal && !refusesColor && environment["TERM"] != "dumb"
    let stated = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    return TerminalStyle(usesColor: usesColor, width: stated ?? ownWidth ?? 80)
  }

  /// `text` in one of the 256 colours, or unchanged.
  func painted(_ text: String, _ color: Int) -> String {
    usesColor ? "\u{1B}[38;5;\(color)m\(text)\u{1B}[0m" : text
  }

  func bold(_ text: String) -> String { usesColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
  func dim(_ text: String) -> String { usesColor ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
}

/// The width reported by the terminal driver.
private func terminalWidth(_ descriptor: Int32) -> Int? {
  var size = winsize()
  guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return Int(size.ws_col)
}

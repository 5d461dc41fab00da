import Foundation

/// One line with the progress, speed and remaining time of a long piece of work.
///
/// On a terminal the line is rewritten in place, at most ten times a second; elsewhere a plain line is added at most
/// every five seconds. It writes only through the closure that it is given.
///
/// ```swift
/// let isTerminal = TerminalStyle.isTerminal(descriptor: 2)
/// var progress = ProgressLine(
///   "training", total: steps, unit: "steps", style: .detected(descriptor: 2), isTerminal: isTerminal
/// ) { text in FileHandle.standardError.write(Data(text.utf8)) }
/// for step in 1...steps { …; progress.update(step, note: "loss 0.31") }
/// progress.finish()
/// ```
public struct ProgressLine {
  private let name: String
  private let total: Int
  private let unit: String
  private let width: Int
  private let isTerminal: Bool
  private let now: () -> Double
  private let write: (String) -> Void
  private let start: Double
  private var lastWritten: Double?
  private var completed = 0
  private var note = ""
  private var isShown = false

  /// - Parameters:
  ///   - name: The work, at the start of the line.
  ///   - total: The total amount of work; 0 if unknown.
  ///   - unit: The unit of the count, such as `"steps"`.
  ///   - style: Its width limits the line.
  ///   - isTerminal: Whether the line can be rewritten in place.
  ///   - now: The time in seconds, from any origin; `nil` uses the system's monotonic clock.
  ///   - write: Called with each piece of text.
  public init(
    _ name: String, total: Int, unit: String, style: TerminalStyle, isTerminal: Bool, now: (() -> Double)? = nil,
    write: @escaping (String) -> Void
  ) {
    self.name = name
    self.total = total
    self.unit = unit
    width = style.width
    self.isTerminal = isTerminal
    self.now = now ?? { ProcessInfo.processInfo.systemUptime }
    self.write = write
    start = self.now()
  }

  /// Reports `completed` of the total; writes if it is time to.
  public mutating func update(_ completed: Int, note: String = "") {
    self.completed = completed
    self.note = note
    let time = now()
    let interval = isTerminal ? 0.1 : 5
    // A pipe gets no line for work that ends within the interval.
    if time - (lastWritten ?? (isTerminal ? -.infinity : start)) < interval { return }
    lastWritten = time
    isShown = true
    write(isTerminal ? "\r\u{1B}[2K" + line(time) : line(time) + "\n")
  }

  /// Writes the last state and ends the line.
  public mutating func finish() {
    let time = now()
    write(isTerminal ? "\r\u{1B}[2K" + line(time) + "\n" : line(time) + "\n")
    isShown = false
  }

  /// Clears the line, to make place for a message or an error.
  public mutating func clear() {
    if isTerminal && isShown { write("\r\u{1B}[2K") }
    isShown = false
    lastWritten = nil
  }

  private func line(_ time: Double) -> String {
    let elapsed = max(0, time - start)
    let rate = elapsed > 0 ? Double(completed) / elapsed : 0
    var parts = [name]
    if total > 0 {
      parts.append("\(completed)/\(total) \(unit)")
      parts.append("\(Int(min(100, 100 * Double(completed) / Double(total))))%")
    } else {
      parts.append("\(completed) \(unit)")
    }
    parts.append(durationText(elapsed))
    if rate > 0 {
      parts.append("\(NumeralStyle.ascii.text(rate, digits: 3)) \(unit)/s")
      if total > completed { parts.append(durationText(Double(total - completed) / rate) + " left") }
    }
    if !note.isEmpty { parts.append(note.printable) }
    // The last column stays free: writing it would wrap the line on some terminals.
    return parts.joined(separator: "  ").cut(to: width - 1)
  }
}

/// Seconds in readable form: 0.4 s, 12 s, 3:05, 1:02:03.
package func durationText(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "?" }
  if seconds < 10 { return DataTable.Format.fixed(1).text(seconds, .ascii) + " s" }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let minutes = whole / 60 % 60
  let rest = twoDigits(whole % 60)
  return whole < 3600 ? "\(minutes):\(rest)" : "\(whole / 3600):\(twoDigits(minutes)):\(rest)"
}

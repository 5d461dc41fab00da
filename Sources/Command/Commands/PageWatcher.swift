internal import EbbFiles
internal import EbbReport
internal import Foundation

/// Updates the page of a long piece of work repeatedly while it runs.
struct PageWatcher {
  static func option(_ work: String) -> Option {
    Option(flag: "watch", "writes the page every few seconds while \(work); it loads itself again in a browser")
  }

  private let path: String
  private let origin: HTMLReport.Origin
  private var isBroken = false
  /// The time of the next update, on the system's monotonic clock.
  private var due = 0.0
  private var pause = shortest

  /// The minimum number of seconds between updates, and the minimum interval as a multiple of an update's duration.
  private static let shortest = 3.0
  private static let share = 50.0

  /// - Parameter work: What the page shows, for the message to the user.
  init(_ path: String, of work: String, _ context: CommandContext) {
    self.path = path
    origin = context.origin
    context.output.writeError("\(path) shows the \(work) as it goes: open it in a browser\n")
  }

  /// Writes the page, if an update is due.
  ///
  /// - Parameters:
  ///   - text: The current work.
  ///   - fraction: How much of the whole is done, in 0 … 1.
  mutating func update(
    _ text: @autoclosure () -> String, fraction: @autoclosure () -> Double, _ output: CommandOutput,
    page: (HTMLReport.Running) -> HTMLReport
  ) {
    let start = ProcessInfo.processInfo.systemUptime
    guard start >= due, !isBroken else { return }
    let running = HTMLReport.Running(
      text(), fraction: fraction(), interval: pause, time: Date().timeIntervalSince1970)
    do throws(FileWritingError) {
      var page = page(running)
      page.origin = origin
      try writeAtomically(page.html(), to: path)
    } catch {
      // The work continues; at its end the page is written again, and then an error counts.
      output.warn("\(error)")
      isBroken = true
    }
    let end = ProcessInfo.processInfo.systemUptime
    pause = max(Self.shortest, Self.share * (end - start))
    due = end + pause
  }
}

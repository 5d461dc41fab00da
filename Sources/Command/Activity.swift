internal import Dispatch
internal import EbbReport
internal import Foundation

/// Reports the activity of a command that is silent, and how long it has lasted.
///
/// On a terminal a line appears after two seconds, is rewritten in place, and disappears when something else is
/// written; elsewhere a plain line is added after ten seconds of silence. The command's own messages go through it, so
/// that no two are written at once.
final class Activity: @unchecked Sendable {
  private let lock = NSLock()
  private let base: CommandOutput
  private let silence: Double
  private let now: @Sendable () -> Double
  private let timer: any DispatchSourceTimer
  private var phase = "at work"
  private var begin: Double
  private var lastWritten: Double
  private var isShown = false
  private var isQuiet = false

  /// `now` is a clock, in seconds since any moment.
  init(
    _ output: CommandOutput, silence: Double? = nil,
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    base = output
    self.now = now
    begin = now()
    lastWritten = begin
    self.silence = silence ?? (output.isTerminal ? 2 : 10)
    timer = DispatchSource.makeTimerSource(queue: .global())
    let interval = min(1, self.silence / 2)
    timer.schedule(deadline: .now() + interval, repeating: interval)
    timer.setEventHandler { [weak self] in self?.beat() }
    timer.resume()
  }

  /// Nothing is said from now on.
  func end() {
    lock.withLock {
      isQuiet = true
      clear()
    }
    timer.cancel()
  }

  /// The current activity.
  func begin(_ phase: String) {
    lock.withLock {
      self.phase = phase
      begin = now()
    }
  }

  /// The output of the command.
  var output: CommandOutput {
    var output = base
    output.beforeResults = { [self] in writing {} }
    output.writeError = { [self] text in writing { base.writeError(text) } }
    output.report = { [self] text in writing { base.report(text) } }
    return output
  }

  private func writing(_ body: () -> Void) {
    lock.withLock {
      clear()
      body()
      lastWritten = now()
    }
  }

  private func clear() {
    if isShown { base.writeError("\r\u{1B}[2K") }
    isShown = false
  }

  /// Checks the clock, and reports the activity after enough silence.
  func beat() {
    lock.withLock {
      let now = now()
      guard !isQuiet, isShown || now - lastWritten >= silence else { return }
      let line = "\(phase): \(Int(now - begin)) s"
      base.writeError(base.isTerminal ? "\r\u{1B}[2K" + line : line + "\n")
      isShown = base.isTerminal
      if !isShown { lastWritten = now }
    }
  }
}

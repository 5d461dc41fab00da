internal import Dispatch
internal import EbbReport
internal import Foundation

/// Says that work goes on while a command says nothing else: what it does, and for how long.
///
/// On a terminal a line is rewritten from two seconds on and goes when something else is written; elsewhere a plain line is
/// added after ten seconds of silence. The command's own messages go through it, so that no two are written at once.
final class Activity: @unchecked Sendable {
  private let lock = NSLock()
  private let base: CommandOutput
  private let silence: Double
  private let timer: any DispatchSourceTimer
  private var phase = "at work"
  private var begin = ProcessInfo.processInfo.systemUptime
  private var lastWritten = ProcessInfo.processInfo.systemUptime
  private var isShown = false
  private var isQuiet = false

  init(_ output: CommandOutput, silence: Double? = nil) {
    base = output
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

  /// What is done from now on.
  func begin(_ phase: String) {
    lock.withLock {
      self.phase = phase
      begin = ProcessInfo.processInfo.systemUptime
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
      lastWritten = ProcessInfo.processInfo.systemUptime
    }
  }

  private func clear() {
    if isShown { base.writeError("\r\u{1B}[2K") }
    isShown = false
  }

  private func beat() {
    lock.withLock {
      let now = ProcessInfo.processInfo.systemUptime
      guard !isQuiet, isShown || now - lastWritten >= silence else { return }
      let line = "\(phase): \(Int(now - begin)) s"
      base.writeError(base.isTerminal ? "\r\u{1B}[2K" + line : line + "\n")
      isShown = base.isTerminal
      if !isShown { lastWritten = now }
    }
  }
}

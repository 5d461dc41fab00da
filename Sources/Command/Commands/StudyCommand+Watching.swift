internal import EbbFiles
internal import EbbDiagnostics
internal import EbbReport
internal import EbbStudies
internal import Foundation

/// Writes the page of a study again and again while it runs.
struct StudyWatcher {
  private let path: String
  private let cells: Int
  private var trained = 0
  private var isBroken = false
  /// When to write next, on the system's monotonic clock.
  private var due = 0.0
  private var pause = shortest

  /// Seconds between two writings at least, and of the time that one takes the multiple that has to lie between.
  private static let shortest = 3.0
  private static let share = 50.0

  init(_ path: String, _ cells: Int) {
    self.path = path
    self.cells = cells
  }

  mutating func update(_ event: Study.Progress, _ soFar: () -> StudyResult, _ output: CommandOutput) {
    let start = ProcessInfo.processInfo.systemUptime
    if case .trained = event { trained += 1 }
    guard start >= due, !isBroken else { return }
    let running = HTMLReport.Running(
      words(event), fraction: fraction(event), interval: pause, time: Date().timeIntervalSince1970)
    do throws(FileWritingError) {
      try writeAtomically(soFar().page(running: running).html(), to: path)
    } catch {
      // The study goes on; at its end the page is written once more, and then an error counts.
      output.warn("\(error)")
      isBroken = true
    }
    let end = ProcessInfo.processInfo.systemUptime
    pause = max(Self.shortest, Self.share * (end - start))
    due = end + pause
  }

  private func words(_ event: Study.Progress) -> String {
    switch event {
    case .measuring(let name): "Measuring `\(name)` at initialisation"
    case .training(let name, let step, let total, let loss):
      "Training `\(name)`: \(step) of at most \(total) steps, loss \(readableNumber(loss))"
    case .trained(let name, _): "Trained `\(name)`"
    }
  }

  /// Each cell's training is an equal part.
  private func fraction(_ event: Study.Progress) -> Double {
    switch event {
    case .measuring: 0
    case .training(_, let step, let total, _):
      (Double(trained) + Double(step) / Double(max(1, total))) / Double(max(1, cells))
    case .trained: Double(trained) / Double(max(1, cells))
    }
  }
}

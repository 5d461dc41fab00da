internal import EbbFiles
internal import EbbDiagnostics
internal import EbbReport
internal import EbbStudies
internal import Foundation

/// Updates the page of a study repeatedly while it runs.
struct StudyWatcher {
  private let path: String
  private let cells: Int
  private let origin: HTMLReport.Origin
  private var trained = 0
  private var isBroken = false
  /// The time of the next update, on the system's monotonic clock.
  private var due = 0.0
  private var pause = shortest

  /// The minimum number of seconds between updates, and the minimum interval as a multiple of an update's duration.
  private static let shortest = 3.0
  private static let share = 50.0

  init(_ path: String, _ cells: Int, _ origin: HTMLReport.Origin) {
    self.path = path
    self.cells = cells
    self.origin = origin
  }

  mutating func update(_ event: Study.Progress, _ soFar: () -> StudyResult, _ output: CommandOutput) {
    let start = ProcessInfo.processInfo.systemUptime
    if case .trained = event { trained += 1 }
    guard start >= due, !isBroken else { return }
    let running = HTMLReport.Running(
      words(event), fraction: fraction(event), interval: pause, time: Date().timeIntervalSince1970)
    do throws(FileWritingError) {
      var page = soFar().page(running: running)
      page.origin = origin
      try writeAtomically(page.html(), to: path)
    } catch {
      // The study continues; at its end the page is written again, and then an error counts.
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

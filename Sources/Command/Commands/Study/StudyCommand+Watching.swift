internal import EbbReport
internal import EbbStudies

/// Updates the page of a study repeatedly while it runs.
struct StudyWatcher {
  private var watcher: PageWatcher
  private let cells: Int
  private var trained = 0

  init(_ path: String, _ cells: Int, _ context: CommandContext) {
    watcher = PageWatcher(path, of: "study", context)
    self.cells = cells
  }

  mutating func update(_ event: Study.Progress, _ soFar: () -> StudyResult, _ output: CommandOutput) {
    if case .trained = event { trained += 1 }
    let fraction = fraction(event)
    watcher.update(Self.words(event), fraction: fraction, output) { soFar().page(running: $0) }
  }

  private static func words(_ event: Study.Progress) -> String {
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

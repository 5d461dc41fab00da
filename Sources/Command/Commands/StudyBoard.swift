internal import EbbGradientFlow
internal import EbbInterchange
internal import EbbTensors
internal import EbbTraining
internal import Foundation

/// The option of commands that train.
enum TensorBoard {
  static let option = Option("tensorboard", "DIR", "writes scalars and histograms there, which TensorBoard shows")

  /// Now, in seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }

  /// log₁₀ of the norms that are greater than 0, as a histogram over the timesteps.
  static func norms(_ tag: String, _ norms: [Double]) -> Event.Entry? {
    EventHistogram(norms.filter { $0 > 0 }.map { log10($0) }).map { Event.Entry(tag, .histogram($0)) }
  }
}

/// A training as one run of TensorBoard.
struct TrainingBoard {
  private let file: EventFile
  /// Every so many steps come the histograms of the parameters.
  private let interval: Int

  /// Nil where no folder is given.
  init?(_ folder: String?, from step: Int, of total: Int) throws(InterchangeError) {
    guard let folder else { return nil }
    file = try EventFile(folder: folder, from: step)
    interval = max(1, total / 20)
  }

  /// Logs a step.
  ///
  /// - Parameter evaluations: What was measured after this step, by name.
  func log(
    _ progress: TrainingProgress, _ trainer: Trainer, _ evaluations: KeyValuePairs<String, Double>
  ) throws(TrainingError) {
    let report = progress.report
    var entries = [
      Event.Entry("loss/training", .scalar(report.loss)),
      Event.Entry("gradient/norm", .scalar(report.gradientNorm)),
      Event.Entry("gradient/clip factor", .scalar(report.clip.factor)),
      Event.Entry("learning rate", .scalar(report.learningRate)),
    ]
    for (name, value) in evaluations { entries.append(Event.Entry(name, .scalar(value))) }
    if progress.completed == 1 || progress.completed % interval == 0 || progress.completed == progress.total {
      for (name, tensor) in trainer.parameters.sorted(by: { $0.key < $1.key }) {
        guard let histogram = EventHistogram(tensor.doubles) else { continue }
        entries.append(Event.Entry("parameters/\(name)", .histogram(histogram)))
      }
    }
    do throws(InterchangeError) {
      try file.append(Event(step: report.step + 1, time: TensorBoard.now, entries))
    } catch {
      throw .log(LogError(path: error.source, reason: error.message))
    }
  }
}

/// A study as runs of TensorBoard, one for each cell.
struct StudyBoard {
  private var runs: [String: Run] = [:]
  /// When to write next, on the system's monotonic clock.
  private var due = 0.0
  private static let pause = 2.0

  private struct Run {
    var file: EventFile
    var losses = 0
    var snapshots = 0
  }

  /// Nil where no folder is given. The files are made at once: a folder that takes none is told before the work.
  init?(_ folder: String?, of cells: [String]) throws(InterchangeError) {
    guard let folder else { return nil }
    for cell in cells { runs[cell] = Run(file: try EventFile(folder: folder + "/" + cell)) }
  }

  /// Writes what is new, if it is time to or a cell's training has ended.
  mutating func update(_ event: Study.Progress, _ soFar: () -> StudyResult) throws(InterchangeError) {
    let clock = ProcessInfo.processInfo.systemUptime
    switch event {
    case .measuring: return
    case .training: if clock < due { return }
    case .trained: break
    }
    due = clock + Self.pause
    for cell in soFar().cells where !cell.training.losses.isEmpty { try write(cell) }
  }

  private mutating func write(_ cell: StudyResult.CellResult) throws(InterchangeError) {
    guard var run = runs[cell.name] else { return }
    let training = cell.training
    let time = TensorBoard.now
    var events = (run.losses..<training.losses.count).map { index in
      Event(
        step: index + 1, time: time,
        [
          Event.Entry("loss/training", .scalar(training.losses[index])),
          Event.Entry("gradient/norm", .scalar(training.gradientNorms[index])),
        ])
    }
    for snapshot in training.snapshots.dropFirst(run.snapshots) {
      var entries = [Event.Entry("loss/held out", .scalar(snapshot.heldOutError))]
      for state in snapshot.states {
        let norms = state.total.means
        if let first = norms.first, first > 0 {
          entries.append(Event.Entry("gradient/log10 of \(state.name) at t = 1", .scalar(log10(first))))
        }
        if let entry = TensorBoard.norms("gradient through time/log10 of \(state.name)", norms) {
          entries.append(entry)
        }
      }
      events.append(Event(step: snapshot.step, time: time, entries))
    }
    try run.file.append(events.sorted { $0.step < $1.step })
    (run.losses, run.snapshots) = (training.losses.count, training.snapshots.count)
    runs[cell.name] = run
  }
}

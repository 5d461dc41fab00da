internal import EbbDiagnostics
internal import EbbFiles
internal import EbbInterchange
internal import EbbStudies
internal import Foundation

/// A study as runs of TensorBoard, one for each cell.
struct StudyBoard {
  private var runs: [String: Run] = [:]
  /// The time of the next update, on the system's monotonic clock.
  private var due = 0.0
  private static let pause = 2.0

  private struct Run {
    var file: EventFile
    var losses = 0
    var measurements = 0
  }

  /// Nil if no folder is given. The files are created at once, so that an unusable folder is reported before the work.
  init?(_ folder: String?, of cells: [String]) throws(FileError) {
    guard let folder else { return nil }
    for cell in cells { runs[cell] = Run(file: try EventFile(folder: folder + "/" + cell)) }
  }

  /// Writes new results, if an update is due or a cell's training has ended.
  mutating func update(_ event: Study.Progress, _ soFar: () -> StudyResult) throws(FileError) {
    let clock = ProcessInfo.processInfo.systemUptime
    switch event {
    case .measuring: return
    case .training: if clock < due { return }
    case .trained: break
    }
    due = clock + Self.pause
    for cell in soFar().cells where !cell.training.losses.isEmpty { try write(cell) }
  }

  private mutating func write(_ cell: StudyResult.CellResult) throws(FileError) {
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
    for measurement in training.measurements.dropFirst(run.measurements) {
      var entries = [Event.Entry("loss/held out", .scalar(measurement.heldOutError))]
      for state in measurement.states {
        let norms = state.total.means
        if let first = norms.first, first > 0 {
          entries.append(Event.Entry("gradient/log10 of \(state.name) at t = 1", .scalar(log10(first))))
        }
        if let entry = TensorBoard.norms("gradient through time/log10 of \(state.name)", norms) {
          entries.append(entry)
        }
      }
      events.append(Event(step: measurement.step, time: time, entries))
    }
    try run.file.append(events.sorted { $0.step < $1.step })
    (run.losses, run.measurements) = (training.losses.count, training.measurements.count)
    runs[cell.name] = run
  }
}

internal import EbbCells
public import EbbDiagnostics
internal import EbbGraph
public import EbbRecording
internal import EbbReport
public import EbbTraining
internal import EbbTransforms

/// Compares cells: how far back the gradient reaches at initialisation, whether training finds a long-term dependency,
/// and what a step costs.
///
/// ```swift
/// let study = Study([("lstm", { LSTM(units: $0) }), ("mgu", { MinimalGatedUnit(units: $0) })])
/// let result = try study.run { progress in … }
/// try writeAtomically(result.page.html(), to: "study.html")
/// ```
public struct Study: Sendable {
  /// A cell by name, made for a number of units.
  public typealias NamedCell = (name: String, make: @Sendable (Int) -> any RecurrentCell)

  /// The cells that are compared, in order.
  public var cells: [NamedCell]
  /// Sizes, and how the cells are trained.
  public var settings: StudySettings

  /// A study of these cells.
  public init(_ cells: [NamedCell], settings: StudySettings = StudySettings()) {
    self.cells = cells
    self.settings = settings
  }

  /// The progress of a study.
  public enum Progress: Sendable, Hashable {
    /// Measures gradients at initialisation, of a cell or of the exploding network.
    case measuring(String)
    /// Trains a cell: steps done, the maximum number of steps, and the mean loss of the last steps.
    case training(String, step: Int, of: Int, loss: Double)
    /// A cell was trained.
    case trained(String, StudyResult.TrainingResult)
  }

  /// Runs the whole study. The numbers are a function of the settings, except times and the step at which a time limit
  /// ends training.
  ///
  /// - Parameters:
  ///   - progress: Called before each measurement, after each training step, and after each training.
  ///   - watch: Called after each piece of work and each training step, with the progress and a function for the result
  ///     so far, which costs little unless called. May stop the study; the result so far is then returned.
  public func run(
    progress: (Progress) -> Void = { _ in },
    watch: (Progress, () -> StudyResult) -> LoopControl = { _, _ in .continue }
  ) throws(DiagnosticError) -> StudyResult {
    try settings.validate()
    guard !cells.isEmpty else { throw .setting("a study needs a cell") }
    let clock = ContinuousClock()
    let begin = clock.now
    progress(.measuring("exploding"))
    var result = StudyResult(settings: settings, cells: [], exploding: try measureExploding(), seconds: 0)
    func finished() -> StudyResult {
      var result = result
      result.seconds = (clock.now - begin).seconds
      return result
    }
    for cell in cells {
      progress(.measuring(cell.name))
      result.cells.append(try measure(cell))
      if watch(.measuring(cell.name), finished) == .stop { return finished() }
    }
    for (index, cell) in cells.enumerated() {
      let training = try train(cell) { event, soFar in
        progress(event)
        return watch(event) {
          var result = finished()
          result.cells[index].training = soFar
          return result
        }
      }
      result.cells[index].training = training
      progress(.trained(cell.name, training))
      if watch(.trained(cell.name, training), finished) == .stop || training.end == .interrupted { break }
    }
    return finished()
  }

  /// The cell at initialisation.
  private func measure(_ cell: NamedCell) throws(DiagnosticError) -> StudyResult.CellResult {
    let made = cell.make(settings.units)
    return StudyResult.CellResult(
      name: cell.name,
      facts: try CellFacts(
        made, features: StudySettings.features, length: settings.taskLength, batch: settings.trainingBatch),
      cellReport: try Diagnostics.cellReport(made, experiment, creditLength: 100),
      training: StudyResult.TrainingResult(end: .waiting))
  }

  private var experiment: FlowExperiment {
    FlowExperiment(
      length: settings.length, features: StudySettings.features, batch: settings.batch, seed: settings.seed,
      run: RunOptions(settings.execution))
  }

  private func measureExploding() throws(DiagnosticError) -> StudyResult.ExplodingResult {
    var experiment = self.experiment
    experiment.gain = settings.explodingGain
    let cell = SimpleRNN(units: settings.units)
    let unclipped = try Diagnostics.gradientFlow(of: experiment.trial(of: cell))
    experiment.clip = .norm(settings.explodingClip)
    return StudyResult.ExplodingResult(
      unclipped: unclipped, clipped: try Diagnostics.gradientFlow(of: experiment.trial(of: cell)))
  }
}

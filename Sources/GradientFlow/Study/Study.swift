internal import EbbCells
internal import EbbGraph
public import EbbRecording
internal import EbbTransforms

/// Compares cells: how far back the gradient reaches at initialisation, whether training finds a long-term dependency,
/// and what a step costs.
///
/// ```swift
/// let study = Study([("lstm", { LSTM(units: $0) }), ("mgu", { MinimalGatedUnit(units: $0) })])
/// let result = try study.run { progress in … }
/// try writeAtomically(result.report.html(), to: "study.html")
/// ```
public struct Study: Sendable {
  /// A cell by name, made for a number of units.
  public typealias NamedCell = (name: String, make: @Sendable (Int) -> any RecurrentCell)

  public var cells: [NamedCell]
  public var settings: StudySettings

  public init(_ cells: [NamedCell], settings: StudySettings = StudySettings()) {
    self.cells = cells
    self.settings = settings
  }

  /// What a study is doing.
  public enum Progress: Sendable, Hashable {
    /// Measures gradients at initialisation, of a cell or of the exploding network.
    case measuring(String)
    /// Trains a cell: steps done and to do at most, and the mean loss of the last steps.
    case training(String, step: Int, of: Int, loss: Double)
    case trained(String, StudyResult.TrainingResult)
  }

  /// Does it all. The numbers are a function of the settings, but for times, and for where a time limit ends training.
  public func run(progress: (Progress) -> Void = { _ in }) throws(DiagnosticError) -> StudyResult {
    try settings.validate()
    guard !cells.isEmpty else { throw .setting("a study needs a cell") }
    let clock = ContinuousClock()
    let begin = clock.now
    var initial: [GradientProfile] = []
    for cell in cells {
      progress(.measuring(cell.name))
      initial.append(try GradientFlow.measure(cell.make(settings.units), experiment))
    }
    progress(.measuring("exploding"))
    let exploding = try measureExploding()
    var results: [StudyResult.CellResult] = []
    for (cell, profile) in zip(cells, initial) {
      let training = try train(cell, progress: progress)
      progress(.trained(cell.name, training))
      results.append(
        StudyResult.CellResult(
          name: cell.name,
          facts: try CellFacts(
            cell.make(settings.units), features: StudySettings.features, length: settings.taskLength,
            batch: settings.trainingBatch),
          initial: profile, training: training))
    }
    return StudyResult(
      settings: settings, cells: results, exploding: exploding, seconds: seconds(clock.now - begin))
  }

  private var experiment: FlowExperiment {
    FlowExperiment(
      length: settings.length, features: StudySettings.features, batch: settings.batch, seed: settings.seed,
      execution: settings.execution)
  }

  private func measureExploding() throws(DiagnosticError) -> StudyResult.ExplodingResult {
    var experiment = self.experiment
    experiment.gain = settings.explodingGain
    let cell = SimpleRNN(units: settings.units)
    let unclipped = try GradientFlow.measure(cell, experiment)
    experiment.clip = .norm(settings.explodingClip)
    return StudyResult.ExplodingResult(
      unclipped: unclipped, clipped: try GradientFlow.measure(cell, experiment))
  }
}

public import EbbExecution
internal import EbbDiagnostics

/// The settings of a study of cells. The standard settings take less than 90 s on two cores.
public struct StudySettings: Sendable, Hashable {
  /// Units of each cell.
  public var units: Int
  /// The sequence length for gradients at initialisation.
  public var length: Int
  /// Samples of that measurement.
  public var batch: Int
  /// The sequence length T of the adding problem for training; two features per step.
  public var taskLength: Int
  /// Sequences of a training step.
  public var trainingBatch: Int
  /// Training steps of each cell.
  public var steps: Int
  /// Training of a cell ends after this many seconds, even before its last step; nil for no limit.
  public var secondsPerCell: Double?
  /// Training of a cell ends when the mean loss of the last 20 steps is below this.
  public var targetLoss: Double
  /// Adam's initial learning rate; it decays to 0 along a cosine.
  public var learningRate: Double
  /// The limit of the gradients' global norm.
  public var gradientClip: Double
  /// How many times the gradient through time is measured during training, evenly spaced.
  public var measurements: Int
  /// A cell has solved the task if its error on held-out sequences is below this.
  public var solvedError: Double
  /// The factor on the recurrent weights of the exploding network.
  public var explodingGain: Double
  /// The limit of each state's gradient norm inside the recurrence of that network.
  public var explodingClip: Double
  /// Decides inputs, first values and sequences.
  public var seed: UInt64
  /// How the networks run.
  public var execution: ExecutionOptions

  /// Settings; by default 64 units, 200 steps and a task of 100.
  public init(
    units: Int = 64, length: Int = 200, batch: Int = 16, taskLength: Int = 100, trainingBatch: Int = 32,
    steps: Int = 2000, secondsPerCell: Double? = 25, targetLoss: Double = 0.005, learningRate: Double = 5e-3,
    gradientClip: Double = 1, measurements: Int = 60, solvedError: Double = 0.05, explodingGain: Double = 1.5,
    explodingClip: Double = 1, seed: UInt64 = 1, execution: ExecutionOptions = ExecutionOptions()
  ) {
    self.units = units
    self.length = length
    self.batch = batch
    self.taskLength = taskLength
    self.trainingBatch = trainingBatch
    self.steps = steps
    self.secondsPerCell = secondsPerCell
    self.targetLoss = targetLoss
    self.learningRate = learningRate
    self.gradientClip = gradientClip
    self.measurements = measurements
    self.solvedError = solvedError
    self.explodingGain = explodingGain
    self.explodingClip = explodingClip
    self.seed = seed
    self.execution = execution
  }

  /// Features of the adding problem: the number and the mark. The gradients are measured with the same number.
  static let features = 2

  func validate() throws(DiagnosticError) {
    let counts = [
      ("units", units, 1), ("length", length, 2), ("batch", batch, 1), ("task length", taskLength, 2),
      ("training batch", trainingBatch, 1), ("steps", steps, 1), ("measurements", measurements, 1),
    ]
    for (name, value, least) in counts where value < least {
      throw .setting("\(name): at least \(least), not \(value)")
    }
    let numbers = [
      ("learning rate", learningRate), ("gradient clip", gradientClip), ("exploding gain", explodingGain),
      ("exploding clip", explodingClip), ("seconds per cell", secondsPerCell ?? 1),
    ]
    for (name, value) in numbers where !(value > 0 && value.isFinite) {
      throw .setting("\(name): a number above 0, not \(value)")
    }
  }
}

public import EbbDiagnostics

/// The result of a study.
public struct StudyResult: Sendable, Hashable {
  /// Sizes, and how the cells were trained.
  public var settings: StudySettings
  /// The cells in the order in which they were given.
  public var cells: [CellResult]
  /// The exploding network.
  public var exploding: ExplodingResult
  /// The whole study, in seconds.
  public var seconds: Double

  /// Whether every cell's training is finished.
  public var isFinished: Bool { cells.allSatisfy { $0.training.end.isReached } }

  /// One cell.
  public struct CellResult: Sendable, Hashable {
    /// The cell's name.
    public var name: String
    /// The cell's equations in numbers, and its cost.
    public var facts: CellFacts
    /// The cell at initialisation, with the loss at the last step.
    public var cellReport: CellReport
    /// How training on the adding problem went.
    public var training: TrainingResult
    /// Gradients through time at initialisation.
    public var initial: GradientFlow { cellReport.flow }
  }

  /// The simple network with recurrent weights that are too large, with and without clipping inside the recurrence.
  public struct ExplodingResult: Sendable, Hashable {
    /// Its gradients without clipping.
    public var unclipped: GradientFlow
    /// Its gradients with clipping inside the recurrence.
    public var clipped: GradientFlow
  }

  /// How training on the adding problem went.
  public struct TrainingResult: Sendable, Hashable {
    /// The reason why training ended.
    public enum End: String, Sendable, Hashable {
      /// All steps were made.
      case steps = "all steps"
      /// The time was over.
      case seconds = "time limit"
      /// The loss was low enough.
      case targetLoss = "target loss"
      /// The error on held-out sequences was not finite.
      case diverged
      /// The study is still running, or was stopped.
      case waiting = "not trained yet"
      /// It is still running.
      case running = "in training"
      /// It was stopped.
      case interrupted

      /// Whether training reached an end by itself.
      public var isReached: Bool {
        switch self {
        case .steps, .seconds, .targetLoss, .diverged: true
        case .waiting, .running, .interrupted: false
        }
      }
    }
    /// The reason why training ended, or its status.
    public var end: End
    /// The loss on each training batch.
    public var losses: [Double] = []
    /// The gradient's global norm at each step before clipping.
    public var gradientNorms: [Double] = []
    /// The number of steps in which the global norm was clipped.
    public var clippedSteps = 0
    /// Before the first step, in between, and after the last one.
    public var measurements: [Measurement] = []
    /// The mean squared error on held-out sequences at the end.
    public var heldOutError = Double.nan
    /// Whether the held-out error is below the study's bound.
    public var isSolved = false
    /// Without the time of measurements.
    public var stepsPerSecond = Double.nan
    /// How long training took, in seconds.
    public var seconds = 0.0
    /// The gates after training, on held-out sequences. Empty before the end of training.
    public var gates: [ActivationRecord] = []
    /// The steps after training, on the first of the held-out sequences; nil before the end of training.
    public var dynamics: StepDynamics?
  }

  /// The network at one moment of training.
  public struct Measurement: Sendable, Hashable {
    /// Training steps done.
    public var step: Int
    /// The mean squared error on held-out sequences.
    public var heldOutError: Double
    /// ‖dL/dh_t‖ of each state at each step, for held-out sequences, with each sample's own loss.
    public var states: [GradientFlow.State]
  }
}

/// A cell's equations in numbers, and its cost, counted on its graph.
public struct CellFacts: Sendable, Hashable {
  /// The number of sigmoid functions in a step of the recurrence.
  public var gates: Int
  /// The states' names.
  public var states: [String]
  /// Each parameter, without the read-out's.
  public var parameters: [Parameter]
  /// Floating-point operations of one step of one sample, forward.
  public var operationsPerStep: Int
  /// The memory of a training step on the task, in bytes.
  public var memory: Int
  /// The cell's equations in MathML; nil if they cannot be written.
  public var equations: String?

  /// A parameter of the cell.
  public struct Parameter: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its shape.
    public var shape: [Int]
    /// How it begins, in words.
    public var initializer: String
  }

  /// How many numbers are trained.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}

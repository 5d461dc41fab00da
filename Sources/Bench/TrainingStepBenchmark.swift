public import EbbExecution
public import EbbDiagnostics
internal import EbbPlanning
public import EbbRecording
internal import EbbReport

/// The time of one training step of a cell: forward and backward, with gradients of every parameter, in float32.
///
/// The loss is the mean of the squares of all outputs; inputs are drawn from N(0, 1), states start at zero. One run is
/// timed with inputs and parameters in place, as between the updates of a loop.
public struct TrainingStepBenchmark: Sendable, Hashable {
  /// Steps, samples, features of the input and units.
  public struct Size: Sendable, Hashable {
    /// The name of the size.
    public var name: String
    /// Steps.
    public var length: Int
    /// Samples.
    public var batch: Int
    /// Features of the input.
    public var features: Int
    /// Units of the cell.
    public var units: Int

    /// A size under a name.
    public init(_ name: String, length: Int, batch: Int, features: Int, units: Int) {
      self.name = name
      self.length = length
      self.batch = batch
      self.features = features
      self.units = units
    }

    /// From a single sequence to layers that fill the caches, and a long sequence.
    public static let all = [
      Size("XS", length: 200, batch: 1, features: 64, units: 64),
      Size("S", length: 100, batch: 32, features: 128, units: 128),
      Size("M", length: 100, batch: 64, features: 256, units: 256),
      Size("L", length: 50, batch: 64, features: 512, units: 512),
      Size("LONG", length: 1000, batch: 16, features: 64, units: 128),
    ]
  }

  /// How large the step was.
  public var size: Size
  /// How many threads computed.
  public var threads: Int
  /// The median time of a run, in seconds.
  public var median: Double
  /// All timed runs, in seconds, in order.
  public var runs: [Double]
  /// The time from the start of the recording to the first result, minus one median run, in seconds. Drawing the
  /// parameters' initial values is excluded, because it is not a cost of the graph.
  public var startup: Double
  /// The useful arithmetic: floating-point operations in the products of one run of the optimized graph, which computes
  /// nothing twice or unnecessarily. For G gates of H units over [h, x] with I features these are
  ///
  ///     2 G T B H (2 (I + H) + H)
  ///
  /// forward I + H for each of the G·H gate values, backward I + H for the weights and H for the previous state.
  public var operations: Int
  /// The memory of one run, in bytes.
  public var memory: Int

  /// Records the cell, runs one step, one more to warm up, then times at least `runs` steps, and more until the given
  /// total time is reached.
  ///
  /// - Parameters:
  ///   - cell: The cell to time, with the units of `size`.
  ///   - size: Steps, samples, input features and units.
  ///   - runs: The minimum number of timed runs.
  ///   - minimumTime: The time to reach, in seconds.
  ///   - seed: Draws the parameters and the input.
  ///   - gradientNorms: Whether each step also computes ‖dL/dh_t‖ of every state at every timestep.
  ///   - execution: Threads, instruction set and memory limits.
  public static func measure(
    _ cell: some RecurrentCell, _ size: Size, runs: Int = 7, minimumTime: Double = 0, seed: UInt64 = 0,
    gradientNorms: Bool = false, execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> TrainingStepBenchmark {
    guard runs >= 1 else { throw .setting("at least 1 run is timed, not \(runs)") }
    let clock = ContinuousClock()
    let begin = clock.now
    let step = try TrainingStepSession(cell, size, seed: seed, gradientNorms: gradientNorms, execution: execution)
    let session = step.session
    try session.runOnce()
    let first = (clock.now - begin).seconds - step.drawing
    try session.runOnce()
    var times: [Double] = []
    var total = 0.0
    while times.count < runs || total < minimumTime {
      let start = clock.now
      try session.runOnce()
      times.append((clock.now - start).seconds)
      total += times[times.count - 1]
    }
    let median = times.median
    let memory = execution.device == nil ? session.memory.bytes : session.allocatedBytes
    return TrainingStepBenchmark(
      size: size, threads: execution.threads, median: median, runs: times, startup: first - median,
      operations: ArithmeticCount(session.plan.graph, lengths: session.lengths).products, memory: memory)
  }
}

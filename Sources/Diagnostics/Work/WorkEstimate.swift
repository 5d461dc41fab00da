internal import EbbCompiler
public import EbbExecution
internal import EbbGraph
internal import EbbPlanning
public import EbbRecording
public import EbbTensors
internal import EbbTransforms

/// The cost of a training step of a cell or a network, estimated before anything runs.
public struct WorkEstimate: Sendable, Hashable {
  /// How many numbers are trained.
  public var parameters = 0
  /// Bytes that grow with the parameters: values, gradients, an optimizer's two moments, and buffers for drawing the
  /// initial values.
  public var parameterBytes = 0.0
  /// Bytes of all other values of a step: the values of all time steps of all samples.
  public var valueBytes = 0.0
  /// Floating-point operations of a training step, forward and backward, as the equations are written.
  public var operations = 0.0
  /// Floating-point operations that draw the initial values: orthogonal matrices take the cube of their size.
  public var drawing = 0.0

  /// Bytes of parameters and values together.
  public var bytes: Double { parameterBytes + valueBytes }

  /// The cost of a cell alone, with a loss on its outputs; a read-out is negligible in comparison.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - length: The number of steps.
  ///   - batch: The number of samples.
  ///   - features: The number of input features.
  ///   - layers: The number of stacked cells.
  ///   - element: The element type of floats.
  ///   - isUnrolled: Whether there is a copy of each equation for every step.
  ///   - isPlanned: Whether to plan the step to find its memory. Otherwise `valueBytes` is an upper bound for any plan,
  ///     computed several times faster.
  ///   - execution: Threads, instruction set and memory limits.
  /// - Throws: `DiagnosticError` if the cell cannot be recorded or differentiated.
  public init(
    _ cell: some RecurrentCell, length: Int, batch: Int, features: Int, layers: Int = 1,
    element: ElementType = .float32, isUnrolled: Bool = false, isPlanned: Bool = true,
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) {
    let step = try TrainingStepGraph(cell, features: features, element: element)
    try self.init(
      step.recording, step.gradient, ["t": length, "b": batch], layers: layers, isUnrolled: isUnrolled,
      isPlanned: isPlanned, execution: execution)
  }

  /// The cost of a training step of a whole network.
  ///
  /// - Parameters:
  ///   - recording: The network; nothing of it runs.
  ///   - loss: The name of the output to differentiate.
  ///   - lengths: The lengths of the axes, by name; 1 for those not named.
  ///   - execution: Threads, instruction set and memory limits.
  /// - Throws: `DiagnosticError` if the recording has no such loss, or it cannot be differentiated.
  public init(
    of recording: Recording, loss: String = "loss", lengths: [String: Int],
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) {
    let gradient = try diagnosing(recording) { try recording.graphWithGradients(of: loss, norms: false) }
    try self.init(recording, gradient, lengths, layers: 1, isUnrolled: false, isPlanned: true, execution: execution)
  }

  private init(
    _ recording: Recording, _ gradient: Graph, _ named: [String: Int], layers: Int, isUnrolled: Bool,
    isPlanned: Bool, execution: ExecutionOptions
  ) throws(DiagnosticError) {
    let lengths = gradient.axes.map { axis in
      let name = axis.steps.map { gradient.description(of: $0).name } ?? axis.name
      return axis.length ?? named[name] ?? 1
    }
    let size = Double(recording.element == .float64 ? 8 : 4)
    let counts = recording.parameters.map(\.shape.count)
    parameters = layers * counts.reduce(0, +)
    // The largest parameter is drawn in Float64, both as a matrix and as an array.
    parameterBytes = Double(parameters) * size * 5 + 16 * Double(counts.max() ?? 0)
    operations = Double(layers) * Double(ArithmeticCount(gradient, lengths: lengths).total)
    drawing = Double(layers) * recording.parameters.reduce(0) { $0 + $1.initializer.operations(of: $1.shape) }
    if isUnrolled {
      let nodes = gradient.nodes.count { node in
        gradient.type(node).domain.contains { gradient.description(of: $0).name == "t" }
      }
      valueBytes = Double(nodes) * Double(named["t"] ?? 1) * Self.bytesPerUnrolledNode
    } else if !isPlanned {
      valueBytes = Double(layers) * Self.mostBytes(gradient, lengths)
    } else {
      let plan = try diagnosing { try Plan(compiling: gradient) }
      let whole = MemoryPlan(plan, lengths: lengths)
      // Rematerialization reduces the memory. If it does not fit in any case, report the memory without it.
      let budget = min(execution.memoryBudget ?? .max, MachineMemory.bytes)
      let memory = (try? MemoryPlan(plan, lengths: lengths, budget: budget)) ?? whole
      valueBytes = Double(layers) * max(0, Double(memory.bytes) - 2 * Double(counts.reduce(0, +)) * size)
    }
  }

  /// An upper bound for any plan: every value of the equations at once, in panels, with the places of its delays,
  /// twice.
  private static func mostBytes(_ graph: Graph, _ lengths: [Int]) -> Double {
    let reach = graph.nodes.reduce(1) { max($0, graph.operation($1).shift?.by ?? 0) }
    let panel = 128
    return graph.nodes.reduce(0) { sum, node in
      let type = graph.type(node)
      let lanes = type.element == .float32 ? 32 : 16
      func panels(_ features: Int) -> Double { Double((features + lanes - 1) / lanes) }
      // A matrix may be packed either way.
      let shape = type.shape
      let features =
        shape.rank == 2
        ? max(Double(shape[0]) * panels(shape[1]), Double(shape[1]) * panels(shape[0])) : panels(shape.count)
      let rows = type.domain.reduce(1.0) { $0 * Double(lengths[$1.index] + 2 * reach) }
      return sum + 2 * Double(panel) * features * (rows + 1)
    }
  }

  /// The memory of one node of an unrolled graph during differentiation, passes and planning, measured to a factor of
  /// two with an LSTM of 2,000 steps.
  private static let bytesPerUnrolledNode = 5500.0

  /// The factor on the number of units for which the memory reaches this many bytes: the f of f² · parameterBytes + f ·
  /// valueBytes = bytes.
  public func unitsFactor(fitting bytes: Double) -> Double {
    let root = (valueBytes * valueBytes + 4 * parameterBytes * bytes).squareRoot()
    return 2 * bytes / (valueBytes + root)
  }

  /// The factor on the number of steps for which the memory reaches this many bytes; nil if the parameters alone take
  /// more.
  public func lengthFactor(fitting bytes: Double) -> Double? {
    bytes > parameterBytes && valueBytes > 0 ? (bytes - parameterBytes) / valueBytes : nil
  }
}

extension Initializer {
  /// The floating-point operations beyond one per number.
  fileprivate func operations(of shape: Shape) -> Double {
    switch self {
    case .orthogonal:
      // Gram–Schmidt, twice: 4 n² m for n vectors of m numbers, half of which exist on average.
      let (rows, columns) = (Double(shape[0]), Double(shape.count / max(1, shape[0])))
      return 4 * min(rows, columns) * min(rows, columns) * max(rows, columns)
    case .spectralRadius(_, let inner):
      // 27 squarings of the matrix.
      let size = Double(shape[0])
      return 54 * size * size * size + inner.operations(of: shape)
    case .negative(let inner), .drawn(_, let inner): return inner.operations(of: shape)
    case .blocks(let blocks):
      let columns = shape.count / max(1, shape[0])
      return blocks.reduce(0) { $0 + $1.initializer.operations(of: [$1.rows, columns]) }
    case .zeros, .constant, .uniform, .between, .logOfUniform, .ringDecay, .normal, .glorotUniform, .identity, .sparse:
      return 0
    }
  }
}

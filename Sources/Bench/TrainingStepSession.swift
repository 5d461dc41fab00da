internal import EbbCompiler
internal import EbbExecution
internal import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbReport
internal import EbbTensors
internal import EbbTransforms

/// A cell's training step with its inputs and parameters in place, ready to run.
struct TrainingStepSession {
  let session: Session
  /// Seconds for drawing the inputs and the parameters, which are not a cost of the graph.
  let drawing: Double

  init(
    _ cell: some RecurrentCell, _ size: TrainingStepBenchmark.Size, seed: UInt64, gradientNorms: Bool = false,
    execution: ExecutionOptions
  ) throws(DiagnosticError) {
    let graphs = try TrainingStepGraph(cell, features: size.features, gradientNorms: gradientNorms)
    (session, drawing) = try diagnosing {
      let executable = try Executable(compiling: graphs.gradient, options: execution)
      let clock = ContinuousClock()
      let prepared = clock.now
      var bindings = Bindings(graphs.recording.initialValues(seed: seed))
      // x, and what a cell reads besides it, each from numbers of its own.
      for (stream, input) in graphs.recording.inputs.enumerated() {
        let dimensions = size.dimensions(of: input.node, in: graphs.gradient)
        bindings.values[input.name] = Tensor(
          dimensions,
          RandomStream(seed: seed, stream: UInt64(stream + 1))
            .normals(dimensions[0], dimensions.dropFirst().reduce(1, *), 1), as: .float32)
      }
      let drawing = (clock.now - prepared).seconds
      let session = try executable.session(lengths: graphs.gradient.lengths(for: bindings))
      try session.set(bindings)
      return (session, drawing)
    }
  }
}

extension TrainingStepBenchmark.Size {
  /// The dimensions of an input: each time axis has the length of the size, each other axis that its cell gives it or that
  /// of the batch.
  func dimensions(of input: NodeID, in graph: Graph) -> [Int] {
    let type = graph.type(input)
    return type.domain.map { axis in
      let axis = graph.axes[axis.index]
      return axis.length ?? (axis.kind == .time ? length : batch)
    } + type.shape.array
  }
}

extension Session {
  /// Runs; a device that fails is an error instead of a short time.
  func runOnce() throws(DiagnosticError) {
    run()
    if let failure { throw .binding(failure) }
  }
}

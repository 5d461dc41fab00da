internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The Jacobians of all steps of a run, in pieces that fit into memory.
struct StepJacobianSource {
  /// Some consecutive steps.
  struct Piece: Sendable {
    /// The steps in the order of the recurrence, from 0.
    var steps: Range<Int>
    /// Jᵀ of each step and sample.
    var transposed: [Double]
    var samples: Int
    var space: StateSpace

    /// Jᵀ, row by row, over all coordinates.
    func transposed(_ step: Int, _ sample: Int) -> [Double] {
      let count = space.features * space.features
      // The tensor has the steps in the order of the time axis.
      let index = space.direction == .forward ? step - steps.lowerBound : steps.upperBound - 1 - step
      let isTimeFirst = space.batch.map { space.time < $0 } ?? true
      let position = (isTimeFirst ? index * samples + sample : sample * steps.count + index) * count
      return space.completed(transposed[position..<position + count])
    }
  }

  let space: StateSpace
  let length: Int
  let samples: Int
  private let differential: StepDifferential
  private let bindings: Bindings
  private let executable: Executable

  /// The approximate number of bytes of Jacobians computed at a time.
  private static let pieceBytes = 8 << 20

  /// Runs the recording and keeps the states that each step reads.
  init(_ trial: Trial) throws(DiagnosticError) {
    let (recording, bindings) = (trial.recording, trial.bindings)
    let space = try StateSpace(recording)
    let differential = try StepDifferential(recording, space)
    (self.space, self.differential) = (space, differential)
    let lengths: [Int]
    try recording.checkInputs(bindings)
    try recording.checkOneLength(along: space.time, bindings)
    (self.bindings, executable, lengths) = try diagnosing(recording) {
      let given = try recording.graph.lengths(for: bindings)
      var trajectory = recording.graph
      trajectory.removeOutputs()
      for state in recording.states {
        trajectory.setOutput(StepDifferential.Name.previous(state.name), state.previous)
      }
      let states = try CompiledDiagnostic(trajectory, over: space.time, bindings, trial.run).run(bindings)
      var step = bindings
      step.values.merge(states.outputs) { $1 }
      return (step, try CompiledDiagnostic.compile(differential.graph, trial.run), given)
    }
    length = lengths[space.time.index]
    samples = space.batch.map { lengths[$0.index] } ?? 1
  }

  /// Calls `body` for each piece, in the order of the recurrence.
  func forEachPiece(_ body: (Piece) throws(DiagnosticError) -> Void) throws(DiagnosticError) {
    let bytes = samples * space.features * space.features * 8
    let stride = differential.isSeparable ? max(1, Self.pieceBytes / max(1, bytes)) : length
    var start = 0
    while start < length {
      let steps = start..<min(length, start + stride)
      try body(try piece(steps))
      start = steps.upperBound
    }
  }

  private func piece(_ steps: Range<Int>) throws(DiagnosticError) -> Piece {
    // The same steps in the order of the time axis.
    let indices = space.direction == .forward ? steps : length - steps.upperBound..<length - steps.lowerBound
    let output = try diagnosing {
      var values = bindings
      if indices.count < length {
        for node in differential.graph.nodes {
          guard let name = differential.graph.name(node), let value = values.values[name] else { continue }
          guard let dimension = Array(differential.graph.type(node).domain).firstIndex(of: space.time) else { continue }
          values.values[name] = value.slice(indices, of: dimension)
        }
      }
      values.lengths[differential.graph.description(of: space.time).name] = indices.count
      if let name = differential.graph.lengthsName(of: space.time), let lengths = values.values[name] {
        values.values[name] = Tensor(
          lengths.dimensions, [Int32](repeating: Int32(indices.count), count: lengths.count))
      }
      guard let result = try executable.run(values)[StepDifferential.Name.jacobian] else {
        preconditionFailure("the Jacobian is an output")
      }
      return result
    }
    return Piece(steps: steps, transposed: output.doubles, samples: samples, space: space)
  }
}

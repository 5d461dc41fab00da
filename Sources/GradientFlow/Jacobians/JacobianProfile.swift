public import EbbExecution
public import EbbGraph
internal import EbbLinearAlgebra
public import EbbRecording
public import EbbTensors
public import EbbTransforms

/// The step Jacobian ∂sₜ/∂sₜ₋₁ and the end-to-end Jacobian ∂s_T/∂sₜ₋₁ of one sample at some steps of a sequence.
///
/// Where `StepJacobians` keeps the Jacobian of every step, this keeps the spectra of a few, so that long sequences of wide
/// cells fit into memory.
public struct JacobianProfile: Sendable, Hashable {
  public struct Step: Sendable, Hashable {
    /// t, from 1.
    public var step: Int
    /// Of ∂sₜ/∂sₜ₋₁.
    public var spectrum: StepSpectrum
    /// ln of the singular values of ∂s_T/∂sₜ₋₁, largest first; what is below ε σ₁ is rounding.
    public var endToEndLogSingularValues: [Double]
  }

  /// The names of the states, in the order of their coordinates.
  public var states: [String]
  /// The number of coordinates of the states.
  public var dimension: Int
  /// T.
  public var length: Int
  /// By increasing t.
  public var steps: [Step]
}

/// Multiplies Jacobians up between the steps at which spectra are asked for.
private struct JacobianCollector {
  let chosen: [Int]
  let space: StateSpace
  private(set) var matrices: [Matrix] = []
  /// For each chosen step t the product J_{u−1} ⋯ Jₜ up to the next chosen step u, or to the end.
  private var products: [EndToEndJacobian] = []

  init(_ chosen: [Int], _ space: StateSpace) {
    self.chosen = chosen
    self.space = space
  }

  mutating func add(_ jacobian: Matrix, at step: Int) {
    if matrices.count < chosen.count, chosen[matrices.count] == step {
      matrices.append(jacobian)
      products.append(EndToEndJacobian(size: space.size))
    }
    // The first step is chosen always.
    products[products.count - 1].advance(by: jacobian)
  }

  /// ∂s_T/∂sₜ₋₁ for each chosen t.
  var endToEnd: [EndToEndJacobian] {
    var result: [EndToEndJacobian] = []
    for product in products.reversed() {
      var whole = product
      if let last = result.last { whole.advance(by: last) }
      result.append(whole)
    }
    return result.reversed()
  }
}

extension GradientFlow {
  /// The spectra of the step and end-to-end Jacobians along the trajectory of an experiment's first sample.
  ///
  /// - Parameter count: At how many steps, evenly spaced, the first and the last among them.
  public static func jacobianProfile(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(batch: 1, element: .float64),
    steps count: Int = 9
  ) throws(DiagnosticError) -> JacobianProfile {
    let recording = try experiment.record(cell)
    return try jacobianProfile(
      of: recording, experiment.bindings(for: recording), steps: count, sample: 0, lab: experiment.labExecution)
  }

  /// The spectra of the step and end-to-end Jacobians of a recording.
  ///
  /// What `stepJacobians` says of precision, clipping and coordinates holds here too.
  ///
  /// - Parameters:
  ///   - count: At how many steps, evenly spaced, the first and the last among them; at least 1.
  ///   - sample: From 0.
  public static func jacobianProfile(
    of recording: Recording, _ bindings: Bindings, steps count: Int = 9, sample: Int = 0,
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> JacobianProfile {
    try jacobianProfile(of: recording, bindings, steps: count, sample: sample, lab: LabExecution(execution))
  }

  package static func jacobianProfile(
    of recording: Recording, _ bindings: Bindings, steps count: Int, sample: Int, lab: LabExecution
  ) throws(DiagnosticError) -> JacobianProfile {
    let source = try StepJacobianSource(recording, bindings, lab)
    guard count >= 1 else { throw .setting("spectra are measured at 1 step or more, not \(count)") }
    guard sample >= 0, sample < source.samples else {
      throw .setting("the sample is in 0 ..< \(source.samples), not \(sample)")
    }
    var collector = JacobianCollector(evenlySpaced(count, through: source.length), source.space)
    try source.forEachPiece { piece throws(DiagnosticError) in
      for step in piece.steps {
        let size = source.space.size
        let transposed = Matrix(rows: size, columns: size, piece.transposed(step, sample))
        collector.add(transposed.transposed, at: step + 1)
      }
    }
    let (steps, matrices, products) = (collector.chosen, collector.matrices, collector.endToEnd)
    let results = concurrentMap(steps.count, threads: lab.options.threads) { index in
      Result { () throws(LinearAlgebraError) in
        JacobianProfile.Step(
          step: steps[index], spectrum: try StepSpectrum(matrices[index]),
          endToEndLogSingularValues: try products[index].logSingularValues())
      }
    }
    var spectra: [JacobianProfile.Step] = []
    for (step, result) in zip(steps, results) {
      do {
        spectra.append(try result.get())
      } catch {
        throw .setting("the Jacobians from step \(step) on have no spectrum: \(error)")
      }
    }
    return JacobianProfile(
      states: source.space.parts.map(\.name), dimension: source.space.size, length: source.length, steps: spectra)
  }

  /// 1 … length, so many of them, the first and the last among them.
  private static func evenlySpaced(_ count: Int, through length: Int) -> [Int] {
    guard length > count else { return Array(1...length) }
    guard count > 1 else { return [1] }
    return (0..<count).map { 1 + $0 * (length - 1) / (count - 1) }
  }
}

internal import EbbExecution
internal import EbbGraph
internal import EbbLinearAlgebra
internal import EbbRecording
internal import EbbTensors

/// The step Jacobian ∂sₜ/∂sₜ₋₁ and the end-to-end Jacobian ∂s_T/∂sₜ₋₁ of one sample at some steps of a sequence.
///
/// `StepJacobians` keeps the Jacobian of every step. This keeps the spectra of a few steps, so that long sequences of
/// wide cells fit into memory.
public struct JacobianSpectra: Sendable, Hashable {
  /// The measurement at one step.
  public struct Step: Sendable, Hashable {
    /// t, from 1.
    public var step: Int
    /// The spectrum of ∂sₜ/∂sₜ₋₁.
    public var spectrum: StepSpectrum
    /// ln of the singular values of ∂s_T/∂sₜ₋₁, largest first; values below ε σ₁ are rounding. Empty if they were not
    /// measured.
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

/// Keeps the Jacobians of the steps with requested spectra, and multiplies up the Jacobians in between.
struct JacobianCollector {
  private let chosen: [Int]
  private let space: StateSpace
  private let length: Int
  private let sample: Int
  private let measuresEndToEnd: Bool
  private var matrices: [Matrix] = []
  /// For each chosen step t the product J_{u−1} ⋯ Jₜ up to the next chosen step u, or to the end.
  private var products: [EndToEndJacobian] = []

  /// - Parameter count: The number of steps, evenly spaced from the first to the last; if 1, the last.
  init(_ count: Int, _ source: StepJacobianSource, sample: Int = 0, measuresEndToEnd: Bool) {
    chosen = Self.evenlySpaced(count, through: source.length)
    (space, length) = (source.space, source.length)
    self.sample = sample
    self.measuresEndToEnd = measuresEndToEnd
  }

  /// `count` of 1 … length.
  private static func evenlySpaced(_ count: Int, through length: Int) -> [Int] {
    guard length > count else { return Array(1...length) }
    guard count > 1 else { return [length] }
    return (0..<count).map { 1 + $0 * (length - 1) / (count - 1) }
  }

  mutating func advance(through piece: StepJacobianSource.Piece) {
    for step in piece.steps where measuresEndToEnd || isNext(step + 1) {
      add(Matrix(rows: space.size, columns: space.size, piece.transposed(step, sample)).transposed, at: step + 1)
    }
  }

  /// Whether the step is the next of the chosen ones.
  private func isNext(_ step: Int) -> Bool { matrices.count < chosen.count && chosen[matrices.count] == step }

  private mutating func add(_ jacobian: Matrix, at step: Int) {
    if isNext(step) {
      matrices.append(jacobian)
      products.append(EndToEndJacobian(size: space.size))
    }
    guard measuresEndToEnd, !products.isEmpty else { return }
    products[products.count - 1].advance(by: jacobian)
  }

  /// ∂s_T/∂sₜ₋₁ for each chosen t.
  private var endToEnd: [EndToEndJacobian] {
    var result: [EndToEndJacobian] = []
    for product in products.reversed() {
      var whole = product
      if let last = result.last { whole.advance(by: last) }
      result.append(whole)
    }
    return result.reversed()
  }

  /// The spectra of the collected Jacobians.
  func spectra(threads: Int) throws(DiagnosticError) -> JacobianSpectra {
    let products = measuresEndToEnd ? endToEnd : []
    let spectra = try concurrentMap(chosen.count, threads: threads) {
      [chosen, matrices] index throws(DiagnosticError) in
      do throws(LinearAlgebraError) {
        return JacobianSpectra.Step(
          step: chosen[index], spectrum: try StepSpectrum(matrices[index]),
          endToEndLogSingularValues: products.isEmpty ? [] : try products[index].logSingularValues())
      } catch {
        throw .setting("the Jacobians from step \(chosen[index]) on have no spectrum: \(error)")
      }
    }
    return JacobianSpectra(
      states: space.parts.map(\.name), dimension: space.size, length: length, steps: spectra)
  }
}

extension Diagnostics {
  /// The spectra of the step and end-to-end Jacobians along the trajectory of one sample.
  ///
  /// Precision, clipping and coordinates are as in `stepJacobians`.
  ///
  /// - Parameters:
  ///   - trial: Any network with states; no loss is needed.
  ///   - count: The number of steps, at least 1, evenly spaced from the first to the last; if 1, the last.
  ///   - sample: From 0.
  public static func jacobianSpectra(
    of trial: Trial, steps count: Int = 9, sample: Int = 0
  ) throws(DiagnosticError) -> JacobianSpectra {
    let source = try StepJacobianSource(trial)
    guard count >= 1 else { throw .setting("spectra are measured at 1 step or more, not \(count)") }
    guard sample >= 0, sample < source.samples else {
      throw .setting("the sample is in 0 ..< \(source.samples), not \(sample)")
    }
    var collector = JacobianCollector(count, source, sample: sample, measuresEndToEnd: true)
    try source.forEachPiece { piece throws(DiagnosticError) in collector.advance(through: piece) }
    return try collector.spectra(threads: trial.run.execution.threads)
  }
}

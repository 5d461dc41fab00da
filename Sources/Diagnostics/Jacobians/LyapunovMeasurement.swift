internal import EbbExecution
internal import EbbGraph
internal import EbbLinearAlgebra
internal import EbbRecording
internal import EbbTensors

/// Propagates orthonormal directions along the trajectory of each sample and accumulates their growth.
struct LyapunovMeasurement {
  private let dimension: Int
  private let transient: Int
  private let threads: Int
  private let measuresDeterminants: Bool
  private var frames: [OrthonormalFrame]
  /// By sample, block and direction.
  private var growth: [[[Double]]]
  private var blockSteps: [Int]
  /// The steps of all blocks.
  private let counted: Int
  private var logDeterminant = 0.0

  /// The number of steps whose determinants one task computes.
  private static let determinantsPerTask = 16

  init(_ source: StepJacobianSource, _ settings: LyapunovSpectrum.Settings, threads: Int) throws(DiagnosticError) {
    let dimension = source.space.size
    let count = settings.count ?? dimension
    let transient = settings.transient ?? source.length / 10
    guard count >= 1, count <= dimension else {
      throw .setting("the number of exponents is in 1 ... \(dimension), the number of state coordinates, not \(count)")
    }
    guard transient >= 0, transient < source.length else {
      throw .setting("the transient is in 0 ..< \(source.length), the number of steps, not \(transient)")
    }
    guard settings.blocks >= 1 else { throw .setting("the number of blocks is at least 1, not \(settings.blocks)") }
    (self.dimension, self.transient, self.threads) = (dimension, transient, threads)
    measuresDeterminants = settings.measuresDeterminants
    frames = (0..<source.samples).map { sample in
      let stream = RandomStream(seed: settings.seed, stream: 0x4C59_4150 + UInt64(sample))
      var drawn: UInt32 = 0
      return OrthonormalFrame(
        Matrix.orthonormal(rows: dimension, columns: count) {
          drawn += 1
          return stream.value(.normal, at: .zero, element: drawn)
        })
    }
    let counted = source.length - transient
    self.counted = counted
    let blocks = min(settings.blocks, counted)
    blockSteps = (0..<blocks).map { ($0 + 1) * counted / blocks - $0 * counted / blocks }
    growth = Array(
      repeating: Array(repeating: [Double](repeating: 0, count: count), count: blocks), count: source.samples)
  }

  /// The block of a step, nil before the first; the last step of block k is ⌊(k + 1) n / blocks⌋ − 1.
  private func block(of step: Int) -> Int? {
    guard step >= transient else { return nil }
    return ((step - transient + 1) * blockSteps.count - 1) / counted
  }

  /// One task propagates the directions of a sample through all steps of the piece, while others compute determinants.
  mutating func advance(through piece: StepJacobianSource.Piece) throws(DiagnosticError) {
    let samples = frames.count
    let countedSteps = max(piece.steps.lowerBound, min(transient, piece.steps.upperBound))..<piece.steps.upperBound
    let starts = Array(
      stride(from: countedSteps.lowerBound, to: countedSteps.upperBound, by: Self.determinantsPerTask))
    let determinantTasks = measuresDeterminants ? samples * starts.count : 0
    let results = try concurrentMap(samples + determinantTasks, threads: threads) {
      [self] task throws(DiagnosticError) in
      if task < samples { return try carried(task, through: piece) }
      let (sample, position) = ((task - samples) % samples, (task - samples) / samples)
      let end = min(starts[position] + Self.determinantsPerTask, countedSteps.upperBound)
      return .logDeterminant(try logDeterminant(of: sample, piece, starts[position]..<end))
    }
    for result in results {
      switch result {
      case .carried(let sample, let frame, let added):
        frames[sample] = frame
        for block in added.indices {
          for direction in added[block].indices { growth[sample][block][direction] += added[block][direction] }
        }
      case .logDeterminant(let value):
        logDeterminant += value
      }
    }
  }

  private enum TaskResult: Sendable {
    case carried(sample: Int, OrthonormalFrame, growth: [[Double]])
    case logDeterminant(Double)
  }

  private func notFinite(_ step: Int, _ sample: Int) -> DiagnosticError {
    .setting(
      "the Jacobian of step \(step + 1), sample \(sample), is not finite: the trajectory leaves the range of numbers "
        + "there; a shorter one or a smaller gain stays within")
  }

  private func carried(_ sample: Int, through piece: StepJacobianSource.Piece) throws(DiagnosticError) -> TaskResult {
    var frame = frames[sample]
    var added = growth[sample].map { $0.map { _ in 0.0 } }
    for step in piece.steps {
      do {
        let logarithms = try frame.advance(byTransposed: matrix(piece, step, sample))
        guard let block = block(of: step) else { continue }
        for direction in logarithms.indices { added[block][direction] += logarithms[direction] }
      } catch {
        throw notFinite(step, sample)
      }
    }
    return .carried(sample: sample, frame, growth: added)
  }

  private func logDeterminant(
    of sample: Int, _ piece: StepJacobianSource.Piece, _ steps: Range<Int>
  ) throws(DiagnosticError) -> Double {
    var sum = 0.0
    for step in steps {
      do {
        // det Jᵀ = det J
        sum += try LUFactorization(matrix(piece, step, sample)).logAbsoluteDeterminant
      } catch {
        throw notFinite(step, sample)
      }
    }
    return sum
  }

  private func matrix(_ piece: StepJacobianSource.Piece, _ step: Int, _ sample: Int) -> Matrix {
    Matrix(rows: dimension, columns: dimension, piece.transposed(step, sample))
  }

  var spectrum: LyapunovSpectrum {
    LyapunovSpectrum(
      growth: growth, blockSteps: blockSteps, dimension: dimension,
      logDeterminant: measuresDeterminants ? logDeterminant : nil)
  }
}

extension Diagnostics {
  /// The Lyapunov exponents of a network along the trajectories of a trial's samples.
  ///
  /// ```swift
  /// let experiment = FlowExperiment(length: 1000, batch: 4, gain: 1.5, element: .float64)
  /// let spectrum = try Diagnostics.lyapunovSpectrum(of: experiment.trial(of: SimpleRNN(units: 64)))
  /// print(spectrum.exponents[0], "±", spectrum.standardErrors[0])
  /// ```
  ///
  /// Uses QR factorisations along the trajectory (Benettin, Galgani, Giorgilli & Strelcyn 1980). Jacobians are computed
  /// and used in pieces, so that memory does not grow with the number of steps.
  public static func lyapunovSpectrum(
    of trial: Trial, _ settings: LyapunovSpectrum.Settings = LyapunovSpectrum.Settings()
  ) throws(DiagnosticError) -> LyapunovSpectrum {
    let source = try StepJacobianSource(trial)
    var measurement = try LyapunovMeasurement(source, settings, threads: trial.run.execution.threads)
    try source.forEachPiece { piece throws(DiagnosticError) in try measurement.advance(through: piece) }
    return measurement.spectrum
  }
}

internal import EbbTensors
internal import Foundation

/// The Lyapunov exponents of a recurrence along its trajectories: the mean rates, per step and as natural logarithms,
/// at which small changes of the states grow or shrink.
///
/// They are finite-time exponents for the measured steps. If the largest is below 0, the states forget their initial
/// values; above 0, any small difference grows (chaos); near 0, gradients neither vanish nor explode (Vogt, Puelma
/// Touzel, Shlizerman & Lajoie 2022; Engelken, Wolf & Abbott 2023).
public struct LyapunovSpectrum: Sendable, Hashable {
  /// How the exponents are measured.
  public struct Settings: Sendable, Hashable {
    /// The number of largest exponents; nil for all.
    public var count: Int?
    /// The number of initial steps that are not counted, while the trajectory settles and the directions align; nil for
    /// a tenth of all.
    public var transient: Int?
    /// The number of blocks of counted steps, for the standard error.
    public var blocks: Int
    /// Draws the initial directions.
    public var seed: UInt64
    /// Whether ln |det Jₜ| is computed as well, to compare with the sum of all exponents.
    public var measuresDeterminants: Bool

    /// Settings; by default for all exponents, after a tenth of the steps.
    public init(
      count: Int? = nil, transient: Int? = nil, blocks: Int = 10, seed: UInt64 = 1, measuresDeterminants: Bool = true
    ) {
      self.count = count
      self.transient = transient
      self.blocks = blocks
      self.seed = seed
      self.measuresDeterminants = measuresDeterminants
    }
  }

  /// λ₁ ≥ λ₂ ≥ …, the mean over samples and counted steps. −∞ for a direction that a step collapses.
  public var exponents: [Double]
  /// The standard error of each: the deviation of its means over blocks of steps in all samples, divided by the root of
  /// their number. It is too small if growth rates are correlated over more steps than a block has; NaN for a single
  /// block, and for −∞.
  public var standardErrors: [Double]
  /// For each sample its own exponents, in the order of `exponents`.
  public var samples: [[Double]]
  /// The number of counted steps per sample.
  public var steps: Int
  /// The number of block means, over all samples, in each standard error.
  public var observations: Int
  /// The number of coordinates of the states.
  public var dimension: Int
  /// The mean of ln |det Jₜ| over samples and counted steps, by elimination with pivoting; nil if it was not measured.
  public var meanLogDeterminant: Double?

  /// Σ λᵢ: the rate at which volumes grow or shrink, if all exponents were measured.
  public var sum: Double { exponents.reduce(0, +) }

  /// The Kaplan–Yorke dimension j + (λ₁ + … + λⱼ) / |λⱼ₊₁| with the largest j for which the sum is nonnegative (Kaplan
  /// & Yorke 1979): an estimate of the dimension of the attractor. Nil if this needs exponents that were not measured.
  public var kaplanYorkeDimension: Double? {
    var sum = 0.0
    for (index, exponent) in exponents.enumerated() {
      if sum + exponent < 0 { return Double(index) + (index == 0 ? 0 : sum / -exponent) }
      sum += exponent
    }
    return exponents.count == dimension ? Double(dimension) : nil
  }
}

extension LyapunovSpectrum {
  /// A spectrum from the growth of each direction in each block of each sample.
  ///
  /// - Parameters:
  ///   - growth: Sums of ln |rᵢᵢ|, by sample, block and direction.
  ///   - blockSteps: The number of steps of each block.
  init(growth: [[[Double]]], blockSteps: [Int], dimension: Int, logDeterminant: Double?) {
    let steps = blockSteps.reduce(0, +)
    let directions = growth[0][0].indices
    let rates = growth.map { blocks in
      directions.map { direction in blocks.reduce(0) { $0 + $1[direction] } / Double(steps) }
    }
    let means = directions.map { direction in rates.reduce(0) { $0 + $1[direction] } / Double(rates.count) }
    let order = directions.sorted { means[$0] > means[$1] || means[$0] == means[$1] && $0 < $1 }
    exponents = order.map { means[$0] }
    samples = rates.map { rate in order.map { rate[$0] } }
    standardErrors = order.map { direction in
      Moments(growth.flatMap { blocks in zip(blocks, blockSteps).map { $0[direction] / Double($1) } }).standardError
    }
    self.steps = steps
    observations = growth.count * blockSteps.count
    self.dimension = dimension
    meanLogDeterminant = logDeterminant.map { $0 / Double(steps * growth.count) }
  }
}

internal import EbbTensors
internal import Foundation

/// The values of a gate, an activation or a state in a run, for each of its units.
public struct ActivationRecord: Sendable, Hashable {
  /// The kind of the values.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    /// A sigmoid: 0 … 1.
    case sigmoid
    /// A hyperbolic tangent: −1 … 1.
    case tanh
    /// A state or another named value: any number.
    case value

    /// The ends of its range, if it has any.
    public var range: ClosedRange<Double>? {
      switch self {
      case .sigmoid: 0...1
      case .tanh: -1...1
      case .value: nil
      }
    }

    /// The limits beyond which a value is near the lower and the upper end.
    ///
    /// - Parameter margin: A part of the range's length.
    func limits(margin: Double = 0.05) -> (lower: Double, upper: Double)? {
      range.map { range in
        let width = margin * (range.upperBound - range.lowerBound)
        return (range.lowerBound + width, range.upperBound - width)
      }
    }
  }

  /// The user's name; for an unnamed activation of `scope.affine("forget", …)`, that name.
  public var name: String
  /// The kind of the values.
  public var kind: Kind
  /// The number of features at one step.
  public var units: Int
  /// By step t = 1 … T (a single one without a time axis), then by sample and unit.
  public var steps: [[Double]]
}

/// Mean, spread and range of numbers.
public struct ActivationStatistics: Sendable, Hashable {
  /// The mean.
  public var mean: Double
  /// √ of the mean squared distance from the mean.
  public var deviation: Double
  /// The smallest number.
  public var minimum: Double
  /// The largest number.
  public var maximum: Double

  init(_ values: some Collection<Double>) {
    let moments = Moments(Array(values))
    (mean, deviation) = values.isEmpty ? (0, 0) : (moments.mean, moments.deviation)
    minimum = values.min() ?? .nan
    maximum = values.max() ?? .nan
  }
}

/// How often a value is near the ends of its range.
public struct Saturation: Codable, Sendable, Hashable {
  /// The share of numbers near the lower end, in 0 … 1.
  public var lower: Double
  /// The share near the upper end.
  public var upper: Double
  /// The share near either end, where the derivative is small and little gradient passes.
  public var total: Double { lower + upper }
}

extension ActivationRecord {
  /// Over all steps, samples and units.
  public var statistics: ActivationStatistics { ActivationStatistics(steps.flatMap { $0 }) }
  /// For each step.
  public var statisticsByStep: [ActivationStatistics] { steps.map { ActivationStatistics($0) } }

  /// The share of all steps, samples and units within a margin of each end; nil if there is no range.
  ///
  /// - Parameter margin: A part of the range's length: with 0.05, below 0.05 and above 0.95 of a sigmoid, below −0.9
  ///   and above 0.9 of a tanh.
  public func saturation(margin: Double = 0.05) -> Saturation? { saturation(of: steps.flatMap { $0 }, margin) }

  /// As `saturation`, for each step.
  public func saturationByStep(margin: Double = 0.05) -> [Saturation]? {
    kind.range == nil ? nil : steps.compactMap { saturation(of: $0, margin) }
  }

  /// As `saturation`, for each unit: how often a gate is right or left saturated (Karpathy, Johnson & Fei-Fei 2015, with
  /// a margin of 0.1).
  public func saturationByUnit(margin: Double = 0.05) -> [Saturation]? {
    kind.range == nil ? nil : (0..<units).compactMap { saturation(of: values(ofUnit: $0), margin) }
  }

  private func saturation(of values: [Double], _ margin: Double) -> Saturation? {
    guard let limits = kind.limits(margin: margin) else { return nil }
    let count = Double(max(1, values.count))
    let lower = Double(values.count { $0 < limits.lower })
    let upper = Double(values.count { $0 > limits.upper })
    return Saturation(lower: lower / count, upper: upper / count)
  }

  /// The numbers of one unit at all steps and samples.
  public func values(ofUnit unit: Int) -> [Double] {
    steps.flatMap { step in stride(from: unit, to: step.count, by: units).map { step[$0] } }
  }

  /// The number of steps for which each unit keeps its content if this gate multiplies it: −1 / mean ln f over steps
  /// and samples.
  ///
  /// The logarithms are averaged because the content is multiplied by the gate at each step: ∏ fₜ = exp Σ ln fₜ.
  ///
  /// - Parameter isComplement: Whether the factor is 1 minus the gate, as for the update gate of a GRU.
  public func timeConstants(isComplement: Bool = false) -> [Double] {
    (0..<units).map { unit in
      let logarithms = values(ofUnit: unit).map { isComplement ? log1p(-$0) : log($0) }
      let mean = logarithms.reduce(0, +) / Double(max(1, logarithms.count))
      return mean >= 0 ? .infinity : -1 / mean
    }
  }
}

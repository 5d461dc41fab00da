internal import Foundation

/// The learning rate as a function of only the training step t = 0, 1, …, so that a resumed training continues with the
/// same rates.
///
/// ```swift
/// let schedule = LearningRateSchedule.warmUp(steps: 100, then: .cosine(3e-3, steps: 2000))
/// ```
public indirect enum LearningRateSchedule: Hashable, Sendable {
  /// η at every step.
  case constant(Double)
  /// η γ^⌊t / k⌋: multiplied by γ every k steps.
  case step(Double, factor: Double, every: Int)
  /// η γᵗ
  case exponential(Double, factor: Double)
  /// η + (η′ − η) min(1, t / n): from η to η′ in n equal steps.
  case linear(Double, to: Double = 0, steps: Int)
  /// η′ + (η − η′) (1 + cos(π min(1, t / n))) / 2: from η to η′ in n steps (Loshchilov & Hutter 2017, equation 5).
  case cosine(Double, to: Double = 0, steps: Int)
  /// Up to a peak and far down again, along halves of cosines.
  case oneCycle(OneCycle)
  /// (t + 1) / n of the other schedule's first rate for n steps, then the other schedule from its start (Goyal et al.
  /// 2017, section 2.2). So the first step has a rate above 0, and step n the other schedule's first rate. Keras'
  /// `CosineDecay(warmup_target=)` and Optax's warm-ups have t / n: their first step, from a rate of 0, changes nothing.
  case warmUp(steps: Int, then: LearningRateSchedule)

  /// The rate of a step, counted from 0.
  public func rate(at step: Int) -> Double {
    switch self {
    case .constant(let rate): return rate
    case .step(let rate, let factor, let every):
      return rate * pow(factor, Double(step / max(1, every)))
    case .exponential(let rate, let factor):
      return rate * pow(factor, Double(step))
    case .linear(let rate, let end, let steps):
      return rate + (end - rate) * Self.progress(step, steps)
    case .cosine(let rate, let end, let steps):
      return Self.cosine(from: rate, to: end, Self.progress(step, steps))
    case .oneCycle(let cycle):
      return cycle.rate(at: step)
    case .warmUp(let steps, let schedule):
      return step < steps
        ? schedule.rate(at: 0) * Double(step + 1) / Double(steps) : schedule.rate(at: step - max(0, steps))
    }
  }

  private static func progress(_ step: Int, _ steps: Int) -> Double { min(1, Double(step) / Double(max(1, steps))) }

  /// Half a cosine from one number to another, for a progress in 0 ... 1.
  static func cosine(from start: Double, to end: Double, _ progress: Double) -> Double {
    end + (start - end) * (1 + cos(Double.pi * progress)) / 2
  }
}

/// One rise and one fall of the learning rate (Smith & Topin 2018), both along halves of cosines:
///
///     from peak / startDivisor to peak in the first part of the steps, then to peak / startDivisor / endDivisor
public struct OneCycle: Hashable, Sendable {
  /// The largest rate.
  public var peak: Double
  /// The number of steps of the cycle; later steps keep its last rate.
  public var steps: Int
  /// The fraction of the steps in which the rate rises, in 0 ..< 1.
  public var rise: Double
  /// The peak divided by the first rate.
  public var startDivisor: Double
  /// The first rate divided by the last.
  public var endDivisor: Double

  /// A cycle with this peak.
  public init(peak: Double, steps: Int, rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4) {
    self.peak = peak
    self.steps = steps
    self.rise = rise
    self.startDivisor = startDivisor
    self.endDivisor = endDivisor
  }

  /// The rate of a step, from 0 to `steps` − 1.
  func rate(at step: Int) -> Double {
    let start = peak / startDivisor
    let top = rise * Double(steps) - 1
    let last = Double(steps - 1)
    let t = min(Double(step), last)
    if t <= top { return LearningRateSchedule.cosine(from: start, to: peak, top > 0 ? t / top : 1) }
    let fall = last - max(0, top)
    return LearningRateSchedule.cosine(
      from: peak, to: start / endDivisor, fall > 0 ? (t - max(0, top)) / fall : 1)
  }
}

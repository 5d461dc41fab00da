public import EbbRecording
internal import EbbGraph
internal import EbbTensors

/// Connectionist temporal classification: −log p(labels | x), summed over all alignments by a recurrence over the labels l
/// with a blank before, between and after them (Graves et al. 2006, equations 6 to 8, in logarithms):
///
///     log y = log softmax(W x + b)
///     α_s  ← log y_l(s) + log(e^α_s + e^α_s-1 + e^α_s-2)        the last term where l(s) is neither blank nor l(s − 2)
///
/// There are `units` classes, 0 is the blank. All samples have the same labels, units / 3 of them, and some occur twice in
/// a row.
public struct TemporalClassification: RecurrentCell {
  /// The classes.
  public var units: Int

  /// A loss over `units` classes.
  public init(units: Int) { self.units = units }

  private var labels: [Int] { (0..<Swift.max(2, units / 3)).map { 1 + $0 / 2 * 5 % (units - 1) } }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let places = labels.flatMap { [0, $0] } + [0]
    let count = places.count
    let emitted = gatherFeatures(
      logSoftmax(scope.affine("class", [x], units)), scope.literal(places.map(Double.init), as: .int32))
    // Finite, so that differences are numbers, and small enough that nothing comes of it.
    let never = -1e30
    let skips = places.indices.map { $0 == 1 || $0 > 1 && places[$0] != 0 && places[$0] != places[$0 - 2] }
    // Entry 0 is the start, from which the first blank and the first label are reached.
    let alpha = scope.state(
      "alpha", count + 1, initial: scope.literal([0] + [Double](repeating: never, count: count)))
    let (stayed, moved) = (alpha[1..<count + 1], alpha[0..<count])
    let skipped =
      concatenate([scope.literal([never]), alpha[0..<count - 1]])
      + scope.literal(skips.map { $0 ? 0 : never })
    let largest = stopGradient(maximum(maximum(stayed, moved), skipped))
    let total = exp(stayed - largest) + exp(moved - largest) + exp(skipped - largest)
    let next = alpha.next(concatenate([scope.literal([never]), emitted + largest + log(total)]))
    guard let time = scope.axis else { return next }
    return -logSumExp(last(next, along: time)[count - 1..<count + 1])
  }
}

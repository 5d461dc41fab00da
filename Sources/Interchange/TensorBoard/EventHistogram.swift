internal import EbbTensors

/// The distribution of numbers in an event file: counts in buckets, with their sum and range.
public struct EventHistogram: Sendable, Hashable {
  /// The smallest number.
  public var minimum: Double
  /// The largest number.
  public var maximum: Double
  /// How many numbers there are.
  public var count: Int
  /// Their sum, which may be infinite.
  public var sum: Double
  /// The sum of their squares, which may be infinite.
  public var sumOfSquares: Double
  /// The upper end of each bucket, in ascending order; the last is the maximum.
  public var limits: [Double]
  /// The count of each bucket, in the order of `limits`.
  public var counts: [Int]

  /// Counts the finite values in buckets of equal width; nil if there are none.
  public init?(_ values: some Sequence<Double>, buckets: Int = 30) {
    precondition(buckets >= 1, "a histogram of \(buckets) buckets")
    let finite = values.filter(\.isFinite)
    guard let minimum = finite.min(), let maximum = finite.max() else { return nil }
    self.minimum = minimum
    self.maximum = maximum
    count = finite.count
    // Intermediate sums may overflow, and single squares may leave the range; only a result that is not representable
    // is infinite, or 0.
    let plain = finite.reduce(0, +)
    sum = plain.isFinite ? plain : arithmeticMean(finite) * Double(count)
    var squares = WideSum(power: 2)
    for value in finite { squares.add(value) }
    sumOfSquares = squares.mean(over: 1)
    let number = minimum < maximum ? buckets : 1
    // Halved, the difference of two finite numbers is finite.
    let halfWidth = (maximum / 2 - minimum / 2) / Double(number)
    limits = (1...number).map { $0 == number ? maximum : minimum + 2 * halfWidth * Double($0) }
    var counts = [Int](repeating: 0, count: number)
    for value in finite {
      let place = halfWidth > 0 ? Int((value / 2 - minimum / 2) / halfWidth) : 0
      counts[max(0, min(number - 1, place))] += 1
    }
    self.counts = counts
  }

  /// The message `HistogramProto`.
  var message: ProtocolBuffer {
    var message = ProtocolBuffer()
    message.double(1, minimum)
    message.double(2, maximum)
    message.double(3, Double(count))
    message.double(4, sum)
    message.double(5, sumOfSquares)
    message.doubles(6, limits)
    message.doubles(7, counts.map(Double.init))
    return message
  }
}

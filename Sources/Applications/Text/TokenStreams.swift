public import EbbFiles
public import EbbTensors
internal import EbbTraining

/// A long sequence of tokens as parallel streams, read window by window; each token is the target of the previous one.
///
/// The sequence is cut into B pieces of equal length; fewer than B tokens at its end are not used. Stream b is piece b,
/// and batch number n of an epoch holds the steps n k₁ ..< n k₁ + k₂ of all streams.
public struct TokenStreams: Sendable {
  /// How many streams there are: B.
  public let count: Int
  /// The number of tokens read from each stream; each has a target, so a stream has one more token.
  public let length: Int
  /// k₂, the steps of a batch.
  public let window: Int
  /// k₁, the number of steps to the start of the next batch; at most k₂.
  public let stride: Int
  private let tokens: TokenNumbers

  /// - Throws: `FileError` if the tokens don't fill a window of each stream.
  public init(
    _ tokens: [Int32], count: Int, window: Int, stride: Int? = nil, source: String = "text"
  ) throws(FileError) {
    try self.init(numbers: TokenNumbers(tokens), count: count, window: window, stride: stride, source: source)
  }

  init(
    numbers tokens: TokenNumbers, count: Int, window: Int, stride: Int? = nil, source: String
  ) throws(FileError) {
    precondition(count >= 1 && window >= 1, "there is at least one stream, and a step in a window")
    self.tokens = tokens
    self.count = count
    self.window = window
    self.stride = min(stride ?? window, window)
    // The last token is a target only.
    length = (tokens.count - 1) / count
    guard length >= window else {
      throw FileError(
        source,
        "\(tokens.count) tokens are too few for \(count) streams and windows of \(window) steps, which need "
          + "\(count * window + 1); take a smaller batch or window, or a longer text")
    }
  }

  /// The number of batches for one pass through the streams.
  public var batchesPerEpoch: Int { (length - window) / stride + 1 }

  /// A batch by its number, which continues from epoch to epoch: Int32 `tokens` and `targets` of [T, B], and `begins`,
  /// true for the first of an epoch.
  public func batch(_ number: Int) -> [String: Tensor] {
    let place = number % batchesPerEpoch
    return piece(place * stride..<place * stride + window, begins: place == 0)
  }

  /// A range of steps of all streams.
  public func piece(_ steps: Range<Int>, begins: Bool) -> [String: Tensor] {
    var (read, expected): ([Int32], [Int32]) = ([], [])
    read.reserveCapacity(steps.count * count)
    expected.reserveCapacity(steps.count * count)
    for step in steps {
      for stream in 0..<count {
        read.append(tokens[stream * length + step])
        expected.append(tokens[stream * length + step + 1])
      }
    }
    let dimensions = [steps.count, count]
    return [
      "tokens": Tensor(dimensions, read), "targets": Tensor(dimensions, expected),
      StateCarrying.begins: Tensor([], [begins]),
    ]
  }

  /// All steps in pieces of this length; the last may be shorter.
  func pieces(of steps: Int) -> [Range<Int>] {
    Swift.stride(from: 0, to: length, by: steps).map { $0..<min($0 + steps, length) }
  }
}

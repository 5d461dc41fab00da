internal import EbbTensors

/// Maps a batch number to its samples. This is a function of only the seed and the number, so a resumed training
/// continues with the same batches.
///
/// The batches number 0, 1, 2, … over all epochs; each epoch contains every sample once.
///
/// ```swift
/// let order = BatchOrder(count: reviews.count, batchSize: 32, seed: 1, lengths: reviews.lengths)
/// let samples = order.samples(ofBatch: trainer.state.step)
/// ```
public struct BatchOrder: Hashable, Sendable {
  /// The treatment of the samples left at the end of an epoch, too few for a batch.
  public enum Remainder: Hashable, Sendable, CaseIterable {
    /// They make a smaller batch.
    case kept
    /// They are left out of this epoch; with shuffling they differ each time.
    case dropped
  }

  /// The number of samples.
  public let count: Int
  /// The number of samples in a batch, except the last one of an epoch.
  public let batchSize: Int
  /// Decides the order of each epoch.
  public let seed: UInt64
  /// Whether each epoch has its own order; otherwise samples keep their order.
  public let isShuffled: Bool
  /// The treatment of the samples that do not fill a batch.
  public let remainder: Remainder
  /// The length of each sample, to form batches of similar lengths; nil if lengths do not matter.
  public let lengths: [Int]?
  /// The number of batches whose samples are sorted by length together: more give less padding, fewer more randomness.
  public let bucketBatches: Int

  /// - Parameters:
  ///   - count: The number of samples, at least 1; with `dropped` at least one batch.
  ///   - batchSize: The number of samples in a batch, at least 1; the last batch of an epoch may have fewer.
  ///   - seed: Decides the order of each epoch.
  ///   - isShuffled: Whether each epoch has its own order; otherwise samples keep their order.
  ///   - remainder: The treatment of the samples that do not fill a batch.
  ///   - lengths: One per sample; batches then have samples of similar lengths.
  ///   - bucketBatches: The number of batches whose samples are sorted by length together.
  public init(
    count: Int, batchSize: Int, seed: UInt64 = 0, isShuffled: Bool = true, remainder: Remainder = .kept,
    lengths: [Int]? = nil, bucketBatches: Int = 16
  ) {
    precondition(count >= 1 && batchSize >= 1, "\(count) samples in batches of \(batchSize): both are at least 1")
    precondition(
      remainder == .kept || count >= batchSize, "\(count) samples make no batch of \(batchSize), and none is kept")
    precondition(
      lengths.map { $0.count == count } ?? true, "there are \(lengths?.count ?? 0) lengths for \(count) samples")
    self.count = count
    self.batchSize = batchSize
    self.seed = seed
    self.isShuffled = isShuffled
    self.remainder = remainder
    self.lengths = lengths
    self.bucketBatches = max(1, bucketBatches)
  }

  /// The batches of one epoch.
  public var batchesPerEpoch: Int {
    switch remainder {
    case .kept: (count + batchSize - 1) / batchSize
    case .dropped: count / batchSize
    }
  }

  /// The epoch of a batch, from 0.
  public func epoch(ofBatch number: Int) -> Int { number / batchesPerEpoch }

  /// The samples of the batch with this number. This orders its whole epoch; a `BatchLoader` does so only once per
  /// epoch.
  public func samples(ofBatch number: Int) -> [Int] {
    batches(ofEpoch: epoch(ofBatch: number))[number % batchesPerEpoch]
  }

  /// All batches of an epoch.
  ///
  /// With lengths, the shuffled samples are cut into buckets of `bucketBatches` batches, each bucket is sorted by
  /// length and cut into batches, and the batches are shuffled: samples of a batch have similar lengths, but are drawn
  /// anew each epoch.
  public func batches(ofEpoch epoch: Int) -> [[Int]] {
    var samples = order(count, epoch, stream: Streams.samples)
    if remainder == .dropped { samples.removeLast(count % batchSize) }
    guard let lengths else { return samples.chunks(of: batchSize) }
    let batches = samples.chunks(of: batchSize * bucketBatches).flatMap { bucket in
      // Equal lengths stay in the order of the shuffle.
      bucket.enumerated()
        .sorted { (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset) }
        .map(\.element).chunks(of: batchSize)
    }
    return order(batches.count, epoch, stream: Streams.batches).map { batches[$0] }
  }

  /// 0 ..< count in the order of random keys, or in ascending order.
  private func order(_ count: Int, _ epoch: Int, stream: UInt64) -> [Int] {
    guard isShuffled else { return Array(0..<count) }
    let random = RandomStream(seed: seed, run: UInt64(epoch), stream: stream)
    let keys = (0..<count).map { random.value(.uniform, at: [UInt32($0), 0, 0], element: 0) }
    return (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
  }

  private enum Streams {
    static let samples: UInt64 = 0xBA7C_0000_0000_0001
    static let batches: UInt64 = 0xBA7C_0000_0000_0002
  }
}

extension Array {
  /// Chunks of this size; the last may be smaller.
  package func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

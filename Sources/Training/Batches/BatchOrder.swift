internal import EbbTensors

/// Maps a batch number to its samples: a function of the seed and the number alone, so that a resumed training goes on
/// with the batches that it would have had.
///
/// The batches number 0, 1, 2, … over all epochs; in each epoch every sample comes once.
///
/// ```swift
/// let order = BatchOrder(count: reviews.count, batchSize: 32, seed: 1, lengths: reviews.lengths)
/// let samples = order.samples(ofBatch: trainer.state.step)
/// ```
public struct BatchOrder: Hashable, Sendable {
  /// What becomes of the samples that are left at an epoch's end and are too few for a batch.
  public enum Remainder: Hashable, Sendable, CaseIterable {
    /// They make a smaller batch.
    case kept
    /// They sit this epoch out; with shuffling they are others each time.
    case dropped
  }

  /// The number of samples.
  public let count: Int
  /// The samples of a batch, but for the last one of an epoch.
  public let batchSize: Int
  /// Decides the order of each epoch.
  public let seed: UInt64
  /// Whether each epoch has an order of its own; otherwise all come as they are.
  public let isShuffled: Bool
  /// What becomes of the samples that do not fill a batch.
  public let remainder: Remainder
  /// The length of each sample, if the batches are to hold samples of like lengths; nil if lengths do not matter.
  public let lengths: [Int]?
  /// How many batches' samples are sorted by length together: more make less padding, fewer more chance.
  public let bucketBatches: Int

  /// - Parameters:
  ///   - count: The number of samples, at least 1; with `dropped` at least a batch.
  ///   - lengths: As many as samples; batches then hold samples of like lengths.
  ///   - bucketBatches: How many batches' samples are sorted by length together.
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

  /// The samples of the batch of a number. All of its epoch is put in order for that; a `BatchLoader` does so only once.
  public func samples(ofBatch number: Int) -> [Int] {
    batches(ofEpoch: epoch(ofBatch: number))[number % batchesPerEpoch]
  }

  /// All batches of an epoch.
  ///
  /// With lengths, the shuffled samples are cut into buckets of `bucketBatches` batches, each bucket is sorted by length
  /// and cut into batches, and the batches are shuffled: their samples are of like lengths, but drawn anew each epoch.
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

  /// 0 ..< count in the order of random keys, or as it is.
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
  /// Parts of so many elements; the last may have fewer.
  package func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

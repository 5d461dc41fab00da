import EbbTraining
import Testing

@Suite struct BucketTests {
  static let lengths = (0..<103).map { 1 + ($0 * 37) % 50 }
  static func bucketed(seed: UInt64 = 1) -> BatchOrder {
    BatchOrder(count: 103, batchSize: 8, seed: seed, lengths: lengths, bucketBatches: 4)
  }

  @Test(arguments: [BatchOrder(count: 103, batchSize: 8, seed: 1), bucketed()])
  func anEpochHasEverySampleOnce(order: BatchOrder) {
    #expect(order.batchesPerEpoch == 13)
    for epoch in 0..<3 {
      let batches = order.batches(ofEpoch: epoch)
      #expect(batches.flatMap { $0 }.sorted() == Array(0..<103))
      #expect(batches.map(\.count).sorted() == [7] + [Int](repeating: 8, count: 12))
    }
  }

  @Test func aBatchIsAFunctionOfSeedAndNumber() {
    let order = Self.bucketed()
    #expect(order.samples(ofBatch: 20) == Self.bucketed().batches(ofEpoch: 1)[7])
    #expect(order.epoch(ofBatch: 12) == 0 && order.epoch(ofBatch: 13) == 1)
    #expect(order.batches(ofEpoch: 0) != order.batches(ofEpoch: 1))
    #expect(order.batches(ofEpoch: 0) != Self.bucketed(seed: 2).batches(ofEpoch: 0))
  }

  @Test func bucketsHoldSamplesOfLikeLengths() {
    func padding(_ order: BatchOrder) -> Int {
      order.batches(ofEpoch: 0).reduce(0) { sum, batch in
        let lengths = batch.map { Self.lengths[$0] }
        return sum + lengths.max()! * lengths.count - lengths.reduce(0, +)
      }
    }
    #expect(padding(Self.bucketed()) * 2 < padding(BatchOrder(count: 103, batchSize: 8, seed: 1)))
    // Short and long batches come in no order.
    let longest = Self.bucketed().batches(ofEpoch: 0).map { batch in batch.map { Self.lengths[$0] }.max()! }
    #expect(longest != longest.sorted() && longest != longest.sorted(by: >))
  }

  @Test func theRemainderIsDroppedIfAskedFor() {
    let order = BatchOrder(count: 103, batchSize: 8, seed: 1, remainder: .dropped)
    #expect(order.batchesPerEpoch == 12)
    let (first, second) = (order.batches(ofEpoch: 0), order.batches(ofEpoch: 1))
    #expect(first.allSatisfy { $0.count == 8 } && Set(first.flatMap { $0 }).count == 96)
    #expect(Set(first.flatMap { $0 }) != Set(second.flatMap { $0 }))
  }

  @Test func withoutShufflingTheOrderStays() {
    let order = BatchOrder(count: 5, batchSize: 2, isShuffled: false)
    #expect(order.batches(ofEpoch: 3) == [[0, 1], [2, 3], [4]])
    #expect(BatchOrder(count: 5, batchSize: 9).samples(ofBatch: 1).sorted() == Array(0..<5))
  }

  @Test func aShuffleHasNoFavourites() {
    // Where sample 0 stands in 400 epochs: each of 4 places 100 times, with a standard deviation of 8.7.
    let order = BatchOrder(count: 4, batchSize: 4, seed: 7)
    var counts = [0, 0, 0, 0]
    for epoch in 0..<400 { counts[order.samples(ofBatch: epoch).firstIndex(of: 0)!] += 1 }
    #expect(counts.allSatisfy { abs($0 - 100) < 35 }, "\(counts)")
  }
}

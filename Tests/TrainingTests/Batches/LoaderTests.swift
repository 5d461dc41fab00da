import Dispatch
import EbbTensors
import EbbTraining
import Synchronization
import Testing

@Suite struct LoaderTests {
  static let order = BatchOrder(count: 50, batchSize: 8, seed: 3, lengths: (0..<50).map { $0 % 7 })

  static func batch(_ samples: [Int], _ number: Int) -> [String: Tensor] {
    ["x": Tensor([samples.count], samples.map { Int32($0) }), "number": Tensor([], [Int32(number)])]
  }

  /// What batches of these numbers are without any loader.
  static func expected(_ numbers: some Sequence<Int>) -> [[String: Tensor]] {
    numbers.map { batch(order.samples(ofBatch: $0), $0) }
  }

  @Test(arguments: [0, 1, 3]) func theBatchesAreTheSameWhateverIsPrefetched(prefetch: Int) {
    let loader = BatchLoader(Self.order, prefetch: prefetch, make: Self.batch)
    #expect((0..<20).map { loader.batch($0) } == Self.expected(0..<20))
  }

  @Test func aLoaderGoesOnAtAnyNumber() {
    let resumed = BatchLoader(Self.order, make: Self.batch)
    #expect((9..<17).map { resumed.batch($0) } == Self.expected(9..<17))
    // Back, far ahead, and the same once more.
    let numbers = [3, 2, 40, 40, 41, 0, 1]
    #expect(numbers.map { resumed.batch($0) } == Self.expected(numbers))
  }

  @Test func theNextBatchesAreMadeWhileTheCallerWorks() {
    let made = Mutex<[Int]>([])
    let thirdIsMade = DispatchSemaphore(value: 0)
    let loader = BatchLoader(Self.order, prefetch: 2) { samples, number in
      made.withLock { $0.append(number) }
      if number == 2 { thirdIsMade.signal() }
      return Self.batch(samples, number)
    }
    _ = loader.batch(0)
    // Nobody asked for batches 1 and 2, and yet they are made: on another thread, since this one waits.
    #expect(thirdIsMade.wait(timeout: .now() + 10) == .success)
    _ = (loader.batch(1), loader.batch(2))
    #expect(made.withLock { Array($0.prefix(3)) } == [0, 1, 2], "each is made once, in order")
  }

  @Test func aLoaderMayBeDroppedWhileItWorks() {
    for _ in 0..<20 { _ = BatchLoader(Self.order, prefetch: 5, make: Self.batch).batch(0) }
  }

  @Test func severalThreadsMayAsk() {
    let loader = BatchLoader(Self.order, make: Self.batch)
    let found = Mutex<[Int: [String: Tensor]]>([:])
    DispatchQueue.concurrentPerform(iterations: 24) { number in
      let batch = loader.batch(number)
      found.withLock { $0[number] = batch }
    }
    #expect(found.withLock { found in (0..<24).map { found[$0]! } } == Self.expected(0..<24))
  }
}

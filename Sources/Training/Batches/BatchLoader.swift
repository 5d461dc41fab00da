internal import Dispatch
public import EbbTensors
internal import Synchronization

/// Makes the batches of an order ahead of time on another thread, without changing the batches or their order.
///
/// ```swift
/// let loader = BatchLoader(order) { samples, _ in reviews.batch(of: samples) }
/// let run = try trainer.train(until: …, batch: { number in loader.batch(number) })
/// ```
///
/// A batch depends only on its number, so any number can be requested at any time, for example after a restart. Only
/// requests in order are fast.
public final class BatchLoader: Sendable {
  /// Makes a batch: the inputs by name.
  public typealias Maker = @Sendable (_ samples: [Int], _ number: Int) -> [String: Tensor]

  /// Which samples each batch has.
  public let order: BatchOrder
  /// The number of batches made in advance; 0 for none, on the caller's thread.
  public let prefetch: Int
  private let make: Maker
  private let work = Mutex(Work())
  /// Makes one batch after another, so that each epoch is ordered only once.
  private let queue = DispatchQueue(label: "ebb.batches")

  /// The batches in progress.
  private struct Work {
    var pending: [Int: Pending] = [:]
    /// The epoch that was ordered last.
    var epoch: (number: Int, batches: [[Int]])?
  }

  /// - Parameters:
  ///   - order: Which samples each batch has.
  ///   - prefetch: The number of batches made in advance; 0 for none, on the caller's thread.
  ///   - make: Makes a batch from the numbers of its samples; called on another thread. Any random numbers should be a
  ///     function of the batch's number.
  public init(_ order: BatchOrder, prefetch: Int = 2, make: @escaping Maker) {
    self.order = order
    self.prefetch = max(0, prefetch)
    self.make = make
  }

  /// The batch with this number. Waits until it is made, and starts the next ones.
  public func batch(_ number: Int) -> [String: Tensor] {
    precondition(number >= 0, "batches are numbered from 0, not \(number)")
    guard prefetch > 0 else { return made(number) }
    return claim(number).result()
  }

  /// Starts the batch and the next ones, unless they are in progress, and drops all others.
  private func claim(_ number: Int) -> Pending {
    work.withLock { work in
      work.pending = work.pending.filter { $0.key >= number && $0.key <= number + prefetch }
      for next in number...number + prefetch where work.pending[next] == nil {
        let pending = Pending()
        work.pending[next] = pending
        // The loader may be released before its queue is empty; then nobody waits.
        queue.async { [weak self] in
          guard let self else { return }
          pending.fill(self.made(next))
        }
      }
      guard let claimed = work.pending.removeValue(forKey: number) else {
        preconditionFailure("batch \(number) was just begun")
      }
      return claimed
    }
  }

  private func made(_ number: Int) -> [String: Tensor] { make(samples(ofBatch: number), number) }

  /// The samples of a batch, from the last ordered epoch if it belongs to that.
  private func samples(ofBatch number: Int) -> [Int] {
    let epoch = order.epoch(ofBatch: number)
    if let known = work.withLock({ $0.epoch }), known.number == epoch {
      return known.batches[number % order.batchesPerEpoch]
    }
    let batches = order.batches(ofEpoch: epoch)
    work.withLock { $0.epoch = (epoch, batches) }
    return batches[number % order.batchesPerEpoch]
  }
}

/// A batch that is being made.
private final class Pending: Sendable {
  private let value = Mutex<[String: Tensor]?>(nil)
  private let isFilled = DispatchSemaphore(value: 0)

  func fill(_ batch: [String: Tensor]) {
    value.withLock { $0 = batch }
    isFilled.signal()
  }

  /// The batch, once it is made; call it only once.
  func result() -> [String: Tensor] {
    isFilled.wait()
    guard let batch = value.withLock({ $0 }) else { preconditionFailure("a batch was signalled before it was made") }
    return batch
  }
}

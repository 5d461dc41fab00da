/// Processes that compute one result together. All of them call the same functions in the same order; a call returns when
/// all have called it.
package protocol RankGroup: AnyObject, Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var size: Int { get }
  /// Whether other threads than the one that joined may call, one at a time.
  var allowsOtherThreads: Bool { get }
  /// Sends the i-th of `size` equal parts to rank i.
  ///
  /// - Parameter isUrgent: Whether the process has nothing else to do by now. Until then, waiting takes no core from its
  ///   other threads.
  /// - Returns: What all ranks sent to this one, in their order.
  func exchange(_ values: [Float], isUrgent: () -> Bool) -> [Float]
  /// The values of all ranks, each as many, in their order.
  func gather(_ values: [Float]) -> [Float]
  /// The values of all ranks, each as many, in their order.
  func gather(_ values: [Double]) -> [Double]
}

/// One process alone.
package final class SingleRank: RankGroup {
  package let rank = 0
  package let size = 1
  package let allowsOtherThreads = false
  package init() {}
  package func exchange(_ values: [Float], isUrgent: () -> Bool) -> [Float] { values }
  package func gather(_ values: [Float]) -> [Float] { values }
  package func gather(_ values: [Double]) -> [Double] { values }
}

/// Why processes could not come together, and what would help.
package struct RankError: Error, Hashable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

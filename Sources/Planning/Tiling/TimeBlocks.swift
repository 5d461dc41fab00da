internal import EbbGraph

/// Blocks of steps: in each phase all stages process one block before the next, so that a stage's results are still in
/// a cache when the next stage reads them.
///
/// The projection of the inputs for a block is followed by the forward sweep through it, the backward sweep through a
/// block by its part of the weight gradients. A value that is read only in the phase in which it is written, and there
/// only at its own step, is *transient*: it needs no more than a ring of a few blocks. Values that cross phases are
/// kept whole; nothing is recomputed.
package struct TimeBlocks: Sendable {
  /// The parts and the work of each.
  package let order: TimeOrder
  /// For each value, whether it lives in the ring of blocks.
  package let isTransient: [Bool]
  /// The steps of a block: a power of two, and whole chunks of every sum.
  package let steps: Int
  /// The places of a transient value: a few blocks.
  package let places: Int

  /// The number of blocks in a ring: a stage may be one less than this many ahead of its readers.
  package static let ringBlocks = 4
  /// The maximum number of blocks of an axis, so that the bound program does not grow with its length.
  private static let mostBlocks = 64
  /// If all transient values, kept whole, take less than this, the caches hold them anyway.
  private static let worthCutting = 8 << 20
  /// The minimum bytes of a block; less is not worth a job.
  private static let leastBytes = 2 << 20

  /// - Parameters:
  ///   - steps: The steps of a block; nil chooses them, if blocks are worth their jobs.
  ///   - ringBlocks: The blocks of a ring, a power of two.
  ///
  /// Nil if nothing is transient, or if there are not enough steps for a ring.
  package init?(_ plan: Plan, lengths: [Int], steps: Int? = nil, ringBlocks: Int = Self.ringBlocks) {
    guard let order = TimeOrder(plan) else { return nil }
    let isTransient = plan.transientValues(order)
    guard isTransient.contains(true) else { return nil }
    let length = lengths[order.axis.index]
    let chunk = plan.chunkSteps(lengths: lengths)
    if let steps {
      precondition(steps % chunk == 0 && steps & (steps - 1) == 0, "blocks of \(steps) steps cut a sum's chunks")
      self.steps = steps
    } else {
      let stepBytes = plan.values.indices.filter { isTransient[$0] }.reduce(0) { total, index in
        let value = plan.values[index]
        return total + ValueLayout(value, plan.axes, lengths, held: .ring(1)).count * value.storage.bytes
      }
      guard stepBytes * length >= Self.worthCutting else { return nil }
      var steps = chunk
      while steps * stepBytes < Self.leastBytes || steps * Self.mostBlocks < length { steps *= 2 }
      self.steps = steps
    }
    self.order = order
    self.isTransient = isTransient
    places = self.steps * ringBlocks
    guard places < length else { return nil }
  }
}

extension Plan {
  /// For each value, whether it is touched in the parts of only one phase. A checked order reads it there at its own
  /// step, unless it has places outside its steps.
  fileprivate func transientValues(_ order: TimeOrder) -> [Bool] {
    var phases: [Set<Int?>] = Array(repeating: [], count: values.count)
    func touch(_ pieces: [TimeOrder.Piece], in phase: Int?) {
      for access in pieces.flatMap(\.instructions).flatMap({ accesses(of: $0) }) {
        if case .value(let value) = access.memory { phases[value].insert(phase) }
      }
    }
    for (phase, pieces) in order.phases.enumerated() {
      touch(pieces.once, in: nil)
      touch(pieces.parts, in: phase)
    }
    touch(order.rest, in: nil)
    var result = values.indices.map { index in
      let value = values[index]
      return value.axes.first == order.axis && value.lifetime == .whole && value.before + value.after == 0
        && phases[index].count == 1 && !phases[index].contains(nil)
    }
    for port in inputs + outputs { result[port.view.value] = false }
    return result
  }
}

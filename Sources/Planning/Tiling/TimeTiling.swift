/// Whether the steps of a run are cut into parts, which all stages of a phase process one after another.
package enum TimeTiling: Sendable {
  /// A stage runs through all steps, and every step of its values has a place.
  case none
  /// Parts that stay in a cache from one stage to the next.
  case blocks(TimeBlocks)
  /// Parts that share memory and are recomputed, to meet a memory budget.
  case segments(RematerializationSegment)

  /// The segment; nil if time is not cut into segments.
  package var segment: RematerializationSegment? {
    switch self {
    case .segments(let segment): segment
    case .none, .blocks: nil
    }
  }

  /// The blocks; nil if time is not cut into blocks.
  package var blocks: TimeBlocks? {
    switch self {
    case .blocks(let blocks): blocks
    case .none, .segments: nil
    }
  }

  /// Which steps of a value have places.
  func held(_ value: Int) -> ValueLayout.Held {
    switch self {
    case .none: .all
    case .blocks(let blocks): blocks.isTransient[value] ? .ring(blocks.places) : .all
    case .segments(let segment): segment.analysis.isSegmented[value] ? .segment(segment.steps) : .all
    }
  }
}

/// Whether the steps of a run are cut into parts, which all stages of a phase process one after another.
package enum TimeTiling: Sendable {
  /// A stage runs through all steps, and every step of its values has a place.
  case none
  /// Parts that stay in a cache from one stage to the next.
  case blocks(TimeBlocks)
  /// Parts that share memory and are recomputed, to meet a memory budget.
  case windows(RematerializationWindow)

  /// The window; nil if time is not cut into windows.
  package var window: RematerializationWindow? {
    switch self {
    case .windows(let window): window
    case .none, .blocks: nil
    }
  }

  /// The blocks; nil if time is not cut into blocks.
  package var blocks: TimeBlocks? {
    switch self {
    case .blocks(let blocks): blocks
    case .none, .windows: nil
    }
  }

  /// Which steps of a value have places.
  func held(_ value: Int) -> ValueLayout.Held {
    switch self {
    case .none: .all
    case .blocks(let blocks): blocks.isTransient[value] ? .ring(blocks.places) : .all
    case .windows(let window): window.analysis.isWindowed[value] ? .window(window.steps) : .all
    }
  }
}

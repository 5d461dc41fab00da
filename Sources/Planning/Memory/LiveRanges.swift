internal import EbbGraph

/// When each value is in use.
extension Plan {
  /// The number of levels by which a value outlives its last reader. The stages of neighbouring levels follow one
  /// another strip by strip, so the last reads of one must not overlap the first writes of the next.
  private static let grace = 1

  /// The first and the last moment at which each value is touched; inputs and outputs stay throughout.
  ///
  /// A moment is the level of a stage: stages of one level may run in parallel, so their values never share memory. If
  /// time is cut, every phase has its own moments. Blocks of a phase follow each other closely, so all work for its
  /// blocks is one moment; in a segment, stages keep their levels.
  func liveRanges(_ tiling: TimeTiling) -> [ClosedRange<Int>] {
    let levels = (stages.map(\.level).max() ?? 0) + 1
    var ranges: [ClosedRange<Int>?] = Array(repeating: nil, count: values.count)
    var last = 0
    func touch(_ instructions: [Instruction], at moment: Int) {
      last = max(last, moment)
      for instruction in instructions {
        for access in accesses(of: instruction) {
          guard case .value(let value) = access.memory else { continue }
          let known = ranges[value] ?? moment...moment
          ranges[value] = min(known.lowerBound, moment)...max(known.upperBound, moment)
        }
      }
    }
    func follow(_ order: TimeOrder, isInBlocks: Bool) {
      for (phase, pieces) in order.phases.enumerated() {
        let first = 2 * levels * phase
        for piece in pieces.once { touch(piece.instructions, at: first + stages[piece.stage].level) }
        for piece in pieces.parts {
          touch(piece.instructions, at: first + levels + (isInBlocks ? 0 : stages[piece.stage].level))
        }
      }
      for piece in order.rest {
        touch(piece.instructions, at: 2 * levels * order.phases.count + stages[piece.stage].level)
      }
    }
    var isPinned = Array(repeating: false, count: values.count)
    switch tiling {
    case .none: for stage in stages { touch(stage.prologue + stage.instructions, at: stage.level) }
    case .blocks(let blocks): follow(blocks.order, isInBlocks: true)
    case .segments(let segment):
      follow(segment.analysis.order, isInBlocks: false)
      isPinned = segment.analysis.isPinned
    }
    let always = 0...last + Self.grace
    for input in inputs { ranges[input.view.value] = always }
    for output in outputs {
      let value = output.view.value
      ranges[value] = (ranges[value]?.lowerBound ?? 0)...always.upperBound
    }
    return ranges.indices.map { value in
      guard let range = ranges[value], !isPinned[value] else { return always }
      return range.lowerBound...range.upperBound + Self.grace
    }
  }
}

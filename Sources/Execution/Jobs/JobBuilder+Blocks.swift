internal import EbbGraph
internal import EbbPlanning

/// Jobs for time that is cut into parts.
extension JobBuilder {
  /// In each turn of time all stages go through one block after another, forward or back.
  mutating func addBlocks(_ blocks: TimeBlocks) {
    let ascending = segmentation.segments(blocks.order.axis)
    for (turn, pieces) in blocks.order.turns.enumerated() {
      addOnce(pieces.once)
      for (place, block) in (turn % 2 == 0 ? ascending : ascending.reversed()).enumerated() {
        for piece in pieces.parts { add(piece, block, isEdge: place == 0) }
      }
    }
    addOnce(blocks.order.rest)
  }

  /// A piece for the steps of one part; `isEdge`: the first part of its turn.
  mutating func add(_ piece: TimeOrder.Piece, _ steps: Range<Int>, isEdge: Bool) {
    switch piece.kind {
    case .edge: if isEdge { add(piece.instructions, of: piece.stage) }
    case .steps: addSweep(piece.stage, steps: steps)
    case .cut: add(piece.instructions, of: piece.stage, steps: steps, isFirst: isEdge)
    }
  }

  /// Pieces that are not cut.
  mutating func addOnce(_ pieces: [TimeOrder.Piece]) {
    for piece in pieces {
      switch piece.kind {
      case .steps: addSweep(piece.stage)
      case .edge, .cut: add(piece.instructions, of: piece.stage)
      }
    }
  }
}

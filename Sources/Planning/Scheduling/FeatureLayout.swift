/// How the features of one index lie in memory.
///
/// Features are stored in panels of a fixed number of lanes. A vector that is concatenated from pieces, or sliced into
/// them, starts a new panel at each piece, so that gates are ranges of panels and concatenating or slicing them moves
/// no data.
package struct FeatureLayout: Hashable, Sendable {
  /// The lengths of the pieces, in order; each starts on a new panel.
  package let pieces: [Int]

  /// A layout of these pieces; traps if one is empty.
  package init(pieces: [Int]) {
    precondition(pieces.allSatisfy { $0 >= 1 }, "a piece of a feature layout is empty")
    self.pieces = pieces
  }

  /// The number of features.
  package var count: Int { pieces.reduce(0, +) }
  /// Whether there is one feature per index: then rows are contiguous, without panels.
  package var isScalar: Bool { pieces == [1] }

  /// The number of panels of `lanes` lanes.
  package func panels(_ lanes: Int) -> Int { pieces.reduce(0) { $0 + ($1 + lanes - 1) / lanes } }

  /// The lanes in use in each panel.
  package func lanesInUse(_ lanes: Int) -> [UInt16] {
    pieces.flatMap { piece in
      (0..<(piece + lanes - 1) / lanes).map { UInt16(min(lanes, piece - $0 * lanes)) }
    }
  }

  /// The panel at which feature `start` begins, if a piece begins there.
  package func panel(of start: Int, _ lanes: Int) -> Int? {
    var (feature, panel) = (0, 0)
    for piece in pieces {
      if feature == start { return panel }
      feature += piece
      panel += (piece + lanes - 1) / lanes
    }
    return nil
  }

  /// The place of every feature, in lanes from the beginning: its panel times `lanes`, plus its lane.
  package func offsets(_ lanes: Int) -> [Int] {
    var result: [Int] = []
    var panel = 0
    for piece in pieces {
      for feature in 0..<piece { result.append(panel * lanes + feature) }
      panel += (piece + lanes - 1) / lanes
    }
    return result
  }

  /// The layout of `count` features from the piece that begins at `panel`.
  package func part(from panel: Int, count: Int, _ lanes: Int) -> FeatureLayout {
    var (position, found) = (0, [Int]())
    for piece in pieces {
      if position >= panel, found.reduce(0, +) < count { found.append(piece) }
      position += (piece + lanes - 1) / lanes
    }
    return FeatureLayout(pieces: found)
  }
}

extension RandomGraph {
  /// What some random graphs have beside the rest, so that a test can try each kind by itself.
  public enum Kind: CaseIterable, Sendable {
    case plain
    /// Rows of ragged axes without a step.
    case emptyRows
    /// Recurrences over two axes.
    case grids
    /// Own pasts of values.
    case histories
  }
}

extension RandomGraph.Options {
  /// The options of a kind; where it is one of recurrences, there is at least one.
  public init(_ kind: RandomGraph.Kind) {
    self.init()
    switch kind {
    case .plain: break
    case .emptyRows: allowsEmptyRows = true
    case .grids: (allowsGrids, recurrences) = (true, 1...2)
    case .histories: (allowsHistories, recurrences) = (true, 1...2)
    }
  }
}

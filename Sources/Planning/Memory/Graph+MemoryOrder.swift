internal import EbbGraph

extension Graph {
  /// The axes of a value as they follow one another in memory: one outermost, then the unordered ones, last other time
  /// axes, along which the scores of attention are computed, so that what is done with them has long runs.
  func memoryOrder(_ domain: Domain, outermost: Axis?) -> [Axis] {
    let rest = domain.filter { $0 != outermost }
    return (outermost.map { [$0] } ?? []) + rest.filter { axes[$0.index].kind == .batch }
      + rest.filter { axes[$0.index].kind == .time }
  }
}

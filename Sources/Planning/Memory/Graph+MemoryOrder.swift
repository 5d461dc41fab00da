internal import EbbGraph

extension Graph {
  /// The axes of a value as they follow one another in memory: the given ones, then the unordered ones, last other time
  /// axes, along which the scores of attention are computed, so that what is done with them has long runs.
  func memoryOrder(_ domain: Domain, outermost: [Axis]) -> [Axis] {
    let rest = domain.filter { !outermost.contains($0) }
    return outermost + rest.filter { axes[$0.index].kind == .batch }
      + rest.filter { axes[$0.index].kind == .time }
  }
}

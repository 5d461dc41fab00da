internal import EbbGraph
internal import EbbRecording

/// The heads of a memory: the same equations for each, with numbers of its own.
///
/// Several heads are an axis, named after the scope; one head needs none. Each has `size` of the cell's units.
struct Heads {
  let count: Int
  let units: Int
  private let axis: Axis?

  /// The features of one head.
  var size: Int { units / count }

  init(_ count: Int, of units: Int, _ scope: Scope) {
    (self.count, self.units) = (max(count, 1), units)
    axis = count == 1 ? nil : scope.batch("head", length: count)
  }

  /// Each head's part of a vector of `units` features: [size].
  func vectors(_ x: Signal) -> Signal {
    guard let axis else { return x }
    // Units that the heads cannot share are an error of the recording.
    guard units % count == 0 else { return split(x, into: count)[0] }
    return featureToAxis(reshape(x, [count, size]), axis)
  }

  /// Each head's own entry of a vector with one for each: a scalar.
  func scalars(_ x: Signal) -> Signal {
    guard let axis else { return sumOverFeatures(x) }
    return featureToAxis(x, axis)
  }

  /// A trained matrix of `size` rows and columns for each head.
  func matrices(_ name: String, _ scope: Scope) -> Signal {
    let initializer = Initializer.normal(deviation: 1 / Double(size).squareRoot())
    guard let axis else { return scope.parameter(name, [size, size], initializer) }
    return featureToAxis(scope.parameter(name, [count, size, size], initializer), axis)
  }

  /// The vectors of all heads, one after the other: [units].
  func joined(_ y: Signal) -> Signal {
    guard let axis else { return y }
    return reshape(axisToFeature(y, axis), [units])
  }
}

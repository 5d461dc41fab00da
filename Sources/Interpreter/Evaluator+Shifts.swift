internal import EbbGraph

extension Evaluator {
  /// x at t − k if that step exists, else `initial` at t.
  func delay(_ carried: NodeID, initial: NodeID, _ axis: Axis, _ by: Int, width: Int, at point: Point) -> [Double] {
    let time = point[axis.index]
    guard time >= by else { return boundary(initial, time, width: width, at: point) }
    var earlier = point
    earlier[axis.index] = time - by
    return Array(read(carried, earlier))
  }

  /// x at t + k if that step exists, else `final` at t + k − length.
  func advance(_ carried: NodeID, final: NodeID, _ axis: Axis, _ by: Int, width: Int, at point: Point) -> [Double] {
    let time = point[axis.index] + by
    let length = length(of: axis, at: point)
    guard time < length else { return boundary(final, time - length, width: width, at: point) }
    var later = point
    later[axis.index] = time
    return Array(read(carried, later))
  }

  /// x at the index along the history's axis, if that is no later (backward: no earlier) than the present step; else 0.
  func history(_ x: NodeID, _ time: Axis, _ along: Axis, _ isBackward: Bool, at point: Point) -> [Double] {
    let (now, then) = (point[time.index], point[along.index])
    guard isBackward ? then >= now && then < length(of: time, at: point) : then <= now else {
      return zeros(values[x.index].width)
    }
    var earlier = point
    earlier[time.index] = then
    return Array(read(x, earlier))
  }

  /// Σ over the steps t′ ≥ t (backward: t′ ≤ t) of y at the index t along the history's axis.
  func historySum(_ y: NodeID, _ time: Axis, _ along: Axis, _ isBackward: Bool, at point: Point) -> [Double] {
    let now = point[time.index]
    var sum = zeros(values[y.index].width)
    var other = point
    other[along.index] = now
    for step in isBackward ? Array(0...now) : (now..<length(of: time, at: point)).reversed() {
      other[time.index] = step
      for (feature, number) in read(y, other).enumerated() { sum[feature] += number }
    }
    return sum
  }

  /// Entry number `index` of a boundary value: its leading dimension is the number of steps, left out if that is 1.
  private func boundary(_ node: NodeID, _ index: Int, width: Int, at point: Point) -> [Double] {
    Array(read(node, point).dropFirst(index * width).prefix(width))
  }
}

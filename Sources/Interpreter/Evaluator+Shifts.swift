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

  /// Entry number `index` of a boundary value: its leading dimension is the number of steps, left out if that is 1.
  private func boundary(_ node: NodeID, _ index: Int, width: Int, at point: Point) -> [Double] {
    Array(read(node, point).dropFirst(index * width).prefix(width))
  }
}

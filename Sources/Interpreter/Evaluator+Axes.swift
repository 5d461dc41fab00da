internal import EbbGraph
internal import EbbTensors

extension Evaluator {
  /// For each feature, its numbers at all points of `over` that are in the index set.
  func overAxes(_ operand: NodeID, _ over: Domain, _ type: NodeType, at point: Point) -> [[Double]] {
    var result = [[Double]](repeating: [], count: type.shape.count)
    forEachPoint(over: over, from: point, within: type.domain.union(over)) { point in
      for (feature, number) in read(operand, point).enumerated() { result[feature].append(number) }
    }
    return result
  }

  /// The index along the axis of the largest number. In a ragged set the first points may be missing (if the axis
  /// indexes the lengths of another), so indices are kept with the numbers.
  func argmaxAxis(_ operand: NodeID, _ axis: Axis, _ type: NodeType, at point: Point) -> [Double] {
    var indices: [Double] = []
    forEachPoint(over: [axis], from: point, within: type.domain.inserting(axis)) { point in
      indices.append(Double(point[axis.index]))
    }
    return overAxes(operand, [axis], type, at: point).map { indices.isEmpty ? 0 : indices[argmax($0)] }
  }

  /// The index along the axis at which `pick` and `place` look.
  private func index(_ axis: Axis, _ position: Position, _ operands: [NodeID], at point: Point) -> Int {
    switch position {
    case .first: 0
    case .last: length(of: axis, at: point) - 1
    case .at: readInteger(operands[1], point)
    }
  }

  /// The value at one index of the axis; 0 if the index is outside.
  func pick(_ operands: [NodeID], _ axis: Axis, _ position: Position, at point: Point) -> [Double] {
    let index = index(axis, position, operands, at: point)
    guard index >= 0, index < length(of: axis, at: point) else { return zeros(values[operands[0].index].width) }
    var source = point
    source[axis.index] = index
    return Array(readOrZero(operands[0], source))
  }

  /// The value at one index of the axis, 0 at the others.
  func place(_ operands: [NodeID], _ axis: Axis, _ position: Position, at point: Point) -> [Double] {
    point[axis.index] == index(axis, position, operands, at: point)
      ? Array(read(operands[0], point)) : zeros(values[operands[0].index].width)
  }

  func axisToFeature(_ operand: NodeID, _ axis: Axis, at point: Point) -> [Double] {
    (0..<lengths[axis.index]).flatMap { index in
      var source = point
      source[axis.index] = index
      return readOrZero(operand, source)
    }
  }

  func featureToAxis(_ operand: NodeID, _ axis: Axis, width: Int, at point: Point) -> [Double] {
    Array(read(operand, point).dropFirst(point[axis.index] * width).prefix(width))
  }
}

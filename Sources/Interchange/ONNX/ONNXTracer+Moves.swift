internal import EbbTensors

/// Operators that move numbers and compute none.
extension ONNXTracer {
  /// The result of a move; nil for another operator, or a move that is not followed.
  mutating func moved(_ node: ONNXNode) -> ONNXTrace? {
    switch node.type {
    case "Shape":
      guard let x = steps(node) else { return .shape(count: nil) }
      return .shape(count: x.dimensions.count)
    case "ConstantOfShape":
      guard case .tensor(let value)? = node.attribute("value") else { return .zeros }
      return ONNXTrace.constant(value).isZero ? .zeros : .shape(count: nil)
    case "Identity", "Dropout", "Cast": return trace(node, 0)
    case "Clip":
      // Tokens within a table.
      guard let x = steps(node), x.layer == nil, !x.endsWithFeatures else { return nil }
      return .steps(x)
    case "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice", "Expand", "Flatten":
      if case .zeros? = trace(node, 0) { return .zeros }
      guard let x = steps(node) else { return node.type == "Unsqueeze" ? counted(node) : nil }
      return moved(x, node).map { .steps($0) }
    case "Concat": return joined(node)
    case _: return nil
    }
  }

  private func moved(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    switch node.type {
    case "Transpose": return transposed(x, node)
    case "Reshape": return reshaped(x, node)
    case "Squeeze": return squeezed(x, node)
    case "Unsqueeze": return unsqueezed(x, node)
    case "Slice": return sliced(x, node)
    case "Flatten": return x.dimensions.count == 2 && node.integer("axis") ?? 1 == 1 ? x : nil
    case _: return nil
    }
  }

  /// One number about shapes, with a dimension.
  private func counted(_ node: ONNXNode) -> ONNXTrace? {
    guard case .shape? = trace(node, 0) else { return nil }
    return .shape(count: 1)
  }

  private func transposed(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    let count = x.dimensions.count
    let order = node.integers("perm") ?? (0..<count).reversed()
    guard order.sorted() == Array(0..<count) else { return nil }
    var result = x
    result.dimensions = order.map { x.dimensions[$0] }
    return result
  }

  /// The dimensions that an operator names, in an attribute or in a second operand, counted from the first.
  private func axes(_ node: ONNXNode, _ rank: Int) -> [Int]? {
    guard let axes = node.integers("axes") ?? trace(node, 1)?.positions else { return nil }
    let places = axes.map { $0 < 0 ? $0 + rank : $0 }
    return places.allSatisfy((0..<rank).contains) ? places : nil
  }

  private func squeezed(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    let isGiven = node.attribute("axes") != nil || node.inputs.count > 1
    let all = x.dimensions.indices.filter { x.dimensions[$0].isEmpty }
    guard let places = isGiven ? axes(node, x.dimensions.count) : all, places.allSatisfy(all.contains) else {
      return nil
    }
    var result = x
    result.dimensions = x.dimensions.indices.filter { !places.contains($0) }.map { x.dimensions[$0] }
    return result
  }

  private func unsqueezed(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    let given = node.integers("axes") ?? trace(node, 1)?.positions
    guard let given, given.count + x.dimensions.count <= Self.mostParts,
      let places = axes(node, x.dimensions.count + given.count)
    else { return nil }
    var result = x
    for place in places.sorted() {
      guard place <= result.dimensions.count else { return nil }
      result.dimensions.insert([], at: place)
    }
    return result
  }

  /// Dimensions of length 1 come and go; neighbours are joined, and what was joined is separated.
  private func reshaped(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    let shape = trace(node, 1)
    let lengths = shape?.positions
    var count = lengths?.count
    if case .shape(let known)? = shape { count = known }
    guard let count else { return nil }
    var result = x
    let long = x.dimensions.filter { !$0.isEmpty }
    // Both directions' features, side by side.
    var whole = long
    if long.suffix(2) == [[.directions], [.half]] { whole = long.dropLast(2) + [[.feature]] }
    if long.count == count {
      result.dimensions = long
    } else if whole.count == count {
      result.dimensions = whole
    } else if let lengths, lengths.count > whole.count, lengths.filter({ $0 != 1 }).count == whole.count {
      var rest = whole[...]
      result.dimensions = lengths.map { $0 == 1 ? [] : rest.popFirst() ?? [] }
    } else if count == 2, whole.last == [.feature] {
      result.dimensions = [Array(whole.dropLast().joined()), [.feature]]
    } else if whole.count == 2, whole[1] == [.feature], whole[0].count + 1 == count {
      result.dimensions = whole[0].map { [$0] } + [[.feature]]
    } else {
      return nil
    }
    guard let width = lengths?.last, let layer = x.layer, result.endsWithFeatures else { return result }
    return [0, -1, layers[layer].width].contains(width) ? result : nil
  }

  /// The last step, one direction, or everything.
  private func sliced(_ x: ONNXSteps, _ node: ONNXNode) -> ONNXSteps? {
    func numbers(_ name: String, _ place: Int) -> [Int]? { node.integers(name) ?? trace(node, place)?.positions }
    guard let starts = numbers("starts", 1), let ends = numbers("ends", 2), starts.count == ends.count,
      (numbers("steps", 4) ?? []).allSatisfy({ $0 == 1 })
    else { return nil }
    let axes = numbers("axes", 3) ?? Array(starts.indices)
    guard axes.count == starts.count else { return nil }
    var result = x
    for (axis, (start, end)) in zip(axes, zip(starts, ends)) {
      let place = axis < 0 ? axis + x.dimensions.count : axis
      guard x.dimensions.indices.contains(place) else { return nil }
      let isToEnd = end >= Int(Int32.max)
      if start == 0, isToEnd { continue }
      guard let one = narrowed(result, place, start == -1 && isToEnd ? -1 : end == start &+ 1 ? start : nil) else {
        return nil
      }
      result = one
      result.dimensions[place] = []
    }
    return result
  }

  /// One position of a dimension, as the trace of what is left.
  func picked(_ node: ONNXNode) -> ONNXTrace {
    guard let positions = trace(node, 1)?.positions, let index = trace(node, 1)?.tensor else { return unfollowed(node) }
    if case .shape? = trace(node, 0) { return .shape(count: positions.count) }
    guard positions.count == 1 else { return unfollowed(node) }
    let axis = node.integer("axis") ?? 0
    switch trace(node, 0) {
    case .finals(let parts)?:
      let place = positions[0] < 0 ? positions[0] + parts.count : positions[0]
      guard axis == 0, index.dimensions.isEmpty, parts.indices.contains(place) else { return unfollowed(node) }
      return .steps(parts[place])
    case .steps(let x)?:
      let place = axis < 0 ? axis + x.dimensions.count : axis
      guard x.dimensions.indices.contains(place), var result = narrowed(x, place, positions[0]) else {
        return unfollowed(node)
      }
      if index.dimensions.isEmpty { result.dimensions.remove(at: place) } else { result.dimensions[place] = [] }
      return .steps(result)
    case .constant?, .shape?, .zeros?, .unknown?, nil: return unfollowed(node)
    }
  }

  /// One position of a dimension that has such: the last step, a direction, or the only one.
  private func narrowed(_ x: ONNXSteps, _ place: Int, _ position: Int?) -> ONNXSteps? {
    guard let position else { return nil }
    var result = x
    switch x.dimensions[place] {
    case []: return position == 0 || position == -1 ? result : nil
    case [.directions]:
      guard (-2...1).contains(position) else { return nil }
      result.direction = position < 0 ? position + 2 : position
      return result
    case let labels where labels == x.time && position == -1 && x.layer != nil:
      result.isFinal = true
      return result
    case _: return nil
    }
  }

  /// Two directions side by side, or final states one above the other.
  private mutating func joined(_ node: ONNXNode) -> ONNXTrace? {
    var parts: [ONNXSteps] = []
    var count: Int? = 0
    for place in node.inputs.indices {
      switch trace(node, place) {
      case .steps(let x)?: parts.append(x)
      case .constant(let tensor)?: count = count.flatMap { $0 <= Self.mostParts ? $0 + min(tensor.count, 1000) : nil }
      case .shape(let known)?: count = count.flatMap { count in known.map { min(count + $0, 1000) } }
      case .zeros?: continue
      case .finals?, .unknown?, nil: return nil
      }
    }
    guard !parts.isEmpty else {
      let isZero = node.inputs.indices.allSatisfy { trace(node, $0)?.isZero == true }
      return isZero ? .zeros : .shape(count: count)
    }
    guard parts.count == node.inputs.count, parts.count <= Self.mostParts, var axis = node.integer("axis") else {
      return nil
    }
    let first = parts[0]
    if axis < 0 { axis += first.dimensions.count }
    guard first.dimensions.indices.contains(axis) else { return nil }
    if axis == 0, parts.allSatisfy({ $0.isFinal && [[], [.directions]].contains($0.dimensions.first ?? [.feature]) }) {
      let single = parts.flatMap { part in
        (part.dimensions[0].isEmpty ? [nil] : [0, 1]).map { (direction: Int?) -> ONNXSteps in
          var one = part
          one.dimensions.removeFirst()
          one.direction = direction ?? part.direction
          return one
        }
      }
      return .finals(single)
    }
    guard parts.count == 2, parts[0].dimensions == parts[1].dimensions, parts[0].isFinal == parts[1].isFinal,
      let left = parts[0].layer, let right = parts[1].layer
    else { return nil }
    var result = first
    switch first.dimensions[axis] {
    case [.half] where left == right && parts[0].direction == 0 && parts[1].direction == 1: break
    case [.feature] where left != right && join(left, right): break
    case _: return nil
    }
    result.direction = nil
    result.dimensions[axis] = [.feature]
    return .steps(result)
  }
}

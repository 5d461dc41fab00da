/// Operators over fixed weights alone, which are computed while the model is read.
extension ONNXTracer {
  /// The result of an operator that moves fixed numbers; nil for another operator, for operands that are not fixed, or if
  /// all results together would be far larger than the file.
  mutating func folded(_ node: ONNXNode) -> ONNXTrace? {
    let operands = node.inputs.indices.compactMap { trace(node, $0)?.tensor }
    // The lengths beside one of 0 may be any.
    guard let first = operands.first, trace(node, 0)?.tensor != nil,
      operands.allSatisfy({ StoredType.u8.byteCount(of: $0.dimensions) != nil }), first.count <= foldedLeft,
      var result = computed(node, first), result.count <= foldedLeft
    else { return nil }
    foldedLeft -= result.count
    result.name = node.outputs.first ?? ""
    origins[result.name] = operands.reduce(into: []) { $0.formUnion(origins[$1.name] ?? [$1.name]) }
    return .constant(result)
  }

  private func computed(_ node: ONNXNode, _ x: ONNXTensor) -> ONNXTensor? {
    let rank = x.dimensions.count
    func place(_ axis: Int, _ rank: Int) -> Int? {
      let place = axis < 0 ? axis + rank : axis
      return (0..<rank).contains(place) ? place : nil
    }
    /// A list of numbers in an attribute, or in an operand.
    func numbers(_ name: String, _ operand: Int) -> [Int]? { node.integers(name) ?? trace(node, operand)?.positions }
    func isGiven(_ name: String, _ operand: Int) -> Bool {
      node.attribute(name) != nil || node.inputs.indices.contains(operand) && !node.inputs[operand].isEmpty
    }
    switch node.type {
    case "Identity", "Dropout": return x
    case "Cast": return node.integer("to").flatMap { x.converted(to: ONNXElement(rawValue: $0)) }
    case "Transpose":
      let order = node.integers("perm") ?? Array((0..<rank).reversed())
      return order.sorted() == Array(0..<rank) ? x.transposed(order) : nil
    case "Reshape":
      guard var shape = numbers("shape", 1) else { return nil }
      let keepsZeros = node.integer("allowzero") == 1
      for axis in shape.indices where shape[axis] == 0 && !keepsZeros {
        guard x.dimensions.indices.contains(axis) else { return nil }
        shape[axis] = x.dimensions[axis]
      }
      guard shape.count <= Self.mostParts, shape.allSatisfy({ $0 >= -1 }) else { return nil }
      if let open = shape.firstIndex(of: -1) {
        shape[open] = 1
        guard let rest = StoredType.u8.byteCount(of: shape), rest > 0, x.count % rest == 0 else { return nil }
        shape[open] = x.count / rest
      }
      return x.reshaped(shape)
    case "Flatten":
      guard let axis = place(node.integer("axis") ?? 1, rank + 1) else { return nil }
      return x.reshaped([x.dimensions[..<axis].reduce(1, *), x.dimensions[axis...].reduce(1, *)])
    case "Squeeze":
      let all = x.dimensions.indices.filter { x.dimensions[$0] == 1 }
      guard isGiven("axes", 1) else { return x.reshaped(x.dimensions.filter { $0 != 1 }) }
      guard let axes = numbers("axes", 1)?.map({ place($0, rank) }), axes.allSatisfy({ $0.map(all.contains) ?? false })
      else { return nil }
      return x.reshaped(x.dimensions.indices.filter { !axes.contains($0) }.map { x.dimensions[$0] })
    case "Unsqueeze":
      guard let axes = numbers("axes", 1), axes.count + rank <= Self.mostParts else { return nil }
      let places = axes.compactMap { place($0, rank + axes.count) }
      guard Set(places).count == axes.count else { return nil }
      var rest = x.dimensions[...]
      return x.reshaped((0..<rank + axes.count).map { places.contains($0) ? 1 : rest.removeFirst() })
    case "Slice":
      guard let starts = numbers("starts", 1), let ends = numbers("ends", 2), starts.count == ends.count else {
        return nil
      }
      let axes = isGiven("axes", 3) ? numbers("axes", 3) : Array(starts.indices)
      let steps = isGiven("steps", 4) ? numbers("steps", 4) : starts.map { _ in 1 }
      guard let axes, let steps, axes.count == starts.count, steps.count == starts.count else { return nil }
      var result = x
      for (index, axis) in axes.enumerated() {
        guard let axis = place(axis, rank),
          let next = result.sliced(axis, from: starts[index], to: ends[index], by: steps[index])
        else { return nil }
        result = next
      }
      return result
    case "Concat":
      let parts = node.inputs.indices.compactMap { trace(node, $0)?.tensor }
      // Before anything is joined: one tensor may be there many times.
      let (total, overflow) = parts.reduce((0, false)) { sum, part in
        let (next, overflow) = sum.0.addingReportingOverflow(part.count)
        return (next, sum.1 || overflow)
      }
      guard parts.count == node.inputs.count, !overflow, total <= foldedLeft,
        let axis = node.integer("axis").flatMap({ place($0, rank) })
      else { return nil }
      return ONNXTensor.concatenated(parts, axis)
    case _: return nil
    }
  }

  /// The names of weights that a layer reads, with those that they were made of.
  mutating func use(_ names: [String]) {
    for name in names { operandNames.formUnion((origins[name] ?? []).union([name])) }
  }
}

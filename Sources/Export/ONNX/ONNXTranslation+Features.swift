internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Operations on features, and products.
extension ONNXTranslation {
  mutating func reshaped(_ x: ONNXOperand, _ shape: [Int], _ name: String?) -> ONNXOperand {
    // Another name for the same value.
    guard x.shape != shape else {
      return name == nil ? x : builder.write("Identity", [x], like: x, named: name)
    }
    // 0 keeps the length of an axis.
    let lengths = builder.positions(x.axes.map { _ in 0 } + shape)
    return builder.write("Reshape", [x], [lengths], like: x.with(name: "", shape: shape), named: name)
  }

  mutating func broadcast(_ x: ONNXOperand, _ dimension: Int, _ count: Int, _ name: String?) -> ONNXOperand {
    let inserted = builder.unsqueezed(x, [x.axes.count + dimension])
    var shape = x.shape
    shape.insert(count, at: dimension)
    var lengths = [Int](repeating: 1, count: x.axes.count + shape.count)
    lengths[x.axes.count + dimension] = count
    return builder.write(
      "Expand", [inserted], [builder.positions(lengths)], like: x.with(name: "", shape: shape), named: name)
  }

  mutating func concatenated(_ parts: [ONNXOperand], _ dimension: Int, _ name: String?) -> ONNXOperand {
    if let joined = joinedDirections(parts, name) { return joined }
    var parts = builder.together(parts)
    let axes = parts.reduce(Domain.empty) { $0.union($1.axes) }
    parts = parts.map { builder.expanded($0, to: axes) }
    // The expanded parts of a step are of the step if any is.
    parts = builder.together(parts)
    var shape = parts[0].shape
    shape[dimension] = parts.reduce(0) { $0 + $1.shape[dimension] }
    let result = ONNXOperand(name: "", element: parts[0].element, axes: axes, shape: shape)
    return builder.write(
      "Concat", parts, [], [ONNXAttribute("axis", .integer(axes.count + dimension))], like: result, named: name)
  }

  mutating func slice(
    _ x: ONNXOperand, _ dimension: Int, _ start: Int, _ count: Int, _ name: String?
  ) -> ONNXOperand {
    var shape = x.shape
    shape[dimension] = count
    let rest = [[start], [start + count], [x.axes.count + dimension]].map { builder.positions($0) }
    return builder.write("Slice", [x], rest, like: x.with(name: "", shape: shape), named: name)
  }

  /// The part of a value that is cut into parts without gaps, as the gates of a product are: one operator for all parts.
  /// Nil if the value is not cut so.
  mutating func split(_ node: NodeID, _ x: ONNXOperand, _ dimension: Int) -> ONNXOperand? {
    if let part = parts[node] { return part }
    guard graph.type(node).shape.rank > 0 else { return nil }
    var cuts: [(node: NodeID, start: Int, count: Int)] = []
    for reader in readers[graph.operand(node, 0)] {
      guard case .slice(dimension, let start, let count) = graph.operation(reader) else { continue }
      // Parts inside a recurrence belong together.
      if components.isCyclic[components[node]], components[reader] != components[node] { continue }
      cuts.append((reader, start, count))
    }
    cuts.sort { $0.start < $1.start }
    var end = 0
    for cut in cuts {
      guard cut.start == end else { return nil }
      end += cut.count
    }
    guard cuts.count > 1, end == x.shape[dimension] else { return nil }
    var outputs: [String] = []
    for cut in cuts {
      var part = x.with(name: builder.names.unique(wantedName(cut.node) ?? "Split"))
      part.shape[dimension] = cut.count
      parts[cut.node] = part
      outputs.append(part.name)
    }
    let counts = builder.positions(cuts.map(\.count))
    let axis = ONNXAttribute("axis", .integer(x.axes.count + dimension))
    builder.append(ONNXNode("Split", [x.name, counts], outputs, [axis]), inStep: x.isStep)
    return parts[node]
  }

  mutating func pad(
    _ x: ONNXOperand, _ dimension: Int, _ before: Int, _ after: Int, _ name: String?
  ) -> ONNXOperand {
    // onnxruntime has no Pad of truth values.
    guard x.element != .bool else {
      let padded = pad(builder.convert(x, to: .int32), dimension, before, after, nil)
      return builder.convert(padded, to: .bool, named: name)
    }
    var shape = x.shape
    shape[dimension] += before + after
    var amounts = [Int](repeating: 0, count: 2 * x.rank)
    amounts[x.axes.count + dimension] = before
    amounts[x.rank + x.axes.count + dimension] = after
    return builder.write("Pad", [x], [builder.positions(amounts)], like: x.with(name: "", shape: shape), named: name)
  }

  mutating func argmax(
    _ x: ONNXOperand, _ position: Int, _ name: String?, removing axis: Axis? = nil
  ) -> ONNXOperand {
    var shape = x.shape
    if axis == nil { shape.remove(at: position - x.axes.count) }
    let axes = axis.map { x.axes.removing($0) } ?? x.axes
    let found = builder.write(
      "ArgMax", [x], [], [ONNXAttribute("axis", .integer(position)), ONNXAttribute("keepdims", .integer(0))],
      like: x.with(name: "", element: .int64, axes: axes, shape: shape))
    return builder.convert(found, to: .int32, named: name)
  }

  // MARK: Tables

  /// Rows by their ids. A table without axes is read by `Gather`, at a row that is there; any other by adding up its
  /// rows, of which all but one are taken for 0.
  mutating func gather(_ table: ONNXOperand, _ id: ONNXOperand, _ name: String?) -> ONNXOperand {
    guard table.axes.isEmpty, !table.isStep else { return gatherByComparison(table, id, name) }
    let rows = table.shape[0]
    let nearest = builder.elementwise(
      "Clip", [id, builder.number(0, .int32), builder.number(Double(rows - 1), .int32)], .int32)
    let rest = Array(table.shape.dropFirst())
    let found = builder.write(
      "Gather", [table, nearest], [], [ONNXAttribute("axis", .integer(0))],
      like: ONNXOperand(name: "", element: table.element, axes: nearest.axes, shape: rest))
    var isThere = builder.elementwise("Equal", [id, nearest], .bool)
    // A scalar without axes is broadcast as it is.
    if !rest.isEmpty, isThere.rank > 0 { isThere = builder.unsqueezed(isThere, rest.indices.map { isThere.rank + $0 }) }
    return selectRows(isThere, found, name)
  }

  private mutating func selectRows(_ isThere: ONNXOperand, _ found: ONNXOperand, _ name: String?) -> ONNXOperand {
    let zero = builder.number(0, found.element)
    // Already aligned: the condition has a dimension for each feature.
    return builder.write("Where", [isThere, found, zero], like: found.with(name: ""), named: name)
  }

  private mutating func gatherByComparison(_ table: ONNXOperand, _ id: ONNXOperand, _ name: String?) -> ONNXOperand {
    let rows = builder.fixed(
      Tensor([table.shape[0]], (0..<table.shape[0]).map { Int32($0) }), named: "rows")
    var isRow = builder.elementwise("Equal", [id, rows], .bool)
    let rest = table.shape.count - 1
    if rest > 0 {
      isRow = builder.unsqueezed(isRow, (0..<rest).map { isRow.rank + $0 })
      isRow.shape += [Int](repeating: 1, count: rest)
    }
    let numbers = table.element == .bool ? builder.convert(table, to: .int32) : table
    var chosen = builder.select(isRow, numbers, builder.number(0, numbers.element))
    chosen.shape = table.shape
    let sum = builder.reduced("ReduceSum", chosen, dimension: 0, named: table.element == .bool ? nil : name)
    return builder.convert(sum, to: table.element, named: name)
  }

  /// Each value added to the row of its id: a product with what is 1 where the id is the row.
  mutating func scatterAdd(
    _ node: NodeID, _ id: ONNXOperand, _ x: ONNXOperand, _ count: Int, _ over: Domain, _ name: String?
  ) -> ONNXOperand {
    let domain = graph.type(node).domain.union(over)
    let rows = builder.fixed(Tensor([count], (0..<count).map { Int32($0) }), named: "rows")
    let isRow = builder.convert(builder.elementwise("Equal", [id, rows], .bool), to: x.element)
    let masked = [isRow, x].map { self.masked($0, within: domain, over: over) }
    let pair = builder.together([builder.expanded(masked[0], to: over.subtracting(masked[1].axes)), masked[1]])
    let dimensions = x.shape.indices.map { $0 + 1 }
    return einsum(
      pair[0], pair[1], leftLabels: [0], rightLabels: dimensions, resultLabels: [0] + dimensions,
      axes: pair[0].axes.union(pair[1].axes).subtracting(over), shape: [count] + x.shape, name)
  }

  // MARK: Products

  mutating func product(
    _ node: NodeID, _ left: ONNXOperand, _ right: ONNXOperand, _ contraction: Contraction, _ over: Domain,
    _ name: String?
  ) -> ONNXOperand {
    let shape = graph.type(node).shape.array
    if over.isEmpty, case .dimensions(let i, let j) = contraction {
      // A vector at each index and one matrix, or in the other order.
      if left.shape.count == 1, right.shape.count == 2, right.axes.isEmpty, !right.isStep {
        return multiplied(left, right, j, shape, name)
      }
      if right.shape.count == 1, left.shape.count == 2, left.axes.isEmpty, !left.isStep {
        return multiplied(right, left, i, shape, name)
      }
    }
    let domain = graph.type(node).domain.union(over)
    var (x, y) = (masked(left, within: domain, over: over), masked(right, within: domain, over: over))
    x = builder.expanded(x, to: over.subtracting(y.axes))
    let pair = builder.together([x, y])
    (x, y) = (pair[0], pair[1])
    let axes = x.axes.union(y.axes).subtracting(over)
    var labels = (x.shape.indices.map { $0 }, y.shape.indices.map { x.shape.count + $0 })
    var result = labels.0 + labels.1
    if case .dimensions(let i, let j) = contraction {
      labels.1[j] = labels.0[i]
      result = labels.0.enumerated().filter { $0.offset != i }.map(\.element)
      result += labels.1.enumerated().filter { $0.offset != j }.map(\.element)
    }
    return einsum(
      x, y, leftLabels: labels.0, rightLabels: labels.1, resultLabels: result, axes: axes, shape: shape, name)
  }

  /// Vectors times a matrix, whose rows or columns (`contracted` 0 or 1) have the length of the vectors.
  private mutating func multiplied(
    _ vector: ONNXOperand, _ matrix: ONNXOperand, _ contracted: Int, _ shape: [Int], _ name: String?
  ) -> ONNXOperand {
    let rows =
      contracted == 0
      ? matrix
      : builder.once("transposed \(matrix.name)") { builder in
        builder.permuted(matrix, [1, 0], shape: matrix.shape.reversed(), named: matrix.name + ".transposed")
      }
    return builder.write("MatMul", [vector, rows], like: vector.with(name: "", shape: shape), named: name)
  }

  /// A sum of products, by a letter for each axis and each feature dimension.
  private mutating func einsum(
    _ left: ONNXOperand, _ right: ONNXOperand, leftLabels: [Int], rightLabels: [Int], resultLabels: [Int],
    axes: Domain, shape: [Int], _ name: String?
  ) -> ONNXOperand {
    let letters = Array("ijklmnop")
    let ordered = Array(left.axes.union(right.axes))
    let axisLetters = Array("abcdefghqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    func text(_ axes: Domain, _ labels: [Int]) -> String {
      String(ordered.indices.filter { axes.contains(ordered[$0]) }.map { axisLetters[$0] } + labels.map { letters[$0] })
    }
    let equation =
      "\(text(left.axes, leftLabels)),\(text(right.axes, rightLabels))->\(text(axes, resultLabels))"
    return builder.write(
      "Einsum", [left, right], [], [ONNXAttribute("equation", .text(equation))],
      like: ONNXOperand(name: "", element: left.element, axes: axes, shape: shape), named: name)
  }
}

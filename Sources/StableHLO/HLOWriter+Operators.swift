internal import EbbGraph

/// Operators on values that are broadcast over the axes and features of one another.
extension HLOWriter {
  /// The axes and features of values that meet: all axes, and the one shape that is not `[]`.
  private func common(_ operands: [HLOValue]) -> (axes: Domain, shape: [Int]) {
    (
      operands.reduce(Domain.empty) { $0.union($1.axes) },
      operands.first { !$0.shape.isEmpty }?.shape ?? []
    )
  }

  private mutating func aligned(_ operands: [HLOValue]) -> [HLOValue] {
    let (axes, shape) = common(operands)
    return operands.map { broadcast($0, axes, shape) }
  }

  /// A function of numbers of one type that gives a number of that type.
  mutating func apply(_ word: String, _ operands: HLOValue..., named name: String? = nil) -> HLOValue {
    let aligned = aligned(operands)
    let first = aligned[0]
    return write(
      "\(word) \(aligned.map(\.name).joined(separator: ", ")) : \(first.type)", first.element, first.axes, first.dims,
      named: name)
  }

  /// Whether two numbers compare so: EQ, NE, LT, LE, GT or GE.
  mutating func compare(_ direction: String, _ x: HLOValue, _ y: HLOValue, named name: String? = nil) -> HLOValue {
    let pair = aligned([x, y])
    let (axes, dims) = (pair[0].axes, pair[0].dims)
    return write(
      "compare \(direction), \(pair[0].name), \(pair[1].name), \(x.element.comparison) : "
        + "(\(pair[0].type), \(pair[1].type)) -> \(hloType(.i1, dims))", .i1, axes, dims, named: name)
  }

  /// The first value where the condition holds, else the second.
  mutating func select(
    _ condition: HLOValue, _ x: HLOValue, _ y: HLOValue, named name: String? = nil
  ) -> HLOValue {
    let all = aligned([condition, x, y])
    return write(
      "select \(all.map(\.name).joined(separator: ", ")) : \(all[0].type), \(all[1].type)", x.element, all[1].axes,
      all[1].dims, named: name)
  }

  /// The nearest number of another type.
  mutating func convert(_ x: HLOValue, _ element: HLOElement, named name: String? = nil) -> HLOValue {
    if x.element == element { return x }
    return write(
      "convert \(x.name) : (\(x.type)) -> \(hloType(element, x.dims))", element, x.axes, x.dims, named: name)
  }

  /// Whether floats are neither infinite nor NaN.
  mutating func isFinite(_ x: HLOValue, named name: String? = nil) -> HLOValue {
    write("is_finite \(x.name) : (\(x.type)) -> \(hloType(.i1, x.dims))", .i1, x.axes, x.dims, named: name)
  }

  /// Whether floats are NaN.
  mutating func isUndefined(_ x: HLOValue) -> HLOValue { compare("NE", x, x) }

  /// The smallest number of a type: where a maximum starts.
  mutating func lowest(_ element: HLOElement) -> HLOValue {
    number(element.isFloat ? -.infinity : Double(Int32.min), element)
  }

  /// The numbers of some dimensions put together by `word`, from `start`.
  mutating func reduce(
    _ word: String, _ x: HLOValue, _ dimensions: [Int], from start: HLOValue, axes: Domain, named name: String? = nil
  ) -> HLOValue {
    if dimensions.isEmpty { return x }
    let dims = x.dims.indices.filter { !dimensions.contains($0) }.map { x.dims[$0] }
    return write(
      "reduce(\(x.name) init: \(start.name)) applies stablehlo.\(word) across dimensions = \(dimensions) : "
        + "(\(x.type), \(start.type)) -> \(hloType(x.element, dims))", x.element, axes, dims, named: name ?? "sum")
  }

  /// The sum over some dimensions.
  mutating func sum(_ x: HLOValue, _ dimensions: [Int], axes: Domain, named name: String? = nil) -> HLOValue {
    reduce("add", x, dimensions, from: number(0, x.element), axes: axes, named: name)
  }

  /// Σ over the contracted dimensions of x · y, for each index of the paired ones: the dimensions of the result are the
  /// paired ones, then what remains of x, then of y.
  mutating func dot(
    _ x: HLOValue, _ y: HLOValue, paired: [(Int, Int)], contracted: [(Int, Int)], named name: String? = nil
  ) -> HLOValue {
    let rest = (
      x.dims.indices.filter { i in !(paired + contracted).contains { $0.0 == i } },
      y.dims.indices.filter { i in !(paired + contracted).contains { $0.1 == i } }
    )
    let dims = paired.map { x.dims[$0.0] } + rest.0.map { x.dims[$0] } + rest.1.map { y.dims[$0] }
    let pairs = paired.isEmpty ? "" : " batching_dims = \(paired.map(\.0)) x \(paired.map(\.1)),"
    // Floats of 32 bits are multiplied as such, where a device would take fewer.
    return write(
      "dot_general \(x.name), \(y.name),\(pairs) contracting_dims = \(contracted.map(\.0)) x \(contracted.map(\.1)), "
        + "precision = [HIGHEST, HIGHEST] : (\(x.type), \(y.type)) -> \(hloType(x.element, dims))", x.element, .empty,
      dims, named: name ?? "product")
  }

  /// The entries of a dimension at indices, one for each index of the paired dimensions; the dimensions of the result
  /// are those of the indices, then what remains of x. Indices must be in range; others read the nearest entry.
  mutating func gather(
    _ x: HLOValue, _ dimension: Int, at indices: HLOValue, paired: [(Int, Int)], named name: String? = nil
  ) -> HLOValue {
    let rest = x.dims.indices.filter { i in i != dimension && !paired.contains { $0.0 == i } }
    let rank = indices.dims.count
    let sizes = x.dims.indices.map { rest.contains($0) ? x.dims[$0] : 1 }
    let dims = indices.dims + rest.map { x.dims[$0] }
    let value = HLOValue(name: unique(name ?? "gather"), element: x.element, axes: .empty, dims: dims)
    let pairs =
      paired.isEmpty
      ? ""
      : "operand_batching_dims = \(paired.map(\.0)), start_indices_batching_dims = \(paired.map(\.1)), "
    line(
      "\(value.name) = \"stablehlo.gather\"(\(x.name), \(indices.name)) <{dimension_numbers = "
        + "#stablehlo.gather<offset_dims = \(rest.indices.map { rank + $0 }), collapsed_slice_dims = [\(dimension)], "
        + "\(pairs)start_index_map = [\(dimension)], index_vector_dim = \(rank)>, indices_are_sorted = false, "
        + "slice_sizes = array<i64: \(sizes.map(String.init).joined(separator: ", "))>}> : "
        + "(\(x.type), \(indices.type)) -> \(value.type)")
    return value
  }

  /// Adds values to the entries of a dimension of x at indices; those outside are left out. The dimensions of the values
  /// are those of the indices, then what remains of x without the paired ones.
  mutating func scatterAdd(
    _ values: HLOValue, at indices: HLOValue, into x: HLOValue, _ dimension: Int, paired: [(Int, Int)],
    named name: String? = nil
  ) -> HLOValue {
    let rank = indices.dims.count
    let value = HLOValue(name: unique(name ?? "scatter"), element: x.element, axes: x.axes, dims: x.dims)
    let pairs =
      paired.isEmpty
      ? ""
      : "input_batching_dims = \(paired.map(\.0)), scatter_indices_batching_dims = \(paired.map(\.1)), "
    let scalar = hloType(x.element, [])
    let (a, b, sum) = (unique("old"), unique("new"), unique("both"))
    line(
      "\(value.name) = \"stablehlo.scatter\"(\(x.name), \(indices.name), \(values.name)) <{indices_are_sorted = false, "
        + "scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = "
        + "\(Array(rank..<values.dims.count)), inserted_window_dims = [\(dimension)], \(pairs)"
        + "scatter_dims_to_operand_dims = [\(dimension)], index_vector_dim = \(rank)>, unique_indices = false}> ({")
    line("^bb0(\(a): \(scalar), \(b): \(scalar)):")
    line("  \(sum) = stablehlo.add \(a), \(b) : \(scalar)")
    line("  stablehlo.return \(sum) : \(scalar)")
    line("}) : (\(x.type), \(indices.type), \(values.type)) -> \(value.type)")
    return value
  }
}

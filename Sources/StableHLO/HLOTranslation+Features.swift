internal import EbbGraph

/// Operations on the entries along a feature dimension.
extension HLOTranslation {
  mutating func reduceFeatures(
    _ x: HLOValue, _ reduction: FeatureReduction, _ dimension: Int, _ name: String?
  ) -> HLOValue {
    let place = x.axes.count + dimension
    switch reduction {
    case .sum: return writer.sum(x, [place], axes: x.axes, named: name)
    case .max:
      return writer.reduce(
        "maximum", x, [place], from: writer.lowest(x.element), axes: x.axes, named: name ?? "largest")
    case .mean:
      // Σ (x / 2ᵏ) · (2ᵏ / n) with 2ᵏ ≥ n: no sum overflows, and to divide by a power of two is exact.
      let count = x.dims[place]
      if count == 1 { return writer.sum(x, [place], axes: x.axes, named: name) }
      let scale = Double(sign: .plus, exponent: (count - 1).bitWidth - (count - 1).leadingZeroBitCount, significand: 1)
      let scaled = writer.apply("multiply", x, writer.number(1 / scale, x.element))
      let sum = writer.sum(scaled, [place], axes: x.axes)
      return writer.apply("multiply", sum, writer.number(scale / Double(count), x.element), named: name ?? "mean")
    case .norm: return norm(x, [place], axes: x.axes, name)
    }
  }

  /// ‖x‖₂ = m ‖x / m‖₂ with m = max |x|: no square overflows, and none of those that matter underflows.
  mutating func norm(_ x: HLOValue, _ dimensions: [Int], axes: Domain, _ name: String?) -> HLOValue {
    let zero = writer.number(0, x.element)
    let size = writer.reduce(
      "maximum", writer.apply("abs", x), dimensions, from: zero, axes: axes, named: "largest")
    // 0, an infinity and a NaN are the norm themselves.
    let isOrdinary = writer.apply("and", writer.isFinite(size), writer.compare("GT", size, zero))
    let scale = writer.select(isOrdinary, size, writer.number(1, x.element))
    let kept = x.dims.indices.filter { !dimensions.contains($0) }
    let everywhere = writer.write(
      "broadcast_in_dim \(scale.name), dims = \(kept) : (\(scale.type)) -> \(x.type)", x.element, x.axes, x.dims)
    let ratio = writer.apply("divide", x, everywhere)
    let squares = writer.sum(writer.apply("multiply", ratio, ratio), dimensions, axes: axes)
    let norm = writer.apply("multiply", scale, writer.apply("sqrt", squares))
    return writer.select(isOrdinary, norm, size, named: name ?? "norm")
  }

  /// The indices in the order of the entries. Equal ones keep their order, and a NaN counts as the largest.
  mutating func order(_ x: HLOValue, _ dimension: Int, _ isDescending: Bool, _ name: String?) -> HLOValue {
    let place = x.axes.count + dimension
    let indices = writer.indices(x.dims, along: place, x.axes)
    var places = HLOValue(name: writer.unique(name ?? "order"), element: .i32, axes: x.axes, dims: x.dims)
    let scalar = hloType(x.element, [])
    let (a, b, i, j) = (writer.unique("a"), writer.unique("b"), writer.unique("i"), writer.unique("j"))
    writer.line(
      "\(places.name):2 = \"stablehlo.sort\"(\(x.name), \(indices.name)) <{dimension = \(place) : i64, "
        + "is_stable = true}> ({")
    writer.line("^bb0(\(a): \(scalar), \(b): \(scalar), \(i): tensor<i32>, \(j): tensor<i32>):")
    writer.open()
    let first = HLOValue(name: isDescending ? b : a, element: x.element, axes: .empty, dims: [])
    let second = HLOValue(name: isDescending ? a : b, element: x.element, axes: .empty, dims: [])
    var isLess = writer.compare("LT", first, second)
    if x.element.isFloat {
      let isDefined = writer.compare("EQ", first, first)
      let isLast = writer.apply("and", isDefined, writer.isUndefined(second))
      isLess = writer.apply("or", isLess, isLast)
    }
    writer.line("stablehlo.return \(isLess.name) : tensor<i1>")
    writer.append(writer.close())
    writer.line("}) : (\(x.type), \(indices.type)) -> (\(x.type), \(indices.type))")
    places.name += "#1"
    return places
  }

  /// Pairs of equal dimensions, all but one.
  private func paired(_ count: Int, without place: Int) -> [(Int, Int)] {
    (0..<count).filter { $0 != place }.map { ($0, $0) }
  }

  /// The entries at the indices; 0 where an index is outside.
  mutating func gatherFeatures(
    _ x: HLOValue, _ indices: HLOValue, _ dimension: Int, _ name: String?
  ) -> HLOValue {
    let axes = x.axes.union(indices.axes)
    let (x, indices) = (writer.expanded(x, to: axes), writer.expanded(indices, to: axes))
    let place = axes.count + dimension
    let entries = writer.gather(x, place, at: indices, paired: paired(x.dims.count, without: place)).with(axes: axes)
    let isPositive = writer.compare("GE", indices, writer.number(0, .i32))
    let isBelow = writer.compare("LT", indices, writer.number(Double(x.dims[place]), .i32))
    let isInside = writer.apply("and", isPositive, isBelow)
    return writer.select(isInside, entries, writer.number(0, x.element), named: name)
  }

  /// At each index the sum of its values.
  mutating func scatterFeatures(
    _ indices: HLOValue, _ x: HLOValue, _ dimension: Int, _ count: Int, _ name: String?
  ) -> HLOValue {
    let axes = x.axes.union(indices.axes)
    let (x, indices) = (writer.expanded(x, to: axes), writer.expanded(indices, to: axes))
    let place = axes.count + dimension
    var shape = x.shape
    shape[dimension] = count
    let zeros = writer.broadcast(writer.number(0, x.element), axes, shape)
    return writer.scatterAdd(
      x, at: indices, into: zeros, place, paired: paired(x.dims.count, without: place), named: name)
  }

  // MARK: Lines

  /// yᵢ = aᵢ yᵢ₋₁ + bᵢ from the first entry, or from the last one.
  mutating func accumulate(_ node: NodeID, _ dimension: Int, _ isReversed: Bool, _ name: String?) -> HLOValue {
    let (factor, term) = (graph.operand(node, 0), graph.operand(node, 1))
    let a = value(factor)
    let axes = a.axes.union(value(term).axes)
    let b = writer.expanded(value(term), to: axes)
    let place = axes.count + dimension
    if case .constant(1) = graph.operation(factor) { return runningSum(b, place, isReversed, name) }
    let count = b.dims[place]
    if count == 1 { return b }
    let factors = writer.broadcast(a, axes, b.shape)
    var entry = b.dims
    entry.remove(at: place)
    let first = writer.sliced(b, place, isReversed ? count - 1..<count : 0..<1)
    let start = writer.reshaped(first, axes, entry)
    // The result is filled in place, from b.
    let results = loop(count - 1, named: name ?? "accumulated", [("last", start), ("filled", b)]) {
      translation, step, carried in
      let offset = translation.writer.number(Double(isReversed ? count - 2 : 1), .i32)
      let index = translation.writer.apply(isReversed ? "subtract" : "add", offset, step, named: "index")
      let factor = translation.writer.entry(factors, place, at: index, axes: axes)
      let term = translation.writer.entry(b, place, at: index, axes: axes)
      let next = translation.writer.apply("add", translation.writer.apply("multiply", factor, carried[0]), term)
      return [next, translation.writer.updated(carried[1], at: [place: index], to: next)]
    }
    return results[1]
  }

  /// Sums of all entries up to each one, by distances of 1, 2, 4, … (Hillis & Steele 1986): few operators for a device.
  private mutating func runningSum(_ x: HLOValue, _ place: Int, _ isReversed: Bool, _ name: String?) -> HLOValue {
    let count = x.dims[place]
    var (sum, distance) = (x, 1)
    while distance < count {
      let part =
        isReversed
        ? writer.padded(writer.sliced(sum, place, distance..<count), place, before: 0, after: distance)
        : writer.padded(writer.sliced(sum, place, 0..<count - distance), place, before: distance, after: 0)
      distance *= 2
      sum = writer.apply("add", sum, part, named: distance < count ? nil : name)
    }
    return sum
  }
}

internal import EbbGraph
internal import EbbTensors

/// Operations over axes, ragged ones among them: what lies outside of the sequences is replaced before it is read,
/// never multiplied by 0.
extension HLOTranslation {
  // MARK: Index sets

  /// The index along an axis: the number of the step, or an Int32 for each index.
  mutating func indices(_ axis: Axis) -> HLOValue {
    if let step, step.axes.contains(axis) { return step.index(of: axis) }
    return writer.indices([lengths[axis.index]], along: 0, [axis])
  }

  /// The length of each row of a ragged axis, else the length of the axis: Int32.
  mutating func rowLengths(_ axis: Axis) -> HLOValue {
    guard let rows = graph.description(of: axis).lengths else {
      return writer.number(Double(lengths[axis.index]), .i32)
    }
    return value(rows)
  }

  /// Where an index of a ragged axis is inside of its row.
  mutating func mask(_ axis: Axis) -> HLOValue {
    let (index, rows) = (indices(axis), rowLengths(axis))
    let name = graph.description(of: axis).name + ".isInside"
    return writer.once("mask \(axis.index) \(index.name) \(rows.name)") { $0.compare("LT", index, rows, named: name) }
  }

  /// The ragged axes of a domain that has the axes of their lengths too, where that affects these axes.
  private func raggedAxes(within domain: Domain, touching axes: Domain) -> [Axis] {
    domain.filter { axis in
      guard graph.description(of: axis).lengths != nil else { return false }
      let rows = graph.lengthsDomain(of: [axis])
      return rows.isSubset(of: domain) && (axes.contains(axis) || !axes.isDisjoint(with: rows))
    }
  }

  /// Where the indices of a domain are inside of the sequences; nil if all are.
  mutating func mask(within domain: Domain, touching axes: Domain) -> HLOValue? {
    var result: HLOValue?
    for axis in raggedAxes(within: domain, touching: axes) {
      let next = mask(axis)
      result = result.map { writer.apply("and", $0, next) } ?? next
    }
    return result
  }

  /// The value with `fill` at indices outside of the sequences, where that affects these axes.
  ///
  /// - Parameter isWhole: Whether a value that is the same at all indices is repeated, to be replaced outside. Otherwise
  ///   it is left as it is: it has no number that nothing may read.
  mutating func masked(
    _ x: HLOValue, within domain: Domain, touching axes: Domain, fill: HLOValue? = nil, isWhole: Bool
  ) -> HLOValue {
    var result = x
    for axis in raggedAxes(within: domain, touching: axes) {
      let mask = mask(axis)
      guard isWhole || mask.axes.isSubset(of: x.axes) else { continue }
      result = writer.select(mask, result, fill ?? writer.number(0, x.element), named: "\(x.name.dropFirst()).masked")
    }
    return result
  }

  // MARK: Reductions

  mutating func reduceAxes(_ node: NodeID, _ reduction: AxisReduction, over: Domain, _ name: String?) -> HLOValue {
    let x = value(graph.operand(node, 0))
    let fill = reduction == .sum ? writer.number(0, x.element) : writer.lowest(x.element)
    let domain = graph.type(node).domain.union(over)
    let whole = masked(writer.expanded(x, to: over), within: domain, touching: over, fill: fill, isWhole: true)
    return reduced(whole, over, by: reduction == .sum ? "add" : "maximum", from: fill, name ?? reduction.word)
  }

  /// The value without these axes.
  private mutating func reduced(
    _ x: HLOValue, _ over: Domain, by word: String, from start: HLOValue, _ name: String?
  ) -> HLOValue {
    writer.reduce(
      word, x, over.map { x.position(of: $0) }, from: start, axes: x.axes.subtracting(over), named: name)
  }

  mutating func argmaxAxis(_ node: NodeID, _ axis: Axis, _ name: String?) -> HLOValue {
    let domain = graph.type(node).domain.inserting(axis)
    let x = writer.expanded(value(graph.operand(node, 0)), to: [axis])
    let whole = masked(x, within: domain, touching: [axis], fill: writer.lowest(x.element), isWhole: true)
    let mask = mask(within: domain, touching: [axis])
    return firstLargest(whole, whole.position(of: axis), axes: whole.axes.removing(axis), inside: mask, name)
  }

  /// The index of the largest entry along a dimension, the first of equal ones; a NaN counts as the largest.
  mutating func firstLargest(
    _ x: HLOValue, _ dimension: Int, axes: Domain, inside: HLOValue? = nil, _ name: String?
  ) -> HLOValue {
    let largest = writer.reduce(
      "maximum", x, [dimension], from: writer.lowest(x.element), axes: axes, named: "largest")
    var dims = largest.dims
    dims.insert(1, at: dimension)
    let kept = writer.reshaped(largest, x.axes, dims)
    let everywhere = writer.write(
      "broadcast_in_dim \(kept.name), dims = \(Array(dims.indices)) : (\(kept.type)) -> \(x.type)", x.element, x.axes,
      x.dims)
    var isLargest = writer.compare("EQ", x, everywhere)
    if x.element.isFloat { isLargest = writer.apply("or", isLargest, writer.isUndefined(x)) }
    if let inside { isLargest = writer.apply("and", isLargest, inside) }
    let count = writer.number(Double(x.dims[dimension]), .i32)
    let indices = writer.indices(x.dims, along: dimension, x.axes)
    let places = writer.select(isLargest, indices, count)
    let first = writer.reduce("minimum", places, [dimension], from: count, axes: axes, named: name ?? "argmax")
    guard inside != nil else { return first }
    return writer.select(writer.compare("LT", first, count), first, writer.number(0, .i32))
  }

  // MARK: Products

  mutating func product(_ node: NodeID, _ contraction: Contraction, over: Domain, _ name: String?) -> HLOValue {
    let domain = graph.type(node).domain.union(over)
    var x = value(graph.operand(node, 0))
    var y = value(graph.operand(node, 1))
    let outside = raggedAxes(within: domain, touching: over).contains { axis in
      let axes = here(graph.lengthsDomain(of: [axis]).inserting(axis))
      return !axes.isSubset(of: x.axes) && !axes.isSubset(of: y.axes)
    }
    x = writer.expanded(x, to: over.subtracting(y.axes))
    x = masked(x, within: domain, touching: over, isWhole: outside)
    y = masked(y, within: domain, touching: over, isWhole: false)
    // An axis that only one of them has is summed before.
    for axis in over {
      if !y.axes.contains(axis) { x = writer.sum(x, [x.position(of: axis)], axes: x.axes.removing(axis)) }
      if !x.axes.contains(axis), y.axes.contains(axis) {
        y = writer.sum(y, [y.position(of: axis)], axes: y.axes.removing(axis))
      }
    }
    let both = x.axes.intersection(y.axes)
    var contracted = both.intersection(over).map { (x.position(of: $0), y.position(of: $0)) }
    var (left, right) = (x.shape, y.shape)
    if case .dimensions(let i, let j) = contraction {
      contracted.append((x.axes.count + i, y.axes.count + j))
      left.remove(at: i)
      right.remove(at: j)
    }
    let axes = x.axes.union(y.axes).subtracting(over)
    if contracted.isEmpty {
      let shape = left + right
      let a = writer.broadcast(x, axes, shape, features: Array(left.indices))
      let b = writer.broadcast(y, axes, shape, features: right.indices.map { left.count + $0 })
      return writer.apply("multiply", a, b, named: name)
    }
    let paired = both.subtracting(over).map { (x.position(of: $0), y.position(of: $0)) }
    let result = writer.dot(x, y, paired: paired, contracted: contracted, named: name)
    // The axes in their order, then the features of both.
    let own = Array(both.subtracting(over)) + Array(x.axes.subtracting(both))
    let others = Array(y.axes.subtracting(both))
    let first = own.count
    let places =
      own.enumerated().map { ($1, $0) } + others.enumerated().map { ($1, first + left.count + $0) }
    let order =
      places.sorted { $0.0 < $1.0 }.map(\.1) + left.indices.map { first + $0 }
      + right.indices.map { first + left.count + others.count + $0 }
    return writer.permuted(result, order, axes: axes, named: name)
  }

  // MARK: Places

  /// The entry of a dimension at an index, one for each index of its axes; 0 where the index is outside.
  mutating func taken(_ x: HLOValue, _ dimension: Int, at index: HLOValue, named name: String? = nil) -> HLOValue {
    let order = Array(x.axes)
    let axis = dimension < order.count ? order[dimension] : nil
    let rest = axis.map { x.axes.removing($0) } ?? x.axes
    let both = rest.intersection(index.axes)
    let paired = both.map { (x.position(of: $0), index.position(of: $0)) }
    let zero = writer.number(0, .i32)
    let entries = writer.gather(x, dimension, at: index, paired: paired, named: name)
    let found = Array(index.axes) + Array(rest.subtracting(both))
    let places = found.enumerated().sorted { $0.element < $1.element }.map(\.offset)
    let value = writer.permuted(
      entries, places + Array(found.count..<entries.dims.count), axes: rest.union(index.axes))
    let count = writer.number(Double(x.dims[dimension]), .i32)
    let isInside = writer.once("range \(index.name) \(count.name)") { writer in
      let isPositive = writer.compare("GE", index, zero)
      return writer.apply("and", isPositive, writer.compare("LT", index, count))
    }.with(axes: index.axes)
    return writer.select(isInside, value, writer.number(0, x.element), named: name)
  }

  mutating func pick(_ node: NodeID, _ axis: Axis, _ position: Position, _ name: String?) -> HLOValue {
    let operand = graph.operand(node, 0)
    let x = masked(
      writer.expanded(value(operand), to: [axis]), within: graph.type(operand).domain, touching: [axis], isWhole: true)
    let isRagged = graph.description(of: axis).lengths != nil
    let count = rowLengths(axis)
    let zero = writer.number(0, x.element)
    let place = x.position(of: axis)
    switch position {
    case .at:
      let index = value(graph.operand(node, 1))
      let entry = taken(x, place, at: index, named: name)
      return isRagged ? writer.select(writer.compare("LT", index, count), entry, zero) : entry
    case .last where isRagged:
      return taken(x, place, at: shifted(count, by: -1), named: name)
    case .first, .last:
      let index = position == .first ? 0 : lengths[axis.index] - 1
      let part = writer.sliced(x, place, index..<index + 1)
      var dims = x.dims
      dims.remove(at: place)
      let entry = writer.reshaped(part, x.axes.removing(axis), dims, named: name)
      guard isRagged else { return entry }
      return writer.select(writer.compare("GT", count, writer.number(0, .i32)), entry, zero)
    }
  }

  mutating func place(_ node: NodeID, _ axis: Axis, _ position: Position, _ name: String?) -> HLOValue {
    let x = value(graph.operand(node, 0))
    let index: HLOValue
    switch position {
    case .first: index = writer.number(0, .i32)
    case .last: index = shifted(rowLengths(axis), by: -1)
    case .at: index = value(graph.operand(node, 1))
    }
    return writer.select(
      writer.compare("EQ", indices(axis), index), x, writer.number(0, x.element), named: name)
  }

  mutating func axisToFeature(_ node: NodeID, _ axis: Axis, _ name: String?) -> HLOValue {
    let operand = graph.operand(node, 0)
    let x = masked(
      writer.expanded(value(operand), to: [axis]), within: graph.type(operand).domain, touching: [axis], isWhole: true)
    var order = Array(x.dims.indices)
    let moved = order.remove(at: x.position(of: axis))
    order.insert(moved, at: x.axes.count - 1)
    return writer.permuted(x, order, axes: x.axes.removing(axis), named: name)
  }

  mutating func featureToAxis(_ node: NodeID, _ axis: Axis, _ name: String?) -> HLOValue {
    let x = value(graph.operand(node, 0))
    let axes = x.axes.inserting(axis)
    var order = Array(x.dims.indices)
    let moved = order.remove(at: x.axes.count)
    order.insert(moved, at: Array(axes).firstIndex(of: axis) ?? 0)
    return writer.permuted(x, order, axes: axes, named: name)
  }

  // MARK: Tables

  mutating func scatterAdd(_ node: NodeID, _ count: Int, over: Domain, _ name: String?) -> HLOValue {
    let type = graph.type(node)
    let ids = value(graph.operand(node, 0))
    let x = value(graph.operand(node, 1))
    let axes = ids.axes.union(x.axes).union(over)
    let whole = masked(
      writer.expanded(ids, to: axes), within: type.domain.union(over), touching: over, fill: writer.number(-1, .i32),
      isWhole: true)
    let all = whole.axes
    let values = writer.expanded(x, to: all)
    let kept = all.subtracting(over)
    let zeros = writer.broadcast(writer.number(0, x.element), kept, type.shape.array)
    let paired = kept.enumerated().map { ($0, whole.position(of: $1)) }
    return writer.scatterAdd(values, at: whole, into: zeros, kept.count, paired: paired, named: name)
  }
}

extension AxisReduction {
  fileprivate var word: String {
    switch self {
    case .sum: "sum"
    case .max: "max"
    }
  }
}

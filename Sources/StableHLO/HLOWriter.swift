internal import EbbGraph

/// A line of a function.
struct HLOLine {
  var text: String
  /// What it computes, or what it is needed for; nil for the function's own lines and the numbers that it reads.
  let node: NodeID?
}

/// Writes the lines of one function, and knows what it has written.
///
/// What can be read again (a number, a broadcast, a mask) is written once, in the innermost region that is open then.
struct HLOWriter {
  /// The lines and the known values of the function, or of a region in it.
  private struct Scope {
    var lines: [HLOLine] = []
    var known: [String: HLOValue] = [:]
  }

  /// The length of each axis.
  let lengths: [Int]
  private var numbers: [HLOLine] = []
  private var knownNumbers: [String: HLOValue] = [:]
  private var scopes = [Scope()]
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]
  /// The node that is being written.
  var node: NodeID?

  init(lengths: [Int]) { self.lengths = lengths }

  /// The function's lines: first the numbers that it reads.
  var lines: [HLOLine] { numbers + scopes[0].lines }

  // MARK: Names

  /// The name as MLIR takes it, with a number where it is taken.
  mutating func unique(_ name: String) -> String {
    var base = String(
      name.unicodeScalars.map { scalar -> Character in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        return isPlain || "._$-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
      })
    if base.first.map({ $0.isNumber || $0 == "-" }) ?? true { base = "_" + base }
    if taken.insert(base).inserted { return "%" + base }
    var number = counts[base] ?? 1
    while !taken.insert("\(base)_\(number)").inserted { number += 1 }
    counts[base] = number + 1
    return "%\(base)_\(number)"
  }

  // MARK: Lines

  /// Appends a line to the innermost region.
  mutating func line(_ text: String) {
    let indented = String(repeating: "  ", count: scopes.count - 1) + text
    scopes[scopes.count - 1].lines.append(HLOLine(text: indented, node: node))
  }

  /// Opens a region: what is written from now on is inside it.
  mutating func open() { scopes.append(Scope()) }

  /// Closes the innermost region and returns its lines.
  mutating func close() -> [HLOLine] {
    guard scopes.count > 1, let scope = scopes.popLast() else { preconditionFailure("no region is open") }
    return scope.lines
  }

  /// Appends lines that have their indentation.
  mutating func append(_ lines: [HLOLine]) { scopes[scopes.count - 1].lines += lines }

  /// A value that is written once and then read again. Values of equal names may have other axes of the same lengths, so
  /// the caller says which.
  mutating func once(_ key: String, _ make: (inout HLOWriter) -> HLOValue) -> HLOValue {
    for scope in scopes.reversed() { if let value = scope.known[key] { return value } }
    let value = make(&self)
    scopes[scopes.count - 1].known[key] = value
    return value
  }

  /// `%name = stablehlo.text`
  mutating func write(
    _ text: String, _ element: HLOElement, _ axes: Domain, _ dims: [Int], named name: String? = nil
  ) -> HLOValue {
    let base = name ?? String(text.prefix { $0 != " " })
    let value = HLOValue(name: unique(base), element: element, axes: axes, dims: dims)
    line("\(value.name) = stablehlo.\(text)")
    return value
  }

  /// A number of this type.
  mutating func number(_ number: Double, _ element: HLOElement) -> HLOValue {
    let text = hloNumber(number, element)
    let key = "\(element.rawValue)_\(number.isFinite || !element.isFloat ? text : "\(number)")"
    if let known = knownNumbers[key] { return known }
    let value = HLOValue(name: unique(key), element: element, axes: .empty, dims: [])
    constant(value, text)
    knownNumbers[key] = value
    return value
  }

  /// An integer with all its bits.
  mutating func integer(_ bits: UInt64, _ element: HLOElement) -> HLOValue {
    let key = "\(element.rawValue)_\(bits)"
    if let known = knownNumbers[key] { return known }
    let value = HLOValue(name: unique(key), element: element, axes: .empty, dims: [])
    constant(value, "\(bits)")
    knownNumbers[key] = value
    return value
  }

  private mutating func constant(_ value: HLOValue, _ number: String) {
    numbers.append(HLOLine(text: "\(value.name) = stablehlo.constant dense<\(number)> : \(value.type)", node: nil))
  }

  // MARK: Shapes

  /// The lengths of axes, then a feature shape.
  func dims(_ axes: Domain, _ shape: [Int]) -> [Int] { axes.map { lengths[$0.index] } + shape }

  /// The value over these axes and features; `features` says which dimension each of its own features becomes.
  mutating func broadcast(
    _ x: HLOValue, _ axes: Domain, _ shape: [Int], features: [Int]? = nil, named name: String? = nil
  ) -> HLOValue {
    let own = features ?? Array(x.shape.indices)
    guard x.axes != axes || x.shape != shape else { return x }
    let order = Array(axes)
    let places = x.axes.map { axis -> Int in
      guard let place = order.firstIndex(of: axis) else { preconditionFailure("a broadcast that drops an axis") }
      return place
    }
    let all = places + own.map { order.count + $0 }
    let dims = dims(axes, shape)
    func make(_ writer: inout HLOWriter) -> HLOValue {
      writer.write(
        "broadcast_in_dim \(x.name), dims = \(all) : (\(x.type)) -> \(hloType(x.element, dims))", x.element, axes, dims,
        named: name ?? "\(x.name.dropFirst()).all")
    }
    return once("broadcast \(x.name) \(all) \(dims)", make).with(axes: axes)
  }

  /// The value over more axes.
  mutating func expanded(_ x: HLOValue, to axes: Domain) -> HLOValue {
    broadcast(x, x.axes.union(axes), x.shape)
  }

  /// The same numbers, row-major, with other dimensions.
  mutating func reshaped(_ x: HLOValue, _ axes: Domain, _ dims: [Int], named name: String? = nil) -> HLOValue {
    if x.dims == dims {
      var same = x
      same.axes = axes
      return same
    }
    return write("reshape \(x.name) : (\(x.type)) -> \(hloType(x.element, dims))", x.element, axes, dims, named: name)
  }

  /// Dimension i of the result is dimension `order[i]`.
  mutating func permuted(_ x: HLOValue, _ order: [Int], axes: Domain, named name: String? = nil) -> HLOValue {
    if order == Array(order.indices) {
      var same = x
      same.axes = axes
      return same
    }
    let dims = order.map { x.dims[$0] }
    return write(
      "transpose \(x.name), dims = \(order) : (\(x.type)) -> \(hloType(x.element, dims))", x.element, axes, dims,
      named: name)
  }

  /// The value with one axis in the place of another of the same length.
  mutating func renamed(_ x: HLOValue, _ axis: Axis, as other: Axis, named name: String? = nil) -> HLOValue {
    let x = expanded(x, to: [axis])
    let axes = x.axes.removing(axis).inserting(other)
    let order = axes.map { x.position(of: $0 == other ? axis : $0) }
    return permuted(x, order + Array(axes.count..<x.dims.count), axes: axes, named: name)
  }

  /// Entries `range` of a dimension.
  mutating func sliced(_ x: HLOValue, _ dimension: Int, _ range: Range<Int>, named name: String? = nil) -> HLOValue {
    if range == 0..<x.dims[dimension] { return x }
    var dims = x.dims
    dims[dimension] = range.count
    let ranges = x.dims.enumerated().map { index, length in
      index == dimension ? "\(range.lowerBound):\(range.upperBound)" : "0:\(length)"
    }
    return write(
      "slice \(x.name) [\(ranges.joined(separator: ", "))] : (\(x.type)) -> \(hloType(x.element, dims))", x.element,
      x.axes, dims, named: name)
  }

  /// Entry `index` of a dimension, a number of the module that is kept in range; the dimension disappears.
  mutating func entry(
    _ x: HLOValue, _ dimension: Int, at index: HLOValue, axes: Domain, named name: String? = nil
  ) -> HLOValue {
    entry(x, at: [dimension: index], axes: axes, named: name)
  }

  /// The entry at an index of each of some dimensions, which disappear; x itself where there are none.
  mutating func entry(
    _ x: HLOValue, at places: [Int: HLOValue], axes: Domain, named name: String? = nil
  ) -> HLOValue {
    if places.isEmpty { return x }
    let zero = number(0, .i32)
    let sizes = x.dims.indices.map { places[$0] == nil ? x.dims[$0] : 1 }
    let starts = x.dims.indices.map { places[$0] ?? zero }
    let types = starts.map(\.type).joined(separator: ", ")
    let base = name ?? "\(x.name.dropFirst()).entry"
    let part = write(
      "dynamic_slice \(x.name), \(starts.map(\.name).joined(separator: ", ")), sizes = \(sizes) : "
        + "(\(x.type), \(types)) -> \(hloType(x.element, sizes))", x.element, x.axes, sizes, named: base)
    let kept = x.dims.indices.filter { places[$0] == nil }.map { x.dims[$0] }
    return reshaped(part, axes, kept, named: base)
  }

  /// Puts a value at an index of each of some dimensions, which it lacks; where there are none, it replaces x.
  mutating func updated(
    _ x: HLOValue, at places: [Int: HLOValue], to part: HLOValue, named name: String? = nil
  ) -> HLOValue {
    if places.isEmpty { return part }
    let zero = number(0, .i32)
    let dims = x.dims.indices.map { places[$0] == nil ? x.dims[$0] : 1 }
    let piece = reshaped(part, x.axes, dims, named: "\(part.name.dropFirst()).piece")
    let starts = x.dims.indices.map { places[$0] ?? zero }
    let types = starts.map(\.type).joined(separator: ", ")
    return write(
      "dynamic_update_slice \(x.name), \(piece.name), \(starts.map(\.name).joined(separator: ", ")) : "
        + "(\(x.type), \(piece.type), \(types)) -> \(x.type)", x.element, x.axes, x.dims, named: name)
  }

  /// Values one after the other along a dimension.
  mutating func joined(_ parts: [HLOValue], _ dimension: Int, named name: String? = nil) -> HLOValue {
    if parts.count == 1 { return parts[0] }
    var dims = parts[0].dims
    dims[dimension] = parts.reduce(0) { $0 + $1.dims[dimension] }
    return write(
      "concatenate \(parts.map(\.name).joined(separator: ", ")), dim = \(dimension) : "
        + "(\(parts.map(\.type).joined(separator: ", "))) -> \(hloType(parts[0].element, dims))", parts[0].element,
      parts[0].axes, dims, named: name)
  }

  /// Zeros before and after along a dimension.
  mutating func padded(
    _ x: HLOValue, _ dimension: Int, before: Int, after: Int, named name: String? = nil
  ) -> HLOValue {
    if before == 0, after == 0 { return x }
    let zero = number(0, x.element)
    var (low, high, dims) = (x.dims.map { _ in 0 }, x.dims.map { _ in 0 }, x.dims)
    (low[dimension], high[dimension]) = (before, after)
    dims[dimension] += before + after
    return write(
      "pad \(x.name), \(zero.name), low = \(low), high = \(high), interior = \(x.dims.map { _ in 0 }) : "
        + "(\(x.type), \(zero.type)) -> \(hloType(x.element, dims))", x.element, x.axes, dims, named: name)
  }

  /// 0, 1, 2, … along a dimension.
  mutating func indices(_ dims: [Int], along dimension: Int, _ axes: Domain, _ element: HLOElement = .i32) -> HLOValue {
    once("iota \(dims) \(dimension) \(element.rawValue)") { writer in
      writer.write("iota dim = \(dimension) : \(hloType(element, dims))", element, axes, dims)
    }.with(axes: axes)
  }
}

extension HLOValue {
  func with(axes: Domain) -> HLOValue { HLOValue(name: name, element: element, axes: axes, dims: dims) }
}

internal import EbbTensors

// Operators that move the numbers of fixed weights: what an exporter leaves to the program that runs the model.

extension ONNXTensor {
  /// The numbers at these places of the row-major list, in another shape; nil if they are not held.
  ///
  /// - Parameter places: As many as the dimensions need.
  func rearranged(_ dimensions: [Int], _ places: [Int]) -> ONNXTensor? {
    let moved: Numbers
    switch numbers {
    case .float32(let values): moved = .float32(places.map { values[$0] })
    case .float64(let values): moved = .float64(places.map { values[$0] })
    case .int32(let values): moved = .int32(places.map { values[$0] })
    case .int64(let values): moved = .int64(places.map { values[$0] })
    case .bool(let values): moved = .bool(places.map { values[$0] })
    case .packed(let element, let bytes):
      guard let size = element.stored?.byteCount else { return nil }
      moved = .packed(element, places.flatMap { bytes[$0 * size..<($0 + 1) * size] })
    case .unread: return nil
    }
    return ONNXTensor(name, dimensions, moved)
  }

  /// The same numbers in a shape of as many; nil if it has another number of them.
  func reshaped(_ dimensions: [Int]) -> ONNXTensor? {
    guard dimensions.allSatisfy({ $0 >= 0 }), StoredType.u8.byteCount(of: dimensions) == count else { return nil }
    return ONNXTensor(name, dimensions, numbers)
  }

  /// The places of a range of every dimension, the last of which runs fastest: `starts[d] + i · steps[d]` for i below
  /// `counts[d]`, with the dimensions in this order.
  func places(_ order: [Int], starts: [Int], counts: [Int], steps: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: dimensions.count)
    for axis in dimensions.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * dimensions[axis + 1] }
    var places = [0]
    for axis in order {
      let offsets = (0..<counts[axis]).map { (starts[axis] + $0 * steps[axis]) * strides[axis] }
      places = places.flatMap { place in offsets.map { place + $0 } }
    }
    return places
  }

  /// Dimension `order[d]` becomes dimension d. Traps unless the order is one of all dimensions.
  func transposed(_ order: [Int]) -> ONNXTensor? {
    let zeros = dimensions.map { _ in 0 }
    return rearranged(
      order.map { dimensions[$0] }, places(order, starts: zeros, counts: dimensions, steps: zeros.map { _ in 1 }))
  }

  /// Along a dimension the places `start`, `start + step`, …, before `end`, with ONNX's rules: negative numbers count from
  /// the end, and what lies outside is moved to the edge.
  func sliced(_ axis: Int, from start: Int, to end: Int, by step: Int) -> ONNXTensor? {
    let length = dimensions[axis]
    guard step != 0, step != .min else { return nil }
    func place(_ position: Int, _ edges: ClosedRange<Int>) -> Int {
      min(max(position < 0 ? position + length : position, edges.lowerBound), edges.upperBound)
    }
    let count: Int
    let first: Int
    if step > 0 {
      first = place(start, 0...length)
      let span = place(end, 0...length) - first
      count = span > 0 ? (span - 1) / step + 1 : 0
    } else {
      guard length > 0 else { return self }
      first = place(start, 0...length - 1)
      let span = first - place(end, -1...length - 1)
      count = span > 0 ? (span - 1) / -step + 1 : 0
    }
    var (starts, counts, steps) = (dimensions.map { _ in 0 }, dimensions, dimensions.map { _ in 1 })
    (starts[axis], counts[axis], steps[axis]) = (first, count, step)
    return rearranged(counts, places(Array(dimensions.indices), starts: starts, counts: counts, steps: steps))
  }

  /// Tensors one after the other along a dimension; nil if their types or their other dimensions differ.
  static func concatenated(_ tensors: [ONNXTensor], _ axis: Int) -> ONNXTensor? {
    guard var all = tensors.first, all.dimensions.indices.contains(axis) else { return nil }
    let inner = all.dimensions[(axis + 1)...].reduce(1, *)
    let outer = all.dimensions[..<axis].reduce(1, *)
    var offsets: [(first: Int, length: Int)] = []
    var total = 0
    for (index, tensor) in tensors.enumerated() {
      var same = tensor.dimensions
      guard same.count == all.dimensions.count else { return nil }
      same[axis] = all.dimensions[axis]
      guard same == all.dimensions, index == 0 || all.append(tensor.numbers) else { return nil }
      offsets.append((total, tensor.dimensions[axis] * inner))
      total += tensor.count
    }
    var places: [Int] = []
    places.reserveCapacity(total)
    for row in 0..<outer {
      for part in offsets { places += (part.first + row * part.length)..<(part.first + (row + 1) * part.length) }
    }
    var dimensions = all.dimensions
    dimensions[axis] = tensors.reduce(0) { $0 + $1.dimensions[axis] }
    return all.rearranged(dimensions, places)
  }

  /// Adds numbers of the same type behind the own; false if theirs is another.
  private mutating func append(_ other: Numbers) -> Bool {
    switch (numbers, other) {
    case (.float32(let own), .float32(let others)): numbers = .float32(own + others)
    case (.float64(let own), .float64(let others)): numbers = .float64(own + others)
    case (.int32(let own), .int32(let others)): numbers = .int32(own + others)
    case (.int64(let own), .int64(let others)): numbers = .int64(own + others)
    case (.bool(let own), .bool(let others)): numbers = .bool(own + others)
    case (.packed(let element, let own), .packed(let other, let others)) where element == other:
      numbers = .packed(element, own + others)
    case (.float32, _), (.float64, _), (.int32, _), (.int64, _), (.bool, _), (.packed, _), (.unread, _): return false
    }
    return true
  }

  /// The numbers as floats of another type: exact if it is wider. Nil if the types are others.
  func converted(to element: ONNXElement) -> ONNXTensor? {
    if element == self.element { return self }
    switch (numbers, element) {
    case (.float32(let values), .float64): return ONNXTensor(name, dimensions, .float64(values.map(Double.init)))
    case (.float64(let values), .float32): return ONNXTensor(name, dimensions, .float32(values.map { Float($0) }))
    case (.int32(let values), .int64): return ONNXTensor(name, dimensions, .int64(values.map(Int64.init)))
    case (.packed, .float32):
      // Floats of 16 bits are widened as they are read.
      guard let tensor, case .float32(let values) = tensor.storage else { return nil }
      return ONNXTensor(name, dimensions, .float32(values))
    case (.packed, .float64): return converted(to: .float32)?.converted(to: .float64)
    case (_, _): return nil
    }
  }
}

internal import EbbGraph
package import EbbTensors

extension InputRules {
  /// Throws the first value that breaks a rule.
  ///
  /// Values of a wrong type or rank are skipped: a run reports what it expects.
  ///
  /// - Parameters:
  ///   - values: Inputs by name; missing ones are not checked.
  ///   - isFinite: Whether floats must be finite.
  package func check(_ values: [String: Tensor], isFinite: Bool = true) throws(TrainingError) {
    for input in inputs {
      guard let tensor = values[input.name], tensor.element == input.type.element, fits(tensor, input.type) else {
        continue
      }
      for rule in input.rules where isFinite || rule.demand != .finite {
        let bounds = bounds(of: rule, values)
        if !tensor.isWithin(bounds, features: rule.features, of: input.type.shape.count) {
          try report(tensor, input, rule, bounds, values)
        }
      }
    }
  }

  private func fits(_ tensor: Tensor, _ type: NodeType) -> Bool {
    tensor.dimensions.count == type.domain.count + type.shape.rank
      && Array(tensor.dimensions[type.domain.count...]) == type.shape.array
  }

  private func bounds(of rule: Rule, _ values: [String: Tensor]) -> InputBounds {
    switch rule.demand {
    case .finite: .finite
    case .probability: .closed(0, 1)
    case .index(.rows(let count, _)), .index(.entries(let count)): .whole(below: count)
    case .index(.axis(let axis)): .whole(below: graph.axisLengths(values)[axis] ?? .max)
    }
  }

  /// Finds the first value that breaks the rule inside its sequence, and throws it.
  private func report(
    _ tensor: Tensor, _ input: Input, _ rule: Rule, _ bounds: InputBounds, _ values: [String: Tensor]
  ) throws(TrainingError) {
    let axes = Array(input.type.domain)
    let width = input.type.shape.count
    let ends = axes.indices.compactMap { end(of: $0, among: axes, values) }
    let numbers = tensor.doubles
    var indices = [Int](repeating: 0, count: axes.count)
    for row in 0..<(numbers.count / max(1, width)) {
      guard let feature = rule.features.first(where: { !bounds.contains(numbers[row * width + $0]) }) else { continue }
      var rest = row
      for place in axes.indices.reversed() {
        indices[place] = rest % tensor.dimensions[place]
        rest /= tensor.dimensions[place]
      }
      if ends.contains(where: { $0.isBeyond(indices) }) { continue }
      throw .input(
        InputError(
          input: input.name, place: place(Array(zip(axes, indices)), width > 1 ? feature : nil),
          value: numbers[row * width + feature], expected: expected(rule, bounds)))
    }
  }

  /// The ends of sequences along the ragged axis at one dimension of an input, by the indices of other dimensions.
  private struct End {
    var place: Int
    var lengthPlaces: [Int]
    var lengths: Tensor
    var numbers: [Double]

    func isBeyond(_ indices: [Int]) -> Bool {
      let position = zip(lengthPlaces, lengths.dimensions).reduce(0) { $0 * $1.1 + indices[$1.0] }
      return position < numbers.count && Double(indices[place]) >= numbers[position]
    }
  }

  /// The ends along an axis, if it is ragged and the input has the axes of its lengths.
  private func end(of place: Int, among axes: [Axis], _ values: [String: Tensor]) -> End? {
    guard let lengths = lengths[axes[place]], let tensor = values[lengths.name] else { return nil }
    let places = lengths.axes.compactMap { axes.firstIndex(of: $0) }
    guard places.count == lengths.axes.count, places.count == tensor.dimensions.count else { return nil }
    return End(place: place, lengthPlaces: places, lengths: tensor, numbers: tensor.doubles)
  }

  /// "sample 4, step 2, feature 0"
  private func place(_ indices: [(Axis, Int)], _ feature: Int?) -> String {
    func name(_ axis: Axis) -> String {
      let kind = graph.axes[axis.index].kind
      guard graph.axes.count(where: { $0.kind == kind }) == 1 else { return graph.axes[axis.index].name }
      switch kind {
      case .time: return "step"
      case .batch: return "sample"
      }
    }
    let batchFirst = indices.sorted { left, right in
      graph.axes[left.0.index].kind == .batch && graph.axes[right.0.index].kind == .time
    }
    return (batchFirst.map { "\(name($0.0)) \($0.1)" } + (feature.map { ["feature \($0)"] } ?? []))
      .joined(separator: ", ")
  }

  private func expected(_ rule: Rule, _ bounds: InputBounds) -> String {
    switch rule.demand {
    case .finite: "a finite number is expected"
    case .probability: "a target of binaryCrossEntropy is in 0 ... 1"
    case .index(.rows(let count, let name?)): "it is a row of \(name), which are 0 ... \(count - 1)"
    case .index(.rows(let count, nil)): "it is one of \(count) classes, which are 0 ... \(count - 1)"
    case .index(.entries(let count)): "it is the place of an entry, which are 0 ... \(count - 1)"
    case .index(.axis(let axis)):
      "it is an index of the axis \(graph.axes[axis.index].name)" + (bounds.largest.map { ", 0 ... \($0)" } ?? "")
    }
  }
}

/// The numbers that a rule allows.
enum InputBounds {
  case finite
  case closed(Double, Double)
  case whole(below: Int)

  func contains(_ value: Double) -> Bool {
    switch self {
    case .finite: value.isFinite
    case .closed(let low, let high): value >= low && value <= high
    case .whole(let limit): value >= 0 && value < Double(limit) && value == value.rounded(.towardZero)
    }
  }

  /// The largest whole number.
  fileprivate var largest: Int? {
    guard case .whole(let limit) = self, limit < .max else { return nil }
    return limit - 1
  }
}

extension Tensor {
  /// Whether all numbers at these features are allowed, in one pass: usually the only cost for a batch.
  fileprivate func isWithin(_ bounds: InputBounds, features: [Int], of width: Int) -> Bool {
    if features.count == width, case .finite = bounds {
      // In the order of their bits infinity comes after all numbers, and NaN after infinity.
      switch storage {
      case .float32(let values): return values.largest { $0.magnitude.bitPattern } < Float.infinity.bitPattern
      case .float64(let values): return values.largest { $0.magnitude.bitPattern } < Double.infinity.bitPattern
      case .int32, .bool: return true
      }
    }
    if features.count == width, case .whole(let limit) = bounds, case .int32(let values) = storage {
      return values.lie(below: limit)
    }
    func all<Number>(_ values: [Number], _ double: (Number) -> Double) -> Bool {
      stride(from: 0, to: values.count, by: max(1, width)).allSatisfy { row in
        features.allSatisfy { bounds.contains(double(values[row + $0])) }
      }
    }
    switch storage {
    case .float32(let values): return all(values) { Double($0) }
    case .float64(let values): return all(values) { $0 }
    case .int32(let values): return all(values) { Double($0) }
    case .bool(let values): return all(values) { $0 ? 1 : 0 }
    }
  }
}

extension Array {
  /// The largest of the elements' bits as unsigned numbers.
  @inline(__always)
  fileprivate func largest<Bits: FixedWidthInteger & UnsignedInteger>(_ bits: (Element) -> Bits) -> Bits {
    let span = span
    var largest: Bits = 0
    for index in 0..<span.count { largest = Swift.max(largest, bits(span[index])) }
    return largest
  }
}

extension [Int32] {
  fileprivate func lie(below limit: Int) -> Bool {
    // As unsigned numbers, negative ones are the largest.
    isEmpty || Int(largest { UInt32(bitPattern: $0) }) < limit
  }
}

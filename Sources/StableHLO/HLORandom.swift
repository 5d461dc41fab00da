internal import EbbGraph
internal import EbbTensors

/// Random numbers in a module: the same as everywhere, functions of the seed, the run, the stream and the indices
/// (`Philox`).
package struct HLORandom {
  /// The argument of a module for a part of a batch: the number of its first sample in the whole.
  package static let firstSample = "first_sample"
  /// The axes whose indices number samples from that one on; none in a module for a whole batch.
  private let partial: Domain
  private var words: [String: [HLOValue]] = [:]

  init(partial: Domain) { self.partial = partial }

  /// The seed, the run and the first sample: arguments of type ui64, there only if random numbers are drawn.
  static func arguments(isPart: Bool) -> [String] { ["seed", "run"] + (isPart ? [firstSample] : []) }

  static func isNeeded(_ graph: Graph) -> Bool {
    graph.operations.contains { if case .random = $0 { true } else { false } }
  }

  /// The numbers over the node's axes and features.
  mutating func value(
    _ distribution: Distribution, _ stream: UInt32, _ type: NodeType, _ writer: inout HLOWriter, named name: String?
  ) -> HLOValue {
    let dims = writer.dims(type.domain, type.shape.array)
    let shape = IndexSpace(dims: dims, axes: type.domain)
    let key = key(stream, &writer)
    // The counter: the indices of up to three axes, and the number of the feature.
    let axes = Array(type.domain)
    var counter = (0..<3).map { place -> HLOValue in
      guard place < axes.count else { return shape.number(0, .ui32, &writer) }
      let index = writer.indices(dims, along: place, type.domain, .ui32)
      guard partial.contains(axes[place]) else { return index }
      let first = writer.once("first sample") { writer in
        writer.convert(Self.argument(Self.firstSample), .ui32, named: "first")
      }
      return writer.apply("add", index, writer.broadcast(first, type.domain, type.shape.array))
    }
    counter.append(shape.feature(&writer))
    let block = Self.block(counter, key, shape, &writer)
    let first = Self.unit(block[0], block[1], shape, &writer)
    let element = HLOElement(type.element)
    switch distribution {
    case .uniform: return writer.convert(first, element, named: name ?? "uniform")
    case .normal:
      // z = √(−2 ln(1 − u)) · cos(2π v)
      let second = Self.unit(block[2], block[3], shape, &writer)
      let (one, two) = (writer.number(1, .f64), writer.number(-2, .f64))
      let logarithm = writer.apply("log", writer.apply("subtract", one, first))
      let radius = writer.apply("sqrt", writer.apply("multiply", two, logarithm))
      let angle = writer.apply("multiply", second, writer.number(2 * Double.pi, .f64))
      let normal = writer.apply("multiply", radius, writer.apply("cosine", angle))
      return writer.convert(normal, element, named: name ?? "normal")
    }
  }

  /// Values of one shape.
  private struct IndexSpace {
    let dims: [Int]
    let axes: Domain

    func number(_ number: Double, _ element: HLOElement, _ writer: inout HLOWriter) -> HLOValue {
      let shape = Array(dims.dropFirst(axes.count))
      return writer.broadcast(writer.number(number, element), axes, shape)
    }

    /// The number of each feature, row-major.
    func feature(_ writer: inout HLOWriter) -> HLOValue {
      var result = number(0, .ui32, &writer)
      var stride = 1
      for place in (axes.count..<dims.count).reversed() {
        var index = writer.indices(dims, along: place, axes, .ui32)
        if stride > 1 { index = writer.apply("multiply", index, number(Double(stride), .ui32, &writer)) }
        result = stride == 1 ? index : writer.apply("add", result, index)
        stride *= dims[place]
      }
      return result
    }
  }

  private static func argument(_ name: String) -> HLOValue {
    HLOValue(name: "%" + name, element: .ui64, axes: .empty, dims: [])
  }

  /// The key of a stream: two words.
  private mutating func key(_ stream: UInt32, _ writer: inout HLOWriter) -> [HLOValue] {
    if let known = words["\(stream)"] { return known }
    let run = writer.once("random run") { writer in
      let seed = Self.mix(Self.argument("seed"), &writer)
      return Self.mix(writer.apply("xor", seed, Self.argument("run")), &writer)
    }
    let mixed = Self.mix(writer.apply("xor", run, writer.number(Double(stream), .ui64)), &writer)
    let high = writer.apply("shift_right_logical", mixed, writer.number(32, .ui64))
    let result = [writer.convert(mixed, .ui32, named: "key"), writer.convert(high, .ui32, named: "key")]
    words["\(stream)"] = result
    return result
  }

  /// The finaliser of SplitMix64.
  private static func mix(_ x: HLOValue, _ writer: inout HLOWriter) -> HLOValue {
    func constant(_ number: UInt64) -> HLOValue { writer.integer(number, .ui64) }
    func stirred(_ z: HLOValue, _ bits: UInt64) -> HLOValue {
      writer.apply("xor", z, writer.apply("shift_right_logical", z, constant(bits)))
    }
    var z = writer.apply("add", x, constant(0x9E37_79B9_7F4A_7C15))
    z = writer.apply("multiply", stirred(z, 30), constant(0xBF58_476D_1CE4_E5B9))
    z = writer.apply("multiply", stirred(z, 27), constant(0x94D0_49BB_1331_11EB))
    return stirred(z, 31)
  }

  /// Ten rounds on four words.
  private static func block(
    _ counter: [HLOValue], _ key: [HLOValue], _ shape: IndexSpace, _ writer: inout HLOWriter
  ) -> [HLOValue] {
    var counter = counter
    var key = key
    for round in 0..<10 {
      let first = product(counter[0], 0xD251_1F53, &writer)
      let second = product(counter[2], 0xCD9E_8D57, &writer)
      counter = [
        writer.apply("xor", writer.apply("xor", second.high, counter[1]), key[0]), second.low,
        writer.apply("xor", writer.apply("xor", first.high, counter[3]), key[1]), first.low,
      ]
      if round < 9 {
        key[0] = writer.apply("add", key[0], writer.integer(0x9E37_79B9, .ui32))
        key[1] = writer.apply("add", key[1], writer.integer(0xBB67_AE85, .ui32))
      }
    }
    return counter
  }

  /// The upper and the lower word of a product.
  private static func product(
    _ x: HLOValue, _ factor: UInt64, _ writer: inout HLOWriter
  ) -> (high: HLOValue, low: HLOValue) {
    let wide = writer.apply("multiply", writer.convert(x, .ui64), writer.integer(factor, .ui64))
    let high = writer.apply("shift_right_logical", wide, writer.integer(32, .ui64))
    return (writer.convert(high, .ui32), writer.convert(wide, .ui32))
  }

  /// 53 bits of two words as a Float64 in [0, 1).
  private static func unit(
    _ high: HLOValue, _ low: HLOValue, _ shape: IndexSpace, _ writer: inout HLOWriter
  ) -> HLOValue {
    let upper = writer.apply("shift_left", writer.convert(high, .ui64), writer.integer(21, .ui64))
    let lower = writer.apply("shift_right_logical", writer.convert(low, .ui64), writer.integer(11, .ui64))
    let bits = writer.convert(writer.apply("or", upper, lower), .f64)
    return writer.apply("multiply", bits, writer.number(0x1p-53, .f64))
  }
}

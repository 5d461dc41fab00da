public import EbbTensors

/// The sizes of stacked recurrent layers, from the shapes of their tensors.
public struct LayerSizes: Hashable, Sendable {
  /// The features of the first layer's input.
  public var features: Int
  /// The number of units of each layer, in one direction.
  public var units: Int
  /// How many layers there are.
  public var layers: Int
  /// Whether each layer runs in both directions.
  public var isBidirectional: Bool

  /// - Parameters:
  ///   - tensors: The file's tensors by name; only those of two dimensions count, or of three in ONNX.
  ///   - convention: The convention of the tensors' names; nil for the library's own.
  ///   - module: The prefix of the layers' names.
  /// - Returns: nil if there are no recurrent layers with these names.
  public init?(of tensors: [String: Tensor], _ convention: WeightConvention?, module: String = "") {
    let prefix = module.isEmpty ? "" : module + (convention == .keras ? "/" : ".")
    // ONNX's have a first dimension for directions.
    let rank = convention == .onnx ? 3 : 2
    let inner = tensors.filter { $0.key.hasPrefix(prefix) && $0.value.dimensions.count == rank }
    let shapes = Dictionary(
      uniqueKeysWithValues: inner.map { (String($0.key.dropFirst(prefix.count)), $0.value.dimensions) })
    let found =
      switch convention {
      case .pytorch?: Self.pytorch(shapes)
      case .keras?: Self.pairs(shapes, overInput: "kernel", overHidden: "recurrent_kernel", "forward_")
      case .flax?: Self.pairs(shapes, overInput: "dense_i.kernel", overHidden: "dense_h.kernel", "forward_rnn.")
      case .onnx?: Self.onnx(shapes)
      case nil: Self.own(shapes)
      }
    guard let found, found.features >= 1, found.units >= 1 else { return nil }
    self = found
  }

  private init(features: Int, units: Int, layers: Int, isBidirectional: Bool) {
    (self.features, self.units, self.layers, self.isBidirectional) = (features, units, layers, isBidirectional)
  }

  /// weight_ih_l{k}[_reverse] [GH, I] and weight_hh_… [GH, H], or weight_hr_… [P, H]; without _l{k} for cells; after
  /// `0.`, `1.`, … for lists of modules.
  private static func pytorch(_ shapes: [String: [Int]]) -> LayerSizes? {
    func first(_ part: String) -> [Int]? {
      ["\(part)_l0", part, "0.\(part)_l0", "0.\(part)"].lazy.compactMap { shapes[$0] }.first
    }
    guard let input = first("weight_ih"), let hidden = first("weight_hh") else { return nil }
    let names = shapes.keys.filter { $0.contains("weight_ih") }
    let backward = names.count { $0.hasSuffix("_reverse") }
    return LayerSizes(
      features: input[1], units: first("weight_hr")?[1] ?? hidden[1], layers: names.count - backward,
      isBidirectional: backward > 0)
  }

  /// Keras's and Flax's layers: each has a kernel over x [I, GH] and one over h [H, GH]; the first layer has the
  /// shortest name.
  private static func pairs(
    _ shapes: [String: [Int]], overInput: String, overHidden: String, _ forward: String
  ) -> LayerSizes? {
    let places = shapes.keys.filter {
      $0 == overHidden || $0.hasSuffix("/" + overHidden) || $0.hasSuffix("." + overHidden)
    }
    .map { String($0.dropLast(overHidden.count)) }
    .sorted { ($0.count, $0) < ($1.count, $1) }
    let ahead = places.filter { $0.contains(forward) }
    let isBidirectional = !ahead.isEmpty
    guard let first = isBidirectional ? ahead.first : places.first, let input = shapes[first + overInput],
      let hidden = shapes[first + overHidden]
    else { return nil }
    let layers = isBidirectional ? ahead.count : places.count
    return LayerSizes(features: input[0], units: hidden[0], layers: layers, isBidirectional: isBidirectional)
  }

  /// W [D, GH, I] and R [D, GH, H] of each layer; the first one has the shortest name.
  private static func onnx(_ shapes: [String: [Int]]) -> LayerSizes? {
    let places = shapes.keys.filter { $0 == "R" || $0.hasSuffix(".R") }.map { String($0.dropLast()) }
      .sorted { ($0.count, $0) < ($1.count, $1) }
    guard let first = places.first, let input = shapes[first + "W"], let hidden = shapes[first + "R"] else {
      return nil
    }
    return LayerSizes(features: input[2], units: hidden[2], layers: places.count, isBidirectional: hidden[0] == 2)
  }

  /// The weight of the first gate over [h, x], of shape [H + I, H].
  private static func own(_ shapes: [String: [Int]]) -> LayerSizes? {
    let gates = ["forget", "update", "recurrent"].map { $0 + ".weight" }
    for gate in gates {
      let places = shapes.keys.filter { $0 == gate || $0.hasSuffix("." + gate) }
      guard let first = places.min(by: { ($0.count, $0) < ($1.count, $1) }), let shape = shapes[first] else { continue }
      let ahead = places.count { $0.hasSuffix("forward." + gate) }
      return LayerSizes(
        features: shape[0] - shape[1], units: shape[1], layers: ahead > 0 ? ahead : places.count,
        isBidirectional: ahead > 0)
    }
    return nil
  }
}

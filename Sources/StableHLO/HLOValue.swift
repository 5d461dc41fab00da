internal import EbbGraph
internal import EbbTensors

/// The element types of a module.
enum HLOElement: String, Hashable, Sendable {
  case f32, f64, i32, i1, ui32, ui64

  init(_ element: ElementType) {
    switch element {
    case .float32: self = .f32
    case .float64: self = .f64
    case .int32: self = .i32
    case .bool: self = .i1
    }
  }

  var isFloat: Bool { self == .f32 || self == .f64 }

  /// How numbers of the type are compared.
  var comparison: String {
    switch self {
    case .f32, .f64: "FLOAT"
    case .i32: "SIGNED"
    case .i1, .ui32, .ui64: "UNSIGNED"
    }
  }
}

/// A value of a module: an array whose first dimensions are those of some axes, in the order of the graph, and whose
/// others are features.
///
/// A value that is the same at all indices of an axis lacks it: it is computed and stored once, and broadcast where it
/// meets others.
struct HLOValue: Hashable, Sendable {
  /// With its percent sign.
  var name: String
  var element: HLOElement
  var axes: Domain
  /// The lengths of the axes, then the feature shape.
  var dims: [Int]

  var shape: [Int] { Array(dims.dropFirst(axes.count)) }
  /// `tensor<7x3xf32>`
  var type: String { hloType(element, dims) }

  /// The dimension that an axis is.
  func position(of axis: Axis) -> Int {
    guard let position = Array(axes).firstIndex(of: axis) else { preconditionFailure("a value without the axis") }
    return position
  }
}

/// `tensor<7x3xf32>`
func hloType(_ element: HLOElement, _ dims: [Int]) -> String {
  "tensor<\(dims.map { "\($0)x" }.joined())\(element.rawValue)>"
}

/// A number as MLIR reads it: with a point, or as bits where there is no decimal.
func hloNumber(_ number: Double, _ element: HLOElement) -> String {
  switch element {
  case .i1: return number != 0 ? "true" : "false"
  case .i32: return "\(Int32(clamping: Int(number)))"
  case .ui32: return "\(UInt32(number))"
  case .ui64: return "\(UInt64(number))"
  case .f32:
    let value = Float(number)
    return value.isFinite ? pointed("\(value)") : "0x" + hexadecimal(UInt64(value.bitPattern), digits: 8)
  case .f64:
    return number.isFinite ? pointed("\(number)") : "0x" + hexadecimal(number.bitPattern, digits: 16)
  }
}

private func hexadecimal(_ bits: UInt64, digits: Int) -> String {
  let text = String(bits, radix: 16, uppercase: true)
  return String(repeating: "0", count: digits - text.count) + text
}

/// `1e-05` → `1.0e-05`
private func pointed(_ text: String) -> String {
  guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
  return text[..<exponent] + ".0" + text[exponent...]
}

import Foundation

/// Arithmetic that is wider than what it judges, with the functions that the graph has.
protocol Wide: BinaryFloatingPoint {
  static func exponential(_ x: Self) -> Self
  static func exponentialMinusOne(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func logarithmOfOnePlus(_ x: Self) -> Self
  static func sine(_ x: Self) -> Self
  static func cosine(_ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self
  static func power(_ x: Self, _ y: Self) -> Self
}

extension Double: Wide {
  static func exponential(_ x: Double) -> Double { exp(x) }
  static func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
  static func logarithm(_ x: Double) -> Double { log(x) }
  static func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
  static func sine(_ x: Double) -> Double { sin(x) }
  static func cosine(_ x: Double) -> Double { cos(x) }
  static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  static func errorFunction(_ x: Double) -> Double { erf(x) }
  static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
}

// What is computed in Float64 is judged where there is something wider.
#if arch(x86_64) && !os(Windows)
  extension Float80: Wide {
    static func exponential(_ x: Float80) -> Float80 { exp(x) }
    static func exponentialMinusOne(_ x: Float80) -> Float80 { expm1(x) }
    static func logarithm(_ x: Float80) -> Float80 { log(x) }
    static func logarithmOfOnePlus(_ x: Float80) -> Float80 { log1p(x) }
    static func sine(_ x: Float80) -> Float80 { sin(x) }
    static func cosine(_ x: Float80) -> Float80 { cos(x) }
    static func hyperbolicTangent(_ x: Float80) -> Float80 { tanh(x) }
    static func errorFunction(_ x: Float80) -> Float80 { erf(x) }
    static func power(_ x: Float80, _ y: Float80) -> Float80 { pow(x, y) }
  }
#endif

extension Wide {
  static func sigmoid(_ x: Self) -> Self { x >= 0 ? 1 / (1 + exponential(-x)) : exponential(x) / (1 + exponential(x)) }
  static func softplus(_ x: Self) -> Self { max(x, 0) + logarithmOfOnePlus(exponential(-x.magnitude)) }
}

/// ‖x‖₂ by the definition: the squares of what is judged do not leave the range of wider numbers.
func norm<W: Wide>(_ x: [W]) -> W { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
func mean<W: Wide>(_ x: [W]) -> W { x.reduce(0, +) / W(x.count) }

func softmax<W: Wide>(_ x: [W]) -> [W] {
  let largest = x.max() ?? 0
  let weights = x.map { W.exponential($0 - largest) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}

/// log softmax(x), each less than 0 by what its own exponential is not: with the digits of a small loss.
func logSoftmax<W: Wide>(_ x: [W]) -> [W] {
  let first = x.indices.max { x[$0] < x[$1] } ?? 0
  let others = x.indices.filter { $0 != first }.reduce(0) { $0 + W.exponential(x[$1] - x[first]) }
  return x.map { $0 - x[first] - W.logarithmOfOnePlus(others) }
}

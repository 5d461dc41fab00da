internal import Foundation

/// Arithmetic that is wider than what it judges, with the functions that the graph has.
public protocol Wide: BinaryFloatingPoint, Sendable {
  static func exponential(_ x: Self) -> Self
  static func exponentialMinusOne(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func logarithmOfOnePlus(_ x: Self) -> Self
  static func sine(_ x: Self) -> Self
  static func cosine(_ x: Self) -> Self
  static func angle(_ y: Self, _ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self
  static func power(_ x: Self, _ y: Self) -> Self
}

extension Double: Wide {
  public static func exponential(_ x: Double) -> Double { exp(x) }
  public static func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
  public static func logarithm(_ x: Double) -> Double { log(x) }
  public static func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
  public static func sine(_ x: Double) -> Double { sin(x) }
  public static func cosine(_ x: Double) -> Double { cos(x) }
  public static func angle(_ y: Double, _ x: Double) -> Double { atan2(y, x) }
  public static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  public static func errorFunction(_ x: Double) -> Double { erf(x) }
  public static func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
}

// What is computed in Float64 is judged where there is something wider.
#if arch(x86_64) && !os(Windows)
  extension Float80: Wide {
    public static func exponential(_ x: Float80) -> Float80 { exp(x) }
    public static func exponentialMinusOne(_ x: Float80) -> Float80 { expm1(x) }
    public static func logarithm(_ x: Float80) -> Float80 { log(x) }
    public static func logarithmOfOnePlus(_ x: Float80) -> Float80 { log1p(x) }
    public static func sine(_ x: Float80) -> Float80 { sin(x) }
    public static func cosine(_ x: Float80) -> Float80 { cos(x) }
    public static func angle(_ y: Float80, _ x: Float80) -> Float80 { atan2(y, x) }
    public static func hyperbolicTangent(_ x: Float80) -> Float80 { tanh(x) }
    public static func errorFunction(_ x: Float80) -> Float80 { erf(x) }
    public static func power(_ x: Float80, _ y: Float80) -> Float80 { pow(x, y) }
  }
#endif

extension Wide {
  public static func sigmoid(_ x: Self) -> Self {
    x >= 0 ? 1 / (1 + exponential(-x)) : exponential(x) / (1 + exponential(x))
  }
  public static func softplus(_ x: Self) -> Self { max(x, 0) + logarithmOfOnePlus(exponential(-x.magnitude)) }
}

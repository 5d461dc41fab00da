internal import Foundation

/// The origin of the first infinite or NaN number, which was computed from finite numbers only.
///
/// Only numbers that reach the loss or a parameter's gradient count: an infinity that a `select` discards does not.
public struct NonFiniteOrigin: Sendable, Hashable {
  /// The half of the computation in which it arose.
  public enum Pass: String, Sendable, Hashable {
    /// In computing the loss.
    case forward
    /// In computing the gradients.
    case backward
  }

  /// An operand of the operation.
  public struct Operand: Sendable, Hashable {
    /// The operand as an expression, with the user's names.
    public var expression: String
    /// The number at this place; if the operation reads many, the one of largest magnitude. Nil if the operand is not a
    /// float.
    public var value: Double?
  }

  /// An index along an axis.
  public struct Index: Sendable, Hashable {
    /// The axis's name.
    public var axis: String
    /// From 0.
    public var index: Int
  }

  /// The half of the computation in which it arose.
  public var pass: Pass
  /// The operation's keyword in printed graphs: `log`, `divide`, `product`.
  public var operation: String
  /// The user's name of the value, or the adjoint as `dL/dh`; nil if it has none.
  public var name: String?
  /// The value as an equation of named values: `log(1 − square(h))`.
  public var expression: String
  /// The nearest named value that depends on it.
  public var leadsTo: String?
  /// Its place along all axes of the value, including time and samples.
  public var indices: [Index]
  /// t, from 1; nil if the value has no time axis.
  public var step: Int?
  /// From 0; nil if the value has no axis of samples.
  public var sample: Int?
  /// The feature, from 0, row by row.
  public var unit: Int
  /// ∞, −∞ or NaN.
  public var value: Double
  /// The operands of the operation.
  public var operands: [Operand]
  /// The nonfinite results: the loss, or the gradients of parameters.
  public var reached: [String]
}

extension NonFiniteOrigin: CustomStringConvertible {
  /// One sentence: `log(x) is nan at step 4, sample 1, unit 0, on the way to h (forward): x = -0.25`.
  public var description: String {
    var place = step.map { ["step \($0)"] } ?? []
    if let sample { place.append("sample \(sample)") }
    place.append("unit \(unit)")
    var text = "\(expression) is \(value) at \(place.joined(separator: ", "))"
    if let leadsTo, leadsTo != expression { text += ", on the way to \(leadsTo)" }
    text += " (\(pass.rawValue))"
    let values = operands.compactMap { operand in
      operand.value.map { "\(operand.expression) = \(String(format: "%.6g", $0))" }
    }
    return values.isEmpty ? text : text + ": " + values.joined(separator: ", ")
  }
}

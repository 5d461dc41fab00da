internal import Foundation

/// Where the first number that is infinite or NaN arose: all that it was computed from was finite.
///
/// Only numbers that reach the loss or a parameter's gradient count: an infinity that a `select` leaves out does not.
public struct NonFiniteOrigin: Sendable, Hashable {
  /// Which half of the computation it arose in.
  public enum Pass: String, Sendable, Hashable {
    /// In computing the loss.
    case forward
    /// In computing the gradients.
    case backward
  }

  /// What the operation was given.
  public struct Operand: Sendable, Hashable {
    /// The operand as an expression, under the user's names.
    public var expression: String
    /// The number at this place; where the operation reads many, that of the largest magnitude. Nil of what is no float.
    public var value: Double?
  }

  /// An index along an axis.
  public struct Index: Sendable, Hashable {
    /// The axis's name.
    public var axis: String
    /// From 0.
    public var index: Int
  }

  /// Which half of the computation it arose in.
  public var pass: Pass
  /// The operation's word, as printed graphs have it: `log`, `divide`, `product`.
  public var operation: String
  /// The name that the user gave to the value, or the adjoint's as `dL/dh`; nil if it has none.
  public var name: String?
  /// The value as an equation of named values: `log(1 − square(h))`.
  public var expression: String
  /// The nearest named value that is computed from it.
  public var leadsTo: String?
  /// Where it arose, along all axes of the value, time and samples among them.
  public var indices: [Index]
  /// t, from 1; nil if the value has no time axis.
  public var step: Int?
  /// From 0; nil if the value has no axis of samples.
  public var sample: Int?
  /// The feature, from 0, row by row.
  public var unit: Int
  /// ∞, −∞ or NaN.
  public var value: Double
  /// What the operation was given.
  public var operands: [Operand]
  /// What is not finite in the end: the loss, or the gradients of parameters.
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

/// An invalid value of an input: which one, where, and what would be right.
public struct InputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The input's name.
  public var input: String
  /// The place of the value: its indices from 0, as "sample 4, step 2".
  public var place: String
  /// The value.
  public var value: Double
  /// What would be right, and why.
  public var expected: String

  public var description: String {
    let shown = value == value.rounded() && abs(value) < 0x1p53 ? "\(Int(value))" : "\(value)"
    return "\(input)\(place.isEmpty ? "" : " at " + place) is \(shown); \(expected)"
  }
}

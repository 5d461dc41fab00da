/// A predicted ‖dL/dhₜ‖ of a state, to be drawn over the measured one.
public struct TheoryCurve: Sendable, Hashable {
  /// The state whose gradient is predicted.
  public var state: String
  /// Which theory, in a word or two.
  public var name: String
  /// For t = 1 … T, through the measured norm at t = T.
  public var norms: [Double]
  /// What the theory was given and says, in a sentence.
  public var explanation: String
}

/// The flow of a loss's gradient back through the states of a recurrence.
public struct GradientFlow: Sendable, Hashable {
  /// A state's gradients.
  public struct State: Codable, Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// dL/dh_t, over all uses of h_t now and later.
    public var total: NormCurve
    /// ∂L/∂h_t with the later states held fixed; nil if it was not requested.
    public var direct: NormCurve?
  }

  /// A gradient that was clipped inside the recurrence.
  public struct ClipEvent: Sendable, Hashable {
    /// The state's name.
    public var state: String
    /// t, from 1.
    public var step: Int
    /// From 0.
    public var sample: Int
    /// ‖dL/dh_t‖ of the sample before clipping.
    public var before: Double
    /// ‖dL/dh_t‖ of the sample after clipping.
    public var after: Double
  }

  /// The states in the order of their declaration.
  public var states: [State]
  /// By state, then from the last step to the first: in the order in which they occur.
  public var clips: [ClipEvent]
  /// The mean of the loss over the samples.
  public var loss: Double

  /// The state with this name.
  public subscript(name: String) -> State? { states.first { $0.name == name } }
}

/// Closed forms for the gradient through the states of a cell, with the measured gradients.
public struct FlowTheory: Sendable, Hashable {
  /// Which closed form predicts.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The slope ½ ln χ of h' = tanh(W h + …): `MeanFieldTheory`.
    case meanField
    /// The bound γ σ₁ of h' = φ(W h + …): `PascanuBound`.
    case pascanuBound
    /// √E σ² of the gate that multiplies a state: `GateTheory`, along the path through only that state.
    case gate
  }

  /// A prediction of ‖dL/dhₜ‖ for a loss at the last step.
  public struct Prediction: Sendable, Hashable {
    /// Which closed form predicts.
    public var kind: Kind
    /// The state's name.
    public var state: String
    /// The name of the gate; nil of the other kinds.
    public var gate: String?
    /// The quantities that it was computed from, by symbol.
    public var quantities: [String: Double]
    /// For t = 1 … T, starting from the measured ‖dL/dh_T‖.
    public var norms: [Double]
    /// The predicted factor per step back, fitted over the same steps as the measured one; for the bound, γ σ₁.
    public var factor: Double
    /// The factor of the measured curve; nil if nothing could be fitted.
    public var measuredFactor: Double?
  }

  /// The predictions that the cell's equations allow; none for cells of other forms.
  public var predictions: [Prediction]
  /// The measured curves.
  public var measured: [GradientFlow.State]
}

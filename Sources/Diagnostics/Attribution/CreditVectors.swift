/// The credit of losses as vectors: ∂L_s/∂h_t of every sample and unit, whose norms are the credit matrix.
public struct CreditVectors: Sendable, Hashable {
  /// The adjoints of one state.
  public struct State: Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// For each loss L_s, in the order of `steps`, the adjoint ∂L_s/∂h_t at every step, sample and unit.
    public var losses: [AdjointSamples]
  }

  /// The steps s of the losses, from 0.
  public var steps: [Int]
  /// The states, in the order of their declaration.
  public var states: [State]

  /// The state of this name, if there is one.
  public subscript(name: String) -> State? { states.first { $0.name == name } }
}

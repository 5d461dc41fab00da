public import EbbRecording
internal import EbbTensors

/// The clockwork RNN: groups of units with periods T₁ = 1, T₂ = 2, T₃ = 4, …, each updated only at the steps t that its
/// period divides (Koutník, Greff, Gomez & Schmidhuber, ICML 2014):
///
///     hᵍ' = tanh(Σ_{g' ≥ g} W_gg' h^g' + V_g x + b_g)      where t mod T_g = 0
///     hᵍ' = hᵍ                                             else
///
/// A group reads itself and the slower ones. The units are divided evenly, the fastest group first; t counts from 0, so that
/// all groups are updated at the first step.
public struct ClockworkRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// The groups g = 1 … G, with periods 2^(g − 1).
  public var groups: Int

  /// A cell of `units` features in groups, 1 to 30 and no more than units.
  public init(units: Int, groups: Int = 4) {
    self.units = units
    self.groups = groups
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let count = min(groups, units)
    guard (1...30).contains(count) else {
      return x.refused("ClockworkRNN: there are 1 to 30 groups, not \(groups)")
    }
    let h = scope.state("h", units)
    let group = floorDivide(scope.iota(units) * Double(count), units)
    // Entry [from, to] is used where the one that is read is not faster.
    let isRead = repeated(group, units, dimension: 1) .>= repeated(group, units)
    let weight = scope.parameter("recurrent.weight", [units, units], .orthogonal())
    let proposal = tanh(matmul(h, select(isRead, weight, 0)) + scope.affine("input", [x], units)).named("proposal")
    var period = 0 * group + 1
    for slower in 1..<max(count, 2) { period = select(group .>= Double(slower), Double(1 << slower), period) }
    let cycles = stepIndex(scope) / convert(period, to: scope.element)
    return h.next(select(cycles .== floor(cycles), proposal, h))
  }
}

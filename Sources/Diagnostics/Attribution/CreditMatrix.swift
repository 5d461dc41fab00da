internal import Foundation

/// The credit matrix: how much the loss of each step s depends on the state of each earlier step t, ‖∂L_s/∂h_t‖.
///
/// Its rows show how far back each loss reaches; its diagonals s − t = k show how credit fades with the lag. The
/// gradient through time, dL/dh_t = Σ_s ∂L_s/∂h_t, sums a column as vectors, so its norm may be far smaller than the
/// sum of the norms.
///
/// A row may stand for a block S of steps: ( Σ_{s ∈ S} ‖∂L_s/∂h_t‖² / |S| )^½, the root mean square over the block.
/// Blocks are estimated without a row for each s: for random signs ε_s, the expectation of ‖Σ_{s ∈ S} ε_s ∂L_s/∂h_t‖²
/// is Σ_{s ∈ S} ‖∂L_s/∂h_t‖² (Hutchinson 1990, equation for the trace of the Gram matrix). A block of one step needs no
/// probe and is exact.
public struct CreditMatrix: Sendable, Hashable {
  /// How the matrix is measured.
  public struct Settings: Sendable, Hashable {
    /// The number of steps s per row; 1 for the exact matrix.
    public var block: Int
    /// The number of random probes per row; unused if a row is one step.
    public var probes: Int
    /// Draws the probes.
    public var seed: UInt64
    /// The approximate number of bytes of adjoints in memory at a time.
    public var bytes: Int

    /// Settings; by default exact, with a row for each step.
    public init(block: Int = 1, probes: Int = 1, seed: UInt64 = 1, bytes: Int = 64 << 20) {
      self.block = block
      self.probes = probes
      self.seed = seed
      self.bytes = bytes
    }

    /// Exact up to 256 steps; above, 64 to 128 rows with 16 probes.
    public static func suitable(forLength length: Int, seed: UInt64 = 1) -> Settings {
      length <= 256 ? Settings(seed: seed) : Settings(block: length / 64, probes: 16, seed: seed)
    }
  }

  /// The measurement of one state.
  public struct State: Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// A row for each block of steps s, a column for each step t = 1 … T: the norm over the features, averaged over
    /// the samples that have both; NaN if none has.
    public var norms: [[Double]]
    /// The standard error that the probes leave in each norm: 0 if it is exact.
    public var standardErrors: [[Double]]
    /// Whether credit flows to earlier steps rather than later ones.
    public var flowsBackward: Bool
  }

  /// The states, in the order of their declaration.
  public var states: [State]
  /// T.
  public var length: Int
  /// The number of steps s per row; the last row may have fewer.
  public var block: Int
  /// Whether each step has its own row, without probes.
  public var isExact: Bool { block == 1 }

  /// The state of this name, if there is one.
  public subscript(name: String) -> State? { states.first { $0.name == name } }
}

extension CreditMatrix.State {
  /// For each lag k = 0 … T − 1 the mean of ‖∂L_s/∂h_{s−k}‖ over the steps s that have it; only for an exact matrix.
  public var meansByLag: [Double] {
    guard norms.count == norms.first?.count else { return [] }
    let length = norms.count
    return (0..<length).map { lag in
      let entries = (lag..<length).map { flowsBackward ? norms[$0][$0 - lag] : norms[$0 - lag][$0] }
        .filter { !$0.isNaN }
      return entries.reduce(0, +) / Double(entries.count)
    }
  }
}

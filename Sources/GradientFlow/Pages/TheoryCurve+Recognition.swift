internal import EbbLinearAlgebra
internal import EbbRecording
internal import EbbReport
internal import Foundation

/// Finds out which theory speaks of a recurrence: from the numbers of its run, not from the name or the form of its
/// equations. So a user's own cell is recognised as well.
struct TheoryRecognition {
  var space: StateSpace
  /// Jₜ of some steps.
  var jacobians: [Int: Matrix]
  /// hₜ of each state, by step, of the sample of the Jacobians.
  var states: [String: [[Double]]]
  /// Every sigmoid and tanh of that sample.
  var activations: [ActivationRecord]
  /// ‖dL/dhₜ‖ as measured.
  var profile: GradientProfile

  /// How far numbers of a run in Float64 may differ and still be called equal.
  private static let tolerance = 1e-6

  func curves() -> [TheoryCurve] {
    guard space.direction == .forward else { return [] }
    return tanhNetwork() + space.parts.flatMap { memory($0) } + mixingGate()
  }

  private func last(_ state: String) -> (norm: Double, length: Int)? {
    guard let means = profile[state]?.total.means, let norm = means.last, norm > 0, norm.isFinite else { return nil }
    return (norm, means.count)
  }

  // MARK: h' = tanh(W h + …)

  /// Of such a network Jₜ = diag(1 − hₜ²) W with the same W at every step.
  private func tanhNetwork() -> [TheoryCurve] {
    guard space.parts.count == 1, let part = space.parts.first, part.steps == 1, let trajectory = states[part.name],
      let (norm, length) = last(part.name), let weights = recurrentWeights(trajectory)
    else { return [] }
    let units = Double(part.features)
    // σ_w² = Σ W² / n;  σ_b² = the mean square of atanh hₜ − W hₜ₋₁
    let weightVariance = weights.frobeniusNorm * weights.frobeniusNorm / units
    var squares: [Double] = []
    for step in trajectory.indices.dropFirst() {
      let recurrent = weights * trajectory[step - 1]
      squares += zip(trajectory[step], recurrent).compactMap { h, sum in
        abs(h) < 1 - 1e-12 ? (atanh(h) - sum) * (atanh(h) - sum) : nil
      }
    }
    guard !squares.isEmpty else { return [] }
    let theory = MeanFieldTheory(
      weightVariance: weightVariance, biasVariance: squares.reduce(0, +) / Double(squares.count))
    var curves = [
      TheoryCurve(
        state: part.name, name: "mean field", norms: theory.gradientNorms(length: length, last: norm),
        explanation: """
          Mean-field theory of a random tanh network with σ_w² = \(readable(weightVariance)) and σ_b² = \
          \(readable(theory.biasVariance)) predicts q* = \(readable(theory.fixedVariance)), χ = \
          \(readable(theory.susceptibility())) and so a factor of √χ = \(readable(theory.factor, 4)) a step back \
          (Schoenholz et al. 2017; Chen et al. 2018).
          """)
    ]
    if let bound = try? PascanuBound(recurrentWeights: weights) {
      let verdict =
        bound.mustVanish
        ? "the gradient must vanish" : bound.canExplode ? "it could explode, and need not" : "it cannot explode"
      curves.append(
        TheoryCurve(
          state: part.name, name: "upper bound", norms: bound.gradientNorms(length: length, last: norm),
          explanation: """
            No step back can multiply the gradient by more than σ₁ = \(readable(bound.factor, 4)) of the recurrent \
            weights: \(verdict) (Pascanu et al. 2013).
            """))
    }
    return curves
  }

  private func recurrentWeights(_ trajectory: [[Double]]) -> Matrix? {
    var found: Matrix?
    for (step, jacobian) in jacobians.sorted(by: { $0.key < $1.key }) {
      let h = trajectory[step - 1]
      // Of a saturated unit 1 − h² is too small to divide by.
      guard h.allSatisfy({ 1 - $0 * $0 > 1e-7 }) else { continue }
      let weights = Matrix(rows: jacobian.rows, columns: jacobian.columns) { jacobian[$0, $1] / (1 - h[$0] * h[$0]) }
      guard let first = found else {
        found = weights
        continue
      }
      guard (first - weights).maximumNorm <= Self.tolerance * first.maximumNorm else { return nil }
    }
    return jacobians.count >= 2 ? found : nil
  }

  // MARK: c' = f ⊙ c + …

  /// A state whose own past is only multiplied, by a factor in (0, 1) on each unit: ∂cₜ/∂cₜ₋₁ is diagonal.
  private func memory(_ part: StateSpace.Part) -> [TheoryCurve] {
    guard part.steps == 1, let (norm, length) = last(part.name), !jacobians.isEmpty else { return [] }
    var gates: [Double] = []
    for jacobian in jacobians.values {
      for row in part.range {
        for column in part.range where row != column && jacobian[row, column] != 0 { return [] }
        gates.append(jacobian[row, row])
      }
    }
    guard gates.allSatisfy({ $0 > 0 && $0 < 1 }) else { return [] }
    let name = part.name
    return [curve(of: name, gates: gates, norm, length, "∂\(name)ₜ/∂\(name)ₜ₋₁ is a factor in (0, 1) on each unit")]
  }

  // MARK: h' = (1 − u) ⊙ h + u ⊙ h̃

  private func mixingGate() -> [TheoryCurve] {
    guard space.parts.count == 1, let part = space.parts.first, part.steps == 1, let trajectory = states[part.name],
      let (norm, length) = last(part.name), trajectory.count >= 2
    else { return [] }
    for gate in activations where gate.kind == .sigmoid && gate.units == part.features {
      for candidate in activations where candidate.kind == .tanh && candidate.units == part.features {
        for isComplement in [true, false] where holds(gate, candidate, trajectory, isComplement) {
          let kept = gate.steps.flatMap { $0 }.map { isComplement ? 1 - $0 : $0 }
          let name = isComplement ? "1 − \(gate.name)" : gate.name
          return [curve(of: part.name, gates: kept, norm, length, "`\(name)` keeps the state")]
        }
      }
    }
    return []
  }

  /// Whether hₜ = k ⊙ hₜ₋₁ + (1 − k) ⊙ h̃ at each step, with k the gate or its complement.
  private func holds(
    _ gate: ActivationRecord, _ candidate: ActivationRecord, _ trajectory: [[Double]], _ isComplement: Bool
  ) -> Bool {
    guard gate.steps.count == trajectory.count, candidate.steps.count == trajectory.count else { return false }
    return trajectory.indices.dropFirst().allSatisfy { step in
      trajectory[step].indices.allSatisfy { unit in
        let kept = isComplement ? 1 - gate.steps[step][unit] : gate.steps[step][unit]
        let predicted = kept * trajectory[step - 1][unit] + (1 - kept) * candidate.steps[step][unit]
        return abs(predicted - trajectory[step][unit]) <= Self.tolerance
      }
    }
  }

  /// The gates' sums, ln(f / (1 − f)), have some mean and deviation: what `GateTheory` starts from.
  private func curve(of state: String, gates: [Double], _ norm: Double, _ length: Int, _ what: String) -> TheoryCurve {
    let sums = gates.map { log($0 / (1 - $0)) }.filter(\.isFinite)
    let statistics = ActivationStatistics(sums)
    let theory = GateTheory(bias: statistics.mean, deviation: statistics.deviation)
    return TheoryCurve(
      state: state, name: "own path", norms: theory.gradientNorms(length: length, last: norm),
      explanation: """
        \(what.prefix(1).uppercased() + what.dropFirst()): \(readable(theory.mean)) in the mean, its sums with mean \
        \(readable(statistics.mean)) and deviation \(readable(statistics.deviation)). That path alone multiplies \
        the gradient by √E f² = \(readable(exp(theory.slope), 4)) a step back; all other paths are left out.
        """)
  }
}

private func readable(_ value: Double, _ digits: Int = 3) -> String { readableNumber(value, digits: digits) }

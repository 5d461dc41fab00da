import EbbCells
import EbbRecording
import Foundation
import Testing

/// The sLSTM without a stabiliser, as it is first written (Beck et al. 2024): what the cell must equal
/// wherever this does not overflow.
private struct Unstabilized: RecurrentCell {
  var units: Int
  var forgetGate: ScalarLSTM.ForgetGate

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let c = scope.state("c", units)
    let n = scope.state("n", units)
    let h = scope.state("h", units)
    let value = tanh(scope.affine("value", [h, x], units))
    let output = sigmoid(scope.affine("output", [h, x], units))
    let input = exp(scope.affine("input", [h, x], units))
    let forget = scope.affine("forget", [h, x], units)
    let keep = forgetGate == .sigmoid ? sigmoid(forget) : exp(forget)
    let cell = c.next(keep * c + input * value)
    let normalizer = n.next(keep * n + input)
    return h.next(output * cell / normalizer)
  }
}

/// The stabiliser: it changes nothing where nothing overflows, and is finite where something would.
@Suite struct ScalarLSTMTests {
  /// n = 1 and m = 0 at the start, unless it is to be empty: c = n = 0.
  private func trial(_ cell: some RecurrentCell, startsEmpty: Bool = false) throws -> Trial {
    var trial = try Trial(cell, steps: 6)
    for name in ["n.initial", "c.initial", "m.initial"] where trial.values[name] != nil {
      let start = name == "n.initial" && !startsEmpty ? 1.0 : 0
      if name != "c.initial" || startsEmpty { trial[name] = trial[name].map { _ in start } }
    }
    return trial
  }

  @Test(arguments: [ScalarLSTM.ForgetGate.sigmoid, .exponential], [false, true])
  func stabilizerChangesNeitherOutputNorGradients(forgetGate: ScalarLSTM.ForgetGate, startsEmpty: Bool) throws {
    let stable = try trial(ScalarLSTM(units: 3, forgetGate: forgetGate), startsEmpty: startsEmpty)
    var plain = try trial(Unstabilized(units: 3, forgetGate: forgetGate))
    for name in plain.values.keys { plain.values[name] = stable.values[name] }
    let names = plain.values.keys.filter { $0 != "readout" }.sorted()
    let found = try stable.run(gradients: names)
    let expected = try plain.run(gradients: names)
    for name in ["y", "loss", "h"] + names.map({ "d/" + $0 }) {
      let (left, right) = (found[name] ?? [], expected[name] ?? [])
      let scale = right.reduce(1) { max($0, abs($1)) }
      #expect(distance(left, right) < 1e-12 * scale, "\(name)")
    }
  }

  @Test func outputDoesNotDependOnTheScale() throws {
    // c eᵐ and n eᵐ are what is meant: another m with c and n to match is the same state.
    var first = try trial(ScalarLSTM(units: 3))
    let y = try #require(try first.run()["y"])
    let shift = 2.5
    first["m.initial"] = first["m.initial"].map { $0 + shift }
    for name in ["c.initial", "n.initial"] { first[name] = exp(-shift) * first[name] }
    let found = try first.run()["y"] ?? []
    #expect(distance(found, y) < 1e-13)
  }

  @Test func gradientOfTheScaleIsZero() throws {
    let found = try trial(ScalarLSTM(units: 3)).run(gradients: ["m", "c"])
    #expect((found["d/m"] ?? [1]).allSatisfy { abs($0) < 1e-13 })
    #expect((found["d/c"] ?? []).contains { abs($0) > 1e-3 })
  }

  @Test func stepsAreThePapersEquations() throws {
    let worst = try trial(ScalarLSTM(units: 3)).largestDifference { w, s, x in
      let (c, n, m, h) = (s[0], s[1], s[2], s[3])
      let logInput = w.affine("input", h, x)
      let logForget = sigmoid(w.affine("forget", h, x)).map { log($0) }
      s[2] = maximum(logForget + m, logInput)
      let (add, keep) = (exp(logInput - s[2]), exp(logForget + m - s[2]))
      s[0] = keep * c + add * tanh(w.affine("value", h, x))
      s[1] = keep * n + add
      s[3] = sigmoid(w.affine("output", h, x)) * (s[0] / s[1])
      return s[3]
    }
    #expect(worst < 1e-12)
  }

  /// c / n is a mean of the values z, weighted by k and 1 − k with k = σ(log f + log N − ĩ), where log N grows as
  /// log(f N + i): logarithms throughout, so no input can overflow.
  @Test(arguments: [-2000.0, -900, -30, 30, 900, 2000])
  func extremeInputGatesStayFinite(bias: Double) throws {
    var extreme = try trial(ScalarLSTM(units: 3), startsEmpty: true)
    // Each step far from the one before: the sign of the input decides.
    extreme["input.weight"] = extreme["input.weight"].map { $0 * abs(bias) }
    extreme["input.bias"] = extreme["input.bias"].map { _ in bias }
    let worst = try extreme.largestDifference { w, s, x in
      // s[0] is the mean c / n and s[1] is log N, −∞ at first; the others are not used.
      if s[2].isEmpty == false { (s[1], s[2]) = ([-.infinity, -.infinity, -.infinity], []) }
      let h = s[3]
      let logInput = w.affine("input", h, x)
      let kept = w.affine("forget", h, x).map { -log1p(Foundation.exp(-$0)) } + s[1]
      let k = sigmoid(kept - logInput)
      s[0] = (0..<3).map { k[$0] == 0 ? 0 : k[$0] * s[0][$0] } + (1 - k) * tanh(w.affine("value", h, x))
      let top = maximum(kept, logInput)
      s[1] = (0..<3).map { top[$0] + log(Foundation.exp(kept[$0] - top[$0]) + Foundation.exp(logInput[$0] - top[$0])) }
      s[3] = sigmoid(w.affine("output", h, x)) * s[0]
      return s[3]
    }
    #expect(worst < 1e-9)
    let names = extreme.model.parameters.map(\.name) + ["x", "h.initial", "c.initial"]
    let found = try extreme.run(gradients: names)
    for name in names { #expect((found["d/" + name] ?? [.nan]).allSatisfy { $0.isFinite }, "\(name)") }

    var plain = try trial(Unstabilized(units: 3, forgetGate: .sigmoid))
    for name in plain.values.keys { plain.values[name] = extreme.values[name] }
    let y = try #require(try plain.run()["y"])
    #expect(y.allSatisfy { $0.isFinite } == (abs(bias) < 100))
  }
}

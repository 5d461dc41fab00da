import EbbCells
import EbbRecording
import Foundation
import Testing

/// mLSTM without a stabiliser, as it is first written.
private struct Unstabilized: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let c = scope.state("C", shape: [3, 3])
    let n = scope.state("n", 3)
    func affine(_ name: String, _ units: Int = 3) -> Signal { scope.affine(name, [x], units) }
    let (query, key) = (affine("query"), affine("key") / 3.0.squareRoot())
    let add = exp(sumOverFeatures(affine("input", 1)))
    let keep = sigmoid(sumOverFeatures(affine("forget", 1)))
    let stored = c.next(keep * c + add * outer(affine("value"), key))
    let weight = matmul(n.next(keep * n + add * key), query)
    return sigmoid(affine("output")) * (matmul(stored, query) / maximum(abs(weight), 1))
  }
}

/// Cells whose state is a matrix: a loop over their equations, and what their papers say of them.
@Suite struct MemoryTests {
  // MARK: Steps

  private func outerProduct(_ x: Vector, _ y: Vector) -> Vector { x.flatMap { $0 * y } }
  private func silu(_ x: Vector) -> Vector { x * sigmoid(x) }
  private func ofLengthOne(_ x: Vector) -> Vector { (1 / (dot(x, x) + 1e-6).squareRoot()) * x }
  private func softplus(_ x: Double) -> Double { log1p(Foundation.exp(x)) }
  private func softmax(_ x: Vector) -> Vector {
    let weights = exp(x)
    return (1 / weights.reduce(0, +)) * weights
  }

  /// The largest difference from a loop over one head's step, which is given the states of the head and its parts of
  /// the vectors that are computed of the input.
  private func largestDifference(
    _ trial: Trial, heads: Int, _ inputs: @escaping (Trial, Vector) -> [Vector],
    step: @escaping (Trial, _ head: Int, _ states: inout [Vector], _ inputs: [Vector]) -> Vector
  ) throws -> Double {
    try trial.largestDifference { w, states, x in
      // All heads begin at the same state.
      if states[0].count == w.row(0, of: w[w.model.states[0].name + ".initial"], of: w.batch).count, heads > 1 {
        states = states.map { state in (0..<heads).flatMap { _ in state } }
      }
      let all = inputs(w, x)
      let before = states
      var (after, y) = (states.map { _ in Vector() }, Vector())
      for head in 0..<heads {
        var own = before.map { w.row(head, of: $0, of: heads) }
        y += step(w, head, &own, all.map { w.row(head, of: $0, of: heads) })
        for index in own.indices { after[index] += own[index] }
      }
      states = after
      return y
    }
  }

  @Test(arguments: [1, 2], [ScalarLSTM.ForgetGate.sigmoid, .exponential])
  func mLSTM(heads: Int, forgetGate: ScalarLSTM.ForgetGate) throws {
    let trial = try Trial(MatrixLSTM(units: 4, heads: heads, forgetGate: forgetGate))
    let names = ["query", "key", "value", "output", "input", "forget"]
    let worst = try largestDifference(trial, heads: heads) { w, x in
      names.map { w.affine($0, x) }
    } step: {
      _, _, s, now in
      let (q, v, o) = (now[0], now[2], sigmoid(now[3]))
      let k = (1 / Double(q.count).squareRoot()) * now[1]
      let logForget = forgetGate == .sigmoid ? -self.softplus(-now[5][0]) : now[5][0]
      let m = max(logForget + s[2][0], now[4][0])
      let (keep, add) = (Foundation.exp(logForget + s[2][0] - m), Foundation.exp(now[4][0] - m))
      s = [keep * s[0] + add * self.outerProduct(v, k), keep * s[1] + add * k, [m]]
      let weight = max(abs(dot(s[1], q)), Foundation.exp(-m))
      return o * ((1 / weight) * matrixProduct(s[0], times: q))
    }
    #expect(worst < 1e-12)
  }

  @Test(arguments: [1, 2]) func gatedDeltaNet(heads: Int) throws {
    let trial = try Trial(GatedDeltaNet(units: 4, heads: heads))
    let names = ["query", "key", "value", "decay", "write"]
    let worst = try largestDifference(trial, heads: heads) { w, x in
      names.map { w.affine($0, x) }
    } step: {
      w, head, s, now in
      let (q, k) = (self.ofLengthOne(self.silu(now[0])), self.ofLengthOne(self.silu(now[1])))
      let alpha = Foundation.exp(-Foundation.exp(w["rate"][head]) * self.softplus(now[3][0]))
      let beta = sigmoid(now[4])[0]
      // S (α (I − β k kᵀ)) + β v kᵀ, with the matrix written out.
      let size = k.count
      let erasing = (0..<size * size).map { i in
        alpha * ((i / size == i % size ? 1 : 0) - beta * k[i / size] * k[i % size])
      }
      let rows = (0..<size).flatMap { row in matrixProduct(Array(s[0][row * size..<(row + 1) * size]), erasing) }
      s[0] = rows + beta * self.outerProduct(self.silu(now[2]), k)
      return matrixProduct(s[0], times: q)
    }
    #expect(worst < 1e-12)
  }

  @Test(arguments: [1, 2], [false, true]) func gatedLinearAttention(heads: Int, isGated: Bool) throws {
    let trial = try Trial(GatedLinearAttention(units: 4, heads: heads, isGated: isGated, temperature: 3))
    let names = ["query", "key", "value"] + (isGated ? ["decay"] : [])
    let worst = try largestDifference(trial, heads: heads) { w, x in
      names.map { w.affine($0, x) }
    } step: {
      _, _, s, now in
      let size = now[0].count
      let alpha = isGated ? sigmoid(now[3]).map { pow($0, 1.0 / 3) } : Vector(repeating: 1, count: size)
      s[0] = (0..<size * size).map { alpha[$0 / size] * s[0][$0] } + self.outerProduct(now[1], now[2])
      return matrixProduct((1 / Double(size).squareRoot()) * now[0], s[0])
    }
    #expect(worst < 1e-12)
  }

  @Test(arguments: [1, 2]) func m2RNN(heads: Int) throws {
    let trial = try Trial(M2RNN(units: 4, heads: heads))
    let names = ["query", "key", "value", "forget"]
    let worst = try largestDifference(trial, heads: heads) { w, x in
      names.map { w.affine($0, x) } + [w["direct"]]
    } step: {
      w, head, s, now in
      let (size, keep) = (now[0].count, sigmoid(now[3])[0])
      let matrix = w.row(head, of: w["recurrent"], of: heads)
      let moved = (0..<size).flatMap { row in matrixProduct(Array(s[0][row * size..<(row + 1) * size]), matrix) }
      s[0] = keep * s[0] + (1 - keep) * tanh(moved + self.outerProduct(now[1], now[2]))
      return matrixProduct(now[0], s[0]) + now[4] * now[2]
    }
    #expect(worst < 1e-12)
  }

  @Test(arguments: [1, 3]) func fastWeights(loops: Int) throws {
    let cell = FastWeights(units: 4, loops: loops, decay: 0.8, rate: 0.3)
    let worst = try Trial(cell).largestDifference { w, s, x in
      s[1] = 0.8 * s[1] + 0.3 * outerProduct(s[0], s[0])
      let slow = w.affine("slow", s[0], x)
      var hidden = tanh(slow)
      for _ in 0..<loops {
        let sum = slow + matrixProduct(s[1], times: hidden)
        let mean = sum.reduce(0, +) / 4
        let centred = sum.map { $0 - mean }
        hidden = tanh(w["scale"] * ((1 / (dot(centred, centred) / 4 + 1e-5).squareRoot()) * centred) + w["bias"])
      }
      s[0] = hidden
      return hidden
    }
    #expect(worst < 1e-12)
  }

  /// A machine with four rows of three features, whose weights begin at a distribution and whose memory is `memory.initial`.
  private func machine(steps: Int = 5) throws -> Trial {
    var trial = try Trial(
      NeuralTuringMachine(units: 3, slots: 4, width: 3, controller: SimpleRNN(units: 3)), steps: steps)
    for name in ["writing.weights.initial", "reading.weights.initial"] {
      trial[name] = (0..<2).flatMap { trial.row($0, of: exp(trial[name]), of: 2).shares }
    }
    return trial
  }

  @Test func neuralTuringMachine() throws {
    let trial = try machine()
    let found = try trial.run()
    var worst = 0.0
    for sample in 0..<2 {
      func start(_ name: String) -> Vector { trial.row(sample, of: trial[name + ".initial"], of: 2) }
      var (memory, read, hidden) = (trial["memory.initial"], start("read"), start("controller.h"))
      var addresses = ["writing": start("writing.weights"), "reading": start("reading.weights")]
      func address(_ head: String) -> Vector {
        func vector(_ name: String) -> Vector { trial.affine(head + "." + name, hidden) }
        let key = tanh(vector("key"))
        let likeness = (0..<4).map { row in
          let slot = trial.row(row, of: memory, of: 4)
          let lengths = (dot(slot, slot) + 1e-6) * (dot(key, key) + 1e-6)
          return dot(slot, key) / lengths.squareRoot()
        }
        let (content, gate) = (softmax(softplus(vector("strength")[0]) * likeness), sigmoid(vector("gate"))[0])
        let near = gate * content + (1 - gate) * (addresses[head] ?? [])
        let shift = softmax(vector("shift"))
        let moved = (0..<4).map { i in
          (0..<3).reduce(0) { $0 + shift[$1] * near[(i - ($1 - 1) + 4) % 4] }
        }
        let sharpness = 1 + softplus(vector("sharpness")[0])
        addresses[head] = moved.map { pow($0 + 1e-16, sharpness) }.shares
        return addresses[head] ?? []
      }
      for time in 0..<5 {
        let x = trial.row(time * 2 + sample, of: trial["x"], of: 10)
        hidden = tanh(trial.affine("controller.recurrent", hidden, x, read))
        let write = address("writing")
        let (erase, add) = (sigmoid(trial.affine("erase", hidden)), tanh(trial.affine("add", hidden)))
        memory = (0..<12).map { index in
          let (weight, feature) = (write[index / 3], index % 3)
          return memory[index] * (1 - weight * erase[feature]) + weight * add[feature]
        }
        read = matrixProduct(address("reading"), memory)
        let y = trial.row(time * 2 + sample, of: found["y"] ?? [], of: 10)
        worst = max(worst, distance(y, trial.affine("output", hidden, read)))
      }
    }
    #expect(worst < 1e-12)
  }

  // MARK: Claims

  @Test func mLSTMsStabilizerChangesNeitherOutputNorGradients() throws {
    var stable = try Trial(MatrixLSTM(units: 3), steps: 6)
    stable["m.initial"] = [0, 0]
    var plain = try Trial(Unstabilized(), steps: 6)
    for name in plain.values.keys { plain.values[name] = stable.values[name] }
    let names = plain.values.keys.filter { $0 != "readout" }.sorted()
    let found = try stable.run(gradients: names)
    let expected = try plain.run(gradients: names)
    for name in ["y"] + names.map({ "d/" + $0 }) {
      #expect(distance(found[name] ?? [], expected[name] ?? []) < 1e-12, "\(name)")
    }
    // And it is finite where that overflows.
    stable["input.bias"] = [2000]
    let (y, gradients) = (try stable.run()["y"] ?? [.nan], try stable.run(gradients: names))
    #expect(y.allSatisfy { $0.isFinite } && names.allSatisfy { gradients["d/" + $0]?.allSatisfy(\.isFinite) == true })
  }

  /// With β = 1 and α = 1 a step changes what is held under its key, to the value, and nothing else.
  @Test func theDeltaRuleOverwritesWhatAKeyHolds() throws {
    var trial = try Trial(GatedDeltaNet(units: 4), batch: 1)
    for name in ["write.weight", "decay.weight"] { trial[name] = trial[name].map { _ in 0 } }
    (trial["write.bias"], trial["decay.bias"]) = ([60], [-60])
    let memories = try #require(try trial.run()["S"])
    var before = trial["S.initial"]
    let start: Vector = [0.3, -1, 0.2, 0.7]
    for time in 0..<5 {
      let x = trial.row(time, of: trial["x"], of: 5)
      let key = ofLengthOne(silu(matrixProduct(x, trial["key.weight"])))
      let after = trial.row(time, of: memories, of: 5)
      // The key's length is 1 but for the 10⁻⁶ that keeps it finite.
      #expect(distance(matrixProduct(after, times: key), silu(matrixProduct(x, trial["value.weight"]))) < 1e-4)
      let share = dot(start, key) / dot(key, key)
      let other = start - share * key
      #expect(distance(matrixProduct(after, times: other), matrixProduct(before, times: other)) < 1e-13)
      before = after
    }
  }

  /// Linear attention from an empty memory: y_t = Σ_s (k_s · q_t) v_s over the steps so far.
  @Test func linearAttentionIsASumOverThePast() throws {
    var trial = try Trial(GatedLinearAttention(units: 4, isGated: false), batch: 1)
    trial["S.initial"] = trial["S.initial"].map { _ in 0 }
    let y = try #require(try trial.run()["y"])
    func projected(_ name: String, _ time: Int) -> Vector {
      matrixProduct(trial.row(time, of: trial["x"], of: 5), trial[name + ".weight"])
    }
    for time in 0..<5 {
      let expected = (0...time).reduce(Vector(repeating: 0, count: 4)) { sum, past in
        sum + dot(projected("key", past), 0.5 * projected("query", time)) * projected("value", past)
      }
      #expect(distance(trial.row(time, of: y, of: 5), expected) < 1e-12)
    }
  }

  /// A u = η Σ_τ λ^(t−τ) h_τ (h_τ · u): the fast weights attend to the outputs before.
  @Test func fastWeightsAttendToEarlierOutputs() throws {
    var trial = try Trial(FastWeights(units: 4, decay: 0.9, rate: 0.4), batch: 1)
    for name in ["A.initial", "h.initial"] { trial[name] = trial[name].map { _ in 0 } }
    let found = try trial.run()
    let (outputs, memories) = (found["y"] ?? [], found["A"] ?? [])
    let u = [0.5, -1, 2, 0.25]
    for time in 0..<5 {
      let expected = (0..<time).reduce(Vector(repeating: 0, count: 4)) { sum, past in
        let h = trial.row(past, of: outputs, of: 5)
        return sum + 0.4 * pow(0.9, Double(time - 1 - past)) * dot(h, u) * h
      }
      #expect(distance(matrixProduct(trial.row(time, of: memories, of: 5), times: u), expected) < 1e-13)
    }
  }

  /// With a closed gate and a shift by one the head walks through the memory, around its end.
  @Test func headsWalkThroughTheMemory() throws {
    var trial = try machine(steps: 6)
    for name in ["gate", "shift"] {
      trial["writing.\(name).weight"] = trial["writing.\(name).weight"].map { _ in 0 }
    }
    (trial["writing.gate.bias"], trial["writing.shift.bias"]) = ([-60], [0, 0, 60])
    trial["writing.weights.initial"] = [0, 1, 0, 0, 0, 0, 0, 1]
    let weights = try #require(try trial.run()["writing.weights"])
    for time in 0..<6 {
      for (sample, start) in [1, 3].enumerated() {
        let expected = (0..<4).map { $0 == (start + time + 1) % 4 ? 1.0 : 0 }
        #expect(distance(trial.row(time * 2 + sample, of: weights, of: 12), expected) < 1e-12)
      }
    }
  }

  @Test func m2RNNStaysWithinOne() throws {
    var trial = try Trial(M2RNN(units: 4), steps: 20, scale: 8)
    trial["H.initial"] = trial["H.initial"].map { max(-1, min(1, $0)) }
    #expect(try #require(try trial.run()["H"]).allSatisfy { abs($0) <= 1 })
  }

  @Test func headsShareTheUnits() {
    #expect {
      try Recording(MatrixLSTM(units: 5, heads: 2), features: 3)
    } throws: {
      "\($0)".contains("does not have 2 equal parts")
    }
  }
}

extension Vector {
  /// Each as a share of the sum.
  fileprivate var shares: Vector { (1 / reduce(0, +)) * self }
}

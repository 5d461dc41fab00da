import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

private func sigma(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// (v − mean v) / √(var v + 10⁻⁵)
private func normalized(_ v: Vector) -> Vector {
  let mean = v.reduce(0, +) / Double(v.count)
  let variance = v.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(v.count)
  return v.map { ($0 - mean) / (variance + 1e-5).squareRoot() }
}

/// Each cell of the library against a loop over its equations.
@Suite struct CellTests {
  let tolerance = 1e-12

  @Test(arguments: [Activation.tanh, .relu, .identity])
  func simpleRNN(activation: Activation) throws {
    let function: (Double) -> Double =
      switch activation {
      case .tanh: { tanh($0) }
      case .relu: { max($0, 0) }
      case .identity, .sigmoid, .softplus, .softsign, .exponential, .silu, .gelu, .hardSigmoid, .elu, .leakyReLU, .selu:
        { $0 }
      }
    let worst = try largestDifference(SimpleRNN(units: 4, activation: activation), states: [4]) { w, s, x in
      s[0] = map(w.affine("recurrent", s[0], x), function)
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func lstm() throws {
    let worst = try largestDifference(LSTM(units: 4), states: [4, 4]) { w, s, x in
      let i = map(w.affine("input", s[0], x), sigma)
      let f = map(w.affine("forget", s[0], x), sigma)
      let g = map(w.affine("candidate", s[0], x), tanh)
      let o = map(w.affine("output", s[0], x), sigma)
      s[1] = f * s[1] + i * g
      s[0] = o * map(s[1], tanh)
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func gru() throws {
    let worst = try largestDifference(GRU(units: 4), states: [4]) { w, s, x in
      let u = map(w.affine("update", s[0], x), sigma)
      let r = map(w.affine("reset", s[0], x), sigma)
      let n = map(w.affine("candidate", r * s[0], x), tanh)
      s[0] = map(u) { 1 - $0 } * s[0] + u * n
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func resetAfterGRU() throws {
    let worst = try largestDifference(ResetAfterGRU(units: 4), states: [4]) { w, s, x in
      let z = map(w.affine("update", s[0], x), sigma)
      let r = map(w.affine("reset", s[0], x), sigma)
      let n = map(w.affine("candidate", x) + r * w.affine("recurrentCandidate", s[0]), tanh)
      s[0] = map(z) { 1 - $0 } * n + z * s[0]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func minimalGatedUnit() throws {
    let worst = try largestDifference(MinimalGatedUnit(units: 4), states: [4]) { w, s, x in
      let f = map(w.affine("forget", s[0], x), sigma)
      let g = map(w.affine("candidate", f * s[0], x), tanh)
      s[0] = map(f) { 1 - $0 } * s[0] + f * g
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func peepholeLSTM() throws {
    let worst = try largestDifference(PeepholeLSTM(units: 4), states: [4, 4]) { w, s, x in
      func gate(_ name: String, _ c: Vector) -> Vector {
        map(w.affine(name, s[0], x) + w[name + ".peephole"] * c, sigma)
      }
      let c = gate("forget", s[1]) * s[1] + gate("input", s[1]) * map(w.affine("candidate", s[0], x), tanh)
      let o = gate("output", c)
      s = [o * map(c, tanh), c]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func layerNormLSTM() throws {
    let worst = try largestDifference(LayerNormLSTM(units: 4), states: [4, 4]) { w, s, x in
      func gate(_ name: String) -> Vector {
        w[name + ".scale"] * normalized(w.affine(name, s[0], x, bias: false)) + w[name + ".bias"]
      }
      let c = map(gate("forget"), sigma) * s[1] + map(gate("input"), sigma) * map(gate("candidate"), tanh)
      let o = map(gate("output"), sigma)
      s = [o * map(w["cell.scale"] * normalized(c) + w["cell.bias"], tanh), c]
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test func stackWithReadOut() throws {
    let cell = Stack([GRU(units: 3), SimpleRNN(units: 4), Dense(units: 2, activation: .sigmoid)])
    let worst = try largestDifference(cell, states: [3, 4]) { w, s, x in
      let u = map(w.affine("layer0.update", s[0], x), sigma)
      let r = map(w.affine("layer0.reset", s[0], x), sigma)
      let n = map(w.affine("layer0.candidate", r * s[0], x), tanh)
      s[0] = map(u) { 1 - $0 } * s[0] + u * n
      s[1] = map(w.affine("layer1.recurrent", s[1], s[0]), tanh)
      return map(w.affine("layer2.dense", s[1]), sigma)
    }
    #expect(worst < tolerance)
  }

  @Test func bidirectional() throws {
    let cell = Bidirectional(SimpleRNN(units: 2), SimpleRNN(units: 3))
    let model = try Recording(cell, features: 2, element: .float64)
    #expect(model.states.map(\.direction) == [.forward, .backward])
    let weights = Weights(model)
    let x = randomTensor([4, 1, 2], seed: 5)
    let found = try run(model, weights.values.merging(["x": x]) { $1 })["y"]?.doubles ?? []
    let input = (0..<4).map { Array(x.doubles[2 * $0..<2 * $0 + 2]) }
    var forward = Vector(repeating: 0, count: 2)
    var backward = Vector(repeating: 0, count: 3)
    for time in 0..<4 {
      forward = map(weights.affine("forward.recurrent", forward, input[time]), tanh)
      backward = map(weights.affine("backward.recurrent", backward, input[3 - time]), tanh)
      for index in 0..<2 { #expect(abs(found[time * 5 + index] - forward[index]) < tolerance) }
      for index in 0..<3 { #expect(abs(found[(3 - time) * 5 + 2 + index] - backward[index]) < tolerance) }
    }
  }

  @Test func embeddingGivesARowOfItsTable() throws {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let ids = scope.input("ids", over: [time], as: .int32)
      scope.output("y", scope.run(Embedding(tokens: 3, units: 2), ids, named: "embedding"))
    }
    let table = randomTensor([3, 2], seed: 1)
    let values = try run(model, ["embedding.table": table, "ids": .init([3], [Int32(2), 0, 2])])["y"]?.doubles
    let rows = table.doubles
    #expect(values == Array(rows[4...5] + rows[0...1] + rows[4...5]))
  }
}

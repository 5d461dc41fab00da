import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

/// Networks over two time axes: attention inside a decoder's step, against loops, differences and the executor.
@Suite struct AttentionTests {
  static let scores: [Attention.Score] = [.additive(units: 3), .dot, .scaledDot, .bilinear]
  static let orders: [AttentionDecoder.Order] = [.beforeStep, .afterStep]

  /// A decoder of four units that reads a memory of as many features, from a first state that is given.
  struct Trial {
    let model: Recording
    var values: [String: Tensor] = [:]
    let sources = 4
    let targets = 3
    let batch = 2
    /// How much of each memory there is.
    let lengths: [Int32] = [4, 2]

    init(_ score: Attention.Score, _ order: AttentionDecoder.Order, element: ElementType = .float64) throws {
      model = try Recording(element: element) { scope in
        let (source, target) = (scope.time("s"), scope.time("t"))
        let batch = scope.batch("b")
        scope.lengths("lengths", of: source, over: [batch])
        let memory = scope.input("memory", [4], over: [source, batch])
        let x = scope.input("x", [2], over: [target, batch])
        let first = scope.input("first", [4], over: [batch])
        let decoder = AttentionDecoder(SimpleRNN(units: 4), units: 4, Attention(score), order: order)
        var inner = scope.over(target).starting(["cell.h": first])
        if order == .beforeStep { inner = inner.starting(["query": first]) }
        let (y, weights) = decoder(x, reading: memory, along: source, inner)
        scope.output("y", y)
        scope.output("weights", weights)
        scope.output("loss", sum(scope.input("readout", y.shape.array, over: [target, batch]) * y))
      }
      var dice = SplitMix(7)
      for node in model.parameters.map(\.node) + model.inputs.map(\.node) {
        let type = model.graph.type(node)
        let dimensions = type.domain.map { [sources, targets, batch][$0.index] } + type.shape.array
        let numbers = (0..<dimensions.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &dice) }
        values[model.graph.name(node) ?? ""] = Tensor(dimensions, numbers, as: element)
      }
      values["lengths"] = Tensor([2], lengths)
    }

    subscript(name: String) -> Vector { values[name]?.doubles ?? [] }
    func affine(_ name: String, _ x: Vector...) -> Vector {
      let product = matrixProduct(x.flatMap { $0 }, self[name + ".weight"])
      return values[name + ".bias"] == nil ? product : product + self[name + ".bias"]
    }
    func row(_ name: String, _ time: Int, _ sample: Int, _ size: Int) -> Vector {
      let start = (time * batch + sample) * size
      return Array(self[name][start..<start + size])
    }

    var names: [String] { model.parameters.map(\.name) + ["memory", "x", "first"] }

    func graph() throws -> Graph {
      var graph = model.graph
      let loss = try #require(graph.output(named: "loss"))
      let gradients = try graph.gradient(of: loss, withRespectTo: names.compactMap { graph.node(named: $0) })
      for (name, node) in zip(names, gradients) { graph.setOutput("d/" + name, node) }
      return graph
    }
  }

  /// The context and the weights of the steps that there are.
  private func attend(
    _ w: Trial, _ score: Attention.Score, _ query: Vector, _ sample: Int
  ) -> (context: Vector, weights: Vector) {
    let memory = (0..<Int(w.lengths[sample])).map { w.row("memory", $0, sample, 4) }
    let scores = memory.map { m in
      switch score {
      case .additive:
        dot(w["attention.score"], tanh(w.affine("attention.query", query) + w.affine("attention.memory", m)))
      case .dot: dot(query, m)
      case .scaledDot: dot(query, m) / 2
      case .bilinear: dot(query, w.affine("attention.memory", m))
      }
    }
    let total = scores.reduce(0) { $0 + Foundation.exp($1) }
    let weights = scores.map { Foundation.exp($0) / total }
    return (zip(weights, memory).reduce([0, 0, 0, 0]) { $0 + $1.0 * $1.1 }, weights)
  }

  @Test(arguments: scores, orders)
  func theDecoderIsItsEquations(_ score: Attention.Score, _ order: AttentionDecoder.Order) throws {
    let w = try Trial(score, order)
    let found = try Interpreter.run(w.model.graph, Bindings(w.values))
    let (y, weights) = (found["y"]?.doubles ?? [], found["weights"]?.doubles ?? [])
    var worst = 0.0
    for sample in 0..<w.batch {
      var s = w.row("first", 0, sample, 4)
      var last = Vector(repeating: 0, count: 4)
      for time in 0..<w.targets {
        let x = w.row("x", time, sample, 2)
        let read: (context: Vector, weights: Vector)
        let expected: Vector
        switch order {
        case .beforeStep:
          read = attend(w, score, s, sample)
          s = tanh(w.affine("cell.recurrent", s, x, read.context))
          expected = Array([s, read.context].joined())
        case .afterStep:
          s = tanh(w.affine("cell.recurrent", s, x, last))
          read = attend(w, score, s, sample)
          last = tanh(w.affine("combine", read.context, s))
          expected = last
        }
        let start = (time * w.batch + sample) * expected.count
        worst = max(worst, distance(Array(y[start..<start + expected.count]), expected))
        // weights is [s, t, b].
        for (place, weight) in read.weights.enumerated() {
          worst = max(worst, abs(weights[(place * w.targets + time) * w.batch + sample] - weight))
        }
      }
    }
    #expect(worst < 1e-12)
  }

  @Test(arguments: scores, orders)
  func gradientsAgreeWithDifferences(_ score: Attention.Score, _ order: AttentionDecoder.Order) throws {
    var trial = try Trial(score, order)
    let gradients = try Interpreter.run(try trial.graph(), Bindings(trial.values))
    let step = 1e-5
    for name in trial.names {
      let (original, gradient) = (trial[name], gradients["d/" + name]?.doubles ?? [])
      let dimensions = trial.values[name]?.dimensions ?? []
      // A few entries of each.
      for index in stride(from: 0, to: original.count, by: max(1, original.count / 3)) {
        func loss(_ change: Double) throws -> Double {
          var numbers = original
          numbers[index] += change
          trial.values[name] = Tensor(dimensions, numbers)
          return try Interpreter.run(trial.model.graph, Bindings(trial.values))["loss"]?.doubles[0] ?? .nan
        }
        let difference = try (loss(step) - loss(-step)) / (2 * step)
        #expect(abs(gradient[index] - difference) < 1e-8, "\(name)[\(index)]")
      }
      trial.values[name] = Tensor(dimensions, original)
    }
  }

  @Test(arguments: scores, orders)
  func executorAgreesWithInterpreter(_ score: Attention.Score, _ order: AttentionDecoder.Order) throws {
    for (element, tolerance) in [(ElementType.float64, 1e-12), (.float32, 2e-5)] {
      let trial = try Trial(score, order, element: element)
      let graph = try trial.graph()
      let expected = try Interpreter.run(graph, Bindings(trial.values))
      for threads in [1, 2] {
        let program = Executable(try Passes.optimized(graph), options: ExecutionOptions(threads: threads))
        let found = try program.run(Bindings(trial.values))
        for (name, value) in expected where name != "weights" {
          let error = found[name].map { maximumRelativeError($0.converted(to: .float64), value, floor: 1e-3) }
          #expect((error ?? .infinity) < tolerance, "\(name), \(element)")
        }
      }
    }
  }

  /// What lies beyond a memory's length changes no bit.
  @Test func paddingOfTheMemoryDoesNotMatter() throws {
    var trial = try Trial(.additive(units: 3), .beforeStep)
    let program = Executable(try Passes.optimized(try trial.graph()), options: ExecutionOptions(threads: 1))
    let expected = try program.run(Bindings(trial.values))
    // Sample 1 has two of four steps.
    var memory = trial["memory"]
    for index in [20, 23, 28, 31] { memory[index] = .nan }
    trial.values["memory"] = Tensor([4, 2, 4], memory)
    let found = try program.run(Bindings(trial.values))
    for name in ["y", "d/first", "d/attention.memory.weight"] { #expect(found[name] == expected[name], "\(name)") }
  }
}

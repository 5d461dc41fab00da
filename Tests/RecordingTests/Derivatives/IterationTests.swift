import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@Suite struct IterationTests {
  /// The outputs of a graph and of its optimised form, which agree.
  private func run(_ graph: Graph, _ values: [String: Tensor]) throws -> [String: Tensor] {
    let found = try Interpreter.run(graph, Bindings(values))
    for (name, tensor) in try Interpreter.run(Passes.optimized(graph), Bindings(values)) {
      let other = try #require(found[name]?.doubles)
      #expect(zip(tensor.doubles, other).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($0)) }, "\(name)")
    }
    return found
  }

  /// Newton's iteration for a square root: each sample stops by itself, where a loop in Swift does.
  @Test func eachIndexStopsByItsOwnRule() throws {
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", over: [scope.batch("b")])
      let (root, updates) = iterate(x, atMost: 6, until: { abs($1 - $0) .< 1e-3 }) { z in 0.5 * (z + x / z) }
      scope.output("root", root)
      scope.output("updates", updates)
      scope.output("loss", sum(root))
    }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let x = try #require(graph.node(named: "x"))
    graph.setOutput("slope", try graph.gradient(of: loss, withRespectTo: [x])[0])
    let numbers = [1, 1.001, 2, 50, 1e6]
    func newton(_ x: Double) -> (root: Double, updates: Int) {
      var z = x
      for update in 1...6 {
        let next = 0.5 * (z + x / z)
        if abs(next - z) < 1e-3 { return (next, update) }
        z = next
      }
      return (z, 6)
    }
    let found = try run(graph, ["x": Tensor([5], numbers)])
    #expect(found["updates"]?.doubles.map { Int($0) } == numbers.map { newton($0).updates })
    for (index, x) in numbers.enumerated() {
      #expect(abs((found["root"]?.doubles[index] ?? 0) - newton(x).root) < 1e-12 * x)
      let step = 1e-6 * x
      let slope = (newton(x + step).root - newton(x - step).root) / (2 * step)
      #expect(abs((found["slope"]?.doubles[index] ?? 0) - slope) < 1e-6, "\(x)")
    }
    #expect(Set(numbers.map { newton($0).updates }) == [1, 4, 6])
  }

  /// Without a rule all updates are made, of several values together.
  @Test func withoutARuleAllUpdatesAreMade() throws {
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", over: [scope.batch("b")])
      let (values, updates) = iterate([x, 0 * x], atMost: 4) { [2 * $0[0], $0[1] + $0[0]] }
      scope.output("power", values[0])
      scope.output("sum", values[1])
      scope.output("updates", updates)
    }
    let found = try run(recording.graph, ["x": Tensor([2], [1.0, 3])])
    #expect(found["power"]?.doubles == [16, 48])
    #expect(found["sum"]?.doubles == [15, 45])
    #expect(found["updates"]?.doubles.allSatisfy { $0 == 4 } == true)
  }

  /// z = a z + x has the solution x / (1 − a), with the derivatives 1 / (1 − a) and x / (1 − a)².
  @Test(arguments: [0.1, 0.5, -0.9, 0.95]) func linearEquationsHaveTheirImplicitGradient(a: Double) throws {
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", [1], over: [scope.batch("b")])
      let weight = scope.parameter("a", [1], .zeros)
      scope.output("loss", sum(fixedPoint(from: 0 * x, atMost: 800, tolerance: 1e-14) { weight * $0 + x }.value))
    }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    for name in ["a", "x"] {
      let node = try #require(graph.node(named: name))
      graph.setOutput("d" + name, try graph.gradient(of: loss, withRespectTo: [node])[0])
    }
    let found = try Interpreter.run(graph, Bindings(["x": Tensor([2, 1], [1.0, -3]), "a": Tensor([1], [a])]))
    func expect(_ name: String, _ values: [Double]) {
      let numbers = found[name]?.doubles ?? []
      #expect(numbers.count == values.count, "\(name)")
      #expect(zip(numbers, values).allSatisfy { abs($0 - $1) <= 1e-10 * max(1, abs($1)) }, "\(name): \(numbers)")
    }
    expect("loss", [-2 / (1 - a)])
    expect("dx", [1 / (1 - a), 1 / (1 - a)])
    expect("da", [-2 / ((1 - a) * (1 - a))])
  }

  /// Of z = sin(a z) + x, whose derivatives by a differ from those at a fixed z: each order is that of enough updates.
  @Test func anEquilibriumIsDifferentiatedAsOftenAsAsked() throws {
    func derivatives(_ solve: (Signal, (Signal) -> Signal) -> Signal) throws -> [Double] {
      let recording = try Recording(element: .float64) { scope in
        let a = scope.parameter("a", [1], .zeros)
        let x = scope.literal([0.7])
        scope.output("z", sumOverFeatures(solve(x) { sin(a * $0) + x }))
      }
      var graph = recording.graph
      let a = recording.parameters[0].node
      var value = try #require(graph.output(named: "z"))
      for order in 1...3 {
        let derivative = try graph.gradient(of: value, withRespectTo: [a])[0]
        graph.setOutput("\(order)", derivative)
        value = graph.append(.reduceFeatures(.sum, dimension: 0), [derivative])
      }
      let found = try Interpreter.run(graph, Bindings(["a": Tensor([1], [0.4])]))
      return (1...3).compactMap { found["\($0)"]?.doubles[0] }
    }
    let expected = try derivatives { iterate($0, atMost: 40, $1).value }
    for order in 1...3 {
      let found = try derivatives { fixedPoint(from: $0, atMost: 40, tolerance: 1e-15, order: order, $1).value }
      for place in 0..<3 {
        let error = abs(found[place] - expected[place]) / abs(expected[place])
        #expect(place < order ? error < 1e-9 : error > 1e-3, "order \(order), derivative \(place + 1): \(error)")
      }
    }
  }

  /// An equilibrium at each step of a recurrence: the implicit gradient is that of enough updates, the way there included.
  @Test func equilibriaInARecurrenceHaveTheGradientOfTheirUpdates() throws {
    func gradients(isImplicit: Bool) throws -> [String: Tensor] {
      let recording = try Recording(element: .float64) { scope in
        let x = scope.input("x", [2], over: [scope.time("t"), scope.batch("b")])
        let h = scope.state("h", 3)
        let inner = scope.parameter("inner", [3, 3], .zeros)
        func update(_ z: Signal) -> Signal { tanh(matmul(z, inner) + scope.affine("outer", [h, x], 3)) }
        let z =
          isImplicit
          ? fixedPoint(from: 0 * h, atMost: 60, tolerance: 1e-15, update).value
          : iterate(0 * h, atMost: 60, update).value
        scope.output("loss", sum(square(h.next(z))))
      }
      var graph = recording.graph
      let loss = try #require(graph.output(named: "loss"))
      for parameter in recording.parameters {
        graph.setOutput(parameter.name, try graph.gradient(of: loss, withRespectTo: [parameter.node])[0])
      }
      var values = ["x": Tensor([4, 2, 2], (0..<16).map { sin(Double($0)) })]
      for (index, parameter) in recording.parameters.enumerated() {
        let numbers = (0..<parameter.shape.count).map { 0.3 * cos(Double($0 + 7 * index)) }
        values[parameter.name] = Tensor(parameter.shape.array, numbers)
      }
      return try run(graph, values)
    }
    let (implicit, explicit) = (try gradients(isImplicit: true), try gradients(isImplicit: false))
    #expect(implicit.count == 4)
    for (name, tensor) in explicit {
      let other = try #require(implicit[name]?.doubles)
      #expect(tensor.doubles.contains { abs($0) > 1e-3 }, "\(name)")
      #expect(zip(tensor.doubles, other).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name)")
    }
  }

  @Test func mistakesAreErrorsOfTheRecording() {
    func problem(_ body: @escaping (Signal) -> Void) -> String {
      do {
        _ = try Recording { scope in
          let x = scope.input("x", [3], over: [scope.batch("b")])
          body(x)
          scope.output("y", x)
        }
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(problem { _ = iterate($0, atMost: 0) { $0 } }.contains("at most 0 updates"))
    #expect(problem { _ = iterate($0, atMost: 2) { $0[0..<2] } }.contains("after an update f32 [2]"))
    #expect(problem { _ = iterate([$0], atMost: 2) { $0 + $0 } }.contains("an update returns 2"))
  }
}

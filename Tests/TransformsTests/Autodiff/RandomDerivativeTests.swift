import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Derivatives of random graphs: every mixture of operations, axes, ragged lengths and recurrences.
struct RandomDerivativeTests {
  @Test(arguments: Array(stride(from: 0, to: RandomGraph.seedCount(152), by: 8)), RandomGraph.Kind.allCases)
  func gradientAndTangentAreTheCentralDifference(from first: Int, kind: RandomGraph.Kind) throws {
    var options = RandomGraph.Options(kind)
    options.allowsKinks = false
    options.allowsGradientCuts = false
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      // Not every derivative takes rows without a step where the value does: those of an initial state and of a largest value do not.
      var rules = random.graph
      _ = try rules.gradient(of: random.loss, withRespectTo: random.parameters + random.inputs)
      guard (try? rules.lengths(for: random.bindings)) != nil else { continue }
      let found = try derivatives(random)
      #expect(found.problems.isEmpty, "\(random)\n\(found.problems)")
      let expected = try centralDifference(
        random.graph, random.bindings, output: "loss", direction: random.direction(), step: 1e-5)
      let scale = max(1, abs(expected))
      #expect(abs(found.byGradient - expected) < 1e-6 * scale, "\(random)")
      #expect(abs(found.byTangent - found.byGradient) < 1e-9 * scale, "\(random)")
    }
  }

  /// At kinks both modes take the same side. Cuts of adjoints are left out: tangents pass them.
  @Test(arguments: Array(stride(from: 1000, to: 1040, by: 8)))
  func bothModesAgreeAtKinks(from first: Int) throws {
    var options = RandomGraph.Options()
    options.allowsGradientCuts = false
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      let found = try derivatives(random)
      #expect(found.problems.isEmpty, "\(random)\n\(found.problems)")
      #expect(abs(found.byTangent - found.byGradient) < 1e-9 * max(1, abs(found.byGradient)), "\(random)")
    }
  }

  /// The Hessian times a direction: forward over reverse and reverse over reverse are the same numbers, and the central
  /// difference of the gradient.
  @Test(arguments: Array(stride(from: 2000, to: 2024, by: 8)), [RandomGraph.Kind.plain, .grids, .histories])
  func secondDerivatives(from first: Int, kind: RandomGraph.Kind) throws {
    var options = RandomGraph.Options(kind)
    options.allowsKinks = false
    options.allowsGradientCuts = false
    options.operations = 3...6
    options.recurrences = kind == .plain ? 0...1 : 1...1
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      let direction = random.direction()
      var graph = random.graph
      let gradients = try graph.gradient(of: random.loss, withRespectTo: random.parameters)
      for (node, gradient) in zip(random.parameters, gradients) { graph.setOutput(name(node, graph), gradient) }
      let first = graph

      var bindings = random.bindings
      let seeds = append(random, direction, to: &graph, &bindings)
      let forward = try graph.tangent(of: gradients, along: seeds)
      var inner: NodeID?
      for (node, gradient) in zip(random.parameters, gradients) {
        guard let direction = seeds[node] else { continue }
        var term = graph.append(.binary(.multiply), [gradient, direction])
        for dimension in (0..<graph.type(term).shape.rank).reversed() {
          term = graph.append(.reduceFeatures(.sum, dimension: dimension), [term])
        }
        inner = inner.map { graph.append(.binary(.add), [$0, term]) } ?? term
      }
      // Σ x̄ ẋ over the parameters alone: its derivative by a parameter is (H v) for v in the parameters.
      guard let inner else { continue }
      let onlyParameters = seeds.filter { random.parameters.contains($0.key) }
      let symmetric = try graph.tangent(of: gradients, along: onlyParameters)
      let reverse = try graph.gradient(of: inner, withRespectTo: random.parameters)
      for (index, node) in random.parameters.enumerated() {
        graph.setOutput("forward " + name(node, graph), forward[index])
        graph.setOutput("symmetric " + name(node, graph), symmetric[index])
        graph.setOutput("reverse " + name(node, graph), reverse[index])
      }
      let problems = DerivativeCheck.malformations(graph)
      #expect(problems.isEmpty, "\(random)\n\(problems)")
      guard problems.isEmpty else { continue }
      let results = try Interpreter.run(graph, bindings)
      for node in random.parameters {
        let label = name(node, graph)
        guard let forward = results["forward " + label], let symmetric = results["symmetric " + label],
          let reverse = results["reverse " + label]
        else { continue }
        #expect(maximumRelativeError(symmetric, reverse, floor: 1e-2) < 1e-8, "\(label) of \(random)")
        let expected = try centralDifference(
          first, random.bindings, output: label, direction: direction, step: 1e-5)
        let sum = forward.doubles.reduce(0, +)
        #expect(abs(sum - expected) < 1e-5 * max(1, abs(expected)), "\(label) of \(random)")
      }
    }
  }

  /// With everything allowed, transformed graphs are well formed.
  @Test(arguments: Array(stride(from: 3000, to: 3040, by: 8)))
  func adjointsAreWellFormed(from first: Int) throws {
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed))
      for dependence in Dependence.allCases {
        var graph = random.graph
        let floats = graph.nodes.filter { graph.type($0).element.isFloat && $0.index % 3 == 0 }
        let gradients = try graph.gradient(of: random.loss, withRespectTo: floats, dependence: dependence)
        #expect(DerivativeCheck.malformations(graph).isEmpty, "\(random)")
        for (node, gradient) in zip(floats, gradients) { #expect(graph.type(gradient) == graph.type(node)) }
      }
    }
  }

  // MARK: Support

  private func name(_ node: NodeID, _ graph: Graph) -> String { graph.name(node) ?? "%\(node.index)" }

  /// The directional derivative of the loss in both modes, and what is malformed.
  private func derivatives(
    _ random: RandomGraph
  ) throws -> (byGradient: Double, byTangent: Double, problems: [String]) {
    let direction = random.direction()
    var graph = random.graph
    var bindings = random.bindings
    let seeds = append(random, direction, to: &graph, &bindings)
    let leaves = random.parameters + random.inputs
    let tangent = try graph.tangent(of: [random.loss], along: seeds)[0]
    let gradients = try graph.gradient(of: random.loss, withRespectTo: leaves)
    graph.setOutput("tangent", tangent)
    for (leaf, gradient) in zip(leaves, gradients) { graph.setOutput("gradient " + name(leaf, graph), gradient) }
    let problems = DerivativeCheck.malformations(graph)
    guard problems.isEmpty else { return (.nan, .nan, problems) }
    let results = try Interpreter.run(graph, bindings)
    let byGradient = directionalDerivative(
      gradients: Dictionary(
        uniqueKeysWithValues: leaves.compactMap { leaf in
          results["gradient " + name(leaf, graph)].map { (name(leaf, graph), $0) }
        }),
      direction: direction)
    return (byGradient, results["tangent"]?.doubles.first ?? .nan, [])
  }

  /// Inputs for the direction of each leaf.
  private func append(
    _ random: RandomGraph, _ direction: [String: Tensor], to graph: inout Graph, _ bindings: inout Bindings
  ) -> [NodeID: NodeID] {
    var seeds: [NodeID: NodeID] = [:]
    for leaf in random.parameters + random.inputs {
      guard let name = graph.name(leaf), let tensor = direction[name] else { continue }
      bindings.values["direction " + name] = tensor
      seeds[leaf] = graph.appendLeaf(.input, graph.type(leaf), name: "direction " + name)
    }
    return seeds
  }
}

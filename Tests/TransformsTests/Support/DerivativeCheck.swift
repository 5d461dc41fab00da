import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTransforms

/// Compares the derivatives of a sketch's node y by all float leaves with central differences, and with each other.
///
/// The loss is L = Σ w ⊙ y with fixed random weights w, so that every entry of y counts differently.
struct DerivativeCheck {
  private var sketch: Sketch
  private let weights: NodeID
  private let loss: NodeID
  private let y: NodeID
  private let step = 1e-5

  init(_ sketch: Sketch, of y: NodeID) {
    self.sketch = sketch
    self.y = y
    let type = sketch.graph.type(y)
    let dimensions = sketch.dimensions(type)
    self.sketch.bindings.values["weights"] = Tensor(
      dimensions, self.sketch.numbers(dimensions.reduce(1, *), from: 0.5, to: 1.5))
    weights = self.sketch.graph.appendLeaf(.input, type, name: "weights")
    loss = self.sketch.total(self.sketch.multiply(y, weights))
    self.sketch.graph.setOutput("y", y)
    self.sketch.graph.setOutput("loss", loss)
  }

  /// Everything that is wrong; nothing if the derivatives are right.
  func discrepancies(isSmooth: Bool = true) -> [String] {
    do {
      return try reverse() + forward() + (isSmooth ? second() : [])
    } catch {
      return ["\(error)"]
    }
  }

  // MARK: First derivatives

  /// dL/dx of every entry of every leaf.
  private func reverse() throws -> [String] {
    var graph = sketch.graph
    let adjoints = try graph.gradient(of: loss, withRespectTo: sketch.leaves)
    var problems = Self.malformations(graph)
    for (leaf, adjoint) in zip(sketch.leaves, adjoints) {
      if graph.type(adjoint) != graph.type(leaf) {
        problems.append("the adjoint of \(name(leaf)) has type \(graph.type(adjoint)), not \(graph.type(leaf))")
      }
      graph.setOutput("adjoint " + name(leaf), adjoint)
    }
    guard problems.isEmpty else { return problems }
    let results = try Interpreter.run(graph, sketch.bindings)
    for leaf in sketch.leaves {
      let found = results["adjoint " + name(leaf)]?.doubles ?? []
      for index in found.indices {
        let expected = try centralDifference("loss", [name(leaf): Self.unit(index, found.count)])[0]
        problems += compare("d loss / d \(name(leaf))[\(index)]", found[index], expected)
      }
    }
    return problems
  }

  /// The tangent of y along a random direction, by differences and by duality: L̇ = Σ x̄ ⊙ ẋ.
  private func forward() throws -> [String] {
    let directions = self.directions()
    let (extended, bindings) = with(directions, sketch.graph)
    var graph = extended
    let seeds = Dictionary(
      uniqueKeysWithValues: sketch.leaves.map { ($0, graph.node(named: "direction " + name($0)) ?? .open) })
    let tangents = try graph.tangent(of: [y, loss], along: seeds)
    let tangent = tangents[0]
    let adjoints = try graph.gradient(of: loss, withRespectTo: sketch.leaves)
    var problems = Self.malformations(graph)
    if graph.type(tangent) != graph.type(y) {
      problems.append("the tangent has type \(graph.type(tangent)), not \(graph.type(y))")
    }
    guard problems.isEmpty else { return problems }
    graph.setOutput("tangent", tangent)
    graph.setOutput("tangent of loss", tangents[1])
    for (leaf, adjoint) in zip(sketch.leaves, adjoints) { graph.setOutput("adjoint " + name(leaf), adjoint) }
    let results = try Interpreter.run(graph, bindings)
    let found = results["tangent"]?.doubles ?? []
    for (index, expected) in try centralDifference("y", directions).enumerated() {
      problems += compare("tangent[\(index)]", found[index], expected)
    }
    let ofLoss = results["tangent of loss"]?.doubles.first ?? .nan
    var dual = 0.0
    for (leaf, direction) in directions {
      dual += zip(results["adjoint " + leaf]?.doubles ?? [], direction).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return problems + compare("tangent by duality", ofLoss, dual, tolerance: 1e-10)
  }

  // MARK: Second derivatives

  /// d/dx Σ x̄ ⊙ ẋ, the Hessian times a direction, reverse over reverse and forward over reverse.
  private func second() throws -> [String] {
    let directions = self.directions()
    let (extended, bindings) = with(directions, sketch.graph)
    var graph = extended
    let adjoints = try graph.gradient(of: loss, withRespectTo: sketch.leaves)
    for (leaf, adjoint) in zip(sketch.leaves, adjoints) { graph.setOutput("adjoint " + name(leaf), adjoint) }
    let first = graph

    // The sum over a ragged axis alone counts each step once a row, which is not the inner product that is meant here.
    let hasRows = sketch.leaves.allSatisfy { leaf in
      graph.lengthsDomain(of: graph.type(leaf).domain).isSubset(of: graph.type(leaf).domain)
    }
    var inner: NodeID?
    for (leaf, adjoint) in zip(sketch.leaves, adjoints) {
      guard let direction = graph.node(named: "direction " + name(leaf)) else { continue }
      var term = graph.append(.binary(.multiply), [adjoint, direction])
      for dimension in (0..<graph.type(term).shape.rank).reversed() {
        term = graph.append(.reduceFeatures(.sum, dimension: dimension), [term])
      }
      while !graph.type(term).domain.isEmpty {
        term = graph.append(.reduceAxes(.sum, over: graph.type(term).domain), [term])
      }
      inner = inner.map { graph.append(.binary(.add), [$0, term]) } ?? term
    }
    guard let inner else { return [] }
    let reverse = try graph.gradient(of: inner, withRespectTo: sketch.leaves)
    let seeds = Dictionary(
      uniqueKeysWithValues: sketch.leaves.map { ($0, graph.node(named: "direction " + name($0)) ?? .open) })
    let forward = try graph.tangent(of: adjoints, along: seeds)
    for (index, leaf) in sketch.leaves.enumerated() {
      graph.setOutput("reverse " + name(leaf), reverse[index])
      graph.setOutput("forward " + name(leaf), forward[index])
    }
    var problems = Self.malformations(graph)
    guard problems.isEmpty else { return problems }

    let results = try Interpreter.run(graph, bindings)
    for leaf in sketch.leaves {
      let expected = try centralDifference("adjoint " + name(leaf), directions, in: first, bindings)
      let byReverse = results["reverse " + name(leaf)]?.doubles ?? []
      let byForward = results["forward " + name(leaf)]?.doubles ?? []
      for index in expected.indices {
        problems += compare("forward (H v)[\(name(leaf))][\(index)]", byForward[index], expected[index])
        guard hasRows else { continue }
        problems += compare("(H v)[\(name(leaf))][\(index)]", byReverse[index], byForward[index], tolerance: 1e-9)
      }
    }
    return problems
  }

  // MARK: Support

  /// What `verify` says, and whether the least fixpoint of domains is what the transform inferred.
  static func malformations(_ graph: Graph) -> [String] {
    do {
      try graph.verify()
      var settled = graph
      try settled.inferDomains()
      let changed = graph.nodes.filter { graph.type($0) != settled.type($0) }
      return changed.map { "%\($0.index) \(graph.operation($0).keyword) is inferred as \(settled.type($0))" }
    } catch let error as GraphError {
      return error.problems.map(\.message)
    } catch {
      return ["\(error)"]
    }
  }

  private func name(_ node: NodeID) -> String { sketch.graph.name(node) ?? "?" }

  private static func unit(_ index: Int, _ count: Int) -> [Double] { (0..<count).map { $0 == index ? 1 : 0 } }

  /// A fixed direction for each leaf.
  private func directions() -> [String: [Double]] {
    var source = sketch
    return Dictionary(
      uniqueKeysWithValues: sketch.leaves.map { leaf in
        (name(leaf), source.numbers(sketch.bindings.values[name(leaf)]?.count ?? 0))
      })
  }

  /// The graph with an input for each direction.
  private func with(_ directions: [String: [Double]], _ graph: Graph) -> (Graph, Bindings) {
    var graph = graph
    var bindings = sketch.bindings
    for leaf in sketch.leaves {
      let name = "direction " + self.name(leaf)
      bindings.values[name] = Tensor(sketch.dimensions(graph.type(leaf)), directions[self.name(leaf)] ?? [])
      graph.appendLeaf(.input, graph.type(leaf), name: name)
    }
    return (graph, bindings)
  }

  /// (f(x + εv) − f(x − εv)) / 2ε for each entry of an output f.
  private func centralDifference(
    _ output: String, _ directions: [String: [Double]], in graph: Graph? = nil, _ bindings: Bindings? = nil
  ) throws -> [Double] {
    func values(_ sign: Double) throws -> [Double] {
      var moved = bindings ?? sketch.bindings
      for (name, direction) in directions {
        guard let tensor = moved.values[name] else { continue }
        moved.values[name] = Tensor(
          tensor.dimensions, zip(tensor.doubles, direction).map { $0 + sign * step * $1 })
      }
      return try Interpreter.run(graph ?? sketch.graph, moved)[output]?.doubles ?? []
    }
    return zip(try values(1), try values(-1)).map { ($0 - $1) / (2 * step) }
  }

  private func compare(_ what: String, _ found: Double, _ expected: Double, tolerance: Double = 2e-8) -> [String] {
    abs(found - expected) <= tolerance * max(1, abs(expected)) ? [] : ["\(what) = \(found), expected \(expected)"]
  }
}

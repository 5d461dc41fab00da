import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Random graphs: what the executor computes is what the graph means, to the bit whatever way it runs.
@Suite struct RandomProgramTests {
  private static func seeds(_ count: Int) -> Range<UInt64> { 0..<UInt64(RandomGraph.seedCount(count)) }

  @Test(arguments: seeds(120))
  func agreesWithTheInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let expected = try Interpreter.run(sample.graph, sample.bindings)
    let found = try Executable(sample.graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    expectClose(found, expected, tolerance: 1e-10, sample)
  }

  /// Derivatives, passes and execution together, each with its own mistakes to make.
  @Test(arguments: seeds(120))
  func optimizedGradientsAgreeWithTheInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed)
    let graph = try withGradients(sample)
    let expected = try Interpreter.run(graph, sample.bindings)
    let optimized = try Passes.optimized(graph)
    let found = try Executable(optimized, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    expectClose(found, expected, tolerance: 1e-9, sample)
  }

  /// Recurrences over two axes, in all directions.
  @Test(arguments: seeds(80))
  func gridsAgreeWithTheInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed, options: .init(.grids))
    try expectAgreement(try withGradients(sample), sample)
  }

  /// The test above reaches what it is about.
  @Test func manyGraphsAreGrids() {
    let count = Self.seeds(80).count { seed in
      let graph = RandomGraph.make(seed: seed, options: .init(.grids)).graph
      return Plan(graph).stages.contains { $0.sweep?.outer.isEmpty == false }
    }
    #expect(count > Self.seeds(80).count / 8)
  }

  /// Own pasts of values, within recurrences and outside of them, in both directions.
  @Test(arguments: seeds(80))
  func historiesAgreeWithTheInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed, options: .init(.histories))
    try expectAgreement(try withGradients(sample), sample)
  }

  /// The test above reaches what it is about.
  @Test func manyGraphsHaveHistories() {
    let count = Self.seeds(80).count { seed in
      let graph = RandomGraph.make(seed: seed, options: .init(.histories)).graph
      let components = Components(graph)
      return graph.nodes.contains { node in
        graph.operation(node).historyAxes != nil && components.isCyclic[components[node]]
      }
    }
    #expect(count > Self.seeds(80).count / 8)
  }

  /// Sequences without a step, between others.
  @Test(arguments: seeds(40))
  func emptyRowsAgreeWithTheInterpreter(seed: UInt64) throws {
    let sample = RandomGraph.make(seed: seed, options: .init(.emptyRows))
    try expectAgreement(try withGradients(sample), sample)
  }

  /// Before and after the passes the interpreter's numbers, and on two threads in strips of a step the bits of one.
  private func expectAgreement(_ graph: Graph, _ sample: RandomGraph) throws {
    let expected = try Interpreter.run(graph, sample.bindings)
    let optimized = try Passes.optimized(graph)
    for graph in [graph, optimized] {
      let found = try Executable(graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
      expectClose(found, expected, tolerance: 1e-9, sample)
    }
    #expect(
      try bits(optimized, sample, ExecutionOptions(threads: 2, strip: 1))
        == bits(optimized, sample, ExecutionOptions(threads: 1)), "\(sample)")
  }

  /// The test above reaches what it is about.
  @Test func manyGraphsHaveEmptyRows() {
    let count = Self.seeds(40).count { RandomGraph.make(seed: $0, options: .init(.emptyRows)).hasEmptyRow }
    #expect(count > Self.seeds(40).count / 4)
    #expect(!Self.seeds(40).contains { RandomGraph.make(seed: $0).hasEmptyRow })
  }

  /// Float32 within an error that is scaled by how much the result moves when its inputs move by one rounding.
  @Test(arguments: seeds(100))
  func singlePrecisionAgreesWithinItsCondition(seed: UInt64) throws {
    var options = RandomGraph.Options()
    options.element = .float32
    options.allowsKinks = false
    let sample = RandomGraph.make(seed: seed, options: options)
    let expected = try Interpreter.run(sample.graph, sample.bindings)
    let found = try Executable(sample.graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    var moved = sample.bindings
    for (name, tangent) in sample.direction() {
      let given = sample.bindings.values[name]!
      let numbers = zip(given.doubles, tangent.doubles).map { $0 * (1 + $1 * 0x1p-20) }
      moved.values[name] = Tensor(given.dimensions, numbers, as: given.element)
    }
    let near = try Interpreter.run(sample.graph, moved)
    for (name, tensor) in expected where tensor.element == .float64 {
      let condition = maximumRelativeError(near[name]!, tensor)
      let error = maximumRelativeError(found[name]!.converted(to: .float64), tensor)
      #expect(error <= 8 * condition + 2e-5, "output \(name) of seed \(seed), condition \(condition):\n\(sample)")
    }
  }

  /// Threads, strips, bursts and instruction sets: the same bits for any number of threads, any strips and any bursts.
  @Test(arguments: seeds(40))
  func bitsDoNotDependOnThreadsOrStrips(seed: UInt64) throws {
    let kinds = RandomGraph.Kind.allCases
    let sample = RandomGraph.make(seed: seed, options: .init(kinds[Int(seed) % kinds.count]))
    let graph = try Passes.optimized(try withGradients(sample))
    for set in InstructionSet.available {
      let reference = try bits(graph, sample, ExecutionOptions(threads: 1, instructionSet: set), burst: 1)
      for burst in [nil, 2, 3, 8] as [Int?] {
        let options = ExecutionOptions(threads: 2, instructionSet: set)
        #expect(
          try bits(graph, sample, options, burst: burst) == reference, "\(burst ?? 0) steps, seed \(seed):\n\(sample)")
      }
      for options in [
        ExecutionOptions(threads: 2, instructionSet: set), ExecutionOptions(threads: 8, instructionSet: set),
        ExecutionOptions(threads: 1, instructionSet: set, strip: 1),
        ExecutionOptions(threads: 2, instructionSet: set, strip: 3), shuffled(seed, set, strip: 1),
        shuffled(seed + 1, set, strip: 2), shuffled(seed + 2, set, strip: nil),
      ] {
        #expect(try bits(graph, sample, options) == reference, "\(options), seed \(seed):\n\(sample)")
      }
    }
  }

  /// Every instruction set that this machine has computes what the graph means.
  @Test(arguments: InstructionSet.available)
  func everyInstructionSetAgrees(set: InstructionSet) throws {
    for seed in UInt64(530)..<545 {
      let sample = RandomGraph.make(seed: seed)
      let expected = try Interpreter.run(sample.graph, sample.bindings)
      let options = ExecutionOptions(threads: 1, instructionSet: set)
      expectClose(
        try Executable(sample.graph, options: options).run(sample.bindings), expected, tolerance: 1e-10, sample)
    }
  }

  // MARK: Support

  private func shuffled(_ seed: UInt64, _ set: InstructionSet, strip: Int?) -> ExecutionOptions {
    var options = ExecutionOptions(threads: 8, instructionSet: set, strip: strip)
    options.shuffle = seed
    return options
  }

  /// With the gradients of the parameters, if these take the rows of the sample: the derivatives of an initial state and
  /// of a largest value do not take rows without a step.
  private func withGradients(_ sample: RandomGraph) throws -> Graph {
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (parameter, gradient) in zip(sample.parameters, gradients) {
      graph.setOutput("d/\(graph.name(parameter)!)", gradient)
    }
    return (try? graph.lengths(for: sample.bindings)) == nil ? sample.graph : graph
  }

  private func bits(
    _ graph: Graph, _ sample: RandomGraph, _ options: ExecutionOptions, burst: Int? = nil
  ) throws -> [String: [UInt64]] {
    var plan = Plan(graph)
    plan.burstSteps = burst
    // The sequences are short, so the chunks of their sums must be shorter.
    plan.sumChunkRows = 1 + Int(sample.seed % 8)
    return try Executable(plan, options: options).run(sample.bindings).mapValues { $0.doubles.map(\.bitPattern) }
  }

  private func expectClose(
    _ found: [String: Tensor], _ expected: [String: Tensor], tolerance: Double, _ sample: RandomGraph
  ) {
    for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
      let error = maximumRelativeError(found[name]!, tensor.converted(to: found[name]!.element))
      #expect(error < tolerance, "output \(name) of seed \(sample.seed):\n\(sample)")
    }
  }
}

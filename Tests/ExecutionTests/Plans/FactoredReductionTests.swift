import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Reductions that take the factors of what they reduce: the bits of the product written and then reduced, wherever the
/// factors lie and however the run is cut.
@Suite struct FactoredReductionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Of x, y {t, b} [n], z {b} [n] and v {t, b} [2n], from %5 on; %4 is 0 for n features. The last is the result.
    var equations: @Sendable (_ n: Int) -> [String]
    /// The product that a reduction takes apart.
    var product: Int
  }

  static let cases: [Case] = [
    Case(
      testDescription: "of two inputs",
      equations: { ["{t, b} [\($0)] = multiply(x, y)", "{t, b} = sumFeatures(%5; dimension 0)"] }, product: 5),
    Case(
      testDescription: "a square",
      equations: { ["{t, b} [\($0)] = square(x)", "{t, b} = meanFeatures(%5; dimension 0)"] }, product: 5),
    Case(
      testDescription: "a row for all steps",
      equations: { ["{t, b} [\($0)] = multiply(z, x)", "{t, b} = meanFeatures(%5; dimension 0)"] }, product: 5),
    Case(
      testDescription: "with the step before",
      equations: { n in
        [
          "{t, b} [\(n)] = delay(x, initial z; along t)", "{t, b} [\(n)] = multiply(%5, x)",
          "{t, b} = sumFeatures(%6; dimension 0)",
        ]
      }, product: 6),
    Case(
      testDescription: "with the step after",
      equations: { n in
        [
          "{t, b} [\(n)] = advance(y, final z; along t)", "{t, b} [\(n)] = multiply(x, %5)",
          "{t, b} = sumFeatures(%6; dimension 0)",
        ]
      }, product: 6),
    Case(
      testDescription: "of parts",
      equations: { n in
        [
          "{t, b} [\(n)] = slice(v; dimension 0, start 0, count \(n))",
          "{t, b} [\(n)] = slice(v; dimension 0, start \(n), count \(n))", "{t, b} [\(n)] = multiply(%5, %6)",
          "{t, b} = meanFeatures(%7; dimension 0)",
        ]
      }, product: 7),
    Case(
      testDescription: "of what is joined",
      equations: { n in
        [
          "{t, b} [\(n)] = tanh(x)", "{t, b} [\(n)] = sigmoid(y)",
          "{t, b} [\(2 * n)] = concatenate(%5, %6; dimension 0)",
          "{t, b} [\(2 * n)] = multiply(%7, v)", "{t, b} = sumFeatures(%8; dimension 0)",
        ]
      }, product: 8),
    Case(
      testDescription: "of a fixed step",
      equations: { n in
        [
          "{b} [\(n)] = pick(x; along t, last)", "{t, b} [\(n)] = multiply(y, %5)",
          "{t, b} = sumFeatures(%6; dimension 0)",
        ]
      }, product: 6),
    Case(
      testDescription: "with what a sweep computes",
      equations: { n in
        [
          "{t, b} [\(n)] = delay(%7, initial z; along t)", "{t, b} [\(n)] = add(%5, x)", "{t, b} [\(n)] = tanh(%6)",
          "{t, b} [\(n)] = multiply(y, %7)", "{t, b} = sumFeatures(%8; dimension 0)",
        ]
      }, product: 8),
    Case(
      testDescription: "inside a sweep",
      equations: { n in
        [
          "{t, b} [\(n)] = delay(%9, initial z; along t)", "{t, b} [\(n)] = multiply(%5, x)",
          "{t, b} = meanFeatures(%6; dimension 0)", "{t, b} [\(n)] = multiply(%7, %5)",
          "{t, b} [\(n)] = subtract(y, %8)",
        ]
      }, product: 6),
    Case(
      testDescription: "a variance inside a sweep that runs back",
      equations: { n in
        [
          "{t, b} [\(n)] = advance(%12, final z; along t)", "{t, b} [\(n)] = add(%5, x)",
          "{t, b} = meanFeatures(%6; dimension 0)", "{t, b} [\(n)] = subtract(%6, %7)", "{t, b} [\(n)] = square(%8)",
          "{t, b} = meanFeatures(%9; dimension 0)", "{t, b} = sqrt(%10)", "{t, b} [\(n)] = divide(%8, %11)",
        ]
      }, product: 9),
  ]

  /// The graph, with the product as an output, so that it is written, or without.
  private static func graph(_ example: Case, _ n: Int, _ element: ElementType, writesProduct: Bool, isRagged: Bool)
    throws -> Graph
  {
    let type = element == .float32 ? "f32" : "f64"
    let given = [
      "%0 x: \(type) {t, b} [\(n)] = input", "%1 y: \(type) {t, b} [\(n)] = input",
      "%2 z: \(type) {b} [\(n)] = input", "%3 v: \(type) {t, b} [\(2 * n)] = input", "%4 lengths: i32 {b} = input",
    ]
    let equations = example.equations(n)
    let lines = given + zip(5..., equations).map { "%\($0): \(type) \($1)" }
    let product = writesProduct ? ["output product = %\(example.product)"] : []
    let outputs = ["output result = %\(4 + equations.count)"] + product
    let axes = "axis t: time\(isRagged ? ", lengths lengths" : "")\naxis b: batch"
    return try Graph(parsing: "\(axes)\n\n\(lines.joined(separator: "\n"))\n\n\(outputs.joined(separator: "\n"))\n")
  }

  private static func bindings(_ n: Int, steps: Int, rows: Int, _ element: ElementType, isRagged: Bool) -> Bindings {
    var random = SplitMix(UInt64(n))
    func numbers(_ width: Int, _ steps: Int) -> [Double] {
      (0..<steps * rows * width).map { index in
        let isInside = !isRagged || steps == 1 || index / (rows * width) < 1 + index / width % rows % steps
        return isInside ? Double(random.next() >> 11) * 0x1p-53 * 2 - 1 : .nan
      }
    }
    var bindings = Bindings()
    for (name, width) in [("x", n), ("y", n), ("v", 2 * n)] {
      bindings.values[name] = Tensor([steps, rows, width], numbers(width, steps), as: element)
    }
    bindings.values["z"] = Tensor([rows, n], numbers(n, 1), as: element)
    bindings.values["lengths"] = Tensor([rows], (0..<rows).map { Int32(1 + $0 % steps) })
    return bindings
  }

  @Test(arguments: cases, [false, true])
  func bitsAreThoseOfTheProductWritten(example: Case, isRagged: Bool) throws {
    // A fixed step of rows that end at their own may lie outside.
    if isRagged && example.testDescription == "of a fixed step" { return }
    for (element, n) in [(ElementType.float32, 3), (.float32, 32), (.float32, 75), (.float64, 16), (.float64, 37)] {
      let taken = try Self.graph(example, n, element, writesProduct: false, isRagged: isRagged)
      let written = try Self.graph(example, n, element, writesProduct: true, isRagged: isRagged)
      #expect(Self.factored(Plan(taken)) == 1, "\(Plan(taken))")
      #expect(Self.factored(Plan(written)) == 0)
      for (steps, rows) in [(1, 1), (7, 3), (6, 19)] {
        let bindings = Self.bindings(n, steps: steps, rows: rows, element, isRagged: isRagged)
        let expected = try #require(try Interpreter.run(taken, bindings)["result"])
        for set in InstructionSet.available {
          let stored = try Executable(written, options: ExecutionOptions(threads: 1, instructionSet: set)).run(bindings)
          let bits = try #require(stored["result"]).doubles.map(\.bitPattern)
          var shuffled = ExecutionOptions(threads: 2, instructionSet: set, strip: 1)
          shuffled.shuffle = UInt64(steps)
          for options in [
            shuffled, ExecutionOptions(threads: 1, instructionSet: set),
            ExecutionOptions(threads: 3, instructionSet: set),
            ExecutionOptions(threads: 2, instructionSet: set, strip: 2),
          ] {
            let found = try #require(try Executable(taken, options: options).run(bindings)["result"])
            #expect(
              found.doubles.map(\.bitPattern) == bits, "\(n) features, \(steps) steps of \(rows) rows, \(options)")
            let error = maximumRelativeError(found.converted(to: .float64), expected.converted(to: .float64))
            #expect(error < (element == .float32 ? 1e-3 : 1e-10), "\(n) features, \(steps) steps of \(rows) rows")
          }
        }
      }
    }
  }

  // MARK: Random graphs

  private static let seeds = 0..<UInt64(RandomGraph.seedCount(140))

  private static func sample(_ seed: UInt64) throws -> (sample: RandomGraph, graph: Graph) {
    var options = RandomGraph.Options()
    options.reducesProducts = true
    let sample = RandomGraph.make(seed: seed, options: options)
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (index, gradient) in gradients.enumerated() { graph.setOutput("d\(index)", gradient) }
    return (sample, graph)
  }

  /// Without the pass that makes products of sums of factors with different axes.
  private static func optimized(_ graph: Graph) throws -> Graph {
    try Passes.run(Passes.registry.filter { $0.name != "fuse-contractions" }, on: graph)
  }

  @Test(arguments: seeds) func drawnReductionsAreThoseOfTheInterpreter(seed: UInt64) throws {
    let (sample, graph) = try Self.sample(seed)
    let expected = try Interpreter.run(graph, sample.bindings)
    for graph in [graph, try Self.optimized(graph), try Passes.optimized(graph)] {
      let found = try Executable(graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
      for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
        let other = try #require(found[name])
        let error = maximumRelativeError(other, tensor.converted(to: other.element))
        #expect(error < 1e-9, "output \(name) of seed \(seed):\n\(sample)")
      }
      var options = ExecutionOptions(threads: 2, strip: 1)
      options.shuffle = seed
      let shuffled = try Executable(graph, options: options).run(sample.bindings)
      #expect(
        shuffled.mapValues { $0.doubles.map(\.bitPattern) } == found.mapValues { $0.doubles.map(\.bitPattern) },
        "seed \(seed):\n\(sample)")
    }
  }

  /// The test above reaches what it is about: whole sequences and sweeps, forward and back; ragged rows, delayed factors,
  /// factors with fewer axes, squares, and products that stay where they are.
  @Test func drawnReductionsAreOfAllKinds() throws {
    let kinds = ["none", "whole", "forward", "backward", "ragged", "delayed", "fewer", "square"]
    var found: [String: Int] = [:]
    for seed in 0..<4 * UInt64(Self.seeds.count) where !kinds.allSatisfy({ found[$0, default: 0] > 0 }) {
      let plan = Plan(try Self.optimized(Self.sample(seed).graph))
      for stage in plan.stages {
        for case .reduceRows(let result, let from, let factor, _) in stage.instructions.map(\.kernel) {
          guard let factor else {
            found["none", default: 0] += 1
            continue
          }
          found[stage.sweep.map { $0.isBackward ? "backward" : "forward" } ?? "whole", default: 0] += 1
          let views = [from, factor]
          let axes = plan.memoryAxes(result)
          let isRagged = axes.contains { plan.axis($0).isRagged }
          if isRagged { found["ragged", default: 0] += 1 }
          if views.contains(where: { $0.shift != 0 }) { found["delayed", default: 0] += 1 }
          let isLess = views.contains { plan.values[$0.value].axes.count < axes.count }
          if isLess { found["fewer", default: 0] += 1 }
          if from == factor { found["square", default: 0] += 1 }
        }
      }
    }
    for kind in kinds {
      #expect(found[kind, default: 0] > 0, "\(kind): \(found)")
    }
  }

  private static func factored(_ plan: Plan) -> Int {
    plan.stages.flatMap(\.instructions).count {
      if case .reduceRows(_, _, let factor, _) = $0.kernel { factor != nil } else { false }
    }
  }
}

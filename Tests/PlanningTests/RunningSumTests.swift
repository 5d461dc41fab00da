import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Sums over all indices that a backward sweep keeps while it runs.
@Suite struct RunningSumTests {
  /// A gain and an offset around a product of the state: h' = tanh(s ⊙ (h R) + x U + v), with a peephole to h.
  struct Gained: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let scale = scope.parameter("s", [units], .constant(1.1))
      let peephole = scope.parameter("p", [units], .constant(0.3))
      let recurrent = scale * scope.affine("R", [h], units, bias: nil) + peephole * h
      return h.next(tanh(recurrent + scope.affine("U", [x], units)))
    }
  }

  static func step(
    _ cell: some RecurrentCell, element: ElementType = .float64, ragged: Bool = false, tapped: Bool = false
  ) throws -> (graph: Graph, bindings: Bindings) {
    let recording = try Recording(
      cell, features: 3, element: element, ragged: ragged,
      { scope, y in scope.output("loss", mean(square(y))) })
    var graph = recording.graph
    let nodes = recording.parameters.map(\.node) + (tapped ? recording.states.map(\.value) : [])
    let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: nodes)
    for (index, gradient) in gradients.enumerated() { graph.setOutput("d\(index)", gradient) }
    return (try Passes.optimized(graph), Bindings(recording.initialValues(seed: 5)))
  }

  /// The sums of a plan that read one running sum for each row instead of every step.
  static func runningSums(_ plan: Plan) -> Int {
    plan.stages.flatMap(\.instructions).filter { instruction in
      guard case .sumColumns(_, let from, _) = instruction.kernel, from.node == nil else { return false }
      return plan.memoryAxes(from).allSatisfy { plan.axis($0).kind == .batch }
    }.count
  }

  /// Each of the five normalisations has a gain and a bias.
  @Test func aNormalisationKeepsNothingForItsGainAndBias() throws {
    let plan = Plan(try Self.step(LayerNormLSTM(units: 40)).graph)
    #expect(Self.runningSums(plan) == 10)
    // After the way back only sums and the joining of weights are left.
    let last = try #require(plan.stages.last)
    let isLeft = last.instructions.allSatisfy {
      switch $0.kernel {
      case .sumColumns, .outer, .assemble: true
      case .program, .product, .reduceRows, .pack, .copy, .boundary, .strided, .general: false
      }
    }
    #expect(isLeft)
  }

  /// The adjoint of tanh is kept for the gradients of R and U in any case; what is multiplied for s and p is not.
  @Test func onlyWhatNothingElseNeedsIsSummedWhileTheSweepRuns() throws {
    #expect(Self.runningSums(Plan(try Self.step(Gained(units: 40)).graph)) == 2)
    #expect(Self.runningSums(Plan(try Self.step(LSTM(units: 40)).graph)) == 0)
  }

  /// What reads out a state, g ⊙ h', is not part of the recurrence. Its gradient Σ δ ⊙ h' is added up by the sweep back,
  /// which passes h' anyway.
  @Test func whatReadsAStateIsSummedWhileTheSweepPassesIt() throws {
    struct ReadOut: RecurrentCell {
      var units: Int
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", units)
        let next = h.next(tanh(scope.affine("W", [h, x], units)))
        return scope.parameter("g", [units], .constant(1.1)) * next
      }
    }
    let (graph, bindings) = try Self.step(ReadOut(units: 40))
    let plan = Plan(graph)
    #expect(Self.runningSums(plan) == 1, "\(plan)")
    var bound = bindings
    bound.values["x"] = Tensor([5, 3, 3], (0..<45).map { Double($0 * 7 % 13) / 6 - 1 }, as: .float64)
    let expected = try Interpreter.run(graph, bound)
    let found = try Executable(graph).run(bound)
    for (name, tensor) in expected {
      for (a, b) in zip(tensor.doubles, try #require(found[name]).doubles) { #expect(abs(a - b) <= 1e-12, "\(name)") }
    }
  }

  /// Where rows end at steps of their own, each step is masked, so all are kept.
  @Test func raggedRowsAreSummedAfterwards() throws {
    var (graph, bindings) = try Self.step(Gained(units: 5), ragged: true)
    #expect(Self.runningSums(Plan(graph)) == 0)
    // What lies behind a row's end is no number.
    let rows = [6, 2, 4]
    let x = (0..<54).map { index -> Double in
      let isInside = index / 9 < rows[index / 3 % 3]
      return isInside ? Double(index * 7 % 13) / 6 - 1 : .nan
    }
    bindings.values["x"] = Tensor([6, 3, 3], x, as: .float64)
    bindings.values["lengths"] = Tensor([3], rows.map { Int32($0) })
    let expected = try Interpreter.run(graph, bindings)
    let found = try Executable(graph).run(bindings)
    for (name, tensor) in expected {
      for (a, b) in zip(tensor.doubles, try #require(found[name]).doubles) {
        #expect(abs(a - b) <= 1e-12 * (1 + abs(a)), "\(name)")
      }
    }
  }

  /// Σ tanh(n) ⊙ p and Σ σ(p) ⊙ n: what either adds up waits for the other's factor to be read.
  @Test func sumsOfProductsThatCross() throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch

        %0 x: f64 {t, b} [4] = input
        %1: f64 [4] = constant(0)
        %2: f64 {t, b} [4] = advance(%4, final %1; along t)
        %3: f64 {t, b} [4] = advance(%5, final %1; along t)
        %4: f64 {t, b} [4] = add(%3, x)
        %5: f64 {t, b} [4] = multiply(%2, x)
        %6: f64 {t, b} [4] = tanh(%5)
        %7: f64 {t, b} [4] = sigmoid(%4)
        %8: f64 {t, b} [4] = multiply(%6, %4)
        %9: f64 {t, b} [4] = multiply(%7, %5)
        %10: f64 [4] = sumAxes(%8; over {t, b})
        %11: f64 [4] = sumAxes(%9; over {t, b})

        output u = %10
        output v = %11

        """)
    #expect(Self.runningSums(Plan(graph)) == 2)
    var bindings = Bindings()
    bindings.values["x"] = Tensor([5, 3, 4], (0..<60).map { Double($0 * 7 % 13) / 6 - 1 }, as: .float64)
    let expected = try Interpreter.run(graph, bindings)
    let found = try Executable(graph).run(bindings)
    for (name, tensor) in expected {
      for (a, b) in zip(tensor.doubles, try #require(found[name]).doubles) { #expect(abs(a - b) <= 1e-12, "\(name)") }
    }
  }

  /// Σ u ⊙ v where u is a sum over the steps of another sweep back: v's sweep is a level later, but in the phase in which u
  /// is still being added up.
  @Test func aFactorThatWaitsForTheEndOfThePhaseIsNotInTheSweep() throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch

        %0 x: f64 {t, b} [4] = input
        %1: f64 [4] = constant(0)
        %2: f64 {t, b} [4] = delay(%3, initial %1; along t)
        %3: f64 {t, b} [4] = add(%2, x)
        %4: f64 {t, b} [4] = advance(%5, final %1; along t)
        %5: f64 {t, b} [4] = subtract(x, %4)
        %6: f64 {b} [4] = sumAxes(%5; over {t})
        %7: f64 {b} [4] = exp(%6)
        %8: f64 {t, b} [4] = delay(%9, initial %1; along t)
        %9: f64 {t, b} [4] = add(%8, %3)
        %10: f64 {t, b} [4] = advance(%12, final %1; along t)
        %11: f64 {t, b} [4] = add(%10, %9)
        %12: f64 {t, b} [4] = tanh(%11)
        %13: f64 {t, b} [4] = multiply(%7, %12)
        %14: f64 [4] = sumAxes(%13; over {t, b})

        output y = %14
        output z = %7

        """)
    #expect(Self.runningSums(Plan(graph)) == 0)
  }

  /// Σ u ⊙ v of two backward sweeps of one level: neither has at hand what the other computes, so the product stays where
  /// both are done.
  @Test func aProductOfSweepsSideBySideIsSummedAfterBoth() throws {
    let text = """
      axis t: time
      axis b: batch

      %0 x: f64 {t, b} [4] = input
      %1: f64 [4] = constant(0)
      %2: f64 {t, b} [4] = advance(%4, final %1; along t)
      %3: f64 {t, b} [4] = advance(%6, final %1; along t)
      %4: f64 {t, b} [4] = subtract(x, %2)
      %5: f64 {t, b} [4] = sigmoid(%3)
      %6: f64 {t, b} [4] = multiply(%5, x)
      %7: f64 {t, b} [4] = multiply(%4, %6)
      %8: f64 [4] = sumAxes(%7; over {t, b})

      output u = %8

      """
    let graph = try Graph(parsing: text)
    let plan = Plan(graph)
    let sweeps = plan.stages.filter { $0.sweep?.isBackward == true }
    #expect(sweeps.count == 2 && Set(sweeps.map(\.level)).count == 1)
    #expect(Self.runningSums(plan) == 0)
    var bindings = Bindings()
    bindings.values["x"] = Tensor([6, 3, 4], (0..<72).map { Double($0 * 7 % 13) / 6 - 1 }, as: .float64)
    let expected = try #require(try Interpreter.run(graph, bindings)["u"])
    let found = try #require(try Executable(graph).run(bindings)["u"])
    for (a, b) in zip(expected.doubles, found.doubles) { #expect(abs(a - b) <= 1e-12 * (1 + abs(a))) }
  }

  /// A sweep of two states, elementwise work on what it computes, and sums of some of that, all drawn.
  @Test(arguments: 0..<60) func drawnSumsAreThoseOfTheInterpreter(seed: UInt64) throws {
    var random = SplitMix(seed)
    func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    var lines = [
      "%0 x: f64 {t, b} [4] = input", "%1: f64 [4] = constant(0)",
      "%2: f64 {t, b} [4] = advance(%4, final %1; along t)", "%3: f64 {t, b} [4] = advance(%5, final %1; along t)",
      "%4: f64 {t, b} [4] = add(%3, x)", "%5: f64 {t, b} [4] = multiply(%2, x)",
    ]
    let values = 6 + 4 + draw(12)
    for node in 6..<values {
      // What is near is drawn more often, so that chains arise.
      let (a, b) = (max(2, node - 1 - draw(6)), 2 + draw(node - 2))
      let operation = ["tanh(%\(a))", "sigmoid(%\(a))", "multiply(%\(a), %\(b))", "subtract(%\(a), %\(b))"][draw(4)]
      lines.append("%\(node): f64 {t, b} [4] = \(operation)")
    }
    let sums = 1 + draw(5)
    for sum in 0..<sums {
      lines.append("%\(values + sum): f64 [4] = sumAxes(%\(4 + draw(values - 4)); over {t, b})")
    }
    let outputs = (0..<sums).map { "output s\($0) = %\(values + $0)" }
    let text = "axis t: time\naxis b: batch\n\n\(lines.joined(separator: "\n"))\n\n\(outputs.joined(separator: "\n"))\n"
    let graph = try Graph(parsing: text)
    var bindings = Bindings()
    bindings.values["x"] = Tensor([6, 17, 4], (0..<408).map { Double($0 * 7 % 13) / 8 - 0.7 }, as: .float64)
    let expected = try Interpreter.run(graph, bindings)
    for graph in [graph, try Passes.optimized(graph)] {
      let found = try Executable(graph).run(bindings)
      for (name, tensor) in expected {
        for (a, b) in zip(tensor.doubles, try #require(found[name]).doubles) {
          #expect(abs(a - b) <= 1e-11 * (1 + abs(a)), "\(name)\n\(text)")
        }
      }
    }
  }

  static let cells: [any RecurrentCell] = [
    Gained(units: 40), LayerNormLSTM(units: 37), PeepholeLSTM(units: 12), LayerNormLSTM(units: 5),
  ]

  /// One row and many, one step and many, with threads, strips and a memory budget.
  @Test(arguments: cells.indices, [1, 3, 33]) func sumsAreThoseOfTheInterpreter(index: Int, batch: Int) throws {
    for length in [1, 2, 29] {
      var (graph, bindings) = try Self.step(Self.cells[index])
      let x = (0..<length * batch * 3).map { Double($0 * 7 % 13) / 6 - 1 }
      bindings.values["x"] = Tensor([length, batch, 3], x, as: .float64)
      let expected = try Interpreter.run(graph, bindings)
      var first: [String: [UInt64]]?
      let whole = ExecutionOptions(threads: 1)
      let least = try leastBudget(graph, length: length, batch: batch)
      for options in [
        whole, ExecutionOptions(threads: 3), ExecutionOptions(threads: 2, strip: 4),
        ExecutionOptions(threads: 2, memoryBudget: least),
      ] {
        let found = try Executable(graph, options: options).run(bindings)
        for (name, tensor) in expected {
          for (a, b) in zip(tensor.doubles, try #require(found[name]).doubles) {
            #expect(abs(a - b) <= 1e-12 * (1 + abs(a)), "\(name), \(length) steps")
          }
        }
        let bits = found.mapValues { $0.doubles.map(\.bitPattern) }
        #expect(bits == first ?? bits)
        first = bits
      }
    }
  }

  /// The smallest budget that a run fits in, as the error for none at all says it.
  private func leastBudget(_ graph: Graph, length: Int, batch: Int) throws -> Int {
    let plan = Plan(graph)
    let lengths = graph.axes.map { $0.kind == .time ? length : batch }
    var least = 1
    while (try? MemoryPlan(plan, lengths: lengths, budget: least)) == nil { least = least * 9 / 8 + 1 }
    return least
  }
}

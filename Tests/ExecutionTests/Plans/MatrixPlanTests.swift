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

/// Cells whose state is a matrix run in kernels, however they are written.
@Suite struct MatrixPlanTests {
  /// A delta rule whose memory is a matrix of features.
  struct Features: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let memory = scope.state("S", shape: [units, units])
      let (key, value, query) = (tanh(x), scope.affine("value", [x], units), scope.affine("query", [x], units))
      let next = memory.next(0.9 * memory + outer(value - matmul(memory, key), key))
      return matmul(next, query)
    }
  }

  /// The same with the memory's rows on an axis.
  struct Rows: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let rows = scope.batch("rows", length: units)
      let memory = scope.state("S", units)
      let (key, value, query) = (tanh(x), scope.affine("value", [x], units), scope.affine("query", [x], units))
      let error = featureToAxis(value, rows) - sumOverFeatures(memory * key)
      let next = memory.next(0.9 * memory + error * key)
      return axisToFeature(sumOverFeatures(next * query), rows)
    }
  }

  /// The products of each sweep, and its programs over the memory's rows. Each way of writing has its own copies of
  /// vectors.
  private static func sweeps(_ plan: Plan) -> [[String]] {
    plan.stages.filter { $0.sweep != nil }.map { stage in
      stage.instructions.compactMap { instruction in
        if case .strided(let equation) = instruction.kernel {
          if case .product = equation.operation { return plan.summary(of: instruction) }
        }
        if case .program(let program) = instruction.kernel, program.domain.count == 3, program.features.count > 1 {
          return "elementwise"
        }
        return nil
      }.sorted()
    }
  }

  @Test func bothWaysOfWritingAMemoryHaveTheSameWork() throws {
    let features = Plan(try StepPlanTests.step(Features(units: 5)))
    let rows = Plan(try StepPlanTests.step(Rows(units: 5)))
    #expect(Self.sweeps(features) == Self.sweeps(rows), "\(features)\n\(rows)")
  }

  @Test func noStepIsComputedOneNumberAtATime() throws {
    let cells: [any RecurrentCell] = [
      MatrixLSTM(units: 6, heads: 2), GatedDeltaNet(units: 6, heads: 2), GatedLinearAttention(units: 6, heads: 2),
      FastWeights(units: 6), M2RNN(units: 6),
    ]
    for cell in cells {
      let plan = Plan(try StepPlanTests.step(cell))
      for instruction in plan.stages.filter({ $0.sweep != nil }).flatMap(\.instructions) {
        if case .general = instruction.kernel { Issue.record("\(cell): \(plan.summary(of: instruction))") }
      }
    }
  }

  /// A matrix between two weights, as the covariance of a Kalman filter is: the gradient of one of them is a sum of
  /// products of matrices over all indices.
  private struct BetweenWeights: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let memory = scope.state("S", shape: [units, units])
      let (key, value) = (scope.affine("key", [x], units), scope.affine("value", [x], units))
      let left = scope.parameter("left", [units, units], .glorotUniform)
      let right = scope.parameter("right", [units, units], .glorotUniform)
      return matmul(memory.next(tanh(matmul(matmul(left, memory), right) + outer(value, key))), value)
    }
  }

  /// Nor is what is computed once a run: exponentials of parameters' matrices, and such a gradient.
  @Test func whatIsComputedOnceIsNotComputedOneNumberAtATime() throws {
    let cells: [any RecurrentCell] = [
      ExponentialRNN(units: 6), LegendreMemoryUnit(units: 6, order: 4), BetweenWeights(units: 6),
    ]
    for cell in cells {
      let plan = Plan(try StepPlanTests.step(cell))
      let keywords = plan.instructions.compactMap { instruction -> String? in
        guard case .general(let equation) = instruction.kernel else { return nil }
        return equation.operands.isEmpty ? nil : equation.operation.keyword
      }
      #expect(Set(keywords).isSubset(of: ["convert"]), "\(cell): \(keywords)")
    }
  }

  /// Of the matrices of a step only the state is kept: its adjoint, and what either is multiplied into, stay in the
  /// sweeps.
  @Test func onlyTheStateIsKept() throws {
    let cells: [any RecurrentCell] = [MatrixLSTM(units: 6), FastWeights(units: 6)]
    for cell in cells {
      let plan = Plan(try StepPlanTests.step(cell))
      let kept = plan.values.filter { $0.axes.count > 2 && $0.features.count > 1 && $0.lifetime == .whole }
      #expect(kept.map { plan.graph.name($0.node) != nil } == [true], "\(plan)")
    }
  }

  /// A window of the last steps.
  private struct Window: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let rows = scope.state("rows", shape: [4, units])
      let key = reshape(scope.affine("key", [x], units), [1, units])
      let next = rows.next(concatenate([rows[1..<4], key]))
      return matmul(next, scope.affine("query", [x], units))
    }
  }

  /// What only moves rows is one copy of them, and one addition on the way back. The gradient of the window is not kept:
  /// only the row that leaves it is.
  @Test func rowsThatMoveStayAMatrix() throws {
    let plan = Plan(try StepPlanTests.step(Window(units: 32)))
    let sweeps = plan.stages.filter { $0.sweep != nil }
    let counts = sweeps.map { stage in
      stage.instructions.map { instruction in
        switch instruction.kernel {
        case .copy: "copy"
        case .program(let program): "program of \(program.steps.count)"
        case .strided(let equation): equation.operation.keyword
        case .product, .outer, .reduceRows, .sumColumns, .pack, .assemble, .boundary, .general: "another"
        }
      }.sorted()
    }
    #expect(counts == [["copy", "copy", "product"], ["copy", "product", "program of 1", "slice"]], "\(plan)")
    let kept = plan.values.filter { $0.features.count == 128 && $0.lifetime == .whole }
    #expect(kept.count == 1, "\(plan)")
    #expect(
      !plan.instructions.contains { if case .general(let call) = $0.kernel { call.type.shape.rank > 0 } else { false } }
    )
  }

  /// A state with few columns lies with these on an axis, so that its rows fill the vectors; the gradients of its
  /// parameters are added up while the sweep runs back, that of what reads the state as well.
  @Test func longDimensionsAreFeatures() throws {
    let plan = Plan(try StepPlanTests.step(S4D(units: 6, order: 3)))
    let sweeps = plan.stages.filter { $0.sweep != nil }
    for case .program(let program) in sweeps.flatMap(\.instructions).map(\.kernel) where program.domain.count > 2 {
      #expect(program.features.count == 6, "\(plan)")
    }
    let sums = sweeps[1].instructions.map { instruction in
      guard case .program(let program) = instruction.kernel else { return 0 }
      return program.operands.filter { $0.reads && $0.writes }.count
    }
    #expect(sums.reduce(0, +) == 8, "\(plan)")
    let kept = plan.values.filter { $0.axes.count > 2 && $0.features.count > 1 && $0.lifetime == .whole }
    #expect(kept.map { plan.graph.name($0.node) } == ["real", "imaginary"], "\(plan)")
  }

  /// The windows of a convolution are joined without gaps: panels that a product reads are full but for the last one.
  /// What only moves numbers keeps them without padding.
  @Test func windowsOfAConvolutionLieWithoutGaps() throws {
    let plan = Plan(try StepPlanTests.step(ImageConvLSTM(units: 64), features: 64))
    let operands = plan.instructions.flatMap { instruction -> [View] in
      switch instruction.kernel {
      case .product(_, let rows, _, _): [rows]
      case .outer(_, let left, _, _): [left]
      case .program, .reduceRows, .sumColumns, .pack, .assemble, .copy, .boundary, .strided, .general: []
      }
    }
    #expect(operands.count == 5)
    for view in operands {
      let panels = view.features.panels(plan.values[view.value].storage.lanes)
      #expect(panels == (view.features.count + 31) / 32, "\(plan)")
    }
    #expect(plan.values.count { $0.isTight } >= 18, "\(plan)")
  }

  /// Scores over two axes and their means are products, whose terms are never stored.
  @Test func attentionStoresNoTerms() throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis s: time
        axis b: batch
        %0 q: f32 {t, b} [8] = input
        %1 k: f32 {s, b} [8] = input
        %2: f32 {t, s, b} [8] = multiply(q, k)
        %3: f32 {t, s, b} = sumFeatures(%2; dimension 0)
        %4: f32 {t, s, b} = exp(%3)
        %5: f32 {t, s, b} [8] = multiply(%4, k)
        %6: f32 {t, b} [8] = sumAxes(%5; over {s})
        output y = %6
        """)
    let plan = Plan(try Passes.optimized(graph))
    #expect(plan.values.allSatisfy { $0.axes.count < 3 || $0.features.count == 1 }, "\(plan)")
    let isGeneral = plan.instructions.contains { if case .general = $0.kernel { true } else { false } }
    #expect(!isGeneral, "\(plan)")
  }

  /// A sum of products of matrices over all indices, of ragged steps or not, in both precisions and with a result of two
  /// panels.
  @Test(arguments: ["time", "time, lengths n"], [ElementType.float32, .float64])
  func sumsOfProductsOfMatricesAgreeWithTheInterpreter(time: String, element: ElementType) throws {
    let graph = try Graph(
      parsing: """
        axis t: \(time)
        axis b: batch
        %0 n: i32 {b} = input
        %1 p: \(element.name) {t, b} [9, 5] = input
        %2 q: \(element.name) {t, b} [40, 5] = input
        %3: \(element.name) [9, 40] = product(%1, %2; contracting 1 with 1, over {t, b})
        %4: \(element.name) [40, 9] = product(%2, %1; contracting 1 with 1, over {t, b})
        output y = %3
        output z = %4
        """)
    let plan = Plan(graph)
    #expect(!plan.instructions.contains { if case .general = $0.kernel { true } else { false } }, "\(plan)")
    var bindings = Bindings(["n": Tensor([3], [5, 1, 4], as: .int32)])
    bindings.lengths = ["t": 5, "b": 3]
    var random = SplitMix(6)
    for (name, shape) in [("p", [5, 3, 9, 5]), ("q", [5, 3, 40, 5])] {
      let numbers = (0..<shape.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
      bindings.values[name] = Tensor(shape, numbers, as: element)
    }
    let expected = try Interpreter.run(graph, bindings)
    let found = try Executable(plan).run(bindings)
    for name in ["y", "z"] {
      let error = maximumRelativeError(found[name]!, expected[name]!.converted(to: element))
      #expect(error <= (element == .float64 ? 1e-13 : 1e-5), "\(name): \(error)")
    }
  }
}

import EbbBench
import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

@Suite struct PlanCostTests {
  static let odd = TrainingStepBenchmark.Size("odd", length: 7, batch: 11, features: 5, units: 37)

  /// The plan's products are the graph's, counted there from the equations; for cells whose gates see [h, x] they are
  ///
  ///     2 G T B H (2 (I + H) + H)
  @Test(arguments: zip(0..<6, [1, 4, 3, 4, 2, 4])) func productsAreThoseOfTheEquations(index: Int, gates: Int) throws {
    let size = Self.odd
    let plan = try StepCountTests.plan(StepCountTests.cells[index].make(size.units), size)
    let lengths = StepCountTests.lengths(plan, length: size.length, batch: size.batch)
    let cost = PlanCost(plan, lengths: lengths)
    let formula =
      2 * gates * size.length * size.batch * size.units * (2 * (size.features + size.units) + size.units)
    #expect(cost.total.products == formula)
    #expect(cost.total.products == ArithmeticCount(plan.graph, lengths: lengths).products)
  }

  /// y = tanh(x W + v), counted by hand.
  @Test func oneProductAndOneProgram() throws {
    let (rows, contracted, columns) = (9, 3, 40)
    let recording = try Recording(element: .float32) { scope in
      let b = scope.batch("b")
      let x = scope.input("x", [contracted], over: [b])
      let v = scope.input("v", [columns], over: [b])
      let product = matmul(x, scope.parameter("W", [contracted, columns], .zeros))
      scope.output("y", tanh(product * v))
    }
    let plan = Plan(try Passes.optimized(recording.graph))
    let stage = try #require(PlanCost(plan, lengths: [rows]).stages.first)
    #expect(plan.stages.count == 1 && stage.steps == 1)
    let product = try #require(stage.instructions.first { $0.products > 0 })
    #expect(product.products == 2 * rows * contracted * columns)
    // 40 columns of 4 bytes lie in two panels of 32.
    #expect(product.vectorOperations == rows * contracted * 2)
    #expect(product.bytesRead == 4 * (rows * contracted + contracted * 64))
    #expect(product.bytesWritten == 4 * rows * columns)
    let program = try #require(stage.instructions.last)
    #expect(program.products == 0)
    // A multiplication and a hyperbolic tangent.
    #expect(program.vectorOperations == 2 * rows * 2)
    #expect(program.bytesRead == 4 * 2 * rows * columns)
    #expect(program.bytesWritten == 4 * rows * columns)
  }

  /// A sweep's instructions run once a step; what is read in every step counts in every step.
  @Test func sweepsCountEveryStep() throws {
    let size = Self.odd
    let plan = try StepCountTests.plan(SimpleRNN(units: size.units), size)
    let lengths = StepCountTests.lengths(plan, length: size.length, batch: size.batch)
    let cost = PlanCost(plan, lengths: lengths)
    let index = try #require(plan.stages.firstIndex { $0.sweep?.isBackward == false })
    #expect(cost.stages[index].steps == size.length)
    let product = try #require(cost.stages[index].instructions.first { $0.products > 0 })
    #expect(product.calls == size.length)
    #expect(product.products == 2 * size.length * size.batch * size.units * size.units)
    // Rows and addend of a step, and 37 rows of weights in two panels.
    #expect(product.bytesRead == 4 * size.length * (2 * size.batch * size.units + size.units * 64))
    // Twice the steps are twice the work of every sweep.
    let twice = PlanCost(plan, lengths: StepCountTests.lengths(plan, length: 2 * size.length, batch: size.batch))
    for (one, two) in zip(cost.stages[index].instructions, twice.stages[index].instructions) {
      #expect(two.calls == 2 * one.calls && two.bytes == 2 * one.bytes && two.products == 2 * one.products)
    }
  }
}

import EbbGraph
import EbbPlanning
import Testing

/// Reductions that take the factors of what they reduce.
@Suite struct FactorSelectionTests {
  /// A graph of x, y {t, b} [40], z {b} [40], s {t, b}, w [40], and these equations from %5 on; r is an output.
  private static func plan(_ equations: [String], r: Int, outputs: [Int] = []) throws -> Plan {
    let given = [
      "%0 x: f32 {t, b} [40] = input", "%1 y: f32 {t, b} [40] = input", "%2 z: f32 {b} [40] = input",
      "%3 s: f32 {t, b} = input", "%4 w: f32 [40] = parameter",
    ]
    let named = zip(5..., equations).map { "%\($0): \($1)" }
    let asked = (outputs + [r]).map { "output o\($0) = %\($0)" }
    return Plan(
      try Graph(
        parsing: "axis t: time\naxis b: batch\n\n\((given + named).joined(separator: "\n"))\n\n"
          + asked.joined(separator: "\n") + "\n"))
  }

  private static func factored(_ plan: Plan) -> [Instruction] {
    plan.stages.flatMap(\.instructions).filter {
      if case .reduceRows(_, _, let factor, _) = $0.kernel { factor != nil } else { false }
    }
  }

  /// Σ x ⊙ y is one instruction that reads both and writes a number for each row.
  @Test func aScalarProductIsOneInstruction() throws {
    let plan = try Self.plan(["f32 {t, b} [40] = multiply(x, y)", "f32 {t, b} = sumFeatures(%5; dimension 0)"], r: 6)
    #expect(plan.stages.flatMap(\.instructions).count == 1 && Self.factored(plan).count == 1)
    #expect(plan.values.allSatisfy { $0.node.index != 5 })
    let (steps, rows) = (7, 11)
    let cost = PlanCost(plan, lengths: [steps, rows]).total
    #expect(cost.bytesRead == 2 * 4 * steps * rows * 40 && cost.bytesWritten == 4 * steps * rows)
    // 40 numbers are two panels, each multiplied and added.
    #expect(cost.vectorOperations == 2 * 2 * steps * rows)
    #expect(plan.description.contains("%6 = sum over the features of %0 x ⊙ %1 y"))
    let reduction = try #require(Self.factored(plan).first)
    #expect(plan.summary(of: reduction) == "sum of 40 products")
  }

  /// A square is read once; what varies along fewer axes is read where it lies.
  @Test func squaresAndFactorsWithFewerAxes() throws {
    let square = try Self.plan(["f32 {t, b} [40] = square(x)", "f32 {t, b} = meanFeatures(%5; dimension 0)"], r: 6)
    #expect(Self.factored(square).count == 1)
    #expect(PlanCost(square, lengths: [7, 11]).total.bytesRead == 4 * 7 * 11 * 40)
    let scores = try Self.plan(
      ["f32 {t, b} [40] = multiply(z, x)", "f32 {t, b} = sumFeatures(%5; dimension 0)"], r: 6)
    #expect(Self.factored(scores).count == 1)
    #expect(PlanCost(scores, lengths: [7, 11]).total.bytesRead == 4 * (7 + 1) * 11 * 40)
  }

  /// (v − mean v) / √mean (v − mean v)²: the deviations are in memory anyway, their squares are not.
  @Test func aVarianceReadsDeviations() throws {
    let plan = try Self.plan(
      [
        "f32 {t, b} = meanFeatures(x; dimension 0)", "f32 {t, b} [40] = subtract(x, %5)",
        "f32 {t, b} [40] = square(%6)", "f32 {t, b} = meanFeatures(%7; dimension 0)", "f32 {t, b} = sqrt(%8)",
        "f32 {t, b} [40] = divide(%6, %9)",
      ], r: 10)
    #expect(Self.factored(plan).count == 1)
    #expect(Set(plan.values.map(\.node.index)) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var equations: [String]
    var outputs: [Int] = []
  }

  static let kept: [Case] = [
    Case(
      testDescription: "an output",
      equations: ["f32 {t, b} [40] = multiply(x, y)", "f32 {t, b} = sumFeatures(%5; dimension 0)"], outputs: [5]),
    Case(
      testDescription: "two readers",
      equations: [
        "f32 {t, b} [40] = multiply(x, y)", "f32 {t, b} = sumFeatures(%5; dimension 0)",
        "f32 {t, b} = meanFeatures(%5; dimension 0)", "f32 {t, b} = add(%6, %7)",
      ]),
    Case(
      testDescription: "its largest number",
      equations: ["f32 {t, b} [40] = multiply(x, y)", "f32 {t, b} = maxFeatures(%5; dimension 0)"]),
    Case(
      testDescription: "its norm",
      equations: ["f32 {t, b} [40] = square(x)", "f32 {t, b} = normFeatures(%5; dimension 0)"]),
    Case(
      testDescription: "a factor of one number for each row",
      equations: ["f32 {t, b} [40] = multiply(x, s)", "f32 {t, b} = sumFeatures(%5; dimension 0)"]),
    Case(
      testDescription: "a factor that repeats one number",
      equations: [
        "f32 {t, b} [40] = broadcast(s; dimension 0, count 40)", "f32 {t, b} [40] = multiply(x, %5)",
        "f32 {t, b} = sumFeatures(%6; dimension 0)",
      ]),
    Case(
      testDescription: "a part of a factor that repeats one number",
      equations: [
        "f32 {t, b} [50] = broadcast(s; dimension 0, count 50)",
        "f32 {t, b} [40] = slice(%5; dimension 0, start 5, count 40)", "f32 {t, b} [40] = multiply(x, %6)",
        "f32 {t, b} = sumFeatures(%7; dimension 0)",
      ]),
    Case(
      testDescription: "a constant factor",
      equations: [
        "f32 = constant(2)", "f32 {t, b} [40] = multiply(x, %5)", "f32 {t, b} = sumFeatures(%6; dimension 0)",
      ]),
    Case(
      testDescription: "a factor without axes",
      equations: ["f32 {t, b} [40] = multiply(x, w)", "f32 {t, b} = sumFeatures(%5; dimension 0)"]),
    Case(
      testDescription: "a factor that nothing else reads",
      equations: [
        "f32 {t, b} [40] = tanh(x)", "f32 {t, b} [40] = multiply(%5, y)", "f32 {t, b} = sumFeatures(%6; dimension 0)",
      ]),
    Case(
      testDescription: "a factor that only its own program reads",
      equations: [
        "f32 {t, b} [40] = tanh(x)", "f32 {t, b} [40] = square(%5)", "f32 {t, b} [40] = exp(%5)",
        "f32 {t, b} = sumFeatures(%6; dimension 0)", "f32 {t, b} = maxFeatures(%7; dimension 0)",
        "f32 {t, b} = add(%8, %9)",
      ]),
  ]

  /// What is written anyway, or is cheaper in a program.
  @Test(arguments: kept.indices) func otherProductsStayInTheirPrograms(index: Int) throws {
    let example = Self.kept[index]
    let plan = try Self.plan(example.equations, r: 4 + example.equations.count, outputs: example.outputs)
    #expect(Self.factored(plan).isEmpty, "\(example.testDescription):\n\(plan)")
  }
}

import EbbGraph
import EbbTransforms
import Testing

/// What gradients look like: the forms on which the passes and the planner build.
struct AdjointTextTests {
  /// h = tanh(x W + h₋₁ R + b), loss Σ h_T².
  static let network = """
    axis t: time
    axis b: batch

    %0 x: f32 {t, b} [3] = input
    %1 W: f32 [3, 4] = parameter
    %2 R: f32 [4, 4] = parameter
    %3 bias: f32 [4] = parameter
    %4 h0: f32 [4] = parameter
    %5: f32 {t, b} [4] = delay(h, initial h0; along t)
    %6: f32 {t, b} [4] = product(x, W; contracting 0 with 0)
    %7: f32 {t, b} [4] = product(%5, R; contracting 0 with 0)
    %8: f32 {t, b} [4] = add(%6, %7)
    %9: f32 {t, b} [4] = add(%8, bias)
    %10 h: f32 {t, b} [4] = tanh(%9)
    %11: f32 {b} [4] = pick(h; along t, last)
    %12: f32 {b} [4] = square(%11)
    %13: f32 {b} = sumFeatures(%12; dimension 0)
    %14: f32 = sumAxes(%13; over {b})

    output loss = %14

    """

  /// The adjoint recurrence δ = h̄ (1 − h²) with h̄ₜ = ∂L/∂hₜ + δₜ₊₁ Rᵀ is the only cycle; each weight gradient is one
  /// product over the whole sequence, and nothing is transposed.
  @Test func aRecurrenceDifferentiatesIntoOneInTheOtherDirection() throws {
    let expected = """
      %15: f32 = constant(1)
      %16: f32 {b} = spread(%15; over {b})
      %17: f32 {b} [4] = broadcast(%16; dimension 0, count 4)
      %18: f32 {b} [4] = add(%17, %17)
      %19: f32 {b} [4] = multiply(%18, %11)
      %20: f32 {t, b} [4] = place(%19; along t, last)
      %21: f32 [4] = constant(0)
      %22: f32 {t, b} [4] = advance(%28, final %21; along t)
      %23 dh: f32 {t, b} [4] = add(%20, %22)
      %24: f32 {t, b} [4] = square(h)
      %25: f32 {t, b} [4] = subtract(%15, %24)
      %26: f32 {t, b} [4] = multiply(dh, %25)
      %27 dbias: f32 [4] = sumAxes(%26; over {t, b})
      %28: f32 {t, b} [4] = product(%26, R; contracting 0 with 1)
      %29 dR: f32 [4, 4] = product(%5, %26; outer, over {t, b})
      %30 dW: f32 [3, 4] = product(x, %26; outer, over {t, b})
      %31: f32 {b} [4] = pick(%28; along t, first)
      %32 dh0: f32 [4] = sumAxes(%31; over {b})

      """
    #expect(try appended(to: Self.network, by: ["W", "R", "bias", "h0", "h"]) == expected)
  }

  /// The direct adjoint has no recurrence: only the paths of each step.
  @Test func theDirectAdjointHasNoRecurrence() throws {
    let expected = """
      %15: f32 = constant(1)
      %16: f32 {b} = spread(%15; over {b})
      %17: f32 {b} [4] = broadcast(%16; dimension 0, count 4)
      %18: f32 {b} [4] = add(%17, %17)
      %19: f32 {b} [4] = multiply(%18, %11)
      %20 dh: f32 {t, b} [4] = place(%19; along t, last)

      """
    #expect(try appended(to: Self.network, by: ["h"], dependence: .direct) == expected)
  }

  @Test func activationsAreWrittenInTheirValues() throws {
    let text = """
      %0 x: f32 [4] = parameter
      %1 y: f32 [4] = sigmoid(x)
      %2: f32 [2] = slice(y; dimension 0, start 2, count 2)
      %3: f32 [2] = relu(%2)
      %4: f32 [2] = slice(y; dimension 0, start 0, count 2)
      %5: f32 [2] = multiply(%3, %4)
      %6: f32 = sumFeatures(%5; dimension 0)

      output loss = %6

      """
    let expected = """
      %7: f32 = constant(1)
      %8: f32 [2] = broadcast(%7; dimension 0, count 2)
      %9: f32 [2] = multiply(%8, %4)
      %10: f32 [2] = multiply(%8, %3)
      %11: f32 = constant(0)
      %12: bool [2] = greater(%3, %11)
      %13: f32 [2] = select(%12, %9, %11)
      %14: f32 [4] = concatenate(%10, %13; dimension 0)
      %15: f32 [4] = subtract(%7, y)
      %16: f32 [4] = multiply(y, %15)
      %17 dx: f32 [4] = multiply(%14, %16)

      """
    #expect(try appended(to: text, by: ["x"]) == expected)
  }

  /// Only what lies between the loss and the nodes asked for gets adjoints, and no adjoint is zero.
  @Test func nothingElseIsDifferentiated() throws {
    let expected = """
      %15: f32 = constant(1)
      %16: f32 {b} = spread(%15; over {b})
      %17: f32 {b} [4] = broadcast(%16; dimension 0, count 4)
      %18: f32 {b} [4] = add(%17, %17)
      %19: f32 {b} [4] = multiply(%18, %11)

      """
    var graph = try Graph(parsing: Self.network)
    graph.setName("last", of: NodeID(11))
    #expect(
      try appended(to: graph.description, by: ["last"])
        == expected.replacing("%19:", with: "%19 dlast:")
        .replacing("%11", with: "last"))
  }

  @Test func anUnrolledRecurrenceIsTheFlatGraphOfTextbooks() throws {
    let expected = """
      axis t: time, length 2
      axis b: batch

      %0 x@0: f32 {b} [3] = input
      %1 x@1: f32 {b} [3] = input
      %2 W: f32 [3, 4] = parameter
      %3 R: f32 [4, 4] = parameter
      %4 bias: f32 [4] = parameter
      %5 h0: f32 [4] = parameter
      %6: f32 {b} [4] = product(x@0, W; contracting 0 with 0)
      %7: f32 {b} [4] = product(x@1, W; contracting 0 with 0)
      %8: f32 {b} [4] = spread(h0; over {b})
      %9: f32 {b} [4] = product(%8, R; contracting 0 with 0)
      %10: f32 {b} [4] = add(%6, %9)
      %11: f32 {b} [4] = add(%10, bias)
      %12 h@0: f32 {b} [4] = tanh(%11)
      %13: f32 {b} [4] = product(h@0, R; contracting 0 with 0)
      %14: f32 {b} [4] = add(%7, %13)
      %15: f32 {b} [4] = add(%14, bias)
      %16 h@1: f32 {b} [4] = tanh(%15)
      %17: f32 {b} [4] = square(h@1)
      %18: f32 {b} = sumFeatures(%17; dimension 0)
      %19: f32 = sumAxes(%18; over {b})

      output loss = %19
      output h@0 = h@0
      output h@1 = h@1

      """
    var graph = try Graph(parsing: Self.network)
    graph.setOutput("h", try #require(graph.node(named: "h")))
    #expect(try graph.unrolled(Axis(0), steps: 2).description == expected)
  }

  /// The lines that a gradient by these nodes appends, and the names of its results.
  private func appended(to text: String, by names: [String], dependence: Dependence = .total) throws -> String {
    var graph = try Graph(parsing: text)
    let count = graph.count
    let loss = try #require(graph.output(named: "loss"))
    let nodes = try names.map { try #require(graph.node(named: $0)) }
    let gradients = try graph.gradient(of: loss, withRespectTo: nodes, dependence: dependence)
    for (name, gradient) in zip(names, gradients) { graph.setName("d" + name, of: gradient) }
    return (count..<graph.count).map { graph.line(NodeID($0)) }.joined(separator: "\n") + "\n"
  }
}

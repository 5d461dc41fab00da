import EbbPlanning

/// A graph and what one step of planning decides about it; no step: the plan.
struct PlanningSample: Sendable {
  var name: String
  var step: PlanningStep?
  var graph: String
  var result: String

  static let all = [
    PlanningSample(
      name: "rows times a matrix, a join that is a place, a slice that is a view", step: .kernels,
      graph: """
        axis b: batch

        %0 x: f32 {b} [4] = input
        %1 W: f32 [4, 6] = parameter
        %2: f32 {b} [6] = product(x, W; contracting 0 with 0)
        %3: f32 {b} [6] = tanh(%2)
        %4: f32 {b} [10] = concatenate(x, %3; dimension 0)
        %5: f32 {b} [4] = slice(%4; dimension 0, start 0, count 4)
        %6: f32 {b} = sumFeatures(%5; dimension 0)
        %7: f32 = sumAxes(%6; over {b})

        output y = %3
        output z = %7
        """,
      result: """
        %0 x = input: given, 32 bits {b} × 4
        %1 W = parameter: given, 32 bits {} × 24
        %2 = product: a product of the rows of %0 x and %1 W, 32 bits {b} × 6
        %3 = tanh: elementwise, 32 bits {b} × 6
        %4 = concatenate: a join, 32 bits {b} × 10
        %5 = slice: a view, 32 bits {b} × 4
        %6 = sumFeatures: sum over features, 32 bits {b} × 1
        %7 = sumAxes: a sum over all indices, 32 bits {} × 1
        """),
    PlanningSample(
      name: "what lies on a cycle is a sweep; what it needs comes before it", step: .stages,
      graph: recurrence,
      result: """
        stage 0, level 0: the whole sequence at once
          phase 0: %0 x, %1 R, %2, %5
        stage 1, level 1: step by step forward along t
          phase 0: %3, %4, %6, %7 h
        stage 2, level 2: the whole sequence at once
          phase 0: %8
        %4 is computed with %6
        """),
    PlanningSample(
      name: "work that only one sweep reads sinks into it", step: .sinking,
      graph: recurrence,
      result: """
        stage 0, level 0: the whole sequence at once
          phase 0: %0 x, %1 R, %2
        stage 1, level 1: step by step forward along t
          phase 0: %3, %4, %5, %6, %7 h
        stage 2, level 2: the whole sequence at once
          phase 0: %8
        %4 is computed with %6
        """),
    PlanningSample(
      name: "a join cuts its parts where they meet", step: .layouts,
      graph: """
        axis b: batch

        %0 x: f32 {b} [4] = input
        %1 y: f32 {b} [6] = input
        %2: f32 {b} [10] = concatenate(x, y; dimension 0)
        %3: f32 {b} [10] = tanh(%2)
        %4: f32 {b} [7] = slice(%3; dimension 0, start 0, count 7)

        output z = %4
        """,
      result: """
        %0 x: 4
        %1 y: 6
        %2: 4 + 6
        %3: 4 + 6
        %4: 7
        """),
    PlanningSample(
      name: "a sum of products takes the factors, and the product leaves its program", step: .schedules,
      graph: """
        axis b: batch

        %0 x: f32 {b} [4] = input
        %1 y: f32 {b} [4] = input
        %2: f32 {b} [4] = multiply(x, y)
        %3: f32 {b} = sumFeatures(%2; dimension 0)
        %4: f32 {b} = tanh(%3)

        output z = %4
        """,
      result: """
        stage 0, level 0: the whole sequence at once
          %0 x: given
          %1 y: given
          %3: sum over features
          program of %4
        %3 takes the factors %0 x and %1 y
        """),
    PlanningSample(
      name: "a delay is a view, one step before; a state that nothing reads later keeps few steps", step: .storage,
      graph: recurrence,
      result: """
        v0: %0 x {t, b} × 3, 32 bits, phase 0, by t, every step
        v1: %1 R {} × 9, 32 bits, phase 0
        v2: %5 {t, b} × 3, 32 bits, phase 0, by t, the last 1 step
        v3: %6 {t, b} × 3, 32 bits, phase 0, by t, the last 1 step
        v4: %7 h {t, b} × 3, 32 bits, phase 0, by t, every step, 1 place before and 0 after
        v5: %8 {} × 3, 32 bits, phase 0, with what rounding took
        %0 x = v0 × 3
        %1 R = v1 × 9
        %3 = v4 × 3, shifted by -1
        %5 = v2 × 3
        %6 = v3 × 3
        %7 h = v4 × 3
        %8 = v5 × 3
        """),
    PlanningSample(
      name: "a recurrence", step: nil, graph: recurrence,
      result: """
        stage 0, level 1: step by step forward along t, slices of b on their own
          phase 0
          before the steps: boundary of %3 = 0.0
          before the steps: pack w0
          program over {t, b} × 3, 32 bits, 1 operation on %0 x, result %5
            %5 = sin(%0 x)
          %6 = %3 · w0 + %5
          program over {t, b} × 3, 32 bits, 1 operation on %6, result %7 h
            %7 h = tanh(%6)
        stage 1, level 2: the whole sequence at once
          phase 0
          %8 = Σ {t, b} %7 h
        memory: 6 values, 1 packed weights
          v0: %0 x {t, b} × 3, 32 bits, phase 0, by t, every step
          v1: %1 R {} × 9, 32 bits, phase 0
          v2: %5 {t, b} × 3, 32 bits, phase 0, by t, the last 1 step
          v3: %6 {t, b} × 3, 32 bits, phase 0, by t, the last 1 step
          v4: %7 h {t, b} × 3, 32 bits, phase 0, by t, every step, 1 place before and 0 after
          v5: %8 {} × 3, 32 bits, phase 0, with what rounding took
          %0 x = v0 × 3
          %1 R = v1 × 9
          %3 = v4 × 3, shifted by -1
          %5 = v2 × 3
          %6 = v3 × 3
          %7 h = v4 × 3
          %8 = v5 × 3
          w0: 3 × 3, 32 bits, from v1[0 + 3 i + 1 j] at row 0, column 0: 3 × 3
        """),
  ]

  /// h = tanh(h₋₁ R + sin x), and the sum of all h.
  private static let recurrence = """
    axis t: time
    axis b: batch

    %0 x: f32 {t, b} [3] = input
    %1 R: f32 [3, 3] = parameter
    %2: f32 [3] = constant(0)
    %3: f32 {t, b} [3] = delay(%7, initial %2; along t)
    %4: f32 {t, b} [3] = product(%3, R; contracting 0 with 0)
    %5: f32 {t, b} [3] = sin(x)
    %6: f32 {t, b} [3] = add(%4, %5)
    %7 h: f32 {t, b} [3] = tanh(%6)
    %8: f32 [3] = sumAxes(h; over {t, b})

    output sum = %8
    """
}

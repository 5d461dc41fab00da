extension PassSample {
  /// Passes that make one product of several.
  static let fusing = [
    PassSample(
      pass: "fuse-product-sums",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 U: f32 [2, 2] = parameter
        %2 V: f32 [2, 2] = parameter
        %3: f32 [2] = constant(0)
        %4: f32 {t, b} [2] = advance(%10, final %3; along t)
        %5: f32 {t, b} [2] = tanh(%4)
        %6: f32 {t, b} [2] = sigmoid(%4)
        %7: f32 {t, b} [2] = product(%6, V; contracting 0 with 1)
        %8: f32 {t, b} [2] = product(%5, U; contracting 0 with 1)
        %9: f32 {t, b} [2] = add(%7, x)
        %10: f32 {t, b} [2] = add(%9, %8)

        output y = %10

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 U: f32 [2, 2] = parameter
        %2 V: f32 [2, 2] = parameter
        %3: f32 [2] = constant(0)
        %4: f32 {t, b} [2] = advance(%10, final %3; along t)
        %5: f32 {t, b} [2] = tanh(%4)
        %6: f32 {t, b} [2] = sigmoid(%4)
        %7: f32 {t, b} [4] = concatenate(%5, %6; dimension 0)
        %8: f32 [2, 4] = concatenate(U, V; dimension 1)
        %9: f32 {t, b} [2] = product(%7, %8; contracting 0 with 1)
        %10: f32 {t, b} [2] = add(%9, x)

        output y = %10

        """),
    PassSample(
      pass: "fuse-gate-products",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 U: f32 [2, 2] = parameter
        %2 V: f32 [2, 3] = parameter
        %3: f32 {t, b} [3] = product(x, V; contracting 0 with 0)
        %4: f32 {t, b} [2] = product(x, U; contracting 0 with 0)
        %5: f32 {t, b} [2] = product(x, U; contracting 0 with 1)

        output a = %3
        output b = %4
        output c = %5

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 U: f32 [2, 2] = parameter
        %2 V: f32 [2, 3] = parameter
        %3: f32 {t, b} [2] = product(x, U; contracting 0 with 1)
        %4: f32 [2, 5] = concatenate(U, V; dimension 1)
        %5: f32 {t, b} [5] = product(x, %4; contracting 0 with 0)
        %6: f32 {t, b} [2] = slice(%5; dimension 0, start 0, count 2)
        %7: f32 {t, b} [3] = slice(%5; dimension 0, start 2, count 3)

        output a = %7
        output b = %6
        output c = %3

        """),
    PassSample(
      pass: "fuse-outer-products",
      before: """
        axis t: time
        axis b: batch

        %0 h: f32 {t, b} [2] = input
        %1 x: f32 {t, b} [3] = input
        %2 d: f32 {t, b} [2] = input
        %3 e: f32 {t, b} [2] = input
        %4: f32 {t, b} [4] = concatenate(e, d; dimension 0)
        %5: f32 [2, 2] = product(h, d; outer, over {t, b})
        %6: f32 [2, 2] = product(h, e; outer, over {t, b})
        %7: f32 [3, 2] = product(x, d; outer, over {t, b})

        output dU = %5
        output dV = %6
        output dW = %7
        output joined = %4

        """,
      after: """
        axis t: time
        axis b: batch

        %0 h: f32 {t, b} [2] = input
        %1 x: f32 {t, b} [3] = input
        %2 d: f32 {t, b} [2] = input
        %3 e: f32 {t, b} [2] = input
        %4: f32 {t, b} [4] = concatenate(e, d; dimension 0)
        %5: f32 [3, 2] = product(x, d; outer, over {t, b})
        %6: f32 [2, 4] = product(h, %4; outer, over {t, b})
        %7: f32 [2, 2] = slice(%6; dimension 1, start 0, count 2)
        %8: f32 [2, 2] = slice(%6; dimension 1, start 2, count 2)

        output dU = %8
        output dV = %7
        output dW = %5
        output joined = %4

        """),
    PassSample(
      pass: "fuse-gate-sums",
      before: """
        axis t: time
        axis b: batch

        %0 d: f32 {t, b} [2] = input
        %1 e: f32 {t, b} [2] = input
        %2: f32 {t, b} [4] = concatenate(e, d; dimension 0)
        %3: f32 [2] = sumAxes(d; over {t, b})
        %4: f32 [2] = sumAxes(e; over {t, b})

        output joined = %2
        output a = %3
        output b = %4

        """,
      after: """
        axis t: time
        axis b: batch

        %0 d: f32 {t, b} [2] = input
        %1 e: f32 {t, b} [2] = input
        %2: f32 {t, b} [4] = concatenate(e, d; dimension 0)
        %3: f32 [4] = sumAxes(%2; over {t, b})
        %4: f32 [2] = slice(%3; dimension 0, start 0, count 2)
        %5: f32 [2] = slice(%3; dimension 0, start 2, count 2)

        output joined = %2
        output a = %5
        output b = %4

        """),
  ]
}

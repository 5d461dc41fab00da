extension PassSample {
  /// Passes that move sums and parts of vectors to where they cost least.
  static let sums = [
    PassSample(
      pass: "fuse-reductions",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [3] = input
        %1 d: f32 {t, b} [4] = input
        %2 e: f32 {t, b} [4] = input
        %3: f32 {t, b} [3, 4] = product(x, d; outer)
        %4: f32 {t, b} [3, 4] = product(x, e; outer)
        %5: f32 {t, b} [3, 4] = add(%3, %4)
        %6: f32 {t} [3, 4] = sumAxes(%5; over {b})
        %7: f32 [3, 4] = sumAxes(%6; over {t})

        output y = %7

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [3] = input
        %1 d: f32 {t, b} [4] = input
        %2 e: f32 {t, b} [4] = input
        %3: f32 [3, 4] = product(x, d; outer, over {t, b})
        %4: f32 [3, 4] = product(x, e; outer, over {t, b})
        %5: f32 [3, 4] = add(%3, %4)

        output y = %5

        """),
    PassSample(
      pass: "split-concatenations",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [3] = input
        %1 d: f32 {t, b} [2] = input
        %2 W: f32 [5, 2] = parameter
        %3: f32 [2] = constant(0)
        %4: f32 {t, b} [2] = delay(h, initial %3; along t)
        %5: f32 {t, b} [5] = concatenate(%4, x; dimension 0)
        %6: f32 {t, b} [2] = product(%5, W; contracting 0 with 0)
        %7 h: f32 {t, b} [2] = tanh(%6)
        %8: f32 [5, 2] = product(%5, d; outer, over {t, b})
        %9: f32 {t, b} [5] = product(d, W; contracting 0 with 1)
        %10: f32 {t, b} [2] = slice(%9; dimension 0, start 0, count 2)

        output h = h
        output dW = %8
        output dh = %10

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [3] = input
        %1 d: f32 {t, b} [2] = input
        %2 W: f32 [5, 2] = parameter
        %3: f32 [2] = constant(0)
        %4: f32 {t, b} [2] = delay(h, initial %3; along t)
        %5: f32 [2, 2] = slice(W; dimension 0, start 0, count 2)
        %6: f32 {t, b} [2] = product(%4, %5; contracting 0 with 0)
        %7: f32 [3, 2] = slice(W; dimension 0, start 2, count 3)
        %8: f32 {t, b} [2] = product(x, %7; contracting 0 with 0)
        %9: f32 {t, b} [2] = add(%6, %8)
        %10 h: f32 {t, b} [2] = tanh(%9)
        %11: f32 [2, 2] = product(%4, d; outer, over {t, b})
        %12: f32 [3, 2] = product(x, d; outer, over {t, b})
        %13: f32 [5, 2] = concatenate(%11, %12; dimension 0)
        %14: f32 {t, b} [2] = product(d, %5; contracting 0 with 1)

        output h = h
        output dW = %13
        output dh = %14

        """),
    PassSample(
      pass: "group-sums",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 W: f32 [2, 2] = parameter
        %2 R: f32 [2, 2] = parameter
        %3 bias: f32 [2] = parameter
        %4 speaker: f32 {b} [2] = input
        %5: f32 [2] = constant(0)
        %6: f32 {t, b} [2] = delay(h, initial %5; along t)
        %7: f32 {t, b} [2] = product(x, W; contracting 0 with 0)
        %8: f32 {t, b} [2] = add(%7, %6)
        %9: f32 {t, b} [2] = add(%8, bias)
        %10: f32 {t, b} [2] = product(%6, R; contracting 0 with 0)
        %11: f32 {t, b} [2] = add(speaker, %10)
        %12: f32 {t, b} [2] = add(%9, %11)
        %13 h: f32 {t, b} [2] = tanh(%12)

        output h = h

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1 W: f32 [2, 2] = parameter
        %2 R: f32 [2, 2] = parameter
        %3 bias: f32 [2] = parameter
        %4 speaker: f32 {b} [2] = input
        %5: f32 [2] = constant(0)
        %6: f32 {t, b} [2] = delay(h, initial %5; along t)
        %7: f32 {t, b} [2] = product(x, W; contracting 0 with 0)
        %8: f32 {t, b} [2] = product(%6, R; contracting 0 with 0)
        %9: f32 {b} [2] = add(speaker, bias)
        %10: f32 {t, b} [2] = add(%7, %9)
        %11: f32 {t, b} [2] = add(%8, %10)
        %12: f32 {t, b} [2] = add(%11, %6)
        %13 h: f32 {t, b} [2] = tanh(%12)

        output h = h

        """),
    PassSample(
      pass: "add-before-slicing",
      before: """
        axis t: time
        axis b: batch

        %0 h: f32 {t, b} [2] = input
        %1 x: f32 {t, b} [3] = input
        %2 R: f32 [2, 4] = parameter
        %3 W: f32 [3, 4] = parameter
        %4 b1: f32 [2] = parameter
        %5 b2: f32 [2] = parameter
        %6: f32 {t, b} [4] = product(h, R; contracting 0 with 0)
        %7: f32 {t, b} [4] = product(x, W; contracting 0 with 0)
        %8: f32 {t, b} [2] = slice(%7; dimension 0, start 0, count 2)
        %9: f32 {t, b} [2] = slice(%7; dimension 0, start 2, count 2)
        %10: f32 {t, b} [2] = add(%8, b1)
        %11: f32 {t, b} [2] = add(%9, b2)
        %12: f32 {t, b} [2] = slice(%6; dimension 0, start 0, count 2)
        %13: f32 {t, b} [2] = slice(%6; dimension 0, start 2, count 2)
        %14: f32 {t, b} [2] = add(%12, %10)
        %15: f32 {t, b} [2] = add(%13, %11)

        output a = %14
        output b = %15

        """,
      after: """
        axis t: time
        axis b: batch

        %0 h: f32 {t, b} [2] = input
        %1 x: f32 {t, b} [3] = input
        %2 R: f32 [2, 4] = parameter
        %3 W: f32 [3, 4] = parameter
        %4 b1: f32 [2] = parameter
        %5 b2: f32 [2] = parameter
        %6: f32 {t, b} [4] = product(h, R; contracting 0 with 0)
        %7: f32 {t, b} [4] = product(x, W; contracting 0 with 0)
        %8: f32 [4] = concatenate(b1, b2; dimension 0)
        %9: f32 {t, b} [4] = add(%7, %8)
        %10: f32 {t, b} [4] = add(%6, %9)
        %11: f32 {t, b} [2] = slice(%10; dimension 0, start 0, count 2)
        %12: f32 {t, b} [2] = slice(%10; dimension 0, start 2, count 2)

        output a = %11
        output b = %12

        """),
  ]
}

extension PassSample {
  /// Passes that bring each node into its simplest form, and decide which nodes there are.
  static let cleaning = [
    PassSample(
      pass: "erase-gradient-marks",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1: f32 [4] = constant(0)
        %2: f32 {t, b} [4] = delay(%5, initial %1; along t, truncation 8)
        %3: f32 {t, b} [4] = clipGradient(%2; norm 1)
        %4: f32 {t, b} [4] = stopGradient(x)
        %5 h: f32 {t, b} [4] = add(%3, %4)

        output h = h

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1: f32 [4] = constant(0)
        %2: f32 {t, b} [4] = delay(h, initial %1; along t)
        %3 h: f32 {t, b} [4] = add(%2, x)

        output h = h

        """),
    // A recurrence reads the first history; the second is read by what knows the whole sequence.
    PassSample(
      pass: "mask-histories",
      before: """
        axis t: time
        axis past: time, steps of t

        %0 x: f32 {t} [2] = input
        %1 q: f32 {t} [2] = input
        %2: f32 {t, past} [2] = history(x; of t, along past)
        %3: f32 = constant(0)
        %4: f32 {t} = delay(h, initial %3; along t)
        %5: f32 {t, past} [2] = multiply(%4, %2)
        %6: f32 {t, past} = sumFeatures(%5; dimension 0)
        %7 h: f32 {t} = sumAxes(%6; over {past})
        %8: f32 {t, past} = product(q, %2; contracting 0 with 0)
        %9: f32 {t} = sumAxes(%8; over {past})
        %10: f32 {t, past} [2] = multiply(%8, q)
        %11: f32 {t} [2] = historySum(%10; of t, along past)

        output h = h
        output y = %9
        output dx = %11

        """,
      after: """
        axis t: time
        axis past: time, steps of t

        %0 x: f32 {t} [2] = input
        %1 q: f32 {t} [2] = input
        %2: f32 {t, past} [2] = history(x; of t, along past)
        %3: i32 {past} = index(along past)
        %4: i32 {t} = index(along t)
        %5: bool {t, past} = lessOrEqual(%3, %4)
        %6: i32 {past} = index(along past)
        %7: f32 {past} [2] = pick(x, %6; along t, at)
        %8: f32 = constant(0)
        %9: f32 {t, past} [2] = select(%5, %7, %8)
        %10: f32 = constant(0)
        %11: f32 {t} = delay(h, initial %10; along t)
        %12: f32 {t, past} [2] = multiply(%11, %2)
        %13: f32 {t, past} = sumFeatures(%12; dimension 0)
        %14 h: f32 {t} = sumAxes(%13; over {past})
        %15: f32 {t, past} = product(q, %9; contracting 0 with 0)
        %16: f32 {t} = sumAxes(%15; over {past})
        %17: f32 {t, past} [2] = multiply(%15, q)
        %18: i32 {past} = index(along past)
        %19: i32 {t} = index(along t)
        %20: bool {t, past} = lessOrEqual(%18, %19)
        %21: f32 = constant(0)
        %22: f32 {t, past} [2] = select(%20, %17, %21)
        %23: f32 {past} [2] = sumAxes(%22; over {t})
        %24: i32 {t} = index(along t)
        %25: f32 {t} [2] = pick(%23, %24; along past, at)

        output h = h
        output y = %16
        output dx = %25

        """),
    PassSample(
      pass: "add-up-histories",
      before: """
        axis t: time
        axis past: time, steps of t

        %0 x: f32 {t} = input
        %1: f32 {t, past} = history(x; of t, along past)
        %2 y: f32 {t, past} = square(%1)
        %3 z: f32 {t} = historySum(y; of t, along past)

        output z = z

        """,
      after: """
        axis t: time
        axis past: time, steps of t

        %0 x: f32 {t} = input
        %1: f32 {t, past} = history(x; of t, along past)
        %2 y: f32 {t, past} = square(%1)
        %3: f32 = constant(0)
        %4: f32 {t, past} = advance(%5, final %3; along t)
        %5: f32 {t, past} = add(%4, y)
        %6: i32 {t} = index(along t)
        %7 z: f32 {t} = pick(%5, %6; along past, at)

        output z = z

        """),
    PassSample(
      pass: "fold-constants",
      before: """
        axis t: time, length 5

        %0 x: f32 {t} = input
        %1: i32 = length(along t)
        %2: f32 = convert(%1; to f32)
        %3: f32 = constant(2)
        %4: f32 = multiply(%2, %3)
        %5: f32 {t} = divide(x, %4)

        output y = %5

        """,
      after: """
        axis t: time, length 5

        %0 x: f32 {t} = input
        %1: f32 = constant(10)
        %2: f32 {t} = divide(x, %1)

        output y = %2

        """),
    PassSample(
      pass: "normalize-elementwise",
      before: """
        %0 x: f32 [4] = input
        %1 y: f32 [4] = input
        %2: f32 [4] = negate(y)
        %3: f32 [4] = add(x, %2)
        %4: f32 [4] = multiply(%3, %3)
        %5: f32 = constant(1)
        %6: f32 [4] = divide(%5, %4)
        %7: bool [4] = greater(x, y)
        %8: f32 [4] = select(%7, %6, x)

        output z = %8

        """,
      after: """
        %0 x: f32 [4] = input
        %1 y: f32 [4] = input
        %2: bool [4] = less(y, x)
        %3: f32 [4] = subtract(x, y)
        %4: f32 [4] = square(%3)
        %5: f32 [4] = reciprocal(%4)
        %6: f32 [4] = select(%2, %5, x)

        output z = %6

        """),
    PassSample(
      pass: "simplify-algebra",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1 W: f32 [3, 4] = parameter
        %2: f32 = constant(0)
        %3: f32 = constant(1)
        %4: f32 {t, b} [4] = add(x, %2)
        %5: f32 {t, b} = spread(%3; over {t, b})
        %6: f32 {t, b} [4] = multiply(%4, %5)
        %7: f32 {t, b} [4] = multiply(%6, %2)
        %8: f32 [4, 3] = transpose(W; dimension 0, with 1)
        %9: f32 {t, b} [3] = product(%7, %8; contracting 0 with 0)
        %10: f32 {t, b} [2] = slice(%9; dimension 0, start 0, count 2)
        %11: f32 {t, b} [1] = slice(%9; dimension 0, start 2, count 1)
        %12: f32 {t, b} [3] = concatenate(%10, %11; dimension 0)

        output y = %12

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1 W: f32 [3, 4] = parameter
        %2: f32 = constant(0)
        %3: f32 {t, b} [4] = multiply(x, %2)
        %4: f32 {t, b} [3] = product(%3, W; contracting 0 with 1)

        output y = %4

        """),
    PassSample(
      pass: "simplify-algebra",
      before: """
        axis t: time

        %0 x: f32 {t} [4] = input
        %1: f32 = constant(8)
        %2: f32 = constant(6)
        %3: f32 {t} [4] = divide(x, %1)
        %4: f32 {t} [4] = divide(%3, %2)

        output y = %4

        """,
      after: """
        axis t: time

        %0 x: f32 {t} [4] = input
        %1: f32 = constant(6)
        %2: f32 = constant(0.125)
        %3: f32 {t} [4] = multiply(x, %2)
        %4: f32 {t} [4] = divide(%3, %1)

        output y = %4

        """),
    PassSample(
      pass: "simplify-algebra",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1 k: f32 {t, b} = input
        %2: f32 {t, b} [4] = negate(x)
        %3: f32 {t, b} = sumFeatures(%2; dimension 0)
        %4: f32 {t, b} [4] = broadcast(k; dimension 0, count 4)
        %5: f32 {t, b} [4] = add(%4, %4)
        %6: f32 {t, b} [4] = multiply(%5, x)
        %7: f32 {t, b} [4] = negate(%6)
        %8: f32 [4] = sumAxes(%7; over {t, b})

        output m = %3
        output y = %8

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [4] = input
        %1 k: f32 {t, b} = input
        %2: f32 {t, b} = sumFeatures(x; dimension 0)
        %3: f32 {t, b} = negate(%2)
        %4: f32 {t, b} = add(k, k)
        %5: f32 {t, b} [4] = multiply(%4, x)
        %6: f32 [4] = sumAxes(%5; over {t, b})
        %7: f32 [4] = negate(%6)

        output m = %3
        output y = %7

        """),
    PassSample(
      pass: "eliminate-common-subexpressions",
      before: """
        axis t: time

        %0 x: f32 {t} = input
        %1: f32 = constant(0)
        %2: f32 = constant(-0)
        %3: f32 {t} = delay(%5, initial %1; along t)
        %4: f32 {t} = delay(%6, initial %1; along t)
        %5: f32 {t} = add(x, %1)
        %6: f32 {t} = add(%1, x)
        %7: f32 {t} = multiply(%3, %4)
        %8: f32 {t} = subtract(%7, %2)
        %9: f32 {t} = random(uniform, stream 1)
        %10: f32 {t} = random(uniform, stream 2)
        %11: f32 {t} = random(uniform, stream 1)
        %12: f32 {t} = add(%9, %10)
        %13: f32 {t} = add(%12, %11)
        %14: f32 {t} = add(%13, %8)

        output y = %14

        """,
      after: """
        axis t: time

        %0 x: f32 {t} = input
        %1: f32 = constant(0)
        %2: f32 = constant(-0)
        %3: f32 {t} = delay(%4, initial %1; along t)
        %4: f32 {t} = add(x, %1)
        %5: f32 {t} = multiply(%3, %3)
        %6: f32 {t} = subtract(%5, %2)
        %7: f32 {t} = random(uniform, stream 1)
        %8: f32 {t} = random(uniform, stream 2)
        %9: f32 {t} = add(%7, %8)
        %10: f32 {t} = add(%9, %7)
        %11: f32 {t} = add(%10, %6)

        output y = %11

        """),
    PassSample(
      pass: "eliminate-dead-nodes",
      before: """
        axis t: time

        %0 x: f32 {t} = input
        %1 unused: f32 {t} = input
        %2: f32 {t} = tanh(unused)
        %3: f32 = constant(0)
        %4 lost: f32 {t} = delay(%5, initial %3; along t)
        %5: f32 {t} = add(lost, %2)
        %6 kept: f32 {t} = sigmoid(x)

        output y = kept

        """,
      after: """
        axis t: time

        %0 x: f32 {t} = input
        %1 unused: f32 {t} = input
        %2 kept: f32 {t} = sigmoid(x)

        output y = kept

        """),
    PassSample(
      pass: "recompute-cheap-values",
      before: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1: f32 [2] = constant(0)
        %2: f32 {t, b} [2] = delay(h, initial %1; along t)
        %3: f32 {t, b} [2] = tanh(%2)
        %4: f32 {t, b} [2] = square(%3)
        %5 h: f32 {t, b} [2] = add(%4, x)
        %6: f32 {t, b} [2] = multiply(%4, %3)

        output y = %6

        """,
      after: """
        axis t: time
        axis b: batch

        %0 x: f32 {t, b} [2] = input
        %1: f32 [2] = constant(0)
        %2: f32 {t, b} [2] = delay(h, initial %1; along t)
        %3: f32 {t, b} [2] = tanh(%2)
        %4: f32 {t, b} [2] = square(%3)
        %5: f32 {t, b} [2] = square(%3)
        %6 h: f32 {t, b} [2] = add(%4, x)
        %7: f32 {t, b} [2] = multiply(%5, %3)

        output y = %7

        """),
  ]
}

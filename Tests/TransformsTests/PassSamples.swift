/// A graph before and after one pass.
struct PassSample: Sendable {
  var pass: String
  var before: String
  var after: String

  static let all = [
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
      pass: "sink-reductions",
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

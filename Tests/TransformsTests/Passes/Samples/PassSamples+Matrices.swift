extension PassSample {
  /// Passes for matrices that differ from sample to sample.
  static let matrices = [
    // S (α I − β k kᵀ), and the gradient of α.
    PassSample(
      pass: "multiply-by-terms",
      before: """
        axis t: time

        %0 S: f32 {t} [2, 3] = input
        %1 k: f32 {t} [3] = input
        %2 α: f32 {t} = input
        %3 β: f32 {t} = input
        %4 δ: f32 {t} [2, 3] = input
        %5: i32 [3] = iota(count 3)
        %6: i32 [3, 3] = broadcast(%5; dimension 1, count 3)
        %7: i32 [3, 3] = broadcast(%5; dimension 0, count 3)
        %8: bool [3, 3] = equal(%6, %7)
        %9 I: f32 [3, 3] = convert(%8; to f32)
        %10: f32 {t} [3, 3] = multiply(α, I)
        %11: f32 {t} [3, 3] = product(k, k; outer)
        %12: f32 {t} [3, 3] = multiply(β, %11)
        %13: f32 {t} [3, 3] = subtract(%10, %12)
        %14: f32 {t} [2, 3] = product(S, %13; contracting 1 with 0)
        %15: f32 {t} [3, 3] = product(S, δ; contracting 0 with 0)
        %16: f32 {t} [3, 3] = multiply(%15, I)
        %17: f32 {t} [3] = sumFeatures(%16; dimension 1)
        %18: f32 {t} [3] = product(k, %15; contracting 0 with 1)

        output y = %14
        output dα = %17
        output dk = %18

        """,
      after: """
        axis t: time

        %0 S: f32 {t} [2, 3] = input
        %1 k: f32 {t} [3] = input
        %2 α: f32 {t} = input
        %3 β: f32 {t} = input
        %4 δ: f32 {t} [2, 3] = input
        %5: f32 {t} [2, 3] = multiply(S, α)
        %6: f32 {t} [3] = multiply(k, β)
        %7: f32 {t} [2] = product(k, S; contracting 0 with 1)
        %8: f32 {t} [2, 3] = product(%7, %6; outer)
        %9: f32 {t} [2, 3] = subtract(%5, %8)
        %10: f32 {t} [2, 3] = multiply(S, δ)
        %11: f32 {t} [3] = sumFeatures(%10; dimension 0)
        %12: f32 {t} [2] = product(k, δ; contracting 0 with 1)
        %13: f32 {t} [3] = product(%12, S; contracting 0 with 0)

        output y = %9
        output dα = %11
        output dk = %13

        """),
    // (D + diag(v)) h.
    PassSample(
      pass: "multiply-by-terms",
      before: """
        axis t: time

        %0 h: f32 {t} [2] = input
        %1 v: f32 {t} [2] = input
        %2 D: f32 [2, 2] = parameter
        %3: i32 [2] = iota(count 2)
        %4: i32 [2, 2] = broadcast(%3; dimension 1, count 2)
        %5: i32 [2, 2] = broadcast(%3; dimension 0, count 2)
        %6: bool [2, 2] = equal(%4, %5)
        %7: f32 [2, 2] = convert(%6; to f32)
        %8: f32 {t} [2, 2] = broadcast(v; dimension 0, count 2)
        %9: f32 {t} [2, 2] = multiply(%7, %8)
        %10: f32 {t} [2, 2] = add(D, %9)
        %11 y: f32 {t} [2] = product(%10, h; contracting 1 with 0)

        output y = y

        """,
      after: """
        axis t: time

        %0 h: f32 {t} [2] = input
        %1 v: f32 {t} [2] = input
        %2 D: f32 [2, 2] = parameter
        %3: f32 {t} [2] = product(h, D; contracting 0 with 1)
        %4: f32 {t} [2] = multiply(h, v)
        %5 y: f32 {t} [2] = add(%3, %4)

        output y = y

        """),
    PassSample(
      pass: "put-rows-on-axes",
      before: """
        axis t: time
        axis b: batch

        %0 k: f32 {t, b} [2] = input
        %1 v: f32 {t, b} [3] = input
        %2 f: f32 {t, b} = input
        %3: f32 [3, 2] = constant(0)
        %4: f32 {t, b} [3, 2] = delay(%7, initial %3; along t)
        %5: f32 {t, b} [3, 2] = multiply(f, %4)
        %6: f32 {t, b} [3, 2] = product(v, k; outer)
        %7 S: f32 {t, b} [3, 2] = add(%5, %6)
        %8: f32 {t, b} [3] = product(S, k; contracting 1 with 0)
        %9: f32 {t, b} [2] = product(v, S; contracting 0 with 0)

        output y = %8
        output z = %9

        """,
      after: """
        axis t: time
        axis b: batch
        axis rows2: batch, length 2

        %0 k: f32 {t, b} [2] = input
        %1 v: f32 {t, b} [3] = input
        %2 f: f32 {t, b} = input
        %3: f32 [3, 2] = constant(0)
        %4: f32 [3] = constant(0)
        %5: f32 {t, b, rows2} [3] = delay(S, initial %4; along t)
        %6: f32 {t, b, rows2} [3] = multiply(f, %5)
        %7: f32 {t, b, rows2} = featureToAxis(k; along rows2)
        %8: f32 {t, b, rows2} [3] = multiply(v, %7)
        %9 S: f32 {t, b, rows2} [3] = add(%6, %8)
        %10: f32 {t, b, rows2} [3] = multiply(S, %7)
        %11: f32 {t, b} [3] = sumAxes(%10; over {rows2})
        %12: f32 {t, b, rows2} [3] = multiply(S, v)
        %13: f32 {t, b, rows2} = sumFeatures(%12; dimension 0)
        %14: f32 {t, b} [2] = axisToFeature(%13; along rows2)

        output y = %11
        output z = %14

        """),
    PassSample(
      pass: "put-rows-on-axes",
      before: """
        axis t: time
        axis b: batch

        %0 k: f32 {t, b} [3] = input
        %1 v: f32 {t, b} [2] = input
        %2: f32 {t, b} [2, 3] = product(v, k; outer)
        %3: f32 {t, b} [2, 3] = tanh(%2)
        %4 W: f32 [3, 5] = parameter
        %5: f32 {t, b} [2, 5] = product(%3, W; contracting 1 with 0)
        %6: f32 {t, b} [5, 2] = transpose(%5; dimension 0, with 1)
        %7: f32 {t, b} [2] = sumFeatures(%6; dimension 0)

        output y = %7

        """,
      after: """
        axis t: time
        axis b: batch
        axis rows2: batch, length 2

        %0 k: f32 {t, b} [3] = input
        %1 v: f32 {t, b} [2] = input
        %2: f32 {t, b, rows2} = featureToAxis(v; along rows2)
        %3: f32 {t, b, rows2} [3] = multiply(%2, k)
        %4: f32 {t, b, rows2} [3] = tanh(%3)
        %5 W: f32 [3, 5] = parameter
        %6: f32 {t, b, rows2} [5] = product(%4, W; contracting 0 with 0)
        %7: f32 {t, b, rows2} = sumFeatures(%6; dimension 0)
        %8: f32 {t, b} [2] = axisToFeature(%7; along rows2)

        output y = %8

        """),
    // A window of the last two steps, and its gradient.
    PassSample(
      pass: "put-rows-on-axes",
      before: """
        axis t: time
        axis b: batch

        %0 k: f32 {t, b} [1, 3] = input
        %1 q: f32 {t, b} [3] = input
        %2 e: f32 {t, b} [2] = input
        %3: f32 [2, 3] = constant(0)
        %4: f32 {t, b} [2, 3] = delay(%6, initial %3; along t)
        %5: f32 {t, b} [1, 3] = slice(%4; dimension 0, start 1, count 1)
        %6 K: f32 {t, b} [2, 3] = concatenate(%5, k; dimension 0)
        %7: f32 {t, b} [2] = product(K, q; contracting 1 with 0)
        %8: f32 {t, b} [3] = product(e, K; contracting 0 with 0)
        %9: f32 {t, b} [2, 3] = product(e, q; outer)
        %10: f32 {t, b} [2, 3] = advance(%13, final %3; along t)
        %11: f32 {t, b} [2, 3] = add(%9, %10)
        %12: f32 {t, b} [1, 3] = slice(%11; dimension 0, start 0, count 1)
        %13: f32 {t, b} [2, 3] = pad(%12; dimension 0, before 1, after 0)
        %14: f32 {t, b} [1, 3] = slice(%11; dimension 0, start 1, count 1)

        output y = %7
        output z = %8
        output dk = %14

        """,
      after: """
        axis t: time
        axis b: batch

        %0 k: f32 {t, b} [1, 3] = input
        %1 q: f32 {t, b} [3] = input
        %2 e: f32 {t, b} [2] = input
        %3: f32 [2, 3] = constant(0)
        %4: f32 {t, b} [2, 3] = delay(K, initial %3; along t)
        %5: f32 {t, b} [1, 3] = slice(%4; dimension 0, start 1, count 1)
        %6 K: f32 {t, b} [2, 3] = concatenate(%5, k; dimension 0)
        %7: f32 {t, b} [2] = product(K, q; contracting 1 with 0)
        %8: f32 {t, b} [3] = product(e, K; contracting 0 with 0)
        %9: f32 {t, b} [2, 3] = product(e, q; outer)
        %10: f32 {t, b} [2, 3] = advance(%14, final %3; along t)
        %11: f32 {t, b} [2, 3] = add(%9, %10)
        %12: f32 {t, b} [1, 3] = slice(%11; dimension 0, start 0, count 1)
        %13: f32 [1, 3] = constant(0)
        %14: f32 {t, b} [2, 3] = concatenate(%13, %12; dimension 0)
        %15: f32 {t, b} [1, 3] = slice(%11; dimension 0, start 1, count 1)

        output y = %7
        output z = %8
        output dk = %15

        """),
    // Causal attention and its adjoint: the masks are those of the scores.
    PassSample(
      pass: "fuse-contractions",
      before: """
        axis t: time
        axis s: time
        axis b: batch

        %0 q: f32 {t, b} [2] = input
        %1 k: f32 {s, b} [2] = input
        %2 m: bool {t, s} = input
        %3 a: f32 {t, s, b} = input
        %4: f32 = constant(0)
        %5: f32 {t, s, b} [2] = select(m, k, %4)
        %6: f32 {t, s, b} = product(q, %5; contracting 0 with 0)
        %7: f32 {t, s, b} [2] = multiply(a, %5)
        %8: f32 {t, b} [2] = sumAxes(%7; over {s})
        %9: f32 {t, s, b} [2] = select(m, q, %4)
        %10: f32 {t, s, b} [2] = multiply(%9, k)
        %11: f32 {t, s, b} = sumFeatures(%10; dimension 0)
        %12: f32 {t, s, b} [2] = multiply(%9, a)
        %13: f32 {s, b} [2] = sumAxes(%12; over {t})

        output scores = %6
        output y = %8
        output da = %11
        output dk = %13

        """,
      after: """
        axis t: time
        axis s: time
        axis b: batch

        %0 q: f32 {t, b} [2] = input
        %1 k: f32 {s, b} [2] = input
        %2 m: bool {t, s} = input
        %3 a: f32 {t, s, b} = input
        %4: f32 = constant(0)
        %5: f32 {t, s, b} = product(q, k; contracting 0 with 0)
        %6: f32 {t, s, b} = select(m, %5, %4)
        %7: f32 {t, s, b} = select(m, a, %4)
        %8: f32 {t, b} [2] = product(%7, k; outer, over {s})
        %9: f32 {s, b} [2] = product(%7, q; outer, over {t})

        output scores = %6
        output y = %8
        output da = %6
        output dk = %9

        """),
    PassSample(
      pass: "fuse-contractions",
      before: """
        axis t: time
        axis s: time
        axis b: batch

        %0 q: f32 {t, b} [2] = input
        %1 k: f32 {s, b} [2] = input
        %2: f32 {t, s, b} [2] = multiply(q, k)
        %3: f32 {t, s, b} = sumFeatures(%2; dimension 0)
        %4: f32 {t, s, b} = tanh(%3)
        %5: f32 {t, s, b} [2] = multiply(%4, k)
        %6: f32 {t, b} [2] = sumAxes(%5; over {s})

        output y = %6

        """,
      after: """
        axis t: time
        axis s: time
        axis b: batch

        %0 q: f32 {t, b} [2] = input
        %1 k: f32 {s, b} [2] = input
        %2: f32 {t, s, b} = product(q, k; contracting 0 with 0)
        %3: f32 {t, s, b} = tanh(%2)
        %4: f32 {t, b} [2] = product(%3, k; outer, over {s})

        output y = %4

        """),
  ]
}

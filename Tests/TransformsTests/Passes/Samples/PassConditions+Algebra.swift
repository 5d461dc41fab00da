extension PassCondition {
  static let algebra = [
    PassCondition(
      "simplify-algebra", "ranges that are zeros in part",
      """
      %20: f64 {t, b} [4] = pad(x; dimension 0, before 1, after 1)
      %21: f64 {t, b} [2] = slice(%20; dimension 0, start 0, count 2)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 2, count 2)
      """),
    PassCondition(
      "simplify-algebra", "a range of transposed activations",
      """
      %20: f64 {t, b} [2, 2] = product(x, y; outer)
      %21: f64 {t, b} [2, 2] = transpose(%20; dimension 0, with 1)
      %22: f64 {t, b} [2, 1] = slice(%21; dimension 1, start 1, count 1)
      """),
    PassCondition(
      "simplify-algebra", "ranges of two values",
      """
      %20: f64 {t, b} [1] = slice(x; dimension 0, start 0, count 1)
      %21: f64 {t, b} [1] = slice(y; dimension 0, start 1, count 1)
      %22: f64 {t, b} [2] = concatenate(%20, %21; dimension 0)
      """),
    PassCondition(
      "simplify-algebra", "an axis of features that are changed on the way",
      """
      %20: f64 {u} [2] = featureToAxis(W; along u)
      %21: f64 {u} [2] = sin(%20)
      %22: f64 [2, 2] = axisToFeature(%21; along u)
      """),
    PassCondition(
      "simplify-algebra", "the largest of negated values",
      """
      %20: f64 {t, b} [2] = negate(x)
      %21: f64 {b} [2] = maxAxes(%20; over {t})
      """),
    PassCondition(
      "simplify-algebra", "the largest of a value and zeros",
      """
      %20: f64 {t, b} [2] = place(q; along b, first)
      %21: f64 {t} [2] = maxAxes(%20; over {b})
      """),
    PassCondition(
      "simplify-algebra", "a sum of a value at an index that may be outside",
      """
      %20: i32 = constant(1)
      %21: f64 {t, b} [2] = place(q, %20; along b, at)
      %22: f64 {t} [2] = sumAxes(%21; over {b})
      """),
    PassCondition(
      "simplify-algebra", "a sum over another axis than that of the place",
      """
      %20: f64 {t, b} [2] = place(q; along b, first)
      %21: f64 {b} [2] = sumAxes(%20; over {t})
      """),
    PassCondition(
      "simplify-algebra", "one of repeated values at an index that may be outside",
      """
      %20: i32 = constant(1)
      %21: f64 {t, b} [2] = spread(q; over {b})
      %22: f64 {t} [2] = pick(%21, %20; along b, at)
      """),
    PassCondition(
      "simplify-algebra", "one step of values that are repeated over rows",
      """
      %20: f64 {t, b} [2] = spread(q; over {b})
      %21: f64 {b} [2] = pick(%20; along t, first)
      """),
    PassCondition(
      "simplify-algebra", "the last of delayed values",
      """
      %20: f64 [2] = constant(0)
      %21: f64 {t, b} [2] = delay(x, initial %20; along t)
      %22: f64 {b} [2] = pick(%21; along t, last)
      """),
    PassCondition(
      "simplify-algebra", "the first of advanced values",
      """
      %20: f64 [2] = constant(0)
      %21: f64 {t, b} [2] = advance(x, final %20; along t)
      %22: f64 {b} [2] = pick(%21; along t, first)
      """),
    PassCondition(
      "simplify-algebra", "a state of two values in turn",
      """
      %20: f64 {t} [2] = delay(%20, initial W; along t, by 2)
      """),
    PassCondition(
      "simplify-algebra", "a state that begins with another number",
      """
      %20: f64 [2] = constant(0)
      %21: f64 [2] = constant(1)
      %22: f64 {t} [2] = delay(%21, initial %20; along t)
      """),
    PassCondition(
      "simplify-algebra", "a condition that is known", isUnchanged: false,
      """
      %20: bool = constant(0)
      %21: f64 {t, b} [2] = select(%20, x, y)
      """),
    PassCondition(
      "simplify-algebra", "sides that differ",
      """
      %20: bool {t, b} [2] = less(x, y)
      %21: f64 {t, b} [2] = select(%20, x, y)
      """),
    PassCondition(
      "simplify-algebra", "a number of another type",
      """
      %20: i32 {t, b} [2] = convert(x; to i32)
      """),
    PassCondition(
      "simplify-algebra", "functions of other functions",
      """
      %20: f64 {t, b} [2] = sin(x)
      %21: f64 {t, b} [2] = negate(%20)
      %22: f64 {t, b} [2] = relu(%20)
      """),
    PassCondition(
      "simplify-algebra", "a quotient by zero",
      """
      %20: f64 = constant(0)
      %21: f64 {t, b} [2] = divide(x, %20)
      """),
    PassCondition(
      "simplify-algebra", "the larger of two values",
      """
      %20: f64 {t, b} [2] = maximum(x, y)
      """),
    PassCondition(
      "simplify-algebra", "a product of matrices",
      """
      %20: f64 [2, 2] = product(v, w; outer)
      %21: f64 [2, 2] = product(W, %20; contracting 1 with 0)
      """),
    PassCondition(
      "simplify-algebra", "exchanges of different dimensions",
      """
      %20: f64 [2, 1, 2] = reshape(W; to [2, 1, 2])
      %21: f64 [1, 2, 2] = transpose(%20; dimension 0, with 1)
      %22: f64 [1, 2, 2] = transpose(%21; dimension 1, with 2)
      """),
    PassCondition(
      "simplify-algebra", "zeros on one side",
      """
      %20: f64 {t, b} [3] = pad(x; dimension 0, before 1, after 0)
      %21: f64 {t, b} [3] = pad(x; dimension 0, before 0, after 1)
      """),
    PassCondition(
      "simplify-algebra", "vectors that are repeated along different dimensions",
      """
      %20: f64 [3] = pad(v; dimension 0, before 1, after 0)
      %21: f64 [2, 3] = broadcast(v; dimension 1, count 3)
      %22: f64 [2, 3] = broadcast(%20; dimension 0, count 2)
      %23: f64 [2, 3] = multiply(%21, %22)
      """),
  ]
}

extension PassCondition {
  static let moving = [
    PassCondition(
      "add-before-slicing", "inputs are not copied to stand side by side",
      """
      %20: f64 {t, b} [4] = product(x, V; contracting 0 with 0)
      %21: f64 {t, b} [2] = slice(%20; dimension 0, start 0, count 2)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 2, count 2)
      %23: f64 {t, b} [2] = add(%21, x)
      %24: f64 {t, b} [2] = add(%22, y)
      """),
    PassCondition(
      "add-before-slicing", "a number is no range of features",
      """
      %20: f64 {t, b} [4] = product(x, V; contracting 0 with 0)
      %21: f64 {t, b} [2] = slice(%20; dimension 0, start 0, count 2)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 2, count 2)
      %23: f64 {t, b} [2] = add(%21, s)
      %24: f64 {t, b} [2] = add(%22, s)
      """),
    PassCondition(
      "add-before-slicing", "the whole is read by others",
      """
      %20: f64 {t, b} [4] = product(x, V; contracting 0 with 0)
      %21: f64 {t, b} [2] = slice(%20; dimension 0, start 0, count 2)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 2, count 2)
      %23: f64 {t, b} [2] = add(%21, v)
      %24: f64 {t, b} [2] = add(%22, w)
      %25: f64 {t, b} [4] = tanh(%20)
      """),
    PassCondition(
      "add-before-slicing", "ranges of two dimensions",
      """
      %20: f64 [2, 2] = product(v, w; outer)
      %21: f64 [1, 2] = slice(%20; dimension 0, start 0, count 1)
      %22: f64 [2, 1] = slice(%20; dimension 1, start 1, count 1)
      %23: f64 [1, 2] = reshape(v; to [1, 2])
      %24: f64 [2, 1] = reshape(w; to [2, 1])
      %25: f64 [1, 2] = add(%21, %23)
      %26: f64 [2, 1] = add(%22, %24)
      """),
    PassCondition(
      "add-before-slicing", "ranges that overlap",
      """
      %20: f64 {t, b} [4] = product(x, V; contracting 0 with 0)
      %21: f64 {t, b} [2] = slice(%20; dimension 0, start 0, count 2)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 1, count 2)
      %23: f64 {t, b} [2] = add(%21, v)
      %24: f64 {t, b} [2] = add(%22, w)
      """),
    PassCondition(
      "add-before-slicing", "ranges that end before the whole does",
      """
      %20: f64 {t, b} [4] = product(x, V; contracting 0 with 0)
      %21: f64 {t, b} [1] = slice(%20; dimension 0, start 0, count 1)
      %22: f64 {t, b} [2] = slice(%20; dimension 0, start 1, count 2)
      %23: f64 [1] = slice(v; dimension 0, start 0, count 1)
      %24: f64 {t, b} [1] = add(%21, %23)
      %25: f64 {t, b} [2] = add(%22, w)
      """),
    PassCondition(
      "fold-constants", "different numbers side by side",
      """
      %20: f64 [1] = constant(1)
      %21: f64 [1] = constant(2)
      %22: f64 [2] = concatenate(%20, %21; dimension 0)
      """),
    PassCondition(
      "fold-constants", "zeros before a one",
      """
      %20: f64 [2] = constant(1)
      %21: f64 [3] = pad(%20; dimension 0, before 1, after 0)
      """),
    PassCondition(
      "fuse-gate-sums", "a piece with fewer axes",
      """
      %20: f64 {t, b} [4] = concatenate(x, q; dimension 0)
      %21: f64 {b} [2] = sumAxes(x; over {t})
      %22: f64 [2] = sumAxes(q; over {t})
      """),
    PassCondition(
      "fuse-gate-sums", "a sum that depends on the other",
      """
      %20: f64 [2] = sumAxes(x; over {t, b})
      %21: f64 {t, b} [2] = multiply(y, %20)
      %22: f64 {t, b} [4] = concatenate(x, %21; dimension 0)
      %23: f64 [2] = sumAxes(%21; over {t, b})
      """),
    PassCondition(
      "fuse-gate-sums", "a piece that is not summed",
      """
      %20: f64 {t, b} [2] = tanh(x)
      %21: f64 {t, b} [6] = concatenate(x, y, %20; dimension 0)
      %22: f64 [2] = sumAxes(x; over {t, b})
      %23: f64 [2] = sumAxes(%20; over {t, b})
      """),
    PassCondition(
      "fuse-gate-sums", "one sum in a recurrence and one outside",
      """
      %20: f64 [2] = constant(0)
      %21: f64 {t, b} [2] = delay(%24, initial %20; along t)
      %22: f64 {t} [2] = sumAxes(%21; over {b})
      %23: f64 {t} [2] = tanh(%22)
      %24: f64 {t, b} [2] = add(%23, x)
      %25: f64 {t, b} [4] = concatenate(%21, y; dimension 0)
      %26: f64 {t} [2] = sumAxes(y; over {b})
      """),
    PassCondition(
      "fuse-outer-products", "a value with itself is not copied beside another",
      """
      %20: f64 [2, 2] = product(x, x; outer, over {t, b})
      %21: f64 [2, 2] = product(y, x; outer, over {t, b})
      """),
    PassCondition(
      "fuse-product-sums", "a product that others read",
      """
      %20: f64 {t, b} [2] = product(x, W; contracting 0 with 0)
      %21: f64 {t, b} [2] = product(y, W; contracting 0 with 0)
      %22: f64 {t, b} [2] = product(%20, W; contracting 0 with 0)
      %23: f64 {t, b} [2] = product(%21, W; contracting 0 with 0)
      %24: f64 {t, b} [2] = add(%22, %23)
      %25: f64 {t, b} [2] = tanh(%22)
      """),
    PassCondition(
      "fuse-product-sums", "products of matrices",
      """
      %20: f64 [2, 2] = product(W, W; contracting 0 with 0)
      %21: f64 [2, 2] = product(W, W; contracting 0 with 1)
      %22: f64 [2, 2] = product(%20, W; contracting 0 with 0)
      %23: f64 [2, 2] = product(%21, W; contracting 0 with 0)
      %24: f64 [2, 2] = add(%22, %23)
      """),
    PassCondition(
      "fuse-product-sums", "matrices that are no weights",
      """
      %20: f64 {t, b} [2] = product(x, W; contracting 0 with 0)
      %21: f64 {t, b} [2] = product(y, W; contracting 0 with 0)
      %22: f64 {t, b} [2, 2] = product(x, y; outer)
      %23: f64 {t, b} [2, 2] = product(y, x; outer)
      %24: f64 {t, b} [2] = product(%20, %22; contracting 0 with 0)
      %25: f64 {t, b} [2] = product(%21, %23; contracting 0 with 0)
      %26: f64 {t, b} [2] = add(%24, %25)
      """),
    PassCondition(
      "fuse-product-sums", "a sum that was fused is a term of two others", isUnchanged: false,
      """
      %20: f64 {t, b} [2] = product(x, W; contracting 0 with 0)
      %21: f64 {t, b} [2] = product(y, W; contracting 0 with 0)
      %22: f64 {t, b} [2] = product(%20, W; contracting 0 with 0)
      %23: f64 {t, b} [2] = product(%21, W; contracting 0 with 0)
      %24: f64 {t, b} [2] = add(%22, %23)
      %25: f64 {t, b} [2] = product(%20, W; contracting 0 with 1)
      %26: f64 {t, b} [2] = add(%24, %25)
      %27: f64 {t, b} [2] = add(%24, x)
      """),
    PassCondition(
      "group-sums", "a sum outside of the recurrence whose values it adds",
      """
      %20: f64 [2] = constant(0)
      %21: f64 {t, b} [2] = delay(%22, initial %20; along t)
      %22: f64 {t, b} [2] = add(%21, x)
      %23: f64 {t, b} [2] = add(%22, v)
      %24: f64 {t, b} [2] = add(%23, %21)
      """),
    PassCondition(
      "group-sums", "integers, which are exact in their order",
      """
      %20: i32 = constant(3)
      %21: i32 {t, b} = delay(%23, initial i; along t)
      %22: i32 {t, b} = add(%21, i)
      %23: i32 {t, b} = add(%22, %20)
      """),
    PassCondition(
      "normalize-elementwise", "a quotient with more features than its divisor",
      """
      %20: f64 [2] = constant(1)
      %21: f64 [2] = divide(%20, s)
      """),
    PassCondition(
      "normalize-elementwise", "a square with more features than its base",
      """
      %20: f64 [2] = constant(2)
      %21: f64 [2] = power(s, %20)
      """),
    PassCondition(
      "fuse-reductions", "a sum of products that others read",
      """
      %20: f64 {t, b} [2] = product(x, W; contracting 0 with 0)
      %21: f64 {t, b} [2] = product(y, W; contracting 0 with 0)
      %22: f64 {t, b} [2] = add(%20, %21)
      %23: f64 {b} [2] = sumAxes(%22; over {t})
      %24: f64 {t, b} [2] = tanh(%22)
      """),
    PassCondition(
      "fuse-reductions", "a product that others read",
      """
      %20: f64 {t, b} [2] = product(x, W; contracting 0 with 0)
      %21: f64 {b} [2] = sumAxes(%20; over {t})
      %22: f64 {t, b} [2] = tanh(%20)
      """),
    PassCondition(
      "split-concatenations", "a concatenation that others read",
      """
      %20: f64 {t, b} [4] = concatenate(x, q; dimension 0)
      %21: f64 [4, 2] = product(%20, y; outer, over {t, b})
      %22: f64 {t, b} [4] = tanh(%20)
      """),
    PassCondition(
      "erase-gradient-marks", "parameters and inputs of one type", isUnchanged: false,
      """
      %20: f64 {t, b} [2] = clipGradient(x; norm 1)
      %21: f64 {t, b} [2] = multiply(%20, v)
      %22: f64 {t, b} [2] = multiply(y, w)
      """),
    PassCondition(
      "erase-gradient-marks", "states that begin alike", isUnchanged: false,
      """
      %20: f64 [2] = constant(0)
      %21: f64 {t, b} [2] = delay(%23, initial %20; along t)
      %22: f64 {t, b} [2] = delay(%24, initial %20; along t)
      %23: f64 {t, b} [2] = add(%21, x)
      %24: f64 {t, b} [2] = add(%22, y)
      %25: f64 {t, b} [2] = clipGradient(%23; norm 1)
      %26: f64 {t, b} [2] = tanh(%24)
      """),
  ]
}

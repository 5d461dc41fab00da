public import EbbTensors

/// The operations of the graph: one closed set, closed under differentiation to any order.
///
/// # What a graph means
/// A graph is a list of equations `node = operation(operands)`. A node has a value for each index of its domain (a set
/// of axes); operands with fewer axes are broadcast over the axes that they lack. Feature shapes must agree, except
/// that elementwise operations broadcast an operand of shape `[]` over the features of the others.
///
/// A *ragged* time axis has a length for each batch index; its index set is {(t, b) : t < len_b}. Operations over a
/// ragged axis (reductions, products, pick, place, spread, delay, advance) range over that set only: nothing outside
/// ever reaches a result, not even as a NaN. Their results are indexed by the lengths' axes too. A value over a ragged
/// axis that lacks the lengths' axes has all indices up to the axis's bound length. `pick` and `axisToFeature` along an
/// axis of the lengths read 0 where a row has ended. An empty sum is 0, an empty maximum −∞ and its index 0.
///
/// # What may vary
/// Floating-point results may differ between execution and the reference in the order of summation inside products and
/// sums, by contraction to fused multiply-add, and below the normal range, where execution may have 0 instead of a
/// subnormal number. Nothing else: no value is assumed to be finite (x · 0 is not folded to 0), and the sign conventions at kinks are part of the meaning: relu′(0) = abs′(0) = 0, and
/// `maximum`, `max` and `argmax` prefer the first of equal values; a NaN counts as the largest. Int32 arithmetic is
/// exact within the range of Int32 and undefined beyond it.
///
/// No `switch` over this enumeration has a `default:` arm, so the compiler lists every place that a new case must
/// extend. Properties that many places need are in `traits`.
public enum Operation: Hashable, Sendable {
  // MARK: Leaves
  /// A trainable value with an empty domain, identified by its name.
  case parameter
  /// A value supplied to each run, identified by its name.
  case input
  /// The same number for every feature; empty domain.
  case constant(Double)
  /// Numbers that belong to the equations and are never trained, row-major in the node's shape; empty domain.
  case literal(Literal)
  /// The index along the axis: an Int32 scalar, 0 ..< length.
  case axisIndex(Axis)
  /// The length of the axis: an Int32 scalar, and for a ragged axis one per batch index.
  case axisLength(Axis)
  /// 0, 1, 2, … n − 1: an Int32 vector of shape [n].
  case iota(Int)
  /// Random numbers: f(seed, run, stream, indices of the node's domain, feature). At most three axes.
  case random(Distribution, stream: UInt32)

  // MARK: Elementwise
  /// A function of each number.
  case unary(UnaryFunction)
  /// A function of two numbers of one element type.
  case binary(BinaryFunction)
  /// Compares two numbers of one element type; gives a Bool.
  case compare(Comparison)
  /// (condition, a, b): a where the condition holds, else b. The value never depends on the side not taken, not even if
  /// it is NaN. The adjoint of that side is 0, which an infinite derivative there still turns into NaN.
  case select
  /// The nearest value of another element type; float to Int32 truncates towards zero, to Bool tests ≠ 0.
  case convert(ElementType)

  // MARK: Products
  /// (left, right): Σ over the contracted feature dimension, and over the axes in `over`, of left · right.
  /// The result's features are left's remaining dimensions, then right's (at most one each).
  case product(Contraction, over: Domain)

  // MARK: Features
  /// Exchanges two feature dimensions.
  case transpose(Int, Int)
  /// The same numbers, row-major, in another shape.
  case reshape(Shape)
  /// Inserts a feature dimension of this length at this position and broadcasts over it.
  case broadcast(dimension: Int, count: Int)
  /// Joins the operands along a feature dimension.
  case concatenate(dimension: Int)
  /// `count` entries from `start` of a feature dimension.
  case slice(dimension: Int, start: Int, count: Int)
  /// Zeros before and after along a feature dimension: the adjoint of `slice`.
  case pad(dimension: Int, before: Int, after: Int)
  /// (table of shape [V] + rest, ids Int32 of shape []): row `id` of the table; zeros where the id is outside 0 ..< V.
  case gather
  /// (ids, values): a table of `count` rows into which each value is added at its id, summed over the axes in `over`:
  /// the adjoint of `gather`.
  case scatterAdd(count: Int, over: Domain)
  /// Reduces over one feature dimension, which disappears.
  case reduceFeatures(FeatureReduction, dimension: Int)
  /// The index of the largest entry along a feature dimension, the first if several are equal: Int32.
  case argmaxFeatures(dimension: Int)
  /// The entries along a feature dimension in order: the Int32 index of the smallest, of the next … or from the largest
  /// down. Equal entries keep their order.
  case argsortFeatures(dimension: Int, descending: Bool)
  /// (x, indices Int32): along a feature dimension, the entries of x at the indices; 0 where an index is outside. The
  /// shapes are equal in all other dimensions.
  case gatherFeatures(dimension: Int)
  /// (indices, values): `count` entries along a feature dimension, each the sum of the values with its index: the
  /// adjoint of `gatherFeatures`.
  case scatterFeatures(dimension: Int, count: Int)
  /// (a, b): yᵢ = aᵢ yᵢ₋₁ + bᵢ along a feature dimension, or yᵢ = aᵢ yᵢ₊₁ + bᵢ if reversed. The first entry is that of b,
  /// and the first of a is not read. a has b's shape, or `[]`, which is broadcast.
  case accumulate(dimension: Int, reversed: Bool)
  /// A function of whole matrices.
  case matrix(MatrixFunction)

  // MARK: Axes
  /// Reduces these axes away.
  case reduceAxes(AxisReduction, over: Domain)
  /// The index along the axis at which the value is largest, the first if several are equal: Int32.
  case argmaxAxis(Axis)
  /// The value at one index of the axis: (x), or with `.at` (x, Int32 index). An index outside the axis reads 0.
  case pick(Axis, Position)
  /// The value at one index of the axis and 0 elsewhere: the adjoint of `pick`. An index outside places nothing.
  case place(Axis, Position)
  /// Repeats the value over axes it lacks.
  case spread(Domain)
  /// Makes an axis of fixed length the first feature dimension.
  case axisToFeature(Axis)
  /// Makes the first feature dimension an axis of that fixed length.
  case featureToAxis(Axis)

  // MARK: Recurrence
  /// (x, initial): x at t − by for t ≥ by, else `initial` at t (with a leading feature dimension of length `by` when
  /// by > 1). With `truncation` k > 0 the adjoint is cut where ⌊t/k⌋ changes; the value and the tangent are not.
  case delay(Axis, by: Int, truncation: Int)
  /// (x, final): x at t + by where that exists, else `final` at t + by − length: the mirror image of `delay` in time.
  case advance(Axis, by: Int)
  /// (x over the time axis): over the further axis `along` too, which has the length of time: x at its index up to the
  /// present one, and 0 after it; backward from the present one on, and 0 before it. In a recurrence it reads only
  /// steps that are there already.
  case history(Axis, along: Axis, isBackward: Bool)
  /// (y over time and the axis `along`, which disappears): Σ of y at its index t over the steps t′ ≥ t, backward over
  /// t′ ≤ t: the adjoint of `history`.
  case historySum(Axis, along: Axis, isBackward: Bool)

  // MARK: Identities with a meaning for differentiation
  /// The value; neither adjoint nor tangent passes.
  case stopGradient
  /// The operand's value. The adjoint is clipped; the tangent passes unchanged.
  case clipGradient(GradientClip)
  /// (y, ȳ, x₁, x̄₁, x₂, x̄₂, …): the value of y with a declared gradient. Adjoints and tangents do not pass to y; each xₖ
  /// receives x̄ₖ, whose equations read ȳ, an `incomingAdjoint` of y, and any other values.
  case declaredGradient
  /// (y): dL/dy in the equations of a declared gradient, which nothing else may read. Outside of a derivative it has no
  /// meaning; its value is that of y.
  case incomingAdjoint
}

/// The reduction of a feature dimension.
///
/// A mean or norm of floats is accurate wherever it is representable: intermediate sums and squares neither overflow
/// nor underflow.
public enum FeatureReduction: UInt8, Hashable, Sendable, CaseIterable {
  /// The sum Σ x, the mean Σ x / n, or the maximum.
  case sum, mean, max
  /// ‖x‖₂ = √Σ x²; its derivative at 0 is 0.
  case norm
}

/// The reduction of values over some axes.
public enum AxisReduction: UInt8, Hashable, Sendable, CaseIterable {
  /// Σ x, or the largest.
  case sum, max
}

/// Where `pick` and `place` look along an axis.
public enum Position: UInt8, Hashable, Sendable, CaseIterable {
  /// Index 0.
  case first
  /// The last index; along a ragged axis, the last of each row.
  case last
  /// The index that the second operand gives.
  case at
}

/// Which feature dimensions a product sums over.
public enum Contraction: Hashable, Sendable {
  /// No dimension: the outer product of two vectors (or scalars).
  case outer
  /// This dimension of the left operand with this one of the right.
  case dimensions(Int, Int)
}

/// How an adjoint is clipped, at each sample and step.
public enum GradientClip: Hashable, Sendable {
  /// ḡ · min(1, c / (‖ḡ‖₂ + ε)), the norm over the features. PyTorch's `clip_grad_norm_` has ε = 10⁻⁶.
  case norm(Double, epsilon: Double = 0)
  /// min(max(ḡ, −c), c) for each feature; with c = 0 no adjoint passes at all.
  case value(Double)
}

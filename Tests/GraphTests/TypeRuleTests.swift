import EbbGraph
import EbbTensors
import Testing

/// The type rules: what each operation gives, and the message for each way in which operands can fail to fit.
struct TypeRuleTests {
  /// A ragged time axis t over the batch axis b, a time axis u of fixed length 3 and an unordered axis p.
  static let (graph, t, b, u, p) = {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let u = graph.addAxis(AxisDescription(name: "u", kind: .time, length: 3))
    let p = graph.addAxis(AxisDescription(name: "p", kind: .batch))
    graph.setLengths(graph.appendLeaf(.input, NodeType(.int32, [b]), name: "lengths"), of: t)
    return (graph, t, b, u, p)
  }()

  static func float(_ domain: Domain = .empty, _ shape: Shape = .scalar) -> NodeType {
    NodeType(.float32, domain, shape)
  }
  static func integer(_ domain: Domain = .empty, _ shape: Shape = .scalar) -> NodeType {
    NodeType(.int32, domain, shape)
  }
  static func truth(_ domain: Domain = .empty, _ shape: Shape = .scalar) -> NodeType { NodeType(.bool, domain, shape) }

  static let accepted: [(Operation, [NodeType], NodeType)] = [
    (.axisIndex(t), [], integer([t])),
    (.axisLength(t), [], integer([b])),
    (.axisLength(u), [], integer()),
    (.iota(4), [], integer([], [4])),
    (.unary(.tanh), [float([t], [2])], float([t], [2])),
    (.unary(.negate), [integer([b])], integer([b])),
    (.unary(.not), [truth([b])], truth([b])),
    (.unary(.isFinite), [float([t], [2])], truth([t], [2])),
    (.binary(.add), [float([t], [2]), float([b])], float([t, b], [2])),
    (.binary(.floorDivide), [integer([t]), integer()], integer([t])),
    (.binary(.xor), [truth([t]), truth([b])], truth([t, b])),
    (.compare(.less), [integer([t]), integer([b])], truth([t, b])),
    (.select, [truth([p]), float([t], [2]), float([b])], float([t, b, p], [2])),
    (.convert(.int32), [float([t], [2])], integer([t], [2])),
    (.product(.dimensions(0, 0), over: []), [float([t, b], [3]), float([], [3, 4])], float([t, b], [4])),
    (.product(.dimensions(0, 1), over: []), [float([t, b], [3]), float([], [4, 3])], float([t, b], [4])),
    (.product(.dimensions(1, 0), over: []), [float([], [2, 3]), float([], [3, 4])], float([], [2, 4])),
    (.product(.outer, over: [t, b]), [float([t, b], [3]), float([t, b], [4])], float([], [3, 4])),
    (.product(.outer, over: [t]), [float([t], [3]), float([], [4])], float([b], [3, 4])),
    (.transpose(0, 2), [float([t], [2, 3, 4])], float([t], [4, 3, 2])),
    (.reshape([3, 2]), [float([t], [2, 3])], float([t], [3, 2])),
    (.broadcast(dimension: 1, count: 5), [float([t], [2])], float([t], [2, 5])),
    (.concatenate(dimension: 1), [float([t], [2, 1]), float([b], [2, 3])], float([t, b], [2, 4])),
    (.slice(dimension: 0, start: 1, count: 2), [float([t], [4])], float([t], [2])),
    (.pad(dimension: 0, before: 1, after: 2), [float([t], [4])], float([t], [7])),
    (.gather, [float([], [9, 2]), integer([t, b])], float([t, b], [2])),
    (.scatterAdd(count: 9, over: [t]), [integer([t, b]), float([t, b], [2])], float([b], [9, 2])),
    (.reduceFeatures(.sum, dimension: 0), [float([t], [4, 2])], float([t], [2])),
    (.argmaxFeatures(dimension: 1), [float([t], [4, 2])], integer([t], [4])),
    (.argsortFeatures(dimension: 1, descending: true), [float([t], [4, 2])], integer([t], [4, 2])),
    (.gatherFeatures(dimension: 1), [float([t], [2, 4]), integer([b], [2, 3])], float([t, b], [2, 3])),
    (.scatterFeatures(dimension: 0, count: 5), [integer([], [3, 2]), float([t], [3, 2])], float([t], [5, 2])),
    (.accumulate(dimension: 0, reversed: false), [float([b]), float([t], [3])], float([t, b], [3])),
    (.matrix(.solve), [float([], [3, 3]), float([t], [3, 2])], float([t], [3, 2])),
    (.matrix(.matrixExponential), [float([], [3, 3])], float([], [3, 3])),
    (.matrix(.orthonormalFactor), [float([], [3, 2])], float([], [3, 2])),
    (.reduceAxes(.sum, over: [u]), [float([u, p], [2])], float([p], [2])),
    (.reduceAxes(.sum, over: [t]), [float([t], [2])], float([b], [2])),
    (.reduceAxes(.sum, over: [t, b]), [float([t, b], [2])], float([], [2])),
    (.argmaxAxis(u), [float([u, p], [2])], integer([p], [2])),
    (.pick(t, .last), [float([t], [2])], float([b], [2])),
    (.pick(u, .at), [float([u], [2]), integer([p])], float([p], [2])),
    (.place(t, .last), [float([], [2])], float([t, b], [2])),
    (.place(u, .at), [float([b], [2]), integer([p])], float([b, u, p], [2])),
    (.spread([t, u]), [float([p], [2])], float([t, b, u, p], [2])),
    (.axisToFeature(u), [float([t, u], [2])], float([t], [3, 2])),
    (.featureToAxis(u), [float([t], [3, 2])], float([t, u], [2])),
    (.delay(t, by: 1, truncation: 0), [float([t, p], [2]), float([b], [2])], float([t, b, p], [2])),
    (.delay(u, by: 2, truncation: 3), [float([u], [2]), float([], [2, 2])], float([u], [2])),
    (.advance(t, by: 2), [integer([t]), integer([], [2])], integer([t, b])),
    (.stopGradient, [float([t], [2])], float([t], [2])),
    (.clipGradient(.norm(1)), [float([t], [2])], float([t], [2])),
  ]

  @Test(arguments: accepted)
  func accepts(_ operation: Operation, _ operands: [NodeType], _ expected: NodeType) throws {
    #expect(try Self.graph.inferType(operation, operands) == expected)
  }

  static let rejected: [(Operation, [NodeType], String)] = [
    (.axisIndex(t), [float()], "index takes 0 operands, not 1"),
    (.iota(0), [], "iota(): iota needs at least one entry"),
    (.unary(.tanh), [float(), float()], "tanh takes 1 operand, not 2"),
    (.unary(.not), [float()], "not(f32 []): expected bool"),
    (.unary(.isFinite), [integer()], "isFinite(i32 []): expected a float, found i32"),
    (.unary(.negate), [truth()], "negate(bool []): expected a number, found bool"),
    (.unary(.tanh), [integer([], [2])], "tanh(i32 [2]): expected a float, found i32"),
    (
      .binary(.add), [float([], [2]), float([], [3])],
      "add(f32 [2], f32 [3]): the feature shapes differ; they must be equal, or [] which is repeated"
    ),
    (
      .binary(.add), [float(), NodeType(.float64)],
      "add(f32 [], f64 []): the element types differ; convert one of them"
    ),
    (.binary(.add), [truth(), truth()], "add(bool [], bool []): the function is not defined on bool"),
    (.binary(.divide), [integer(), integer()], "divide(i32 [], i32 []): the function is not defined on i32"),
    (.binary(.remainder), [float(), float()], "remainder(f32 [], f32 []): the function is not defined on f32"),
    (.binary(.and), [integer(), integer()], "and(i32 [], i32 []): the function is not defined on i32"),
    (
      .compare(.less), [float([], [2]), float([], [3])],
      "less(f32 [2], f32 [3]): the feature shapes differ; they must be equal, or [] which is repeated"
    ),
    (
      .compare(.less), [float(), integer()],
      "less(f32 [], i32 []): the element types differ; convert one of them"
    ),
    (
      .select, [truth([], [2]), float([], [3]), float()],
      "select(bool [2], f32 [3], f32 []): the feature shapes differ; they must be equal, or [] which is repeated"
    ),
    (.select, [float(), float(), float()], "select(f32 [], f32 [], f32 []): the condition must be bool"),
    (
      .select, [truth(), float(), integer()],
      "select(bool [], f32 [], i32 []): the two sides' element types differ"
    ),
    (.product(.outer, over: []), [integer(), integer()], "product(i32 [], i32 []): expected a float, found i32"),
    (
      .product(.outer, over: []), [float(), NodeType(.float64)],
      "product(f32 [], f64 []): the element types differ; convert one of them"
    ),
    (
      .product(.outer, over: [u]), [float([t]), float([p])],
      "product(f32 [], f32 []): cannot reduce over {u}, which no operand has; the axes are {t, p}"
    ),
    (
      .product(.outer, over: []), [float([], [2, 2]), float()],
      "product(f32 [2, 2], f32 []): an outer product takes vectors"
    ),
    (
      .product(.dimensions(0, 0), over: []), [float([], [2, 2, 2]), float([], [2])],
      "product(f32 [2, 2, 2], f32 [2]): a product takes vectors and matrices"
    ),
    (
      .product(.dimensions(1, 0), over: []), [float([], [2]), float([], [2])],
      "product(f32 [2], f32 [2]): there is no feature dimension 1 in [2]"
    ),
    (
      .product(.dimensions(0, 1), over: []), [float([], [3]), float([], [3, 4])],
      "product(f32 [3], f32 [3, 4]): dimension 0 of the left has 3 entries, dimension 1 of the right 4"
    ),
    (.transpose(0, 1), [float([], [2])], "transpose(f32 [2]): there is no feature dimension 1 in [2]"),
    (.reshape([3]), [float([], [2])], "reshape(f32 [2]): [2] has 2 entries, [3] has 3"),
    (
      .broadcast(dimension: 2, count: 3), [float([], [2])],
      "broadcast(f32 [2]): cannot insert 3 entries at dimension 2"
    ),
    (
      .broadcast(dimension: 0, count: 3), [float([], [1, 1, 1, 1])],
      "broadcast(f32 [1, 1, 1, 1]): cannot insert 3 entries at dimension 0"
    ),
    (.concatenate(dimension: 0), [], "concatenate(): there is nothing to join"),
    (
      .concatenate(dimension: 0), [float([], [2]), integer([], [2])],
      "concatenate(f32 [2], i32 [2]): the element types differ"
    ),
    (
      .concatenate(dimension: 0), [float([], [2, 2]), float([], [2, 3])],
      "concatenate(f32 [2, 2], f32 [2, 3]): the shapes differ outside dimension 0"
    ),
    (
      .concatenate(dimension: 0), [float([], [2]), float()],
      "concatenate(f32 [2], f32 []): there is no feature dimension 0 in []"
    ),
    (
      .slice(dimension: 0, start: 1, count: 2), [float([], [2])],
      "slice(f32 [2]): entries 1 ..< 3 are outside dimension 0"
    ),
    (
      .pad(dimension: 0, before: -1, after: 2), [float([], [2])],
      "pad(f32 [2]): padding cannot be negative"
    ),
    (.gather, [float(), integer()], "gather(f32 [], i32 []): the table needs a dimension of rows"),
    (.gather, [float([], [2]), float()], "gather(f32 [2], f32 []): an id is an i32 scalar"),
    (
      .scatterAdd(count: 2, over: []), [integer([], [2]), float()],
      "scatterAdd(i32 [2], f32 []): an id is an i32 scalar"
    ),
    (
      .scatterAdd(count: 2, over: []), [integer(), integer()],
      "scatterAdd(i32 [], i32 []): expected a float, found i32"
    ),
    (
      .scatterAdd(count: 0, over: []), [integer(), float()],
      "scatterAdd(i32 [], f32 []): the table's shape is impossible"
    ),
    (
      .scatterAdd(count: 2, over: [p]), [integer([b]), float([b])],
      "scatterAdd(i32 [], f32 []): cannot reduce over {p}, which no operand has; the axes are {b}"
    ),
    (.reduceFeatures(.sum, dimension: 0), [truth([], [2])], "sumFeatures(bool [2]): expected numbers"),
    (
      .reduceFeatures(.max, dimension: 1), [float([], [2])],
      "maxFeatures(f32 [2]): there is no feature dimension 1 in [2]"
    ),
    (.argmaxFeatures(dimension: 0), [truth([], [2])], "argmaxFeatures(bool [2]): expected numbers"),
    (
      .argsortFeatures(dimension: 0, descending: false), [truth([], [2])],
      "argsortFeatures(bool [2]): expected numbers"
    ),
    (
      .gatherFeatures(dimension: 0), [float([], [2]), float([], [2])],
      "gatherFeatures(f32 [2], f32 [2]): indices are i32, not f32"
    ),
    (
      .gatherFeatures(dimension: 0), [float([], [2, 3]), integer([], [2, 2])],
      "gatherFeatures(f32 [2, 3], i32 [2, 2]): the shapes differ outside dimension 0"
    ),
    (
      .scatterFeatures(dimension: 0, count: 2), [integer([], [3]), float([], [2])],
      "scatterFeatures(i32 [3], f32 [2]): each value has an index of its own"
    ),
    (
      .accumulate(dimension: 0, reversed: false), [float([], [2]), float([], [3])],
      "accumulate(f32 [2], f32 [3]): the factors have the terms' shape, or []"
    ),
    (.matrix(.solve), [float([], [3]), float([], [3])], "solve(f32 [3], f32 [3]): expected a matrix, found [3]"),
    (
      .matrix(.solve), [float([], [3, 3]), float([], [2])],
      "solve(f32 [3, 3], f32 [2]): the right side has 3 entries, or as many rows; found [2]"
    ),
    (
      .matrix(.matrixExponential), [float([], [3, 2])],
      "matrixExponential(f32 [3, 2]): expected a square matrix, found [3, 2]"
    ),
    (
      .matrix(.orthonormalFactor), [float([], [2, 3])],
      "orthonormalFactor(f32 [2, 3]): expected at least as many rows as columns, found [2, 3]"
    ),
    (.reduceAxes(.sum, over: [b]), [truth([b])], "sumAxes(bool []): expected numbers"),
    (
      .reduceAxes(.sum, over: [b]), [float([u])],
      "sumAxes(f32 []): cannot reduce over {b}, which no operand has; the axes are {u}"
    ),
    (.argmaxAxis(b), [truth([b])], "argmaxAxis(bool []): expected numbers"),
    (.pick(b, .first), [float([u])], "pick(f32 []): the operand has no axis b; its axes are {u}"),
    (.pick(b, .at), [float([b])], "pick takes 2 operands, not 1"),
    (
      .pick(b, .at), [float([b]), integer([b])],
      "pick(f32 [], i32 []): the index must not depend on the axis that it indexes"
    ),
    (.pick(b, .at), [float([b]), float()], "pick(f32 [], f32 []): an id is an i32 scalar"),
    (.place(b, .first), [float([b])], "place(f32 []): the operand already has this axis"),
    (
      .place(b, .at), [float(), integer([b])],
      "place(f32 [], i32 []): the index must not depend on the axis that it indexes"
    ),
    (.spread([b, u]), [float([b])], "spread(f32 []): the operand already has some of the axes {b, u}"),
    (.axisToFeature(u), [float([b])], "axisToFeature(f32 []): the operand has no axis u; its axes are {b}"),
    (
      .axisToFeature(p), [float([p])],
      "axisToFeature(f32 []): only an axis of fixed length can become features, and p has none"
    ),
    (
      .axisToFeature(u), [float([u], [1, 1, 1, 1])],
      "axisToFeature(f32 [1, 1, 1, 1]): there are four feature dimensions already"
    ),
    (.featureToAxis(u), [float([u], [3])], "featureToAxis(f32 [3]): the operand already has this axis"),
    (
      .featureToAxis(u), [float([], [2])],
      "featureToAxis(f32 [2]): axis u must have the fixed length 2"
    ),
    (
      .delay(u, by: 1, truncation: -1), [float(), float()],
      "delay(f32 [], f32 []): truncation is every k ≥ 1 steps, or 0 for none"
    ),
    (.delay(u, by: 0, truncation: 0), [float(), float()], "delay moves by at least one step, not 0"),
    (
      .delay(b, by: 1, truncation: 0), [float(), float()],
      "delay runs along a time axis, and b is not ordered"
    ),
    (
      .advance(u, by: 1), [float([u]), float([u])],
      "advance: the boundary value must not depend on the axis u"
    ),
    (
      .delay(u, by: 2, truncation: 0), [float([], [3]), float([], [3])],
      "delay by 2: the boundary needs a leading dimension of 2, found [3]"
    ),
    (
      .delay(u, by: 1, truncation: 0), [float([], [3]), float([], [2])],
      "delay: the carried value is f32 [3], its boundary implies f32 [2]"
    ),
    (.stopGradient, [integer()], "stopGradient(i32 []): expected a float, found i32"),
    (
      .clipGradient(.norm(0)), [float()],
      "clipGradient(f32 []): a gradient is clipped at a positive number, not 0.0"
    ),
    (
      .clipGradient(.norm(1, epsilon: -1)), [float()],
      "clipGradient(f32 []): the ε beside a norm is a finite number from 0 on, not -1.0"
    ),
    (
      .clipGradient(.value(.nan)), [float()],
      "clipGradient(f32 []): a gradient is clipped at a number from 0 on, not nan"
    ),
  ]

  @Test(arguments: rejected)
  func rejects(_ operation: Operation, _ operands: [NodeType], _ message: String) {
    #expect(throws: GraphProblem(message)) { try Self.graph.inferType(operation, operands) }
  }

  /// While a recurrence is open its operands may still gain the axes that an operation needs.
  @Test func openRecurrencesAreNotJudgedByTheirAxes() throws {
    let operation = Operation.reduceAxes(.sum, over: [Self.b])
    #expect(try Self.graph.inferType(operation, [Self.float()], settled: false) == Self.float())
    #expect(throws: GraphProblem.self) { try Self.graph.inferType(operation, [Self.float()]) }
  }
}

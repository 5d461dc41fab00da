internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Writes operators, with what all of them need: names, constants, the lengths of axes and broadcasting.
///
/// An operator goes into the body of the current `Scan` if it reads a value of one step, and otherwise before it: so what
/// no state affects is computed once for the whole sequence.
struct ONNXBuilder {
  let graph: Graph
  var names = NameList()
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValue] = []
  /// The recurrence that is being written, if one is.
  var step: ONNXStep?
  /// Where the length of each axis can be read: an input of the model.
  var sources: [Axis: ONNXOperand] = [:]
  /// The lengths of axes that a run supplies, since no input has them.
  var givenLengths: [Axis: ONNXOperand] = [:]
  /// The outputs that are written.
  var outputNames: Set<String> = []
  /// What was written before, by a description.
  private var known: [String: ONNXOperand] = [:]

  init(_ graph: Graph) { self.graph = graph }

  // MARK: Operators

  /// Writes an operator with one output. Values of whole sequences are read step by step if another operand is a value
  /// of a step.
  ///
  /// - Parameters:
  ///   - type: The operator.
  ///   - operands: What it reads.
  ///   - rest: Names of further inputs: shapes and positions.
  ///   - attributes: Its settings.
  ///   - result: The element type, axes and features of its output; the name and the place are found here.
  ///   - name: The name that the output should have.
  mutating func write(
    _ type: String, _ operands: [ONNXOperand], _ rest: [String] = [], _ attributes: [ONNXAttribute] = [],
    like result: ONNXOperand, named name: String? = nil
  ) -> ONNXOperand {
    let operands = together(operands)
    var result = result
    result.name = names.unique(name ?? type)
    result.isStep = operands.contains { $0.isStep }
    append(ONNXNode(type, operands.map(\.name) + rest, [result.name], attributes), inStep: result.isStep)
    return result
  }

  mutating func append(_ node: ONNXNode, inStep isStep: Bool) {
    if isStep { step?.nodes.append(node) } else { nodes.append(node) }
  }

  /// The operands as an operator reads them: all of whole sequences, or all of one step.
  mutating func together(_ operands: [ONNXOperand]) -> [ONNXOperand] {
    guard operands.contains(where: \.isStep) else { return operands }
    return operands.map { atStep($0) }
  }

  /// The value at the current step.
  mutating func atStep(_ operand: ONNXOperand) -> ONNXOperand {
    guard let step, !operand.isStep, operand.axes.contains(step.axis) else { return operand }
    if let known = step.sequences.first(where: { $0.outside == operand }) { return known.inside }
    var inside = operand.with(name: names.unique(operand.name + ".step"), axes: operand.axes.removing(step.axis))
    inside.isStep = true
    self.step?.sequences.append((operand, inside))
    return inside
  }

  /// The result of `make`, or that of an earlier call with this description in the same place.
  mutating func once(
    _ description: String, inStep isStep: Bool = false, _ make: (inout ONNXBuilder) -> ONNXOperand
  ) -> ONNXOperand {
    if let operand = known[description], !operand.isStep || isStep { return operand }
    let operand = make(&self)
    known[description] = operand
    return operand
  }

  /// Forgets the values of the step that has ended.
  mutating func endStep() {
    step = nil
    known = known.filter { !$0.value.isStep }
  }

  // MARK: Constants

  /// A number, to be broadcast.
  mutating func number(_ value: Double, _ element: ONNXElement) -> ONNXOperand {
    let text = value.rounded() == value && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
    return once("number \(element) \(value)") { builder in
      let numbers: ONNXTensor.Numbers =
        switch element {
        case .float64: .float64([value])
        case .int32: .int32([Int32(value)])
        case .int64: .int64([Int64(value)])
        case .bool: .bool([value != 0])
        case _: .float32([Float(value)])
        }
      let word = element == .float32 ? "" : "\(element)."
      let name = builder.names.unique("\(word)\(text)")
      builder.initializers.append(ONNXTensor(name, [], numbers))
      return ONNXOperand(name: name, element: element, axes: [], shape: [])
    }
  }

  /// A tensor with fixed numbers.
  mutating func fixed(_ tensor: Tensor, named name: String) -> ONNXOperand {
    let name = names.unique(name)
    initializers.append(ONNXTensor(name, tensor))
    return ONNXOperand(name: name, element: ONNXElement(tensor.element), axes: [], shape: tensor.dimensions)
  }

  /// The name of a vector of positions, dimensions or lengths.
  mutating func positions(_ values: [Int]) -> String {
    once("positions \(values)") { builder in
      let name = builder.names.unique("[" + values.map(String.init).joined(separator: ",") + "]")
      builder.initializers.append(ONNXTensor(name, values))
      return ONNXOperand(name: name, element: .int64, axes: [], shape: [values.count])
    }.name
  }

  // MARK: Lengths and indices of axes

  /// The name of the axis.
  func name(_ axis: Axis) -> String { graph.description(of: axis).name }

  /// The length of an axis, as a vector of one number of 64 bits.
  mutating func length(_ axis: Axis) -> String {
    if let length = graph.description(of: axis).length { return positions([length]) }
    return once("length \(axis.index)") { builder in
      guard let source = builder.sources[axis] else {
        let number = builder.lengthNumber(axis)
        return builder.unsqueezed(builder.convert(number, to: .int64), [0])
      }
      let position = source.position(of: axis)
      return builder.write(
        "Shape", [source], [],
        [ONNXAttribute("start", .integer(position)), ONNXAttribute("end", .integer(position + 1))],
        like: ONNXOperand(name: "", element: .int64, axes: [], shape: [1]), named: builder.name(axis) + ".length")
    }.name
  }

  /// The length of an axis, as an Int32 scalar.
  mutating func lengthNumber(_ axis: Axis) -> ONNXOperand {
    if let length = graph.description(of: axis).length { return number(Double(length), .int32) }
    if let given = givenLengths[axis] { return given }
    return once("length number \(axis.index)") { builder in
      let vector = ONNXOperand(name: builder.length(axis), element: .int64, axes: [], shape: [1])
      let scalar = builder.write(
        "Squeeze", [vector], [builder.positions([0])], like: vector.with(name: "", shape: []))
      return builder.convert(scalar, to: .int32, named: builder.name(axis) + ".count")
    }
  }

  /// 0, 1, … along an axis: Int32.
  mutating func indices(_ axis: Axis) -> ONNXOperand {
    once("indices \(axis.index)") { builder in
      let (start, end, by) = (builder.number(0, .int32), builder.lengthNumber(axis), builder.number(1, .int32))
      return builder.write(
        "Range", [start, end, by], like: ONNXOperand(name: "", element: .int32, axes: [axis], shape: []),
        named: builder.name(axis) + ".index")
    }
  }

  // MARK: Broadcasting

  /// The operands with dimensions of length 1 where they need them to be broadcast against each other.
  ///
  /// - Returns: The operands, and the axes and features that an elementwise operator gives.
  mutating func aligned(_ operands: [ONNXOperand]) -> (operands: [ONNXOperand], axes: Domain, shape: [Int]) {
    let operands = together(operands)
    let axes = operands.reduce(Domain.empty) { $0.union($1.axes) }
    let shape = operands.map(\.shape).max { $0.count < $1.count } ?? []
    return (operands.map { aligned($0, axes, shape.count) }, axes, shape)
  }

  private mutating func aligned(_ operand: ONNXOperand, _ axes: Domain, _ features: Int) -> ONNXOperand {
    // Leading dimensions are broadcast without being there.
    let ordered = Array(axes)
    let first = ordered.firstIndex { operand.axes.contains($0) } ?? ordered.count
    var missing = ordered[first...].enumerated().filter { !operand.axes.contains($0.element) }.map(\.offset)
    let count = ordered.count - first
    if operand.shape.isEmpty, features > 0, count > 0 { missing += (0..<features).map { count + $0 } }
    return unsqueezed(operand, missing)
  }

  /// The same with dimensions of length 1 at these positions of the result; for the operator that reads it next.
  mutating func unsqueezed(_ operand: ONNXOperand, _ positions: [Int]) -> ONNXOperand {
    guard !positions.isEmpty else { return operand }
    return once("unsqueezed \(operand.name) \(positions)", inStep: true) { builder in
      builder.write(
        "Unsqueeze", [operand], [builder.positions(positions)], like: operand, named: operand.name + ".unsqueezed")
    }
  }

  /// An elementwise operator on operands that are broadcast against each other.
  mutating func elementwise(
    _ type: String, _ operands: [ONNXOperand], _ element: ONNXElement? = nil, attributes: [ONNXAttribute] = [],
    named name: String? = nil
  ) -> ONNXOperand {
    let (operands, axes, shape) = aligned(operands)
    let result = ONNXOperand(name: "", element: element ?? operands[0].element, axes: axes, shape: shape)
    return write(type, operands, [], attributes, like: result, named: name)
  }

  /// a where the condition holds, else b.
  mutating func select(
    _ condition: ONNXOperand, _ a: ONNXOperand, _ b: ONNXOperand, named name: String? = nil
  ) -> ONNXOperand {
    // onnxruntime has no Where of truth values.
    guard a.element == .bool else { return elementwise("Where", [condition, a, b], a.element, named: name) }
    let chosen = elementwise("Where", [condition, convert(a, to: .int32), convert(b, to: .int32)], .int32)
    return convert(chosen, to: .bool, named: name)
  }

  /// The numbers as another type.
  mutating func convert(_ x: ONNXOperand, to element: ONNXElement, named name: String? = nil) -> ONNXOperand {
    guard x.element != element else { return x }
    return write(
      "Cast", [x], [], [ONNXAttribute("to", .integer(element.rawValue))], like: x.with(name: "", element: element),
      named: name)
  }

  /// The value with all of these axes among its dimensions.
  mutating func expanded(_ x: ONNXOperand, to axes: Domain, named name: String? = nil) -> ONNXOperand {
    let missing = axes.subtracting(x.axes)
    guard !missing.isEmpty else { return x }
    let all = x.axes.union(axes)
    let positions = all.enumerated().filter { missing.contains($0.element) }.map(\.offset)
    let inserted = unsqueezed(x, positions)
    // A dimension of length 1 leaves the value's own length.
    var lengths: [String] = []
    for axis in all { lengths.append(missing.contains(axis) ? length(axis) : self.positions([1])) }
    if !x.shape.isEmpty { lengths.append(self.positions(x.shape.map { _ in 1 })) }
    let shape = lengths.count == 1 ? lengths[0] : joined(lengths)
    return write("Expand", [inserted], [shape], like: x.with(name: "", axes: all), named: name ?? x.name + ".expanded")
  }

  private mutating func joined(_ vectors: [String]) -> String {
    once("joined \(vectors)") { builder in
      let result = ONNXOperand(
        name: builder.names.unique("lengths"), element: .int64, axes: [], shape: [vectors.count])
      builder.append(
        ONNXNode("Concat", vectors, [result.name], [ONNXAttribute("axis", .integer(0))]), inStep: false)
      return result
    }.name
  }

  /// The value with its dimensions in another order: for each of the result its place in the value.
  mutating func permuted(
    _ x: ONNXOperand, _ order: [Int], axes: Domain? = nil, shape: [Int]? = nil, named name: String? = nil
  ) -> ONNXOperand {
    let result = x.with(name: "", axes: axes, shape: shape)
    guard order != Array(order.indices) else { return result.with(name: x.name) }
    return write("Transpose", [x], [], [ONNXAttribute("perm", .integers(order))], like: result, named: name)
  }

  /// A sum, a maximum, … over one feature dimension or some axes.
  mutating func reduced(
    _ type: String, _ x: ONNXOperand, axes: Domain = [], dimension: Int? = nil, named name: String? = nil
  ) -> ONNXOperand {
    let positions = axes.map { x.position(of: $0) } + (dimension.map { [x.axes.count + $0] } ?? [])
    var shape = x.shape
    if let dimension { shape.remove(at: dimension) }
    let result = x.with(name: "", axes: x.axes.subtracting(axes), shape: shape)
    let keep = ONNXAttribute("keepdims", .integer(0))
    // Only sums take their dimensions as an input in this version.
    guard type == "ReduceSum" else {
      return write(type, [x], [], [ONNXAttribute("axes", .integers(positions)), keep], like: result, named: name)
    }
    return write(type, [x], [self.positions(positions)], [keep], like: result, named: name)
  }
}

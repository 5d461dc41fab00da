internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The count that a loss is a mean over, so that the losses of several batches combine into the loss of one large
/// batch:
///
///     L = Σ nᵢ Lᵢ / Σ nᵢ
///
/// n is found in the loss's last equations: the product of the divisors of a sum, as far as they depend on the batch
/// and not on parameters or random numbers. For a mean over the steps of ragged sequences it is the number of steps.
struct LossCount {
  private let graph: Graph
  private let loss: String
  /// Where the loss was recorded.
  private let place: String
  private let kind: Kind
  /// Returns n; nil if all batches have equal weight.
  private let program: Executable?

  private static let output = "count"

  init(
    _ recording: Recording, loss name: String, _ loss: NodeID, _ options: ExecutionOptions
  ) throws(TrainingError) {
    graph = recording.graph
    self.loss = name
    place = recording.remark(loss)
    kind = Reader(graph: graph).kind(loss)
    guard case .divided(let factors) = kind, !factors.isEmpty else {
      program = nil
      return
    }
    var counting = graph
    counting.removeOutputs()
    let wide = factors.map { counting.append(.convert(.float64), [$0.node]) }
    counting.setOutput(Self.output, wide.dropFirst().reduce(wide[0]) { counting.multiply($0, $1) })
    program = try Trainer.compile(counting, options)
  }

  /// Whether a loss is a mean over the samples, so that each sample's own gradient is larger by their number.
  static func isOverSamples(_ loss: NodeID, in graph: Graph) -> Bool {
    guard case .divided(let factors) = Reader(graph: graph).kind(loss) else { return false }
    func isOfSamples(_ axis: Axis) -> Bool { graph.description(of: axis).kind == .batch }
    return graph.ancestors(of: factors.map(\.node)).contains { node in
      if case .axisLength(let axis) = graph.operation(node) { return isOfSamples(axis) }
      if case .reduceAxes(_, let axes) = graph.operation(node) { return axes.contains(where: isOfSamples) }
      return false
    }
  }

  /// k nᵢ / Σ nⱼ for each of k batches: 1 for batches of equal weight.
  func shares(of batches: [[String: Tensor]], parameters: [String: Tensor]) throws(TrainingError) -> [Double] {
    let alike = [Double](repeating: 1, count: batches.count)
    guard let program else {
      if case .unknown = kind, !areOfOneSize(batches) {
        throw .setting(
          "the batches of a step differ in size, and the equations of \(loss)\(place) do not show what it is a mean over, "
            + "and so how much each batch counts; let it end in one quotient of a sum and a number that depends on no "
            + "parameter, or take batches of one size")
      }
      return alike
    }
    let counts = try batches.map { batch throws(TrainingError) in
      try program.run(batch, parameters: parameters)[Self.output]?.doubles[0] ?? .nan
    }
    if counts.allSatisfy({ $0 == counts[0] }) { return alike }
    let mean = counts.reduce(0, +) / Double(counts.count)
    return counts.map { $0 / mean }
  }

  /// Whether all have inputs of the same dimensions, and sequences of the same lengths.
  private func areOfOneSize(_ batches: [[String: Tensor]]) -> Bool {
    let lengths = graph.axes.compactMap { $0.lengths.flatMap { graph.name($0) } }
    return batches.dropFirst().allSatisfy { batch in
      batch.mapValues(\.dimensions) == batches[0].mapValues(\.dimensions)
        && lengths.allSatisfy { batch[$0]?.doubles.sorted() == batches[0][$0]?.doubles.sorted() }
    }
  }
}

// MARK: Reading the equations

extension LossCount {
  /// How a loss depends on the size of a batch.
  fileprivate enum Kind {
    /// It does not: a term of only the parameters.
    case fixed
    /// A sum, divided by these numbers.
    case divided([Factor])
    /// The equations do not show it.
    case unknown
  }

  /// A divisor of a sum: the node, and its value, since two nodes with the same value count as one.
  fileprivate struct Factor {
    var node: NodeID
    var value: Value
  }

  fileprivate indirect enum Value: Hashable {
    case node(NodeID)
    case computed(Operation, [Value])
  }

  /// Walks back from a loss to its sum.
  fileprivate struct Reader {
    let graph: Graph
    /// The nodes that depend on the batch.
    let varying: NodeSet
    /// The nodes that depend on parameters or random numbers.
    let learned: NodeSet

    init(graph: Graph) {
      self.graph = graph
      varying = graph.descendants(of: graph.nodes.filter { graph.operation($0).isOfBatch })
      learned = graph.descendants(of: graph.nodes.filter { graph.operation($0).isLearnedOrRandom })
    }

    func kind(_ node: NodeID) -> Kind {
      if !varying.contains(node) { return .fixed }
      // A loss with axes is summed over them.
      if !graph.type(node).domain.isEmpty { return .divided([]) }
      let operands = Array(graph.operands(node))
      let operation = graph.operation(node)
      if case .reduceAxes(.sum, _) = operation { return .divided([]) }
      if case .product(_, let axes) = operation { return axes.isEmpty ? .unknown : .divided([]) }
      if operation == .select {
        return learned.contains(operands[0]) ? .unknown : together(kind(operands[1]), kind(operands[2]))
      }
      if case .binary(let function) = operation { return kind(function, operands[0], operands[1]) }
      return isOfOneOperand(operation) ? kind(operands[0]) : .unknown
    }

    /// Whether the operation maps sums over the batch to sums, and means to means.
    private func isOfOneOperand(_ operation: Operation) -> Bool {
      if case .convert = operation { return true }
      if case .reshape = operation { return true }
      if case .reduceFeatures(let reduction, _) = operation { return reduction == .sum || reduction == .mean }
      return operation == .unary(.negate) || operation.kind == .identity
    }

    private func kind(_ function: BinaryFunction, _ left: NodeID, _ right: NodeID) -> Kind {
      if function == .add || function == .subtract { return together(kind(left), kind(right)) }
      if function == .divide { return divided(kind(left), by: right) }
      guard function == .multiply else { return .unknown }
      if !varying.contains(right) { return kind(left) }
      if !varying.contains(left) { return kind(right) }
      if graph.operation(right) == .unary(.reciprocal) { return divided(kind(left), by: graph.operand(right, 0)) }
      if graph.operation(left) == .unary(.reciprocal) { return divided(kind(right), by: graph.operand(left, 0)) }
      return .unknown
    }

    /// The kind of a sum of two.
    private func together(_ left: Kind, _ right: Kind) -> Kind {
      switch (left, right) {
      case (.fixed, let other), (let other, .fixed): return other
      case (.divided(let a), .divided(let b)):
        func counts(_ factors: [Factor]) -> [Value: Int] {
          Dictionary(factors.map { ($0.value, 1) }, uniquingKeysWith: +)
        }
        return counts(a) == counts(b) ? left : .unknown
      case (.unknown, _), (_, .unknown): return .unknown
      }
    }

    private func divided(_ kind: Kind, by number: NodeID) -> Kind {
      if !varying.contains(number) { return kind }
      guard case .divided(let factors) = kind, !learned.contains(number) else { return .unknown }
      return .divided(factors + self.factors(of: number))
    }

    private func factors(of number: NodeID) -> [Factor] {
      if !varying.contains(number) { return [] }
      if graph.operation(number) == .binary(.multiply) { return graph.operands(number).flatMap { factors(of: $0) } }
      if case .convert = graph.operation(number) { return factors(of: graph.operand(number, 0)) }
      return [Factor(node: number, value: value(number))]
    }

    private func value(_ node: NodeID) -> Value {
      let operation = graph.operation(node)
      if operation == .input || operation.shift != nil { return .node(node) }
      return .computed(operation, graph.operands(node).map(value))
    }
  }
}

extension Operation {
  /// Whether the value comes from the batch: from its values or the lengths of its axes.
  fileprivate var isOfBatch: Bool {
    if case .measures = traits.axes { return true }
    if case .repeats = traits.axes { return true }
    return self == .input
  }

  fileprivate var isLearnedOrRandom: Bool {
    if case .random = self { true } else { self == .parameter }
  }
}

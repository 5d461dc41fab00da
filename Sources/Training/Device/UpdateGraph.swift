internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// A whole training step as one graph: loss and gradients, clipping, the optimizer's update, the mean of the parameters.
///
/// What training changes is an input, and an output holds what it becomes. If the loss, a penalty, the norm of the
/// gradient or a buffer is not finite, every such output is its input.
struct UpdateGraph {
  /// A value that stays on the device.
  struct Kept: Hashable {
    var input: String
    var output: String
  }

  private(set) var graph: Graph
  /// All that training changes.
  private(set) var kept: [Kept] = []
  /// The names of the parameters in the graph: all that it changes or reads.
  let parameters: [String]
  /// The rate and the decay of each group's parameters, in the order of the factors.
  let groups: [(rateFactor: Double, decay: WeightDecay)]
  /// The names of the optimizer's values for each number.
  let slots: [String]
  /// The type of all its numbers.
  let element: ElementType
  /// How the numbers of the output `report` are to be read.
  let layout: ReportLayout

  /// The names of inputs and outputs.
  static let factors = "update/factors"
  static let report = "update/report"
  static func slot(_ slot: String, of parameter: String) -> String { "update/slot/\(slot)/\(parameter)" }
  static func mean(of parameter: String) -> String { "update/mean/\(parameter)" }
  private static func next(_ input: String) -> String { "update/next/\(input)" }

  /// - Parameters:
  ///   - source: The graph of the loss, the gradients, the penalties and the buffers' next values, with the outputs that
  ///     `Trainer` names.
  ///   - trained: The parameters with a gradient.
  ///   - buffers: The parameters with a next value that is no update.
  ///   - penalties: The number of regularizers.
  ///   - carried: The states that go on in the next batch: inputs, and outputs of the same names.
  init(
    _ source: Graph, loss: String, trained: [String], buffers: [String], penalties: Int,
    rule: some ElementwiseOptimizer, clipping: ParameterGradientClipping, groups: [ParameterGroup], averages: Bool,
    carried: [String]
  ) {
    var graph = source
    func output(_ name: String) -> NodeID {
      guard let node = source.output(named: name) else { preconditionFailure("the step has no output \(name)") }
      return node
    }
    func parameter(_ name: String) -> NodeID {
      guard let node = source.node(named: name) else { preconditionFailure("the step has no parameter \(name)") }
      return node
    }
    parameters = source.nodes.filter { source.operation($0) == .parameter }.compactMap { source.name($0) }
    let names = trained.sorted()
    let gradients = names.map { output(Trainer.gradientName($0)) }
    let element = source.type(gradients[0]).element
    self.element = element
    slots = rule.slots
    let clipped = ClippedGradients(clipping, gradients, of: names.map(parameter), in: &graph)

    // The report, and whether the step counts.
    func scalar(_ node: NodeID) -> NodeID {
      let number = graph.converted(graph.total(of: node), to: element)
      return graph.reshaped(number, to: [1])
    }
    let losses = ([loss] + (0..<penalties).map { Trainer.penaltyName($0) }).map { scalar(output($0)) }
    let sizes = buffers.map { scalar(ClippedGradients.largest(output(Trainer.updateName($0)), in: &graph)) }
    let decisive = losses + [scalar(clipped.before)] + sizes
    let all = decisive.count == 1 ? decisive[0] : graph.append(.concatenate(dimension: 0), decisive)
    let isSound = graph.unary(.isFinite, ClippedGradients.largest(all, in: &graph))
    let numbers = decisive + ([clipped.after, clipped.factor] + clipped.norms).map(scalar)
    let report = graph.append(.concatenate(dimension: 0), numbers)
    layout = ReportLayout(penalties: penalties, buffers: buffers, parameters: names)

    // Every group has its own factors: those of the rule, then what its decay needs.
    var distinct: [(rateFactor: Double, decay: WeightDecay)] = []
    let places = names.map { name -> Int in
      let group = groups.group(of: name)
      let own = (rateFactor: group?.rateFactor ?? 1, decay: group?.weightDecay ?? rule.weightDecay)
      if let known = distinct.firstIndex(where: { $0 == own }) { return known }
      distinct.append(own)
      return distinct.count - 1
    }
    self.groups = distinct
    let perGroup = rule.factors(step: 1).count + 1
    let vector = graph.appendLeaf(
      .input, NodeType(element, .empty, [perGroup * distinct.count + 1]), name: Self.factors)
    func factor(_ place: Int) -> NodeID {
      let part = graph.append(.slice(dimension: 0, start: place, count: 1), [vector])
      return graph.append(.reshape([]), [part])
    }

    graph.removeOutputs { !carried.contains($0) }
    graph.setOutput(Self.report, report)
    var kept: [Kept] = []
    func keep(_ input: String, _ old: NodeID, _ new: NodeID) {
      graph.setOutput(Self.next(input), graph.select(isSound, new, old))
      kept.append(Kept(input: input, output: Self.next(input)))
    }
    var values: [String: NodeID] = [:]
    for (index, name) in names.enumerated() {
      let (old, shape) = (parameter(name), source.type(parameter(name)).shape)
      let slots = rule.slots.map { slot in
        graph.appendLeaf(.input, NodeType(element, .empty, shape), name: Self.slot(slot, of: name))
      }
      let factors = (0..<perGroup).map { factor(places[index] * perGroup + $0) }
      var (θ, g) = (old, clipped.gradients[index])
      switch distinct[places[index]].decay {
      case .none: break
      case .l2: g = graph.add(g, graph.multiply(factors[perGroup - 1], old))
      case .decoupled: θ = graph.multiply(old, factors[perGroup - 1])
      }
      let pen = GraphPen(graph)
      var number = GraphNumber(pen: pen, node: θ)
      let gradient = GraphNumber(pen: pen, node: g)
      // What is beyond the last slot or factor is never read.
      var state = UpdateValues { $0 < slots.count ? GraphNumber(pen: pen, node: slots[$0]) : gradient }
      let given = UpdateValues { $0 < perGroup - 1 ? GraphNumber(pen: pen, node: factors[$0]) : gradient }
      rule.descend(&number, gradient, &state, given)
      graph = pen.graph
      values[name] = number.node
      keep(name, old, number.node)
      for (place, slot) in slots.enumerated() { keep(Self.slot(rule.slots[place], of: name), slot, state[place].node) }
    }
    for name in buffers {
      let (old, new) = (parameter(name), output(Trainer.updateName(name)))
      values[name] = new
      keep(name, old, graph.reshaped(new, to: source.type(old).shape))
    }
    for name in carried {
      let (old, new) = (parameter(name), output(name))
      graph.setOutput(name, graph.select(isSound, new, old))
      kept.append(Kept(input: name, output: name))
    }
    if averages {
      // θ̄ + w (θ − θ̄)
      let weight = factor(perGroup * distinct.count)
      for name in parameters {
        let type = source.type(parameter(name))
        let mean = graph.appendLeaf(.input, type, name: Self.mean(of: name))
        let distance = graph.subtract(values[name] ?? parameter(name), mean)
        keep(Self.mean(of: name), mean, graph.add(mean, graph.multiply(weight, distance)))
      }
    }
    self.graph = graph
    self.kept = kept
  }

  /// The numbers of a step that the equations read.
  ///
  /// - Parameters:
  ///   - rule: With the rate of the step.
  ///   - step: The number of the update.
  ///   - meanWeight: The weight of the new parameters in their mean.
  func factors(_ rule: some ElementwiseOptimizer, step: Int, meanWeight: Double) -> [Double] {
    var result: [Double] = []
    for (rateFactor, decay) in groups {
      var own = rule
      own.learningRate *= rateFactor
      result += own.factors(step: step)
      switch decay {
      case .none: result.append(0)
      case .l2(let factor): result.append(factor)
      case .decoupled(let factor): result.append(1 - own.learningRate * factor)
      }
    }
    return result + [meanWeight]
  }
}

/// What the numbers of a step's report are.
struct ReportLayout {
  let penalties: Int
  let buffers: [String]
  let parameters: [String]

  /// The numbers that training reads after a step.
  struct Report {
    var loss: Double
    var penalties: [Double]
    var clip: ParameterGradientClipping.Outcome
    /// The parameters whose gradient, and the buffers whose next value, is not finite.
    var undefined: [String]

    /// Whether the step counts.
    var isSound: Bool
  }

  func report(_ numbers: [Double]) -> Report {
    var rest = numbers[...]
    func next(_ count: Int) -> [Double] {
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
    let losses = next(1 + penalties)
    let before = next(1)[0]
    let sizes = next(buffers.count)
    let clip = next(2)
    let norms = next(parameters.count)
    let undefined = zip(buffers + parameters, sizes + norms).filter { !$1.isFinite }.map(\.0)
    return Report(
      loss: losses[0], penalties: Array(losses.dropFirst()),
      clip: .init(normBefore: before, normAfter: clip[0], factor: clip[1]), undefined: undefined.sorted(),
      isSound: (losses + [before] + sizes).allSatisfy(\.isFinite))
  }
}

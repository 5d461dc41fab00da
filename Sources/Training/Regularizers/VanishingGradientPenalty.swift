public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// Ω of Pascanu, Mikolov & Bengio (2013): a penalty on gradients whose norm changes from one step to the previous one.
///
///     Ω = Σₖ (‖gₖ₊₁ ∂hₖ₊₁/∂hₖ‖ / ‖gₖ₊₁‖ − 1)²,     gₖ = dL/dhₖ
///
/// For several states the norms are taken over all of them together; gₖ is the total gradient of each. The first step,
/// whose Jacobian is with respect to the initial state, is left out. If gradients are clipped or truncated inside the
/// recurrence, gₖ is the result of that, the Jacobian is the step's own, and the derivative is of Ω as computed.
public struct VanishingGradientPenalty: Regularizer, Hashable {
  /// Two forms are published.
  public enum Convention: String, Sendable, Hashable, CaseIterable {
    /// As in the paper, equation 9: the ratio of norms, summed over the steps and averaged over the samples.
    case paper
    /// As in the authors' program: the ratio of *squared* norms, averaged over the steps and samples that count.
    case program
  }

  /// The paths of the derivative of Ω.
  public enum Derivative: String, Sendable, Hashable, CaseIterable {
    /// As published: gₖ₊₁ and hₖ are held fixed, and only the parameters in ∂hₖ₊₁/∂hₖ vary.
    case immediate
    /// All of it: the exact derivative of Ω, with second derivatives of the loss through the whole sequence.
    case full
  }

  public var weight: Double
  /// Which of the published forms Ω has.
  public var convention: Convention
  /// The paths of the derivative of Ω.
  public var derivative: Derivative
  /// The states whose gradients count; nil for all.
  public var states: [String]?
  /// Steps with ‖gₖ₊₁‖² below this do not count: their gradient has vanished, and its direction is noise.
  public var bound: Double

  /// The regularizer with these settings.
  public init(
    weight: Double = 1, convention: Convention = .paper, derivative: Derivative = .immediate, states: [String]? = nil,
    bound: Double = 1e-20
  ) {
    self.weight = weight
    self.convention = convention
    self.derivative = derivative
    self.states = states
    self.bound = bound
  }

  public var name: String { "vanishing gradients" }
}

extension VanishingGradientPenalty {
  public func append(
    to graph: inout Graph, _ recording: Recording, loss: NodeID
  ) throws(GraphError) -> NodeID {
    let states = try recording.states(named: self.states)
    let totals = try graph.gradient(of: loss, withRespectTo: states.map(\.value))
    var step = try StepCopy(recording)
    let norms = try appendNorms(to: &step.graph, states)

    var places: [NodeID: NodeID] = [:]
    for (leaf, total) in zip(norms.totals, totals) {
      switch derivative {
      case .immediate: places[leaf] = graph.append(.stopGradient, [total])
      case .full: places[leaf] = total
      }
    }
    if derivative == .immediate { stopValues(of: step, in: &graph, &places) }
    let nodes = step.bringBack(
      to: &graph, places: places, aliases: norms.held, stopsAliases: derivative == .immediate)
    return appendPenalty(
      to: &graph, numerator: nodes[norms.numerator.index], denominator: nodes[norms.denominator.index], states[0])
  }

  /// Appends ‖vᵀJ‖ and ‖v‖ to the equations of a step, where inputs supply the gradients dL/ds of the states.
  ///
  /// v treats the states as separate coordinates. If the equation of a state reads the new value of another, as h of an
  /// LSTM reads c, that path is part of the other's total gradient and is subtracted: v_s = dL/ds − Σ (∂s'/∂s)ᵀ v_s'
  /// over the states s' that are computed after s.
  private func appendNorms(
    to graph: inout Graph, _ states: [StateDescription]
  ) throws(GraphError) -> (totals: [NodeID], held: [NodeID: NodeID], numerator: NodeID, denominator: NodeID) {
    let totals = states.map { graph.appendLeaf(.input, graph.type($0.value), name: "total/\($0.value.index)") }
    var readOut: NodeID?
    var vectors: [NodeID] = []
    var held: [NodeID: NodeID] = [:]
    for index in states.indices.sorted(by: { states[$0].value > states[$1].value }) {
      var vector = totals[index]
      if let readOut {
        let within = try graph.gradient(of: readOut, withRespectTo: [states[index].value])[0]
        vector = graph.subtract(vector, within)
      }
      vectors.append(vector)
      let leaf = graph.appendLeaf(.input, graph.type(vector), name: "held/\(index)")
      held[leaf] = vector
      let term = graph.dot(leaf, states[index].value)
      readOut = readOut.map { graph.add($0, term) } ?? term
    }
    guard let readOut else { preconditionFailure("there is a state") }
    // vᵀJ = ∂(v · s) / ∂s for the previous step's s, with v held fixed: the graph of one step has no other path.
    let pulled = try graph.gradient(of: readOut, withRespectTo: states.map(\.previous))
    return (totals, held, graph.appendNorm(of: pulled), graph.appendNorm(of: vectors))
  }

  /// Holds the values of a step fixed that depend on inputs or states, but not parameters and values computed from
  /// them.
  private func stopValues(of step: StepCopy, in graph: inout Graph, _ places: inout [NodeID: NodeID]) {
    let inputs = step.graph.nodes.prefix(step.count).filter { step.graph.operation($0) == .input }
    let moving = step.graph.descendants(of: inputs)
    for node in step.graph.nodes.dropFirst(step.count) {
      for operand in step.graph.operands(node)
      where operand.index < step.count && moving.contains(operand) && places[operand] == nil
        && graph.type(operand).element.isFloat
      {
        places[operand] = graph.append(.stopGradient, [operand])
      }
    }
  }

  private func appendPenalty(
    to graph: inout Graph, numerator: NodeID, denominator: NodeID, _ state: StateDescription
  ) -> NodeID {
    let zero = graph.constant(0, like: denominator)
    let one = graph.constant(1, like: denominator)
    let least = graph.constant(bound.squareRoot(), like: denominator)
    let isLarge = graph.compare(.greaterOrEqual, denominator, least)
    // The state before the first step comes from no other step.
    let counts = graph.binary(.and, isLarge, graph.appendIsPast(1, state))
    // Where nothing counts, 1 / 1: its square and its derivatives are finite.
    let ratio = graph.divide(graph.select(counts, numerator, one), graph.select(counts, denominator, one))
    let measure =
      switch convention {
      case .paper: ratio
      case .program: graph.square(ratio)
      }
    let term = graph.square(graph.subtract(measure, one))
    let sum = graph.total(of: graph.select(counts, term, zero))
    switch convention {
    case .paper:
      let samples = graph.type(denominator).domain.removing(state.axis)
      return samples.reduce(sum) { graph.divide($0, graph.appendLength(of: $1, like: sum)) }
    case .program:
      let count = graph.total(of: graph.select(counts, one, zero))
      return graph.divide(sum, graph.binary(.maximum, count, one))
    }
  }
}

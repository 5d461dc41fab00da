public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// Gradient flossing (Engelken 2023): pushes the largest Lyapunov exponents of a recurrence to 0, so that gradients
/// along those directions neither vanish nor explode.
///
///     (1/k) Σᵢ λᵢ²,     λᵢ = mean over steps of ln rᵢᵢ,     Qₜ Rₜ = Jₜ Qₜ₋₁
///
/// The directions are propagated by tangents of one step and orthonormalised at each step, within the graph, so that
/// the exponents can be differentiated through the whole sequence. Each sample has its own exponents; their squares are
/// averaged over the samples. The cost grows with k tangents of a step and k² scalar products.
public struct GradientFlossing: Regularizer, Hashable {
  public var weight: Double
  /// k: how many of the largest exponents.
  public var count: Int
  /// The number of initial steps that are not counted, while the directions align.
  public var transient: Int
  /// The target of the exponents, per step.
  public var target: Double
  /// The states that count; nil for all.
  public var states: [String]?

  /// The regularizer with these settings.
  public init(
    weight: Double = 1, count: Int = 1, transient: Int = 0, target: Double = 0, states: [String]? = nil
  ) {
    self.weight = weight
    self.count = count
    self.transient = transient
    self.target = target
    self.states = states
  }

  public var name: String { "gradient flossing" }
}

extension GradientFlossing {
  public func append(
    to graph: inout Graph, _ recording: Recording, loss: NodeID
  ) throws(GraphError) -> NodeID {
    let exponents = try appendExponents(to: &graph, recording)
    let squares = exponents.map { exponent in
      graph.square(graph.subtract(exponent, graph.constant(target, like: exponent)))
    }
    let sum = graph.sum(of: squares)
    let mean = graph.type(sum).domain.reduce(graph.total(of: sum)) { result, axis in
      graph.divide(result, graph.appendLength(of: axis, like: result))
    }
    return graph.divide(mean, graph.constant(Double(count), like: mean))
  }

  /// Appends λ₁ … λₖ, each a scalar for each sample.
  public func appendExponents(
    to graph: inout Graph, _ recording: Recording
  ) throws(GraphError) -> [NodeID] {
    let states = try recording.states(named: self.states)
    try check(states, graph)
    let types = states.map { graph.type($0.previous) }

    // The tangents of one step along each direction.
    var step = try StepCopy(recording)
    var leaves: [[NodeID]] = []
    var tangents: [[NodeID]] = []
    for direction in 0..<count {
      let given = states.map { state in
        step.graph.appendLeaf(
          .input, step.graph.type(state.previous), name: "direction/\(direction)/\(state.previous.index)")
      }
      leaves.append(given)
      tangents.append(
        try step.graph.tangent(
          of: states.map(\.value), along: Dictionary(uniqueKeysWithValues: zip(states.map(\.previous), given))))
    }

    // The directions of the previous step: delays, like the states.
    let initial = graph.appendOrthonormal(graph.appendScattered(types, count)).directions
    var places: [NodeID: NodeID] = [:]
    var shifts: [[NodeID]] = []
    for (given, values) in zip(leaves, initial) {
      var row: [NodeID] = []
      for (index, state) in states.enumerated() {
        do {
          row.append(try graph.appendOpen(state.shift, boundary: values[index]))
        } catch {
          throw GraphError([error])
        }
        places[given[index]] = row[index]
      }
      shifts.append(row)
    }
    let nodes = step.bringBack(to: &graph, places: places)
    let frame = graph.appendOrthonormal(tangents.map { $0.map { nodes[$0.index] } })
    do {
      for (row, values) in zip(shifts, frame.directions) {
        for (shift, value) in zip(row, values) { try graph.close(shift, with: value) }
      }
      try graph.inferDomains()
    } catch {
      throw GraphError([error])
    }
    return frame.logarithms.map { appendMean(of: $0, states[0], &graph) }
  }

  private func check(_ states: [StateDescription], _ graph: Graph) throws(GraphError) {
    let features = states.reduce(0) { $0 + graph.type($1.previous).shape.count }
    var problems: [GraphProblem] = []
    if count < 1 || count > features {
      problems.append(
        GraphProblem("the number of exponents is in 1 ... \(features), the features of the states, not \(count)"))
    }
    for state in states {
      if graph.operation(state.previous).shift?.by != 1 {
        problems.append(
          GraphProblem(
            node: state.previous,
            "the state \(state.name) reads more than one step back: its exponents cannot be flossed"))
      }
      if state.axis != states[0].axis || state.direction != states[0].direction {
        problems.append(
          GraphProblem(
            node: state.previous,
            "the states \(states[0].name) and \(state.name) do not step together; choose some by `states`"))
      }
    }
    if !problems.isEmpty { throw GraphError(problems) }
  }

  /// The mean over the steps that count.
  private func appendMean(of logarithm: NodeID, _ state: StateDescription, _ graph: inout Graph) -> NodeID {
    let kept = graph.select(graph.appendIsPast(transient, state), logarithm, graph.constant(0, like: logarithm))
    let sum = graph.append(.reduceAxes(.sum, over: [state.axis]), [kept])
    let steps = graph.subtract(
      graph.append(.axisLength(state.axis), []), graph.appendLeaf(.constant(Double(transient)), NodeType(.int32)))
    return graph.divide(sum, graph.append(.convert(graph.type(sum).element), [steps]))
  }
}

extension StateDescription {
  /// A delay or an advance by one step, like the state's own.
  fileprivate var shift: Operation {
    switch direction {
    case .forward: .delay(axis, by: 1, truncation: 0)
    case .backward: .advance(axis, by: 1)
    }
  }
}

extension Graph {
  /// Constant vectors in different directions: sin(a n + b) with different a and b.
  fileprivate mutating func appendScattered(_ types: [NodeType], _ count: Int) -> [[NodeID]] {
    (0..<count).map { direction in
      var start = 0
      return types.map { type in
        let features = type.shape.count
        let numbers = append(.convert(type.element), [append(.iota(features), [])])
        let slope = constant(1 + 0.618_034 * Double(direction + 1), like: numbers)
        let offset = constant(0.5 + Double(start) * 1.324_718 + Double(direction), like: numbers)
        start += features
        let wave = unary(.sin, add(multiply(numbers, slope), offset))
        return append(.reshape(type.shape), [wave])
      }
    }
  }

  /// Modified Gram–Schmidt: orthonormal directions over all states together, and ln rᵢᵢ of each.
  ///
  /// A lost direction (rᵢᵢ = 0) remains 0, with ln of the smallest normal number; it has no derivative.
  fileprivate mutating func appendOrthonormal(
    _ vectors: [[NodeID]]
  ) -> (directions: [[NodeID]], logarithms: [NodeID]) {
    var directions: [[NodeID]] = []
    var logarithms: [NodeID] = []
    for vector in vectors {
      var rest = vector
      for direction in directions {
        let overlap = sum(of: zip(direction, rest).map { dot($0, $1) })
        rest = zip(rest, direction).map { subtract($0, multiply($1, overlap)) }
      }
      let norm = appendNorm(of: rest)
      let least = type(norm).element == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
      let isLost = compare(.less, norm, constant(least, like: norm))
      let length = select(isLost, constant(least, like: norm), norm)
      logarithms.append(unary(.log, length))
      directions.append(rest.map { divide($0, length) })
    }
    return (directions, logarithms)
  }
}

internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The graph of an adjoint that is rescaled at every step: û with max |û| = 1, and ℓ, such that û · e^ℓ flows from a
/// step to the previous one.
///
/// For the states k of a recurrence, where a step reads pₖ and computes vₖ, with the seeds ∂L/∂v and ∂L/∂p of the loss
/// itself:
///
///     ρ = max (log max |seeds|, ℓ)                                    of step t + 1
///     λ = e^(ℓ − ρ) Σₖ (∂vₖ/∂v)ᵀ ûₖ + e^(−ρ) ∂L/∂v                     dL/dhₜ = λ · e^ρ
///     μ = e^(ℓ − ρ) Σₖ (∂vₖ/∂p)ᵀ ûₖ + e^(−ρ) ∂L/∂p
///     û = μ / max |μ|,  ℓ = ρ + log max |μ|                           of step t
///
/// All factors are at most 1 and one of them is 1, so nothing overflows and nothing relevant underflows. States that
/// depend on one another share ρ. Each recurrence of a stack has its own ρ, because the adjoints of two layers may
/// differ by more than the range of a float. ℓ and ρ are Float64.
struct LogNormGraph {
  private(set) var graph: Graph
  private let recording: Recording
  private let step: DetachedStep
  private let coordinates: Domain
  /// û and ℓ, received from the step after.
  private var arriving: [(vector: NodeID, log: NodeID)] = []

  /// A finite substitute for log 0: its exponential is 0, and so is its difference from itself.
  static let logOfZero = -1e30

  static func outputName(_ state: String) -> String { "log-norm/\(state)" }
  static func plainName(_ state: String) -> String { "plain-norm/\(state)" }

  init(_ recording: Recording, loss: NodeID) throws {
    self.recording = recording
    graph = recording.graph
    graph.removeOutputs()
    coordinates = graph.coordinateAxes
    step = try DetachedStep(recording, in: &graph)
    appendArrivals()
    try appendRecurrence(loss)
    try Self.appendNorms(recording, loss, to: &graph)
    try graph.verify()
  }

  /// The norms of the adjoints as they are, and their logarithms.
  static func plain(_ recording: Recording, loss: NodeID) throws(GraphError) -> Graph {
    var graph = recording.graph
    graph.removeOutputs()
    try appendNorms(recording, loss, to: &graph)
    for state in recording.states {
      guard let norm = graph.output(named: plainName(state.name)) else { preconditionFailure("a state has no norm") }
      graph.setOutput(outputName(state.name), log(of: norm, above: nil, in: &graph))
    }
    try graph.verify()
    return graph
  }

  private static func appendNorms(
    _ recording: Recording, _ loss: NodeID, to graph: inout Graph
  ) throws(GraphError) {
    let coordinates = graph.coordinateAxes
    let adjoints = try graph.gradient(of: loss, withRespectTo: recording.states.map(\.value))
    for (state, adjoint) in zip(recording.states, adjoints) {
      graph.setOutput(plainName(state.name), graph.appendNorm(of: adjoint, along: coordinates))
    }
  }

  private var members: [[Int]] {
    (0..<(step.groups.max() ?? 0) + 1).map { group in step.groups.indices.filter { step.groups[$0] == group } }
  }

  /// The carriers of û and ℓ, against the direction of each state. Their carried operands are known only at the end.
  private mutating func appendArrivals() {
    for (state, value) in zip(recording.states, step.values) {
      let type = graph.type(value)
      let operation = mirrored(graph.operation(state.previous))
      let by = operation.shift?.by ?? 1
      func boundary(_ shape: Shape) -> Shape { by == 1 ? shape : shape.inserting(by, at: 0) }
      let zero = graph.spread(graph.constant(0, type.element, type.shape), to: type.domain)
      let none = graph.spread(graph.constant(Self.logOfZero, .float64), to: type.domain.subtracting(coordinates))
      arriving.append(
        (
          graph.append(operation, [zero, graph.constant(0, type.element, boundary(type.shape))]),
          graph.append(operation, [none, graph.constant(Self.logOfZero, .float64, boundary(.scalar))])
        ))
    }
  }

  private func mirrored(_ operation: Operation) -> Operation {
    guard let carrier = operation.shift else { preconditionFailure("a state is read through a delay or an advance") }
    return carrier.isAdvance
      ? .delay(carrier.axis, by: carrier.by, truncation: 0) : .advance(carrier.axis, by: carrier.by)
  }

  /// The adjoints that a recurrence sends to all values and reads, under its own scale.
  private struct Sent {
    var log: NodeID
    var adjoints: [NodeID]
    var reaches: [Bool]
  }

  private mutating func appendRecurrence(_ loss: NodeID) throws(GraphError) {
    let ends = step.values + step.reads
    let seeds = try graph.gradient(of: step.place(of: loss), withRespectTo: ends)
    var sent: [Sent] = []
    for group in members { sent.append(try send(group, to: ends)) }
    let count = recording.states.count
    for group in members {
      let own = group + group.map { $0 + count }
      let (seedScale, seedLog) = scale(of: own.map { seeds[$0] })
      let reaching = sent.filter { source in own.contains { source.reaches[$0] } }
      let ρ = graph.maximum(of: [seedLog] + reaching.map(\.log))
      func combined(_ position: Int) -> NodeID {
        let seed = graph.divide(seeds[position], seedScale)
        let terms =
          [scaled(seed, from: seedLog, to: ρ)]
          + reaching.filter { $0.reaches[position] }.map { scaled($0.adjoints[position], from: $0.log, to: ρ) }
        return graph.sum(of: terms)
      }
      for index in group {
        let norm = graph.appendNorm(of: combined(index), along: coordinates)
        graph.setOutput(Self.outputName(recording.states[index].name), log(of: norm, above: ρ))
        close(index, with: combined(index + count), above: ρ)
      }
    }
  }

  /// (∂vₖ/∂end)ᵀ ûₖ, summed over the states k of a recurrence at the largest of their scales.
  private mutating func send(_ group: [Int], to ends: [NodeID]) throws(GraphError) -> Sent {
    let largest = graph.maximum(of: group.map { arriving[$0].log })
    let terms = group.map { index in
      let term = graph.dot(scaled(arriving[index].vector, from: arriving[index].log, to: largest), step.values[index])
      // Over all coordinates: a state without some of these axes must not count once for each of their indices.
      return graph.summed(term, over: graph.domain(term).intersection(coordinates))
    }
    let φ = graph.sum(of: terms)
    // Within a step: the operand of a read is the state of the previous step.
    let reaching = graph.ancestors(of: group.map { step.values[$0] }) { node, _ in
      !step.reads.contains(node) && graph.operation(node).shift == nil
    }
    return Sent(
      log: largest, adjoints: try graph.gradient(of: φ, withRespectTo: ends), reaches: ends.map(reaching.contains))
  }

  /// The maximum |x| of all these values, or a positive substitute where it is 0, and its logarithm.
  private mutating func scale(of values: [NodeID]) -> (scale: NodeID, log: NodeID) {
    let largest = graph.maximum(of: values.map { largestMagnitude($0) })
    return (graph.positiveOrOne(largest), log(of: largest, above: nil))
  }

  /// max |x| over the coordinates of a value.
  private mutating func largestMagnitude(_ x: NodeID) -> NodeID {
    let largest = graph.largestMagnitude(x)
    let own = graph.domain(largest).intersection(coordinates)
    return own.isEmpty ? largest : graph.append(.reduceAxes(.max, over: own), [largest])
  }

  /// log x + ρ in Float64; the substitute for log 0 where x is 0.
  private mutating func log(of x: NodeID, above ρ: NodeID?) -> NodeID { Self.log(of: x, above: ρ, in: &graph) }

  private static func log(of x: NodeID, above ρ: NodeID?, in graph: inout Graph) -> NodeID {
    let wide = graph.converted(x, to: .float64)
    let isZero = graph.compare(.lessOrEqual, wide, graph.constant(0, .float64))
    var result = graph.unary(.log, graph.positiveOrOne(wide))
    if let ρ { result = graph.add(result, ρ) }
    return graph.select(isZero, graph.constant(logOfZero, .float64), result)
  }

  /// x · e^(from − to)
  private mutating func scaled(_ x: NodeID, from: NodeID, to: NodeID) -> NodeID {
    let factor = graph.unary(.exp, graph.subtract(from, to))
    return graph.multiply(x, graph.converted(factor, to: graph.type(x).element))
  }

  /// Closes the carriers of a state with the values for the previous step.
  private mutating func close(_ index: Int, with μ: NodeID, above ρ: NodeID) {
    let largest = largestMagnitude(μ)
    let domain = graph.type(step.values[index]).domain
    let vector = graph.divide(μ, graph.positiveOrOne(largest))
    let log = log(of: largest, above: ρ)
    graph.setOperand(arriving[index].vector, 0, to: graph.spread(vector, to: domain))
    graph.setOperand(arriving[index].log, 0, to: graph.spread(log, to: domain.subtracting(coordinates)))
  }
}

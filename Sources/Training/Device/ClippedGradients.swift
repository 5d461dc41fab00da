internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// The gradients of a step after clipping, as nodes: what `ParameterGradientClipping.apply` computes, in the element
/// type of the gradients.
struct ClippedGradients {
  /// In the order of the parameters.
  private(set) var gradients: [NodeID]
  /// ‖g‖₂ of each gradient before clipping.
  let norms: [NodeID]
  /// ‖g‖₂ of all before clipping.
  let before: NodeID
  /// ‖g‖₂ of all after it.
  private(set) var after: NodeID
  /// The smallest factor that was applied to a number.
  private(set) var factor: NodeID

  /// - Parameter parameters: Whose gradients they are.
  init(
    _ clipping: ParameterGradientClipping, _ gradients: [NodeID], of parameters: [NodeID], in graph: inout Graph
  ) {
    self.gradients = gradients
    norms = gradients.map { graph.appendNorm(of: $0) }
    before = graph.appendNorm(of: norms)
    after = before
    factor = graph.constant(1, like: before)
    switch clipping {
    case .none: return
    case .globalNorm(let limit, let p):
      let norm = p == 2 ? before : Self.pNorm(gradients, p, in: &graph)
      factor = Self.factor(norm, limit, in: &graph)
      for place in gradients.indices { self.gradients[place] = graph.multiply(gradients[place], factor) }
    case .parameterNorm(let limit, let p):
      for place in gradients.indices {
        let norm = p == 2 ? norms[place] : Self.pNorm([gradients[place]], p, in: &graph)
        let own = Self.factor(norm, limit, in: &graph)
        self.gradients[place] = graph.multiply(gradients[place], own)
        factor = graph.binary(.minimum, factor, own)
      }
    case .value(let limit):
      let largest = graph.maximum(of: gradients.map { Self.largest($0, in: &graph) })
      factor = Self.factor(largest, limit, in: &graph)
      for place in gradients.indices {
        let low = graph.binary(.maximum, gradients[place], graph.constant(-limit, like: before))
        self.gradients[place] = graph.binary(.minimum, low, graph.constant(limit, like: before))
      }
    case .adaptive(let limit, let epsilon):
      for place in gradients.indices {
        clipUnits(place, of: parameters[place], limit, epsilon, in: &graph)
      }
    }
    after = graph.appendNorm(of: self.gradients.map { graph.appendNorm(of: $0) })
  }

  /// Each unit limited to c max(‖θ_u‖₂, ε).
  private mutating func clipUnits(
    _ place: Int, of parameter: NodeID, _ limit: Double, _ epsilon: Double, in graph: inout Graph
  ) {
    let shape = graph.type(parameter).shape
    let units = unitCount(shape.array)
    guard units > 0 else { return }
    let rows = shape.count / units
    let gradient = graph.reshaped(gradients[place], to: [rows, units])
    let values = graph.reshaped(parameter, to: [rows, units])
    let norm = graph.append(.reduceFeatures(.norm, dimension: 0), [gradient])
    let size = graph.append(.reduceFeatures(.norm, dimension: 0), [values])
    let largest = graph.multiply(
      graph.constant(limit, like: size), graph.binary(.maximum, size, graph.constant(epsilon, like: size)))
    // False for NaN: such a gradient stays as it is, so that it is seen.
    let one = graph.constant(1, like: size)
    let factors = graph.select(graph.compare(.greater, norm, largest), graph.divide(largest, norm), one)
    let all = graph.append(.broadcast(dimension: 0, count: rows), [factors])
    gradients[place] = graph.reshaped(graph.multiply(gradient, all), to: shape)
    let smallest = graph.negate(graph.append(.reduceFeatures(.max, dimension: 0), [graph.negate(factors)]))
    factor = graph.binary(.minimum, factor, smallest)
  }

  /// min(1, c / ‖g‖); 1 if the norm is 0 or NaN.
  private static func factor(_ norm: NodeID, _ limit: Double, in graph: inout Graph) -> NodeID {
    let limit = graph.constant(limit, like: norm)
    return graph.select(
      graph.compare(.greater, norm, limit), graph.divide(limit, norm), graph.constant(1, like: norm))
  }

  /// max |x|
  static func largest(_ x: NodeID, in graph: inout Graph) -> NodeID {
    graph.append(.reduceFeatures(.max, dimension: 0), [graph.unary(.absolute, graph.flattened(x))])
  }

  /// ‖x‖ₚ = m (Σ |x / m|ᵖ)^(1/p) with m = max |x|, which is the norm for an infinite p.
  private static func pNorm(_ nodes: [NodeID], _ p: Double, in graph: inout Graph) -> NodeID {
    let largest = graph.maximum(of: nodes.map { Self.largest($0, in: &graph) })
    guard p.isFinite else { return largest }
    let scale = graph.positiveOrOne(largest)
    let exponent = graph.constant(p, like: scale)
    let sum = graph.sum(
      of: nodes.map { node in
        let part = graph.unary(.absolute, graph.divide(graph.flattened(node), scale))
        return graph.append(.reduceFeatures(.sum, dimension: 0), [graph.binary(.power, part, exponent)])
      })
    return graph.multiply(largest, graph.binary(.power, sum, graph.constant(1 / p, like: scale)))
  }
}

internal import EbbGraph
internal import EbbRecording
public import EbbTensors
internal import EbbTransforms

/// H = ∂²L/∂θ² of a loss with respect to the parameters of a recording, through its products with vectors.
///
/// ```swift
/// let experiment = FlowExperiment(length: 50, element: .float64)
/// let hessian = try Diagnostics.hessian(of: experiment.trial(of: LSTM(units: 16)))
/// let spectrum = try hessian.extremeEigenvalues(3)
/// print(spectrum.largest[0].value, spectrum.smallest[0].value)
/// ```
///
/// H·v is the tangent along v of the gradient (Pearlmutter 1994): one graph, exact, at a few times the cost of the
/// gradient. The n² numbers of H are never formed. With truncation or clipping inside the recurrence the gradient is
/// not a derivative of the loss, and its own derivative is not symmetric, so both are errors. Operands of
/// `stopGradient` are held fixed in both derivatives.
public struct Hessian {
  /// A parameter's place among the coordinates.
  public struct Part: Hashable, Sendable {
    /// The parameter's name.
    public var name: String
    /// The parameter's shape.
    public var shape: [Int]
    /// The parameter's coordinates: its numbers in row-major order.
    public var range: Range<Int>
  }

  /// The parameters in the order of their first use.
  public let parts: [Part]
  /// The number of coordinates: all trained numbers together.
  public var size: Int { parts.last?.range.upperBound ?? 0 }

  private let program: CompiledDiagnostic
  private let bindings: Bindings
  private let element: ElementType

  private enum Name {
    static func direction(_ parameter: String) -> String { "direction/" + parameter }
    static func product(_ parameter: String) -> String { "product/" + parameter }
  }

  init(_ trial: Trial) throws(DiagnosticError) {
    let (recording, bindings) = (trial.recording, trial.bindings)
    let lossNode = try recording.output(named: trial.loss)
    let parameters = recording.parameters.filter(\.isTrained)
    guard !parameters.isEmpty else { throw .setting("the recording has no trained parameter: there is no Hessian") }
    let marks = recording.graph.marks(from: parameters.map(\.node), to: [lossNode])
    if let mark = marks.first {
      throw .setting(
        "\(recording.wording(ofMark: mark)): it is no derivative of the loss, and its own derivative is no Hessian; "
          + "measure without clipping and truncation")
    }
    let declared = recording.graph.declaredGradients(from: parameters.map(\.node), to: [lossNode])
    if let node = declared.first {
      throw .setting(
        "the gradient of \(recording.graph.name(node) ?? "a value") is declared\(recording.remark(node)): it is no "
          + "derivative of the loss, and its own derivative is no Hessian")
    }
    var parts: [Part] = []
    for parameter in parameters {
      let start = parts.last?.range.upperBound ?? 0
      parts.append(
        Part(name: parameter.name, shape: parameter.shape.array, range: start..<start + parameter.shape.count))
    }
    (self.parts, self.bindings, element) = (parts, bindings, recording.element)
    try recording.checkInputs(bindings)
    program = try diagnosing(recording) {
      var graph = recording.graph
      graph.removeOutputs()
      let nodes = parameters.map(\.node)
      let gradients = try graph.gradient(of: lossNode, withRespectTo: nodes)
      var directions: [NodeID: NodeID] = [:]
      for parameter in parameters {
        directions[parameter.node] = graph.appendLeaf(
          .input, graph.type(parameter.node), name: Name.direction(parameter.name))
      }
      // H v = d/dε ∇L(θ + ε v)
      let products = try graph.tangent(of: gradients, along: directions)
      for (parameter, product) in zip(parameters, products) {
        graph.setOutput(Name.product(parameter.name), product)
      }
      var values = bindings
      for part in parts {
        values.values[Name.direction(part.name)] = Tensor(
          part.shape, [Double](repeating: 0, count: part.range.count), as: recording.element)
      }
      return try CompiledDiagnostic(graph, over: recording.states.first?.axis, values, trial.run)
    }
  }

  /// H·v, in the coordinates of `parts`. For a recording in Float32 it is accurate to about 7 digits.
  ///
  /// - Parameter vector: One number for each coordinate.
  public func times(_ vector: [Double]) throws(DiagnosticError) -> [Double] {
    precondition(vector.count == size, "a vector of \(vector.count) numbers for \(size) parameters")
    var values = bindings
    for part in parts {
      values.values[Name.direction(part.name)] = Tensor(part.shape, Array(vector[part.range]), as: element)
    }
    let outputs = try diagnosing { try program.run(values) }
    return parts.flatMap { outputs[Name.product($0.name)].doubles }
  }

  /// H·v by the parameters' names; v is 0 for parameters without a direction.
  public func times(_ direction: [String: Tensor]) throws(DiagnosticError) -> [String: Tensor] {
    var vector = [Double](repeating: 0, count: size)
    for (name, tensor) in direction {
      guard let part = parts.first(where: { $0.name == name }), tensor.dimensions == part.shape else {
        throw .setting("\(name) of dimensions \(tensor.dimensions) is no trained parameter")
      }
      vector.replaceSubrange(part.range, with: tensor.doubles)
    }
    let product = try times(vector)
    return Dictionary(
      uniqueKeysWithValues: parts.map { ($0.name, Tensor($0.shape, Array(product[$0.range]), as: element)) })
  }
}

extension Diagnostics {
  /// The Hessian of a network's loss with respect to all trained parameters, at the values of the bindings.
  ///
  /// Small eigenvalues need Float64.
  ///
  /// - Parameter trial: Its loss is a float scalar; with axes it is summed over them.
  /// - Throws: `DiagnosticError` if there is no such output or no trained parameter, or if the gradient is clipped or
  ///   truncated.
  public static func hessian(of trial: Trial) throws(DiagnosticError) -> Hessian { try Hessian(trial) }
}

public import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// The equations of a cell and of its gradient, as `CellEquations` writes them, read to a graph.
///
/// The inputs are x and the derivatives ∂L/∂h that the gradient begins with; the outputs are the definitions dL/dW.
public struct EquationGradient: Hashable, Sendable {
  private let system: EquationSystem

  /// Reads equations.
  ///
  /// - Parameters:
  ///   - text: The equations of the cell and of its gradient.
  ///   - given: What the text leaves open, as for `EquationCell`.
  /// - Throws: `EquationError` with the place in the text; also if no equation defines a derivative dL/dW.
  public init(_ text: String, given: [String] = []) throws(EquationError) {
    let source = EquationText(text)
    let ranges = try EquationDocument(source).ranges(under: nil, source)
    let reader = try EquationReader(source, ranges: ranges, given: given)
    guard EquationSystem.isGradient(reader.equations) else {
      throw source.error(at: 0, "there is no gradient here: no equation defines dL/dW for a parameter W")
    }
    system = try EquationSystem(reader.equations, reader.settings, source)
  }

  /// The graph over the axes t and b.
  ///
  /// - Parameters:
  ///   - units: The features of the states.
  ///   - features: The features of x.
  /// - Throws: `EquationError` if the shapes do not fit, `RecordingError` if the graph cannot be recorded.
  public func graph(units: Int, features: Int) throws -> Graph {
    var failure: (any Error)?
    let recording = try Recording { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [features], over: [time, batch])
      do {
        var evaluator = try Evaluator(system)
        try evaluator.findShapes(units: units, inputs: features)
        _ = try evaluator.record(x, in: scope.over(time))
        for definition in system.definitions where DerivativeMark(definition.name) == .total {
          guard let value = evaluator.values[Reference(name: definition.name, step: 0)] else { continue }
          scope.output(definition.name.identifier, evaluator.signal(value))
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return recording.graph
  }
}

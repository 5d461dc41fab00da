package import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// The equations of a cell and of its gradient, as `CellEquations` writes them, read to a graph.
///
/// The inputs are x and the derivatives ∂L/∂h that the gradient begins with; the outputs are the definitions dL/dW.
package struct EquationGradient {
  private let system: EquationSystem

  /// - Parameter given: What stands beside the equations, as for `EquationCell`.
  /// - Throws: `EquationError` with the place in the text.
  package init(_ text: String, given: [String] = []) throws(EquationError) {
    let source = EquationText(text)
    let ranges = try EquationDocument(source).ranges(under: nil, source)
    let reader = try EquationReader(source, ranges: ranges, given: given)
    guard EquationSystem.isGradient(reader.equations) else {
      throw source.error(at: 0, "there is no gradient here: no equation defines dL/dW for a parameter W")
    }
    system = try EquationSystem(reader.equations, reader.settings, source)
  }

  /// The graph over t and b, for this many units and features of x.
  package func graph(units: Int, features: Int) throws -> Graph {
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

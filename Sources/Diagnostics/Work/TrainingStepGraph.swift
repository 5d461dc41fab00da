public import EbbGraph
public import EbbRecording
public import EbbTensors
internal import EbbTransforms

/// The graphs of a cell's training step: the loss is the mean of the squares of all its outputs, at every step of every
/// sample, with gradients of every parameter.
public struct TrainingStepGraph: Sendable {
  /// The network with its loss.
  public let recording: Recording
  /// The recording's equations with the gradient of each parameter `p` as the output `gradient/p`.
  public let gradient: Graph

  /// Records and differentiates the cell; the axes are t and b, the input is x.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - features: The number of input features.
  ///   - element: The element type of floats.
  ///   - gradientNorms: Whether the norm of each state's gradient at every step is an output as well.
  public init(
    _ cell: some RecurrentCell, features: Int, element: ElementType = .float32, gradientNorms: Bool = false
  ) throws(DiagnosticError) {
    let recording = try diagnosing {
      try Recording(element: element) { scope in
        let time = scope.time("t")
        let batch = scope.batch("b")
        let x = scope.input("x", [features], over: [time, batch])
        scope.output("loss", mean(square(scope.over(time).run(cell, x))))
      }
    }
    self.recording = recording
    gradient = try diagnosing { try recording.graphWithGradients(of: "loss", norms: gradientNorms) }
  }
}

extension Recording {
  /// The graph with the gradient of an output with respect to each parameter `p` as the output `gradient/p`.
  func graphWithGradients(of loss: String, norms: Bool) throws -> Graph {
    var graph = self.graph
    let node = try output(named: loss)
    let states = norms ? self.states : []
    var gradients = try graph.gradients(
      of: node, withRespectTo: parameters.map(\.node) + states.map(\.value))
    for (parameter, gradient) in zip(parameters, gradients.adjoints) {
      graph.setOutput("gradient/\(parameter.name)", gradient)
    }
    gradients.adjoints.removeFirst(parameters.count)
    _ = GradientNorms(in: &graph, states: states, total: gradients)
    return graph
  }
}

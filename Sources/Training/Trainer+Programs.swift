internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

/// The programs that a trainer runs.
extension Trainer {
  /// The name under which the training program returns the gradient of a parameter.
  static func gradientName(_ parameter: String) -> String { "d/" + parameter }

  /// The graph that returns the loss and its gradient with respect to each of these parameters, and nothing else.
  static func gradientGraph(
    _ recording: Recording, _ loss: NodeID, _ name: String, _ trained: [String]
  ) throws(TrainingError) -> Graph {
    var graph = recording.graph
    for output in graph.outputs { graph.removeOutput(output.name) }
    graph.setOutput(name, loss)
    let parameters = recording.parameters.filter { trained.contains($0.name) }
    do {
      let gradients = try graph.gradient(of: loss, withRespectTo: parameters.map(\.node))
      for (parameter, gradient) in zip(parameters, gradients) {
        graph.setOutput(gradientName(parameter.name), gradient)
      }
    } catch {
      throw .differentiation(error)
    }
    return graph
  }

  static func compile(_ graph: Graph, _ options: ExecutionOptions) throws(TrainingError) -> Executable {
    do {
      return Executable(try Passes.optimized(graph), options: options)
    } catch {
      throw .pass(error)
    }
  }
}

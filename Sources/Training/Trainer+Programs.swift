internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

/// The programs that a trainer runs.
extension Trainer {
  /// The name under which the training program returns the gradient of a parameter.
  static func gradientName(_ parameter: String) -> String { "d/" + parameter }

  /// The graph that returns the loss and its gradient with respect to each of these parameters, and nothing else but the
  /// states that go on.
  static func gradientGraph(
    _ recording: Recording, _ loss: NodeID, _ name: String, _ trained: [String], _ carried: CarriedGraph?
  ) throws(TrainingError) -> Graph {
    var graph = carried?.graph ?? recording.graph
    for output in recording.graph.outputs { graph.removeOutput(output.name) }
    func place(_ node: NodeID) -> NodeID { carried?.places[node.index] ?? node }
    graph.setOutput(name, place(loss))
    let parameters = recording.parameters.filter { trained.contains($0.name) }
    do {
      let gradients = try graph.gradient(of: place(loss), withRespectTo: parameters.map { place($0.node) })
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

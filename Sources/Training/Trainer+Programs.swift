internal import EbbCompiler
package import EbbExecution
package import EbbGraph
internal import EbbPlanning
internal import EbbRecording
package import EbbTensors
internal import EbbTransforms

/// The programs that a trainer runs.
extension Trainer {
  /// The training program's output with the gradient of a parameter.
  static func gradientName(_ parameter: String) -> String { "d/" + parameter }
  /// The training program's output with the next value of a buffer.
  static func updateName(_ buffer: String) -> String { "next/" + buffer }
  /// The training program's output with a regularizer's term.
  static func penaltyName(_ index: Int) -> String { "penalty/\(index)" }

  /// The graph that returns only the loss, the terms added to it, the gradient of their sum with respect to these
  /// parameters, the carried states and the next values of buffers; and the parameters that have a gradient.
  ///
  /// A parameter with no path to the sum, for example in another loss's read-out, is not trained: an update with a zero
  /// gradient would still decay it.
  static func gradientGraph(
    _ recording: Recording, _ loss: NodeID, _ name: String, _ regularizers: [any Regularizer], _ trained: [String],
    _ carried: CarriedGraph?
  ) throws(TrainingError) -> (graph: Graph, trained: [String]) {
    var graph = carried?.graph ?? recording.graph
    let recorded = Set(recording.graph.outputs.map(\.name))
    graph.removeOutputs { recorded.contains($0) }
    func place(_ node: NodeID) -> NodeID { carried?.places[node.index] ?? node }
    graph.setOutput(name, place(loss))
    for buffer in recording.parameters {
      if let update = buffer.update { graph.setOutput(updateName(buffer.name), place(update)) }
    }
    var parameters = recording.parameters.filter { trained.contains($0.name) }
    do {
      var sum = place(loss)
      for (index, regularizer) in regularizers.enumerated() {
        let penalty = try regularizer.append(to: &graph, recording, loss: loss)
        graph.setOutput(penaltyName(index), penalty)
        let weight = graph.constant(regularizer.weight, like: penalty)
        sum = graph.add(index == 0 ? graph.total(of: sum) : sum, graph.multiply(penalty, weight))
      }
      let reaching = Set(graph.reaching(sum, from: parameters.map { place($0.node) }))
      parameters.removeAll { !reaching.contains(place($0.node)) }
      let gradients = try graph.gradient(of: sum, withRespectTo: parameters.map { place($0.node) })
      for (parameter, gradient) in zip(parameters, gradients) {
        graph.setOutput(gradientName(parameter.name), gradient)
      }
    } catch {
      throw .differentiation(recording.locating(error) { node in carried.map { $0.origin(of: node) } ?? node })
    }
    return (graph, parameters.map(\.name))
  }

  /// A program of a graph.
  package static func compile(_ graph: Graph, _ options: ExecutionOptions) throws(TrainingError) -> Executable {
    do {
      return try Executable(compiling: graph, options: options)
    } catch {
      throw .pass(error)
    }
  }
}

extension Executable {
  /// The outputs for parameters and inputs of which the program may need only some.
  package func run(_ batch: [String: Tensor], parameters: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let known = plan.graph
    do {
      return try run(Bindings(parameters.merging(batch) { $1 }.filter { known.node(named: $0.key) != nil }))
    } catch {
      throw .batch(error)
    }
  }
}

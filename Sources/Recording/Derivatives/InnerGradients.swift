internal import EbbGraph
internal import EbbTransforms

/// dL/dx for each x of `signals`, as values of the network that is being recorded: one step of gradient descent inside a
/// recurrence, an energy that a state descends, a penalty of a gradient.
///
/// ```swift
/// let memory = scope.state("memory", shape: [4, 4])
/// let error = 0.5 * sumOverFeatures(square(matmul(key, memory) - value))
/// let y = matmul(query, memory.next(memory - 0.1 * gradient(of: error, withRespectTo: [memory])[0]))
/// ```
///
/// The loss is a float scalar. Where it has axes, the gradient at each index is that of the loss there by the value there:
/// nothing is summed over the axes of the loss, and earlier steps are held fixed, among them those of a recurrence that is
/// still open. Over axes that the loss lacks, as that of `sum(error, over: [batch])` or of a loss after the whole sequence,
/// the gradient is the total one.
///
/// A gradient has the shape of its signal and the axes of both. It is a function like any other: training
/// differentiates it again. Values are read as they are, also where a clip or a truncation cuts the outer gradient.
///
/// - Parameters:
///   - loss: A float scalar.
///   - signals: Float values from which the loss is computed; for others the gradient is 0.
///   - fileID: The file of the call, for errors.
///   - line: The line of the call, for errors.
public func gradient(
  of loss: Signal, withRespectTo signals: [Signal], fileID: String = #fileID, line: Int = #line
) -> [Signal] {
  let recorder = loss.noted("gradient", fileID, line).recorder
  guard let nodes = recorder.nodes(of: [loss] + signals, in: "gradient") else {
    return signals.map { _ in recorder.signal(nil) }
  }
  _ = recorder.settleDomains()
  return recorder.gradients(of: nodes[0], Array(nodes.dropFirst())).map(recorder.signal)
}

extension Recorder {
  /// The nodes of the gradients; nil, with the problems, if there are none.
  fileprivate func gradients(of loss: NodeID, _ nodes: [NodeID]) -> [NodeID?] {
    do {
      return try graph.gradientAtEachIndex(of: loss, withRespectTo: nodes).map(placed)
    } catch {
      for problem in error.problems {
        report("gradient: \(problem.message)", operands: problem.node.map { [$0] } ?? [])
      }
      return nodes.map { _ in nil }
    }
  }
}

internal import EbbGraph
internal import EbbTensors

extension Scope {
  /// A value that is kept from one training step to the next and has no gradient: a running mean, the vector of a power
  /// iteration.
  ///
  /// It reads as the value that the step before has left. `update` gives it its next one, which a trainer sets after each
  /// step that is not skipped. Evaluation, inference and an export read it as it is. It is saved with the parameters, in
  /// checkpoints to the bit, and is one of them by name.
  ///
  /// ```swift
  /// let running = scope.buffer("mean", [8])
  /// let own = mean(x, over: [time, batch])
  /// running.update(0.9 * running + 0.1 * own)
  /// let centred = x - scope.whileTraining(own, otherwise: running)
  /// ```
  ///
  /// - Parameters:
  ///   - name: The buffer's name within the scope.
  ///   - dimensions: Its shape; it has no axes.
  ///   - initial: The value before the first step.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func buffer(
    _ name: String, _ dimensions: [Int] = [], initial: Initializer = .zeros, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("buffer \"\(name)\"", fileID, line)
    guard let shape = recorder.shape(dimensions, "buffer \"\(name)\"") else { return recorder.signal(nil) }
    let fullName = Self.join(parameterPath, name)
    let buffer = recorder.parameter(fullName, shape, initial).signal
    if let node = buffer.node { recorder.buffers[node] = recorder.parametersByName[fullName] }
    return buffer
  }
}

extension Signal {
  /// Gives a buffer the value with which the next training step begins. No gradient passes from one step to the next.
  ///
  /// The value has the buffer's shape and no axes: reduce it, as by `mean(x, over: [time, batch])`. With several batches
  /// in a step, each begins with the value that the one before has left.
  public func update(_ value: Signal, fileID: String = #fileID, line: Int = #line) {
    recorder.note("update", fileID, line)
    guard let nodes = recorder.nodes(of: [self, value], in: "update") else { return }
    guard let index = recorder.buffers[nodes[0]] else {
      return recorder.report(
        "update: this value is no buffer; only what scope.buffer gave can be updated", operands: [nodes[0]])
    }
    let buffer = recorder.parameters[index]
    guard buffer.update == nil else { return recorder.report("the buffer \(buffer.name) already has an update") }
    guard value.element == element, value.shape == shape else {
      return recorder.report(
        "the buffer \(buffer.name) is \(element.name) \(shape), and its update \(value.element.name) \(value.shape)",
        operands: [nodes[1]])
    }
    recorder.parameters[index].update = recorder.nameable(nodes[1])
  }
}

extension Recorder {
  /// A buffer is one value for all samples and steps.
  func checkUpdates() {
    for buffer in parameters {
      guard let update = buffer.update else { continue }
      let domain = graph.type(update).domain
      guard !domain.isEmpty else { continue }
      add(
        RecordingProblem(
          "the update of the buffer \(buffer.name) varies over \(graph.names(of: domain)); reduce it to one value, as by "
            + "mean(x, over: [time, batch])", operands: [provenance(update)], site: place(of: update)))
    }
  }
}

package import EbbExecution
package import EbbGraph
internal import EbbPJRT
internal import EbbPlanning
internal import EbbRecording
package import EbbTensors

/// Observes the steps of a trainer, without a way to change them.
package protocol TrainingStepObserver: AnyObject {
  /// Called in each step before its update: the trainer still has the parameters of the loss and the gradients, and a
  /// program that it begins now draws the random numbers of the step. What that gives is best read in `note`: a device
  /// has got the next step by then.
  ///
  /// - Parameters:
  ///   - step: The number of the step.
  ///   - batch: The first batch of the step; with carried states these are among the inputs.
  func observe(step: Int, on batch: [String: Tensor], of trainer: Trainer)

  /// Called in each step with its result, after `observe`, and before the next step is observed.
  func note(_ result: TrainingStepResult, of trainer: Trainer)

  /// Called at the end of a call of `train` or `fit`, when the parameters are those of its last update.
  ///
  /// - Parameter steps: The steps of the call.
  func callEnded(after steps: Int, of trainer: Trainer)
}

extension Trainer {
  /// The equations of a training step without outputs: the recording's, and with carried states their selection.
  package var stepGraph: Graph {
    var graph = carried?.graph ?? recording.graph
    graph.removeOutputs()
    return graph
  }

  /// The node of `stepGraph` for a node of the recording.
  package func place(of node: NodeID) -> NodeID { carried?.places[node.index] ?? node }

  /// The recording's node for a node of `stepGraph`, if there is one.
  package func origin(of node: NodeID) -> NodeID? { carried.map { $0.origin(of: node) } ?? node }

  /// The loss in `stepGraph`, without regularizers.
  package var stepLoss: NodeID { place(of: lossNode) }

  /// Whether the loss is a mean over the samples.
  package var averagesSamples: Bool { LossCount.isOverSamples(lossNode, in: recording.graph) }

  /// Begins a program of `stepGraph` on a batch that an observer has been given, with the current parameters. On a device
  /// these are read where they are, and nothing is waited for.
  ///
  /// - Parameter name: The program's purpose, for the error if it does not fit into memory.
  package func begin(
    _ executable: Executable, named name: String, on batch: [String: Tensor]
  ) throws(TrainingError) -> BegunProgram {
    guard let onDevice else {
      return BegunProgram(source: .here(try run(executable, name, batch, run: host.run, isFinite: false).outputs()))
    }
    let lengths = try checkedLengths(batch, of: executable, isFinite: false)
    do {
      let run = try onDevice.begin(executable, lengths, batch, host.parameters, seed: seed, run: host.run)
      return BegunProgram(source: .device(run, executable.plan.outputs.map(\.name)))
    } catch {
      throw .batch(BindingError("\(name): \(error)"))
    }
  }

  func notifyObservers(on batch: [String: Tensor]) throws(TrainingError) {
    guard !observers.isEmpty else { return }
    var states = host.carried
    if let onDevice, onDevice.place == .device, let names = states?.keys { states = try onDevice.carried(Array(names)) }
    let inputs = try carried?.completed(batch, states) ?? batch
    for observer in observers { observer.observe(step: host.step, on: inputs, of: self) }
  }
}

/// A program that an observer has begun.
package struct BegunProgram {
  fileprivate enum Source {
    case here([String: Tensor])
    /// The run, and the names of its outputs.
    case device(PJRTRun, [String])
  }

  fileprivate let source: Source

  /// All outputs; waits for them.
  package func outputs() throws(TrainingError) -> [String: Tensor] {
    switch source {
    case .here(let outputs): return outputs
    case .device(let run, let names):
      var outputs: [String: Tensor] = [:]
      do throws(PJRTError) {
        for name in names { outputs[name] = try run.output(name) }
      } catch {
        throw .batch(BindingError(error.description))
      }
      return outputs
    }
  }
}

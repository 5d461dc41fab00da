public import EbbRecording
public import EbbStableHLO
package import EbbGraph
internal import EbbTransforms

extension Recording {
  /// The network as a module of StableHLO (openxla.org/stablehlo), which XLA compiles for CPUs, GPUs and TPUs.
  ///
  /// ```swift
  /// let recording = try Recording(LSTM(units: 8), features: 3)
  /// let module = try recording.stableHLO(lengths: ["t": 100, "b": 32])
  /// try module.text.write(toFile: "lstm.mlir", atomically: true, encoding: .utf8)
  /// ```
  ///
  /// A module has fixed lengths of sequences and batches. Its arguments are the parameters and inputs, its results the
  /// outputs, all in the order of `arguments` and `results`. It computes what Ebb computes: a recurrence is one loop, in
  /// which only what depends on the states is computed step by step.
  ///
  /// - Parameters:
  ///   - lengths: The length of each axis, by name.
  ///   - loss: An output whose gradient with respect to each parameter `p` is the result `gradient/p`, as in training;
  ///     nil for the network as it is after training.
  ///   - sharding: The batch's axis and the number of devices among which its rows are divided; nil for one device.
  ///   - name: The name of the module.
  /// - Throws: `ExportError` if an axis has no length, or if the loss has no gradient.
  public func stableHLO(
    lengths: [String: Int], gradientsOf loss: String? = nil, sharding: StableHLOSharding? = nil,
    name: String = "network"
  ) throws(ExportError) -> StableHLOModule {
    guard let loss else {
      return try evaluationGraph.optimizedStableHLO(lengths: lengths, sharding: sharding, name: name)
    }
    var graph = self.graph
    guard let node = graph.output(named: loss) else {
      let names = graph.outputs.map(\.name).joined(separator: ", ")
      throw ExportError("there is no output \(loss); the outputs are \(names)")
    }
    do {
      let gradients = try graph.gradient(of: node, withRespectTo: parameters.map(\.node))
      for (parameter, gradient) in zip(parameters, gradients) {
        graph.setOutput("gradient/\(parameter.name)", gradient)
      }
    } catch {
      throw ExportError("\(error)")
    }
    return try graph.optimizedStableHLO(lengths: lengths, sharding: sharding, name: name)
  }
}

extension Graph {
  /// The graph after the passes as a module of StableHLO.
  package func optimizedStableHLO(
    lengths: [String: Int], sharding: StableHLOSharding? = nil, name: String
  ) throws(ExportError) -> StableHLOModule {
    let optimized: Graph
    do { optimized = try Passes.optimized(self) } catch { throw ExportError("\(error)") }
    do { return try optimized.stableHLO(lengths: lengths, sharding: sharding, name: name) } catch {
      throw ExportError("\(error)")
    }
  }
}

public import EbbGraph
public import EbbRecording

/// Something to measure on the network beside training: outputs that are added to a copy of its graph.
public struct Probe: Sendable {
  /// What identifies the probe: a trainer builds one program for each name.
  public var name: String
  /// Appends equations to a copy of the recording's graph and names the nodes to return. The third argument is the loss.
  public var outputs: @Sendable (inout Graph, Recording, NodeID) throws(GraphError) -> [Graph.Output]

  /// A probe under this name.
  public init(
    _ name: String,
    outputs: @escaping @Sendable (inout Graph, Recording, NodeID) throws(GraphError) -> [Graph.Output]
  ) {
    self.name = name
    self.outputs = outputs
  }
}
